package expr

import (
	"math"
	"math/big"
	"strconv"

	"tidemark/operators/data"
)

// The functions below compute with unscaled DECIMAL values. They work in 128
// bits, and in big integers where an intermediate result needs more: ok is false
// only when the final result needs more than 128 bits.

func wideOf(x int64) data.Int128           { return data.Wide(x) }
func negWide(x data.Int128) data.Int128    { return x.Neg() }
func fits(x data.Int128, t data.Type) bool { return x.FitsPrecision(int(t.Precision)) }
func bigPow10(n int) *big.Int              { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
func rescaleBig(b *big.Int, from, to int) *big.Int {
	if to >= from {
		return b.Mul(b, bigPow10(to-from))
	}
	return roundDiv(b, bigPow10(from-to))
}

// fromBig converts back.
func fromBig(b *big.Int) (data.Int128, bool) {
	if b.BitLen() > 127 {
		return data.Int128{}, false
	}
	lo := new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64))
	return data.Int128{Hi: new(big.Int).Rsh(b, 64).Int64(), Lo: lo.Uint64()}, true
}

// roundDiv divides, rounding half away from zero.
func roundDiv(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(b) >= 0 {
		return q.Add(q, big.NewInt(int64(a.Sign()*b.Sign())))
	}
	return q
}

// rescale moves the point of a decimal, rounding half away from zero.
func rescale(x data.Int128, from, to int) (data.Int128, bool) { return x.Rescale(from, to) }

// addRescaled adds decimals of the scales sa and sb, exactly at scale s, and
// rounds to scale sr.
func addRescaled(x data.Int128, sa int, y data.Int128, sb, s, sr int) (data.Int128, bool) {
	a, ok1 := x.Rescale(sa, s)
	b, ok2 := y.Rescale(sb, s)
	if sum, ok := a.Add(b); ok && ok1 && ok2 {
		return sum.Rescale(s, sr)
	}
	p, q := rescaleBig(x.Big(), sa, s), rescaleBig(y.Big(), sb, s)
	return fromBig(rescaleBig(p.Add(p, q), s, sr))
}

// mulRescaled multiplies and rounds from scale s to sr.
func mulRescaled(x, y data.Int128, s, sr int) (data.Int128, bool) {
	if p, ok := x.Mul(y); ok {
		return p.Rescale(s, sr)
	}
	p := x.Big()
	return fromBig(rescaleBig(p.Mul(p, y.Big()), s, sr))
}

// divRescaled returns x × 10^shift / y, rounded half away from zero. y is not zero.
func divRescaled(x, y data.Int128, shift int) (data.Int128, bool) {
	if shift >= 0 {
		if p, ok := x.Rescale(0, shift); ok {
			return p.DivRound(y)
		}
		p := x.Big()
		return fromBig(roundDiv(p.Mul(p, bigPow10(shift)), y.Big()))
	}
	q := y.Big()
	return fromBig(roundDiv(x.Big(), q.Mul(q, bigPow10(-shift))))
}

// remRescaled is the remainder, with the sign of x. y is not zero.
func remRescaled(x data.Int128, sa int, y data.Int128, sb, sr int) (data.Int128, bool) {
	s := max(sa, sb)
	a, ok1 := x.Rescale(sa, s)
	b, ok2 := y.Rescale(sb, s)
	if ok1 && ok2 {
		return a.Rem(b).Rescale(s, sr)
	}
	p, q := rescaleBig(x.Big(), sa, s), rescaleBig(y.Big(), sb, s)
	return fromBig(rescaleBig(p.Rem(p, q), s, sr))
}

// cmpScaled compares decimals of the scales sa and sb.
func cmpScaled(x data.Int128, sa int, y data.Int128, sb int) int {
	s := max(sa, sb)
	a, ok1 := x.Rescale(sa, s)
	b, ok2 := y.Rescale(sb, s)
	switch {
	case !ok1: // then x is further from zero than any decimal of y's scale
		return x.Sign()
	case !ok2:
		return -y.Sign()
	}
	return a.Cmp(b)
}

// dropDigits divides by a power of ten, rounding in the given way.
func dropDigits(x data.Int128, n int, mode rounding) (data.Int128, bool) {
	if n > data.MaxPrecision {
		switch {
		case mode == roundUp && x.Sign() > 0:
			return wideOf(1), true
		case mode == roundDown && x.Sign() < 0:
			return wideOf(-1), true
		}
		return data.Int128{}, true
	}
	by := data.Pow10(n)
	if mode == roundHalf {
		return x.DivRound(by)
	}
	q, r := x.QuoTrunc(by), x.Rem(by)
	switch {
	case mode == roundUp && r.Sign() > 0:
		return q.Add(wideOf(1))
	case mode == roundDown && r.Sign() < 0:
		return q.Sub(wideOf(1))
	}
	return q, true
}

// wideFloat returns the nearest DOUBLE of a decimal.
func wideFloat(x data.Int128, scale int) float64 {
	// Both parts are exact up to these bounds, so the one division rounds right.
	if v, ok := x.Int64(); ok && scale <= 22 && v < 1<<53 && v > -1<<53 {
		return float64(v) / float64pow10[scale]
	}
	f, _ := new(big.Rat).SetFrac(x.Big(), bigPow10(scale)).Float64()
	return f
}

var float64pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// floatDecimal rounds the shortest decimal text of a DOUBLE to a scale, half away
// from zero.
func floatDecimal(x float64, scale int) (data.Int128, bool) {
	if !(math.Abs(x) < 1e39) {
		return data.Int128{}, false
	}
	if math.Abs(x) < 1e-100 {
		return data.Int128{}, true
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	return fromBig(roundDiv(new(big.Int).Mul(r.Num(), bigPow10(scale)), r.Denom()))
}
