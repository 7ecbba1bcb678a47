package expr

import (
	"errors"
	"math"
	"slices"

	"tidemark/operators/data"
)

var (
	errSqrt  = errors.New("there is no square root of a negative number")
	errPower = errors.New("POWER has no real result for these numbers")
)

func mathEntries() []*entry {
	const i32, i64, dec, dbl = data.Int, data.BigInt, data.Decimal, data.Double
	double := func(f func(x float64) float64) *Function {
		return &Function{Params: []data.Kind{dbl}, Returns: dbl, safe: true,
			kernel: just(floatRows(func(fr *frame, i int) (float64, error) { return f(fr.float(0, i)), nil }))}
	}
	// integer is a function that leaves integers as they are.
	integer := func(k data.Kind) *Function {
		return &Function{Params: []data.Kind{k}, Returns: k, safe: true,
			kernel: just(intRows(func(f *frame, i int) (int64, error) { return f.int(0, i), nil }))}
	}
	decimal := func(mode rounding) *Function {
		return &Function{Params: []data.Kind{dec}, Returns: dec,
			result: func(args []Expr) data.Type { return data.DecimalType(int(args[0].Type().Precision), 0) },
			kernel: func(c *Call) kernel { return roundKernel(c, mode) }}
	}
	whole := func(name string, aliases []string, doc string, mode rounding, f func(float64) float64, examples ...[2]string) *entry {
		return &entry{name: name, aliases: aliases, doc: doc, examples: examples,
			overloads: []*Function{integer(i32), integer(i64), decimal(mode), double(f), roundToUnit(mode)}}
	}
	list := []*entry{
		{name: "ABS", doc: "The value without its sign.", examples: [][2]string{{"ABS(-2.5)", "2.5"}, {"ABS(3)", "3"}}, overloads: absOverloads()},
		whole("CEIL", []string{"CEILING"}, "The least whole number that is not below the value; of a timestamp, the first start of a unit of time that is not before it.", roundUp, math.Ceil,
			[2]string{"CEIL(1.2)", "2"}, [2]string{"CEIL(-1.2)", "-1"}, [2]string{"CEIL(TIMESTAMP '2024-03-05 06:07:08', 'hour')", "2024-03-05T07:00:00Z"}),
		whole("FLOOR", nil, "The greatest whole number that is not above the value; of a timestamp, the start of a unit of time that it lies in.", roundDown, math.Floor,
			[2]string{"FLOOR(-1.2)", "-2"}, [2]string{"FLOOR(TIMESTAMP '2024-03-05 06:07:08', 'month')", "2024-03-01T00:00:00Z"}),
		{name: "ROUND", doc: "The value rounded to a number of places, half away from zero.",
			examples: [][2]string{{"ROUND(2.5)", "3"}, {"ROUND(-1.255, 2)", "-1.26"}, {"ROUND(1234, -2)", "1200"}}, overloads: placesOverloads(roundHalf)},
		{name: "TRUNC", aliases: []string{"TRUNCATE"}, doc: "The value cut to a number of places.",
			examples: [][2]string{{"TRUNC(-2.7)", "-2"}, {"TRUNC(1.259, 2)", "1.25"}}, overloads: placesOverloads(roundCut)},
		{name: "POWER", aliases: []string{"POW", "^"}, doc: "The first number to the power of the second.", examples: [][2]string{{"POWER(2, 10)", "1024"}},
			overloads: []*Function{{Params: []data.Kind{dbl, dbl}, Returns: dbl, kernel: just(floatRows(func(f *frame, i int) (float64, error) {
				x, y := f.float(0, i), f.float(1, i)
				r := math.Pow(x, y)
				if r != r && x == x && y == y || x == 0 && y < 0 {
					return 0, errPower
				}
				return r, nil
			}))}}},
		{name: "SQRT", doc: "The square root.", examples: [][2]string{{"SQRT(16)", "4"}},
			overloads: []*Function{{Params: []data.Kind{dbl}, Returns: dbl, kernel: just(floatRows(func(f *frame, i int) (float64, error) {
				x := f.float(0, i)
				if x < 0 {
					return 0, errSqrt
				}
				return math.Sqrt(x), nil
			}))}}},
		{name: "SIGN", doc: "-1, 0 or 1.", examples: [][2]string{{"SIGN(-7)", "-1"}, {"SIGN(0.0)", "0"}}, overloads: []*Function{
			{Params: []data.Kind{i64}, Returns: i32, safe: true, kernel: just(intRows(func(f *frame, i int) (int64, error) { return sign(f.int(0, i)), nil }))},
			{Params: []data.Kind{dec}, Returns: i32, safe: true, kernel: func(c *Call) kernel {
				at := decimalAt(0, c.Args[0].Type())
				return intRows(func(f *frame, i int) (int64, error) { x := at(f, i); return sign(x.Hi | int64(b2i(x.Lo != 0))), nil })
			}},
			{Params: []data.Kind{dbl}, Returns: dbl, safe: true, kernel: just(floatRows(func(f *frame, i int) (float64, error) {
				x := f.float(0, i)
				if x == 0 || x != x {
					return x, nil
				}
				return math.Copysign(1, x), nil
			}))},
		}},
		bucketEntry(),
		{name: "RANDOM", aliases: []string{"RAND", "RAND_INTEGER"},
			refused: "its results could not be computed again after a restart or for a retraction",
			hint:    "derive a number from the row: CRC32(id) % 100 is spread as evenly, and the same on every run"},
	}
	return slices.Concat(inFamily("math", list), realEntries(), integerEntries(), bitEntries())
}

func sign(x int64) int64 {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}

func absOverloads() []*Function {
	abs := func(k data.Kind, narrow bool) *Function {
		return &Function{Params: []data.Kind{k}, Returns: k, kernel: just(intRows(func(f *frame, i int) (int64, error) {
			if x := f.int(0, i); x < 0 {
				return checkedInt("-", narrow, 0, x)
			} else {
				return x, nil
			}
		}))}
	}
	return []*Function{
		abs(data.Int, true), abs(data.BigInt, false),
		{Params: []data.Kind{data.Decimal}, Returns: data.Decimal, safe: true, result: firstType, kernel: func(c *Call) kernel {
			if c.typ.Class() == data.ClassInt {
				return intRows(func(f *frame, i int) (int64, error) { x := f.int(0, i); return max(x, -x), nil })
			}
			return wideRows(func(f *frame, i int) (data.Int128, error) {
				x := f.wide(0, i)
				if x.Hi < 0 {
					x = negWide(x)
				}
				return x, nil
			})
		}},
		{Params: []data.Kind{data.Double}, Returns: data.Double, safe: true,
			kernel: just(floatRows(func(f *frame, i int) (float64, error) { return math.Abs(f.float(0, i)), nil }))},
	}
}
