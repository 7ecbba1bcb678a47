package expr

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"tidemark/operators/data"
)

var (
	errFactorialNegative = errors.New("there is no factorial of a negative number")
	errFactorialRange    = errors.New("the result is outside the range of DECIMAL(38,0); the largest factorial in it is that of 33")
)

// integerEntries are the functions of whole numbers.
func integerEntries() []*entry {
	const i32, i64 = data.Int, data.BigInt
	both := func(row func(x, y int64, narrow bool) (int64, error)) []*Function {
		of := func(k data.Kind) *Function {
			return intFunction(k, func(f *frame, i int) (int64, error) { return row(f.int(0, i), f.int(1, i), k == i32) }, k, k)
		}
		return []*Function{of(i32), of(i64)}
	}
	count := intFunction(i64, func(f *frame, i int) (int64, error) { return int64(bits.OnesCount64(uint64(f.int(0, i)))), nil }, i64).total()
	narrowCount := intFunction(i64, func(f *frame, i int) (int64, error) { return int64(bits.OnesCount32(uint32(f.int(0, i)))), nil }, i32).total()
	return inFamily("math", []*entry{
		{name: "GCD", doc: "The greatest number that divides both.", examples: [][2]string{{"GCD(1071, 462)", "21"}}, overloads: both(gcd)},
		{name: "LCM", doc: "The least number above 0 that both divide; 0 where one is 0.", examples: [][2]string{{"LCM(1071, 462)", "23562"}}, overloads: both(lcm)},
		{name: "FACTORIAL", doc: "The product of the numbers from 1 to n.", examples: [][2]string{{"FACTORIAL(5)", "120"}},
			overloads: []*Function{factorialFunction()}},
		{name: "DIV", doc: "The quotient without what follows the point; division by zero is an error.", examples: [][2]string{{"DIV(9, 4)", "2"}, {"DIV(-7.5, 2)", "-3"}},
			overloads: append(both(func(x, y int64, narrow bool) (int64, error) { return checkedInt("/", narrow, x, y) }), decimalDiv())},
		{name: "BIT_COUNT", doc: "How many bits of the number are set.", examples: [][2]string{{"BIT_COUNT(7)", "3"}, {"BIT_COUNT(-1)", "32"}}, overloads: []*Function{narrowCount, count}},
	})
}

// gcd is Euclid's algorithm on magnitudes.
func gcd(x, y int64, narrow bool) (int64, error) {
	g := gcd64(magnitude(x), magnitude(y))
	if g > math.MaxInt64 || narrow && g > math.MaxInt32 {
		return 0, errIntRange("GCD", x, y, narrow)
	}
	return int64(g), nil
}

func gcd64(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func lcm(x, y int64, narrow bool) (int64, error) {
	a, b := magnitude(x), magnitude(y)
	if a == 0 || b == 0 {
		return 0, nil
	}
	hi, lo := bits.Mul64(a/gcd64(a, b), b)
	if hi != 0 || lo > math.MaxInt64 || narrow && lo > math.MaxInt32 {
		return 0, errIntRange("LCM", x, y, narrow)
	}
	return int64(lo), nil
}

func errIntRange(name string, x, y int64, narrow bool) error {
	t := data.BigInt
	if narrow {
		t = data.Int
	}
	return fmt.Errorf("%s(%d, %d) is outside the range of %s", name, x, y, t)
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func factorialFunction() *Function {
	return &Function{Params: []data.Kind{data.BigInt}, Returns: data.Decimal,
		result: func([]Expr) data.Type { return data.DecimalType(data.MaxPrecision, 0) },
		kernel: just(wideRows(func(f *frame, i int) (data.Int128, error) {
			n := f.int(0, i)
			switch {
			case n < 0:
				return data.Int128{}, errFactorialNegative
			case n > 33:
				return data.Int128{}, errFactorialRange
			}
			r := wideOf(1)
			for k := int64(2); k <= n; k++ {
				r, _ = r.Mul(wideOf(k))
			}
			return r, nil
		}))}
}

// decimalDiv is DIV of exact numbers: PostgreSQL's div(numeric, numeric).
func decimalDiv() *Function {
	return &Function{Params: []data.Kind{data.Decimal, data.Decimal}, Returns: data.Decimal,
		result: func(args []Expr) data.Type {
			a, b := args[0].Type(), args[1].Type()
			return data.DecimalType(min(data.MaxPrecision, max(1, int(a.Precision)-int(a.Scale)+int(b.Scale))), 0)
		},
		kernel: func(c *Call) kernel {
			a, b := c.Args[0].Type(), c.Args[1].Type()
			left, right := decimalAt(0, a), decimalAt(1, b)
			over := errOverflow(c.typ)
			row := func(f *frame, i int) (data.Int128, error) {
				y := right(f, i)
				if y == (data.Int128{}) {
					return y, errDivision
				}
				q, ok := divWhole(left(f, i), int(a.Scale), y, int(b.Scale))
				if !ok || !fits(q, c.typ) {
					return q, over
				}
				return q, nil
			}
			if c.typ.Class() == data.ClassInt {
				return intRows(func(f *frame, i int) (int64, error) {
					q, err := row(f, i)
					return int64(q.Lo), err
				})
			}
			return wideRows(row)
		}}
}

// divWhole divides decimals of two scales and cuts the result to a whole number.
// y is not zero.
func divWhole(x data.Int128, sx int, y data.Int128, sy int) (data.Int128, bool) {
	s := max(sx, sy)
	a, ok1 := x.Rescale(sx, s)
	b, ok2 := y.Rescale(sy, s)
	if ok1 && ok2 {
		return a.QuoTrunc(b), true
	}
	p, q := rescaleBig(x.Big(), sx, s), rescaleBig(y.Big(), sy, s)
	return fromBig(p.Quo(p, q))
}
