package expr

// notKernel is NOT.
func notKernel(f *frame) error {
	out := f.out.Bools
	if f.args[0].Const {
		out[0] = !f.args[0].Bools[0]
		return nil
	}
	for i, x := range f.args[0].Bools[:len(out)] {
		out[i] = !x
	}
	return nil
}

// isNullKernel is IS NULL and, with want false, IS NOT NULL.
func isNullKernel(want bool) kernel {
	return func(f *frame) error {
		out, null := f.out.Bools, f.args[0].Null
		if null == nil {
			fill(out, !want)
			return nil
		}
		for i, x := range null[:len(out)] {
			out[i] = x == want
		}
		return nil
	}
}

// truthKernel is IS [NOT] TRUE, FALSE or UNKNOWN; test sees whether a condition
// is NULL, and otherwise its value.
func truthKernel(test func(null, x bool) bool) kernel {
	answers := [4]bool{test(false, false), test(false, true), test(true, false), test(true, false)}
	return func(f *frame) error {
		out, x := f.out.Bools, f.args[0]
		if x.Null == nil {
			for i, v := range x.Bools[:len(out)] {
				out[i] = answers[b2i(v)]
			}
			return nil
		}
		for i, v := range x.Bools[:len(out)] {
			out[i] = answers[b2i(v)+2*b2i(x.Null[i])]
		}
		return nil
	}
}
