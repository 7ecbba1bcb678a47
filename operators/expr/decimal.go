package expr

import (
	"fmt"

	"tidemark/operators/data"
)

// shortDecimal is + - * of decimals whose result fits one int64. The result type
// has room for every result, so the loops need no check.
func shortDecimal(op string, a, b, r data.Type) kernel {
	ka, kb := int64(1), int64(1)
	if op != "*" {
		ka, kb = pow10(int(r.Scale)-int(a.Scale)), pow10(int(r.Scale)-int(b.Scale))
	}
	return func(f *frame) error {
		x, y, out := f.args[0].Ints, f.args[1].Ints, f.out.Ints
		mx, my := f.mask(0), f.mask(1)
		switch op {
		case "*":
			for i := range out {
				out[i] = x[i&mx] * y[i&my]
			}
		case "+":
			for i := range out {
				out[i] = x[i&mx]*ka + y[i&my]*kb
			}
		case "-":
			for i := range out {
				out[i] = x[i&mx]*ka - y[i&my]*kb
			}
		}
		return nil
	}
}

// pow10 returns a power of ten that fits one int64.
func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// decimalAt returns a reader of an argument's unscaled values as Int128.
func decimalAt(arg int, t data.Type) func(f *frame, i int) data.Int128 {
	if t.Class() == data.ClassInt {
		return func(f *frame, i int) data.Int128 { return wideOf(f.int(arg, i)) }
	}
	return func(f *frame, i int) data.Int128 { return f.wide(arg, i) }
}

// decimalRows makes a kernel of a function that gives unscaled values of type r,
// and checks their digits.
func decimalRows(r data.Type, row func(f *frame, i int) (data.Int128, bool)) kernel {
	over := errOverflow(r)
	if r.Class() == data.ClassInt {
		return intRows(func(f *frame, i int) (int64, error) {
			x, ok := row(f, i)
			if !ok || !fits(x, r) {
				return 0, over
			}
			return int64(x.Lo), nil
		})
	}
	return wideRows(func(f *frame, i int) (data.Int128, error) {
		x, ok := row(f, i)
		if !ok || !fits(x, r) {
			return x, over
		}
		return x, nil
	})
}

func errOverflow(t data.Type) error { return fmt.Errorf("the result is outside the range of %s", t) }

// decimalArithmetic is + - * / % of decimals in general, exact but for the
// rounding of the result to its scale, half away from zero.
func decimalArithmetic(op string, a, b, r data.Type) kernel {
	if op == "*" && a.Class() == data.ClassInt && b.Class() == data.ClassInt && r.Scale == a.Scale+b.Scale && r.Precision >= a.Precision+b.Precision {
		return wideProduct
	}
	left, right := decimalAt(0, a), decimalAt(1, b)
	sa, sb, sr := int(a.Scale), int(b.Scale), int(r.Scale)
	over := errOverflow(r)
	compute := func(x, y data.Int128) (data.Int128, bool) { return mulRescaled(x, y, sa+sb, sr) }
	switch op {
	case "+", "-":
		s := max(sa, sb)
		compute = func(x, y data.Int128) (data.Int128, bool) {
			if op == "-" {
				y = negWide(y)
			}
			return addRescaled(x, sa, y, sb, s, sr)
		}
	case "/":
		compute = func(x, y data.Int128) (data.Int128, bool) { return divRescaled(x, y, sr+sb-sa) }
	case "%":
		compute = func(x, y data.Int128) (data.Int128, bool) { return remRescaled(x, sa, y, sb, sr) }
	}
	divides := op == "/" || op == "%"
	row := func(f *frame, i int) (data.Int128, error) {
		x, y := left(f, i), right(f, i)
		if divides && y == (data.Int128{}) {
			return y, errDivision
		}
		z, ok := compute(x, y)
		if !ok || !fits(z, r) {
			return z, over
		}
		return z, nil
	}
	if r.Class() == data.ClassInt {
		return intRows(func(f *frame, i int) (int64, error) {
			z, err := row(f, i)
			return int64(z.Lo), err
		})
	}
	return wideRows(row)
}

// wideProduct is * of decimals in one word each, whose product is in two, and in the range
// of its type.
func wideProduct(f *frame) error {
	x, y, out := f.args[0].Ints, f.args[1].Ints, f.out.Wides
	mx, my := f.mask(0), f.mask(1)
	if f.sparse() {
		for _, k := range f.rows {
			out[k] = data.Product(x[int(k)&mx], y[int(k)&my])
		}
		return nil
	}
	for i := range out {
		out[i] = data.Product(x[i&mx], y[i&my])
	}
	return nil
}

// compareDecimals compares decimals of different scales or sizes exactly.
func compareDecimals(a, b data.Type, r relation) kernel {
	rows := compareRows(r, decimalOrder(a, b))
	if a.Class() != data.ClassWide || b.Scale > a.Scale {
		return rows
	}
	constant, holds := decimalAt(1, b), r.ofOrders()
	return func(f *frame) error {
		if !f.args[1].Const || f.args[0].Const {
			return rows(f)
		}
		c, ok := constant(f, 0).Rescale(int(b.Scale), int(a.Scale))
		if !ok {
			return rows(f)
		}
		x, out := f.args[0].Wides, f.out.Bools
		if f.sparse() {
			for _, k := range f.rows {
				out[k] = holds[x[k].Cmp(c)+1]
			}
			return nil
		}
		for i := range out {
			out[i] = holds[x[i].Cmp(c)+1]
		}
		return nil
	}
}

// decimalOrder compares decimals of different scales or sizes exactly.
func decimalOrder(a, b data.Type) func(f *frame, i int) int {
	left, right := decimalAt(0, a), decimalAt(1, b)
	sa, sb := int(a.Scale), int(b.Scale)
	return func(f *frame, i int) int { return cmpScaled(left(f, i), sa, right(f, i), sb) }
}
