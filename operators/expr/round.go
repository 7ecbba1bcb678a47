package expr

import (
	"fmt"
	"math"

	"tidemark/operators/data"
)

// rounding is a way to drop digits.
type rounding uint8

const (
	roundHalf rounding = iota // to the nearest, half away from zero
	roundCut                  // towards zero
	roundUp                   // towards +infinity
	roundDown                 // towards -infinity
)

// places returns the constant second argument of ROUND or TRUNC: 0 when there is
// none, ok false when it is not constant.
func places(args []Expr) (n int, ok bool) {
	if len(args) < 2 {
		return 0, true
	}
	l, isLiteral := args[1].(*Literal)
	if !isLiteral || l.IsNull() {
		return 0, false
	}
	return int(min(max(l.Value.Ints[0], -400), 400)), true
}

// roundedType is Flink's type of ROUND of a decimal: one digit more before the
// point, and the asked-for digits after it.
func roundedType(args []Expr) data.Type {
	t := args[0].Type()
	n, ok := places(args)
	if !ok || n >= int(t.Scale) {
		return t
	}
	n = max(n, 0)
	return data.DecimalType(min(data.MaxPrecision, int(t.Precision)-int(t.Scale)+n+1), n)
}

// placesOverloads are ROUND or TRUNC.
func placesOverloads(mode rounding) []*Function {
	integer := func(k data.Kind) *Function {
		low, high := int64(math.MinInt64), int64(math.MaxInt64)
		if k == data.Int {
			low, high = math.MinInt32, math.MaxInt32
		}
		return &Function{Params: []data.Kind{k, data.BigInt}, Optional: 1, Returns: k, kernel: just(intRows(func(f *frame, i int) (int64, error) {
			x := f.int(0, i)
			if len(f.args) == 1 || f.int(1, i) >= 0 {
				return x, nil
			}
			r, ok := roundTo(wideOf(x), 0, int(max(f.int(1, i), -40)), 0, mode)
			if y := int64(r.Lo); ok && r == wideOf(y) && y >= low && y <= high {
				return y, nil
			}
			return 0, fmt.Errorf("%d rounded is outside the range of %s", x, k)
		}))}
	}
	return []*Function{
		integer(data.Int), integer(data.BigInt),
		{Params: []data.Kind{data.Decimal, data.BigInt}, Optional: 1, Returns: data.Decimal, result: roundedType,
			kernel: func(c *Call) kernel { return roundKernel(c, mode) }},
		{Params: []data.Kind{data.Double, data.BigInt}, Optional: 1, Returns: data.Double, safe: true,
			kernel: just(floatRows(func(f *frame, i int) (float64, error) {
				n := int64(0)
				if len(f.args) == 2 {
					n = f.int(1, i)
				}
				return roundFloat(f.float(0, i), n, mode), nil
			}))},
	}
}

// roundKernel rounds decimals to the places of the second argument, or to none.
func roundKernel(c *Call, mode rounding) kernel {
	from := c.Args[0].Type()
	at := decimalAt(0, from)
	two := len(c.Args) == 2
	return decimalRows(c.typ, func(f *frame, i int) (data.Int128, bool) {
		n := int64(0)
		if two {
			n = min(max(f.int(1, i), -40), 40)
		}
		return roundTo(at(f, i), int(from.Scale), int(n), int(c.typ.Scale), mode)
	})
}

// roundTo rounds a decimal of scale from to n places, and gives it scale to.
func roundTo(x data.Int128, from, n, to int, mode rounding) (data.Int128, bool) {
	if n < from {
		var ok bool
		if x, ok = dropDigits(x, from-n, mode); !ok {
			return x, false
		}
		from = n
	}
	return rescale(x, from, to)
}

// roundFloat rounds by way of a decimal shift where that is exact enough, which
// is what PostgreSQL's users expect of ROUND(2.675e0, 2) in other systems too.
func roundFloat(x float64, n int64, mode rounding) float64 {
	cut := math.Trunc
	if mode == roundHalf {
		cut = math.Round
	}
	switch {
	case n == 0:
		return cut(x)
	case n > 300 || x != x || math.IsInf(x, 0):
		return x
	case n < -300:
		return 0
	}
	if n < 0 {
		p := math.Pow10(int(-n))
		return cut(x/p) * p
	}
	p := math.Pow10(int(n))
	y := x * p
	if math.Abs(y) >= 1<<53 || math.IsInf(y, 0) {
		return x // it has no digits to drop
	}
	return cut(y) / p
}
