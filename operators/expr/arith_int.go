package expr

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"tidemark/operators/data"
)

var errDivision = errors.New("division by zero")

// intArithmetic is + - * / % of INTs (narrow) or BIGINTs. The loops compute with
// wrap-around and collect whether any row overflowed; only then is the first such
// row looked for.
func intArithmetic(op string, narrow bool) kernel {
	switch op {
	case "/", "%":
		return func(f *frame) error { return divideInts(f, op, narrow) }
	}
	return func(f *frame) error {
		a, b, out := f.args[0].Ints, f.args[1].Ints, f.out.Ints
		var bad int64 // negative after an overflow of 64 bits
		switch {
		case f.rows != nil:
			bad = pickedInts(f, op, a, b, out)
		case f.args[1].Const:
			bad = intsConst(op, a, b[0], out)
		case f.args[0].Const && op != "-":
			bad = intsConst(op, b, a[0], out)
		case f.args[0].Const:
			c := a[0]
			for i, y := range b[:len(out)] {
				s := c - y
				out[i] = s
				bad |= (c ^ y) & (c ^ s)
			}
		default:
			bad = intsBoth(op, a, b, out)
		}
		if narrow && bad >= 0 {
			bad = -(outside32(f) & 1)
		}
		if bad < 0 {
			return f.each(func(i int) error {
				_, err := checkedInt(op, narrow, f.int(0, i), f.int(1, i))
				return err
			}, func() {})
		}
		return nil
	}
}

// outside32 returns 1 when a computed row is outside of INT.
func outside32(f *frame) int64 {
	var wide int64
	if f.rows == nil {
		for _, x := range f.out.Ints {
			wide |= x ^ int64(int32(x))
		}
	} else {
		for _, r := range f.rows {
			x := f.out.Ints[r]
			wide |= x ^ int64(int32(x))
		}
	}
	return int64(b2i(wide != 0))
}

func intsBoth(op string, a, b, out []int64) (bad int64) {
	a, b = a[:len(out)], b[:len(out)]
	switch op {
	case "+":
		for i, x := range a {
			y := b[i]
			s := x + y
			out[i] = s
			bad |= (x ^ s) & (y ^ s)
		}
	case "-":
		for i, x := range a {
			y := b[i]
			s := x - y
			out[i] = s
			bad |= (x ^ y) & (x ^ s)
		}
	case "*":
		for i, x := range a {
			s, over := product(x, b[i])
			out[i] = s
			bad |= over
		}
	}
	return bad
}

func intsConst(op string, a []int64, c int64, out []int64) (bad int64) {
	a = a[:len(out)]
	switch op {
	case "+":
		for i, x := range a {
			s := x + c
			out[i] = s
			bad |= (x ^ s) & (c ^ s)
		}
	case "-":
		for i, x := range a {
			s := x - c
			out[i] = s
			bad |= (x ^ c) & (x ^ s)
		}
	case "*":
		for i, x := range a {
			s, over := product(x, c)
			out[i] = s
			bad |= over
		}
	}
	return bad
}

func pickedInts(f *frame, op string, a, b, out []int64) (bad int64) {
	ma, mb := f.mask(0), f.mask(1)
	for _, r := range f.rows {
		x, y := a[int(r)&ma], b[int(r)&mb]
		var s, over int64
		switch op {
		case "+":
			s = x + y
			over = (x ^ s) & (y ^ s)
		case "-":
			s = x - y
			over = (x ^ y) & (x ^ s)
		default:
			s, over = product(x, y)
		}
		out[r] = s
		bad |= over
	}
	return bad
}

// product multiplies; over is negative when the result needs more than 64 bits.
func product(x, y int64) (p, over int64) {
	h, l := bits.Mul64(uint64(x), uint64(y))
	p = int64(l)
	high := int64(h) - (x>>63)&y - (y>>63)&x
	if high != p>>63 {
		over = -1
	}
	return p, over
}

func divideInts(f *frame, op string, narrow bool) error {
	a, b, out := f.args[0].Ints, f.args[1].Ints, f.out.Ints
	if f.args[1].Const && b[0] != 0 && b[0] != -1 && f.rows == nil && !f.args[0].Const {
		c := b[0]
		if op == "/" {
			for i, x := range a[:len(out)] {
				out[i] = x / c
			}
		} else {
			for i, x := range a[:len(out)] {
				out[i] = x % c
			}
		}
		return nil
	}
	ma, mb := f.mask(0), f.mask(1)
	return f.each(func(i int) error {
		s, err := checkedInt(op, narrow, a[i&ma], b[i&mb])
		out[i] = s
		return err
	}, func() {})
}

// checkedInt computes one value, or says why there is none.
func checkedInt(op string, narrow bool, x, y int64) (int64, error) {
	var s int64
	over := false
	switch op {
	case "+":
		s = x + y
		over = (x^s)&(y^s) < 0
	case "-":
		s = x - y
		over = (x^y)&(x^s) < 0
	case "*":
		p, o := product(x, y)
		s, over = p, o < 0
	default:
		switch {
		case y == 0:
			return 0, errDivision
		case y == -1 && op == "%":
			return 0, nil
		case y == -1:
			return checkedInt("-", narrow, 0, x)
		case op == "/":
			s = x / y
		default:
			s = x % y
		}
	}
	if over || narrow && s != int64(int32(s)) {
		t := data.BigInt
		if narrow {
			t = data.Int
		}
		if op == "-" && x == 0 {
			return 0, fmt.Errorf("-(%d) is outside the range of %s", y, t)
		}
		return 0, fmt.Errorf("%d %s %d is outside the range of %s", x, op, y, t)
	}
	return s, nil
}

// floatArithmetic is + - * / % of DOUBLEs. Results follow IEEE 754, but division
// by zero is an error.
func floatArithmetic(op string) kernel {
	switch op {
	case "/", "%":
		return floatRows(func(f *frame, i int) (float64, error) {
			x, y := f.float(0, i), f.float(1, i)
			switch {
			case y == 0:
				return 0, errDivision
			case op == "/":
				return x / y, nil
			}
			return math.Mod(x, y), nil
		})
	}
	return func(f *frame) error {
		a, b, out := f.args[0].Floats, f.args[1].Floats, f.out.Floats
		switch {
		case f.args[1].Const && !f.args[0].Const:
			floatsConst(op, a, b[0], out)
		case f.args[0].Const && !f.args[1].Const && op == "-":
			c := a[0]
			for i, y := range b[:len(out)] {
				out[i] = c - y
			}
		case f.args[0].Const && !f.args[1].Const:
			floatsConst(op, b, a[0], out)
		default:
			floatsBoth(op, a, b, out)
		}
		return nil
	}
}

func floatsBoth(op string, a, b, out []float64) {
	a, b = a[:len(out)], b[:len(out)]
	switch op {
	case "+":
		for i, x := range a {
			out[i] = x + b[i]
		}
	case "-":
		for i, x := range a {
			out[i] = x - b[i]
		}
	case "*":
		for i, x := range a {
			out[i] = x * b[i]
		}
	}
}

func floatsConst(op string, a []float64, c float64, out []float64) {
	a = a[:len(out)]
	switch op {
	case "+":
		for i, x := range a {
			out[i] = x + c
		}
	case "-":
		for i, x := range a {
			out[i] = x - c
		}
	case "*":
		for i, x := range a {
			out[i] = x * c
		}
	}
}
