package expr

import "tidemark/operators/data"

// The builders below make overloads of functions that compute row by row. A
// function that cannot fail, whatever the values, is marked by total.

type textRow = func(f *frame, i int, to []byte) ([]byte, error)

// textFunction appends the text of a row.
func textFunction(row textRow, params ...data.Kind) *Function {
	return &Function{Params: params, Returns: data.String, kernel: just(textRows(row))}
}

// bytesFunction appends the bytes of a row.
func bytesFunction(row textRow, params ...data.Kind) *Function {
	return &Function{Params: params, Returns: data.Bytes, kernel: just(textRows(row))}
}

// intFunction computes an INT or BIGINT.
func intFunction(returns data.Kind, row func(f *frame, i int) (int64, error), params ...data.Kind) *Function {
	return &Function{Params: params, Returns: returns, kernel: just(intRows(row))}
}

// boolFunction computes a condition.
func boolFunction(row func(f *frame, i int) (bool, error), params ...data.Kind) *Function {
	return &Function{Params: params, Returns: data.Boolean, kernel: just(boolRows(row))}
}

// doubleFunction computes a DOUBLE.
func doubleFunction(row func(f *frame, i int) (float64, error), params ...data.Kind) *Function {
	return &Function{Params: params, Returns: data.Double, kernel: just(floatRows(row))}
}

// total says that f fails on no value.
func (f *Function) total() *Function {
	f.safe = true
	return f
}

// lastOptional says that the last n parameters may be left out.
func (f *Function) lastOptional(n int) *Function {
	f.Optional = n
	return f
}

// perCall gives every call of f a kernel of its own, for those that keep
// something from row to row.
func (f *Function) perCall(build func(c *Call) kernel) *Function {
	f.kernel = build
	return f
}

// inFamily names the family of a list of entries.
func inFamily(family string, list []*entry) []*entry {
	for _, e := range list {
		e.family = family
	}
	return list
}

// constantText returns argument i of a call if it is a constant text.
func constantText(args []Expr, i int) ([]byte, bool) {
	if i >= len(args) {
		return nil, false
	}
	l, ok := args[i].(*Literal)
	if !ok || l.IsNull() || l.Type().Class() != data.ClassBytes {
		return nil, false
	}
	return l.Value.Text(0), true
}
