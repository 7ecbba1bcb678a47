package expr

import "tidemark/operators/data"

// each calls row for every row of the frame, and done after the last.
func (f *frame) each(row func(i int) error, done func()) error {
	if f.rows == nil {
		for i := range f.n {
			if err := row(i); err != nil {
				return f.fail(i, err)
			}
		}
	} else {
		for _, r := range f.rows {
			if err := row(int(r)); err != nil {
				return f.fail(int(r), err)
			}
		}
	}
	done()
	return nil
}

// The loops below serve functions that are not worth a loop of their own: row
// computes one value from the frame's arguments.

// fixed makes a kernel of a function per row; values picks the output slice.
func fixed[T any](values func(*data.Vector) []T, row func(f *frame, i int) (T, error)) kernel {
	return func(f *frame) error {
		to := values(f.out)
		if f.rows == nil {
			for i := range to {
				x, err := row(f, i)
				if err != nil {
					return f.fail(i, err)
				}
				to[i] = x
			}
			return nil
		}
		for _, r := range f.rows {
			x, err := row(f, int(r))
			if err != nil {
				return f.fail(int(r), err)
			}
			to[r] = x
		}
		return nil
	}
}

func ints(v *data.Vector) []int64        { return v.Ints }
func floats(v *data.Vector) []float64    { return v.Floats }
func bools(v *data.Vector) []bool        { return v.Bools }
func wides(v *data.Vector) []data.Int128 { return v.Wides }

func intRows(row func(f *frame, i int) (int64, error)) kernel        { return fixed(ints, row) }
func floatRows(row func(f *frame, i int) (float64, error)) kernel    { return fixed(floats, row) }
func boolRows(row func(f *frame, i int) (bool, error)) kernel        { return fixed(bools, row) }
func wideRows(row func(f *frame, i int) (data.Int128, error)) kernel { return fixed(wides, row) }

// textRows makes a kernel of a function that appends row i's text to to.
func textRows(row func(f *frame, i int, to []byte) ([]byte, error)) kernel {
	return func(f *frame) error {
		w := newTextWriter(f.out, f.n)
		if f.rows == nil {
			for i := range f.n {
				b, err := row(f, i, w.at(i))
				if err == nil && len(b) > maxTexts {
					err = errTooMuchText
				}
				if err != nil {
					return f.fail(i, err)
				}
				w.put(b)
			}
		} else {
			for _, r := range f.rows {
				b, err := row(f, int(r), w.at(int(r)))
				if err == nil && len(b) > maxTexts {
					err = errTooMuchText
				}
				if err != nil {
					return f.fail(int(r), err)
				}
				w.put(b)
			}
		}
		w.close()
		return nil
	}
}

// just makes a kernel builder of a kernel that is the same for every call.
func just(k kernel) func(*Call) kernel { return func(*Call) kernel { return k } }
