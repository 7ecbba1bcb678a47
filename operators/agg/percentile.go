package agg

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"tidemark/operators/data"
)

// fraction is the place of a percentile, num / 10^digits, from 0 to 1.
type fraction struct {
	num    int64
	digits int
}

// half is the place of the median.
var half = fraction{num: 5, digits: 1}

// newFraction reads a constant number from 0 to 1. Doubles stand for the shortest
// decimal that reads back as the same.
func newFraction(v *data.Vector) (f fraction, ok bool) {
	if v.IsNull(0) || !v.Type.Numeric() {
		return f, false
	}
	w, err := data.ParseDecimal(data.AppendText(nil, v, 0), data.ShortPrecision, data.ShortPrecision-1)
	if err != nil || w.Sign() < 0 || w.Cmp(data.Pow10(data.ShortPrecision-1)) > 0 {
		return f, false
	}
	f = fraction{digits: data.ShortPrecision - 1}
	f.num, _ = w.Int64()
	for f.digits > 0 && f.num%10 == 0 {
		f.num, f.digits = f.num/10, f.digits-1
	}
	return f, true
}

// of returns f * n as a whole number and the rest, in units of 10^-digits.
func (f fraction) of(n int64) (whole, rest int64) {
	product, _ := data.Wide(f.num).Mul(data.Wide(n)) // 60 bits by 63
	unit := data.Pow10(f.digits)
	whole, _ = product.QuoTrunc(unit).Int64()
	rest, _ = product.Rem(unit).Int64()
	return whole, rest
}

// fromAbove returns 1 - f.
func (f fraction) fromAbove() fraction {
	one, _ := data.Pow10(f.digits).Int64()
	return fraction{num: one - f.num, digits: f.digits}
}

// rank returns the place, counted from 0, of the first of n values in order at or
// before which that part of them lies; from the greatest on when desc.
func (f fraction) rank(n int64, desc bool) int64 {
	at, rest := f.of(n)
	if rest == 0 && at > 0 {
		at--
	}
	if desc {
		return n - 1 - at
	}
	return at
}

// discrete is PERCENTILE_DISC.
func discrete(f fraction, desc bool) bagResult {
	return func(b *bag, out *data.Vector, g int32) error {
		b.value(out, b.values.at(g, f.rank(b.values.total(g), desc)))
		return nil
	}
}

// continuous is PERCENTILE_CONT: what lies at f of the way from the least value
// to the greatest, between two values in proportion.
func continuous(f fraction, desc bool, result data.Type) bagResult {
	if desc {
		f = f.fromAbove()
	}
	return func(b *bag, out *data.Vector, g int32) error {
		at, rest := f.of(b.values.total(g) - 1)
		low := b.values.at(g, at)
		high := low
		if rest != 0 {
			high = b.values.at(g, at+1)
		}
		if b.arg.Kind == data.Double {
			x := b.read(low).Floats[0]
			out.AppendFloat(between(x, b.read(high).Floats[0], float64(rest)/math.Pow10(f.digits)))
			return nil
		}
		if low == high && b.arg.Kind == data.Interval {
			b.value(out, low)
			return nil
		}
		x := wideOf(b.read(low))
		y := wideOf(b.read(high))
		v, ok := interpolate(x, y, rest, f.digits, int(result.Scale)-int(b.arg.Scale))
		if b.arg.Kind == data.Interval {
			v = lengthInterval(v)
		} else if !ok {
			return overflow("percentile", result, "")
		}
		out.AppendWide(v)
		return nil
	}
}

// between returns x + (y - x) * part.
func between(x, y, part float64) float64 {
	switch d := y - x; {
	case x == y || part == 0:
		return x
	case math.IsInf(d, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0):
		return x*(1-part) + y*part
	default:
		return x + d*part
	}
}

// wideOf returns the number, or the length of the interval, in row 0 of v.
func wideOf(v *data.Vector) data.Int128 {
	switch {
	case v.Type.Kind == data.Interval:
		return data.IntervalLength(v.Wides[0])
	case v.Type.Class() == data.ClassWide:
		return v.Wides[0]
	}
	return data.Wide(v.Ints[0])
}

// interpolate returns x + (y - x) * rest / 10^digits with shift more decimal
// digits, rounded half away from zero; ok is false when that does not fit a
// DECIMAL.
func interpolate(x, y data.Int128, rest int64, digits, shift int) (v data.Int128, ok bool) {
	sum := x.Big()
	if rest != 0 {
		unit := data.Pow10(digits).Big()
		step := y.Big()
		step.Sub(step, sum).Mul(step, big.NewInt(rest))
		sum.Mul(sum, unit).Add(sum, step)
	}
	sum.Mul(sum, data.Pow10(shift).Big())
	if rest != 0 {
		divideRound(sum, data.Pow10(digits).Big()) // there is a rest: digits is not 0
	}
	return fromBig(sum)
}

// divideRound sets x to x / d, rounded half away from zero; d is positive and even.
func divideRound(x, d *big.Int) {
	half := new(big.Int).Rsh(d, 1)
	if x.Sign() < 0 {
		x.Sub(x, half)
	} else {
		x.Add(x, half)
	}
	x.Quo(x, d)
}

// fromBig returns x, if it has no more digits than a DECIMAL can.
func fromBig(x *big.Int) (v data.Int128, ok bool) {
	if x.BitLen() > 127 {
		return v, false
	}
	low := new(big.Int).And(x, big.NewInt(0).SetUint64(math.MaxUint64)) // of the two's complement
	v = data.Int128{Hi: new(big.Int).Rsh(x, 64).Int64(), Lo: low.Uint64()}
	return v, v.FitsPrecision(data.MaxPrecision)
}

// bindPercentile binds PERCENTILE_CONT and PERCENTILE_DISC, which are called
// with a fraction and WITHIN GROUP (ORDER BY x), or with x and a fraction.
func bindPercentile(s *Spec, f *Func) error {
	place, err := percentilePlace(s, f)
	if err != nil {
		return err
	}
	if f.Name == "PERCENTILE_DISC" {
		if err := ordered(f.Name, f.valueType()); err != nil {
			return err
		}
		return bindBag(f, discrete(place, descending(f)))
	}
	return bindContinuous(f, place)
}

// percentilePlace finds the fraction of a percentile, and makes the value that it
// is one of the first column.
func percentilePlace(s *Spec, f *Func) (fraction, error) {
	at, example := 0, "(0.95) WITHIN GROUP (ORDER BY x)"
	if len(s.Args) == 1 && len(s.Order) != 1 {
		return fraction{}, fmt.Errorf("%s needs the values that it is one of; write %s%s", f.Name, f.Name, example)
	}
	if len(s.Args) == 2 {
		if len(s.Order) > 0 {
			return fraction{}, fmt.Errorf("%s with WITHIN GROUP takes one argument, not 2; write %s%s", f.Name, f.Name, example)
		}
		at, example = 1, "(x, 0.95)"
	}
	f.Args = s.Args[:at]
	withinGroup(s, f)
	c := s.constant(at)
	if c == nil {
		return fraction{}, fmt.Errorf("the fraction of %s must be a constant; write it as a number, for example %s%s", f.Name, f.Name, example)
	}
	place, ok := newFraction(c)
	if !ok {
		return place, fmt.Errorf("the fraction of %s must be a number from 0 to 1; write 0.95 for 95 percent, for example %s%s", f.Name, f.Name, example)
	}
	return place, nil
}

// withinGroup makes the key of WITHIN GROUP the first column where there is no
// argument to be.
func withinGroup(s *Spec, f *Func) {
	if len(f.Args) == 0 {
		f.Order = s.Order
	}
}

func descending(f *Func) bool { return len(f.Order) > 0 && f.Order[0].Desc }

func bindMedian(_ *Spec, f *Func) error { return bindContinuous(f, half) }

// bindMode binds MODE(x) and MODE() WITHIN GROUP (ORDER BY x).
func bindMode(s *Spec, f *Func) error {
	if len(s.Args)+len(s.Order) != 1 {
		return errors.New("MODE is called with one value; write MODE(x) or MODE() WITHIN GROUP (ORDER BY x)")
	}
	withinGroup(s, f)
	return bindBag(f, modeOf(descending(f)))
}

// bindBag binds an aggregate whose result is one of the values.
func bindBag(f *Func, result bagResult) error {
	t := f.valueType()
	f.Result = t
	f.create = func() State { return &bag{arg: t, result: result} }
	return nil
}

func bindContinuous(f *Func, place fraction) error {
	t := f.valueType()
	switch {
	case t.Kind == data.Double, t.Kind == data.Interval:
		f.Result = t
	case t.Integer(), t.Kind == data.Unknown, t.Kind == data.Decimal:
		f.Result = averageType(t)
	case t.Kind == data.String, t.Kind == data.JSON, t.Kind == data.Boolean:
		return notNumeric(f.Name, t)
	default:
		return fmt.Errorf("%s can only lie between numbers or intervals, not %s; take a value that occurs: PERCENTILE_DISC(%s) WITHIN GROUP (ORDER BY x)",
			f.Name, t, data.AppendDecimal64(nil, place.num, place.digits))
	}
	f.create = func() State { return &bag{arg: t, result: continuous(place, descending(f), f.Result)} }
	return nil
}
