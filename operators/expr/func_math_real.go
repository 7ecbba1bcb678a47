package expr

import (
	"errors"
	"fmt"
	"math"

	"tidemark/operators/data"
)

var (
	errLogZero     = errors.New("there is no logarithm of zero")
	errLogNegative = errors.New("there is no logarithm of a negative number")
	errLogBase     = errors.New("there is no logarithm to the base 1")
)

// realEntries are the functions of DOUBLEs. As with * a result that is too large
// is Infinity; an argument that has no result at all is an error, but NaN gives NaN.
func realEntries() []*entry {
	const dbl = data.Double
	one := func(name, doc string, f func(float64) float64, examples ...[2]string) *entry {
		return &entry{name: name, doc: doc, examples: examples, overloads: []*Function{doubleFunction(func(fr *frame, i int) (float64, error) {
			x := fr.float(0, i)
			r := f(x)
			if r != r && x == x {
				return 0, fmt.Errorf("%s has no value for %s", name, data.AppendDouble(nil, x))
			}
			return r, nil
		}, dbl)}}
	}
	log := func(name, doc string, f func(float64) float64, examples ...[2]string) *entry {
		return &entry{name: name, doc: doc, examples: examples, overloads: []*Function{doubleFunction(func(fr *frame, i int) (float64, error) {
			return logarithm(fr.float(0, i), f)
		}, dbl)}}
	}
	constant := func(name, doc, value string, x float64) *entry {
		return &entry{name: name, doc: doc, examples: [][2]string{{name + "()", value}},
			overloads: []*Function{doubleFunction(func(*frame, int) (float64, error) { return x, nil }).total()}}
	}
	is := func(name, alias, doc string, test func(float64) bool, examples ...[2]string) *entry {
		return &entry{name: name, aliases: []string{alias}, doc: doc, examples: examples, overloads: []*Function{boolFunction(func(fr *frame, i int) (bool, error) {
			return test(fr.float(0, i)), nil
		}, dbl).total()}}
	}
	list := []*entry{
		log("LN", "The natural logarithm.", math.Log, [2]string{"LN(1)", "0"}, [2]string{"ROUND(LN(2.0), 6)", "0.693147"}),
		log("LOG10", "The logarithm to the base 10.", math.Log10, [2]string{"LOG10(1000)", "3"}),
		log("LOG2", "The logarithm to the base 2.", math.Log2, [2]string{"LOG2(64)", "6"}),
		log("LOG", "The logarithm to the base 10, or to the first of two arguments.", math.Log10, [2]string{"LOG(100)", "2"}, [2]string{"LOG(2.0, 64.0)", "6"}),
		one("EXP", "e to the power of the number.", math.Exp, [2]string{"EXP(0)", "1"}),
		one("CBRT", "The cube root.", math.Cbrt, [2]string{"CBRT(-27)", "-3"}),
		one("SIN", "The sine of an angle in radians.", math.Sin, [2]string{"SIN(0)", "0"}),
		one("COS", "The cosine of an angle in radians.", math.Cos, [2]string{"COS(0)", "1"}),
		one("TAN", "The tangent of an angle in radians.", math.Tan, [2]string{"TAN(0)", "0"}),
		one("COT", "The cotangent of an angle in radians.", func(x float64) float64 { return 1 / math.Tan(x) }, [2]string{"ROUND(COT(0.5), 6)", "1.830488"}),
		one("ASIN", "The angle in radians that has a sine.", math.Asin, [2]string{"ROUND(ASIN(1), 6)", "1.570796"}),
		one("ACOS", "The angle in radians that has a cosine.", math.Acos, [2]string{"ACOS(1)", "0"}),
		one("ATAN", "The angle in radians that has a tangent.", math.Atan, [2]string{"ROUND(ATAN(1), 6)", "0.785398"}),
		one("SINH", "The hyperbolic sine.", math.Sinh, [2]string{"SINH(0)", "0"}),
		one("COSH", "The hyperbolic cosine.", math.Cosh, [2]string{"COSH(0)", "1"}),
		one("TANH", "The hyperbolic tangent.", math.Tanh, [2]string{"TANH(0)", "0"}),
		one("ASINH", "The inverse of SINH.", math.Asinh, [2]string{"ASINH(0)", "0"}),
		one("ACOSH", "The inverse of COSH.", math.Acosh, [2]string{"ACOSH(1)", "0"}),
		one("ATANH", "The inverse of TANH.", math.Atanh, [2]string{"ATANH(0)", "0"}),
		{name: "ATAN2", doc: "The angle in radians of the point with the coordinates y and x.", examples: [][2]string{{"ROUND(ATAN2(1, -1), 6)", "2.356194"}},
			overloads: []*Function{doubleFunction(func(f *frame, i int) (float64, error) { return math.Atan2(f.float(0, i), f.float(1, i)), nil }, dbl, dbl).total()}},
		one("RADIANS", "Degrees as radians.", func(x float64) float64 { return x / 180 * math.Pi }, [2]string{"ROUND(RADIANS(45), 6)", "0.785398"}),
		one("DEGREES", "Radians as degrees.", func(x float64) float64 { return x / math.Pi * 180 }, [2]string{"DEGREES(PI())", "180"}),
		constant("PI", "The number π.", "3.141592653589793", math.Pi),
		constant("E", "The number e.", "2.718281828459045", math.E),
		is("ISNAN", "IS_NAN", "Whether the number is NaN.", func(x float64) bool { return x != x }, [2]string{"ISNAN(CAST('NaN' AS DOUBLE))", "true"}),
		is("ISINF", "IS_INFINITE", "Whether the number is Infinity or -Infinity.", func(x float64) bool { return math.IsInf(x, 0) }, [2]string{"ISINF(CAST('-Infinity' AS DOUBLE))", "true"}),
		is("ISFINITE", "IS_FINITE", "Whether the number is neither NaN nor infinite.", func(x float64) bool { return x-x == 0 }, [2]string{"ISFINITE(1.5)", "true"}),
	}
	for _, e := range list {
		if e.name == "LOG" {
			e.overloads = append(e.overloads, doubleFunction(logBase, dbl, dbl))
		}
	}
	return inFamily("math", list)
}

// logarithm refuses what has none; f computes it.
func logarithm(x float64, f func(float64) float64) (float64, error) {
	switch {
	case x == 0:
		return 0, errLogZero
	case x < 0:
		return 0, errLogNegative
	}
	return f(x), nil
}

// logBase is LOG(b, x). Whole powers of 2 and 10 come out whole.
func logBase(f *frame, i int) (float64, error) {
	b, x := f.float(0, i), f.float(1, i)
	of := math.Log
	switch b {
	case 2:
		return logarithm(x, math.Log2)
	case 10:
		return logarithm(x, math.Log10)
	case 1:
		return 0, errLogBase
	}
	base, err := logarithm(b, of)
	if err != nil {
		return 0, err
	}
	n, err := logarithm(x, of)
	if err != nil {
		return 0, err
	}
	// A whole result is not missed by the last bit of a quotient.
	q := n / base
	if r := math.Round(q); math.Abs(r) < 1<<20 && math.Abs(q-r) < 1e-9 && math.Pow(b, r) == x {
		return r, nil
	}
	return q, nil
}
