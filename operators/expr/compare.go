package expr

import (
	"bytes"

	"tidemark/operators/data"
)

// relation is a comparison as one of three tests and whether its answer is
// turned round, which holds because values are totally ordered (a NaN equals
// itself and is above all other numbers).
type relation struct {
	test test
	not  bool
}

type test uint8

const (
	isEqual test = iota
	isLess
	isLessEqual
)

var relations = map[string]relation{
	"=": {isEqual, false}, "<>": {isEqual, true},
	"<": {isLess, false}, ">=": {isLess, true},
	"<=": {isLessEqual, false}, ">": {isLessEqual, true},
}

// swapped is the relation that holds for (b, a) when r holds for (a, b).
func (r relation) swapped() relation {
	switch r.test {
	case isLess: // a < b is b > a, not b <= a
		return relation{isLessEqual, !r.not}
	case isLessEqual:
		return relation{isLess, !r.not}
	}
	return r
}

// holds reports whether r holds for values in order c: -1, 0 or 1.
func (r relation) holds(c int) bool {
	var x bool
	switch r.test {
	case isEqual:
		x = c == 0
	case isLess:
		x = c < 0
	case isLessEqual:
		x = c <= 0
	}
	return x != r.not
}

// comparisons are the overloads that bindComparison picks from.
var comparisons = makeComparisons()

func makeComparisons() map[string]*Function {
	m := map[string]*Function{}
	both := []data.Kind{data.Unknown, data.Unknown}
	for name, r := range relations {
		m[name] = &Function{Name: name, Params: both, Returns: data.Boolean, safe: true, dense: true,
			kernel: func(c *Call) kernel { return compareKernel(c.Args[0].Type(), c.Args[1].Type(), r) }}
	}
	for name, same := range map[string]bool{"IS DISTINCT FROM": false, "IS NOT DISTINCT FROM": true} {
		m[name] = &Function{Name: name, Params: both, Returns: data.Boolean, safe: true, nullable: true,
			kernel: func(c *Call) kernel { return distinctKernel(c.Args[0].Type(), c.Args[1].Type(), same) }}
	}
	return m
}

// compareKernel compares two vectors. The types are equal, or decimals.
func compareKernel(a, b data.Type, r relation) kernel {
	switch {
	case a.Kind == data.Decimal && (a.Scale != b.Scale || a.Class() != b.Class()):
		return compareDecimals(a, b, r)
	case a.Class() == data.ClassInt:
		return func(f *frame) error { compareOrdered(f, f.args[0].Ints, f.args[1].Ints, r); return nil }
	case a.Class() == data.ClassFloat:
		return func(f *frame) error { compareOrdered(f, f.args[0].Floats, f.args[1].Floats, r); return nil }
	case a.Class() == data.ClassBytes:
		if r.test == isEqual {
			return textEqual(r.not)
		}
	}
	return compareRows(r, orderOf(a, b))
}

// compareRows is a comparison kernel over a function per row.
func compareRows(r relation, order func(f *frame, i int) int) kernel {
	holds := r.ofOrders()
	return func(f *frame) error {
		if f.rows == nil {
			for i := range f.out.Bools {
				f.out.Bools[i] = holds[order(f, i)+1]
			}
			return nil
		}
		for _, k := range f.rows {
			f.out.Bools[k] = holds[order(f, int(k))+1]
		}
		return nil
	}
}

// ofOrders returns the answer for an order of c at c+1.
func (r relation) ofOrders() (holds [3]bool) {
	for c := -1; c <= 1; c++ {
		holds[c+1] = r.holds(c)
	}
	return holds
}

func textEqual(not bool) kernel {
	return func(f *frame) error {
		x, y, out := f.args[0], f.args[1], f.out.Bools
		if f.rows == nil {
			for i := range out {
				out[i] = bytes.Equal(x.Text(i), y.Text(i)) != not
			}
			return nil
		}
		for _, r := range f.rows {
			out[r] = bytes.Equal(x.Text(int(r)), y.Text(int(r))) != not
		}
		return nil
	}
}

// sparse is the share of rows below which a dense kernel follows the selection:
// a row picked out costs about four times one in a run.
func (f *frame) sparse() bool { return f.rows != nil && len(f.rows) < f.n/4 }

// equal, less and lessEqual order floats totally: NaN equals NaN and is above
// the rest. For integers the compiler drops the tests for NaN.
func equal[T int64 | float64](p, q T) bool     { return p == q || p != p && q != q }
func less[T int64 | float64](p, q T) bool      { return p < q || q != q && p == p }
func lessEqual[T int64 | float64](p, q T) bool { return p <= q || q != q }

// compareOrdered runs one loop for each test and form of the operands. Where most
// rows are selected it computes all of them.
func compareOrdered[T int64 | float64](f *frame, a, b []T, r relation) {
	out, not := f.out.Bools, r.not
	if f.sparse() {
		comparePicked(f, a, b, r)
		return
	}
	if f.args[0].Const && !f.args[1].Const {
		compareConst(out, b, a[0], r.swapped())
		return
	}
	if f.args[1].Const {
		compareConst(out, a, b[0], r)
		return
	}
	a, b = a[:len(out)], b[:len(out)]
	switch r.test {
	case isEqual:
		for i, p := range a {
			out[i] = equal(p, b[i]) != not
		}
	case isLess:
		for i, p := range a {
			out[i] = less(p, b[i]) != not
		}
	case isLessEqual:
		for i, p := range a {
			out[i] = lessEqual(p, b[i]) != not
		}
	}
}

// compareConst compares a column with one value.
func compareConst[T int64 | float64](out []bool, a []T, c T, r relation) {
	a = a[:len(out)]
	not := r.not
	switch r.test {
	case isEqual:
		for i, p := range a {
			out[i] = equal(p, c) != not
		}
	case isLess:
		for i, p := range a {
			out[i] = less(p, c) != not
		}
	case isLessEqual:
		for i, p := range a {
			out[i] = lessEqual(p, c) != not
		}
	}
}

// comparePicked compares only the selected rows.
func comparePicked[T int64 | float64](f *frame, a, b []T, r relation) {
	ma, mb := f.mask(0), f.mask(1)
	for _, k := range f.rows {
		p, q := a[int(k)&ma], b[int(k)&mb]
		var t bool
		switch r.test {
		case isEqual:
			t = equal(p, q)
		case isLess:
			t = less(p, q)
		case isLessEqual:
			t = lessEqual(p, q)
		}
		f.out.Bools[k] = t != r.not
	}
}

// distinctKernel is IS [NOT] DISTINCT FROM: a comparison that takes NULL for a value.
func distinctKernel(a, b data.Type, same bool) kernel {
	order := orderOf(a, b)
	return boolRows(func(f *frame, i int) (bool, error) {
		p, q := f.args[0].IsNull(i), f.args[1].IsNull(i)
		if p || q {
			return (p && q) == same, nil
		}
		return (order(f, i) == 0) == same, nil
	})
}

// orderOf compares row i of the two arguments; the types are equal, or decimals.
func orderOf(a, b data.Type) func(f *frame, i int) int {
	if a.Kind == data.Decimal && (a.Scale != b.Scale || a.Class() != b.Class()) {
		return decimalOrder(a, b)
	}
	return func(f *frame, i int) int {
		x, y := f.args[0], f.args[1]
		return data.Compare(x, x.Index(i), y, y.Index(i))
	}
}
