package expr

import (
	"math"
	"math/big"
	"strconv"

	"tidemark/operators/data"
)

// wideOf widens an int64.
func wideOf(x int64) data.Int128 { return data.Int128{Hi: x >> 63, Lo: uint64(x)} }

// negWide returns -x; no decimal is near the end of the range.
func negWide(x data.Int128) data.Int128 {
	lo := -x.Lo
	hi := ^x.Hi
	if lo == 0 {
		hi++
	}
	return data.Int128{Hi: hi, Lo: lo}
}

// toBig and fromBig convert for the operations whose intermediate results may
// need more than 128 bits.
func toBig(x data.Int128) *big.Int {
	b := big.NewInt(x.Hi)
	return b.Add(b.Lsh(b, 64), new(big.Int).SetUint64(x.Lo))
}

func fromBig(b *big.Int) (data.Int128, bool) {
	if b.BitLen() > 127 {
		return data.Int128{}, false
	}
	lo := new(big.Int).And(b, new(big.Int).SetUint64(^uint64(0)))
	return data.Int128{Hi: new(big.Int).Rsh(b, 64).Int64(), Lo: lo.Uint64()}, true
}

func bigPow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// roundDiv divides, rounding half away from zero.
func roundDiv(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(b) >= 0 {
		if a.Sign()*b.Sign() < 0 {
			return q.Sub(q, big.NewInt(1))
		}
		return q.Add(q, big.NewInt(1))
	}
	return q
}

func rescaleBig(b *big.Int, from, to int) *big.Int {
	if to >= from {
		return b.Mul(b, bigPow10(to-from))
	}
	return roundDiv(b, bigPow10(from-to))
}

// addRescaled adds decimals of the scales sa and sb, exactly at scale s, and
// rounds to scale sr.
func addRescaled(x data.Int128, sa int, y data.Int128, sb, s, sr int) (data.Int128, bool) {
	a, b := rescaleBig(toBig(x), sa, s), rescaleBig(toBig(y), sb, s)
	return fromBig(rescaleBig(a.Add(a, b), s, sr))
}

// mulRescaled multiplies and rounds from scale s to sr.
func mulRescaled(x, y data.Int128, s, sr int) (data.Int128, bool) {
	a := toBig(x)
	return fromBig(rescaleBig(a.Mul(a, toBig(y)), s, sr))
}

// divRescaled returns x × 10^shift / y, rounded half away from zero.
func divRescaled(x, y data.Int128, shift int) (data.Int128, bool) {
	a, b := toBig(x), toBig(y)
	if shift >= 0 {
		a.Mul(a, bigPow10(shift))
	} else {
		b.Mul(b, bigPow10(-shift))
	}
	return fromBig(roundDiv(a, b))
}

// remRescaled is the remainder, with the sign of x.
func remRescaled(x data.Int128, sa int, y data.Int128, sb, sr int) (data.Int128, bool) {
	s := max(sa, sb)
	a, b := rescaleBig(toBig(x), sa, s), rescaleBig(toBig(y), sb, s)
	return fromBig(rescaleBig(a.Rem(a, b), s, sr))
}

// cmpScaled compares decimals of the scales sa and sb.
func cmpScaled(x data.Int128, sa int, y data.Int128, sb int) int {
	s := max(sa, sb)
	return rescaleBig(toBig(x), sa, s).Cmp(rescaleBig(toBig(y), sb, s))
}

// fits reports whether an unscaled value has no more digits than t.
func fits(x data.Int128, t data.Type) bool { return toBig(x).CmpAbs(bigPow10(int(t.Precision))) < 0 }

// rescale moves the point of a decimal, rounding half away from zero.
func rescale(x data.Int128, from, to int) (data.Int128, bool) {
	if from == to {
		return x, true
	}
	return fromBig(rescaleBig(toBig(x), from, to))
}

// wideFloat returns the nearest DOUBLE of a decimal.
func wideFloat(x data.Int128, scale int) float64 {
	f, _ := new(big.Rat).SetFrac(toBig(x), bigPow10(scale)).Float64()
	return f
}

// floatDecimal rounds the shortest decimal text of a DOUBLE to a scale, half away
// from zero, as PostgreSQL does.
func floatDecimal(x float64, scale int) (data.Int128, bool) {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	if !ok || math.Abs(x) > 1e39 {
		return data.Int128{}, false
	}
	return fromBig(roundDiv(new(big.Int).Mul(r.Num(), bigPow10(scale)), r.Denom()))
}

// dropDigits divides by a power of ten, rounding in the given way.
func dropDigits(x data.Int128, n int, mode rounding) (data.Int128, bool) {
	b, by := toBig(x), bigPow10(n)
	if mode == roundHalf {
		return fromBig(roundDiv(b, by))
	}
	q, r := new(big.Int).QuoRem(b, by, new(big.Int))
	switch {
	case mode == roundUp && r.Sign() > 0:
		q.Add(q, big.NewInt(1))
	case mode == roundDown && r.Sign() < 0:
		q.Sub(q, big.NewInt(1))
	}
	return fromBig(q)
}
