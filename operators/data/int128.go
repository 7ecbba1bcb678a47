package data

import (
	"math"
	"math/big"
	"math/bits"
)

// Wide returns x as an Int128.
func Wide(x int64) Int128 { return Int128{Hi: x >> 63, Lo: uint64(x)} }

// pow10 are the powers of ten that an Int128 can hold.
var pow10 = func() (p [MaxPrecision + 1]Int128) {
	p[0] = Wide(1)
	for i := 1; i < len(p); i++ {
		p[i], _ = p[i-1].Mul(Wide(10))
	}
	return p
}()

// Pow10 returns 10 to the power n, for n from 0 to MaxPrecision.
func Pow10(n int) Int128 { return pow10[n] }

// Add returns a + b; ok is false when the sum needs more than 128 bits.
func (a Int128) Add(b Int128) (sum Int128, ok bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), carry)
	sum = Int128{Hi: int64(hi), Lo: lo}
	return sum, (a.Hi < 0) != (b.Hi < 0) || (sum.Hi < 0) == (a.Hi < 0)
}

// Sub returns a - b; ok is false when the difference needs more than 128 bits.
func (a Int128) Sub(b Int128) (diff Int128, ok bool) {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(uint64(a.Hi), uint64(b.Hi), borrow)
	diff = Int128{Hi: int64(hi), Lo: lo}
	return diff, (a.Hi < 0) == (b.Hi < 0) || (diff.Hi < 0) == (a.Hi < 0)
}

// Neg returns -a, which is a itself for the least value.
func (a Int128) Neg() Int128 {
	lo, borrow := bits.Sub64(0, a.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.Hi), borrow)
	return Int128{Hi: int64(hi), Lo: lo}
}

// Abs returns a without its sign.
func (a Int128) Abs() Int128 {
	if a.Hi < 0 {
		return a.Neg()
	}
	return a
}

// Sign returns -1, 0 or 1.
func (a Int128) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a.Hi == 0 && a.Lo == 0:
		return 0
	}
	return 1
}

// Cmp returns -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a.Hi < b.Hi:
		return -1
	case a.Hi > b.Hi:
		return 1
	case a.Lo < b.Lo:
		return -1
	case a.Lo > b.Lo:
		return 1
	}
	return 0
}

// Product returns x * y.
func Product(x, y int64) Int128 {
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	return Int128{Hi: int64(hi) - x>>63&y - y>>63&x, Lo: lo} // from an unsigned product to a signed one
}

// Mul returns a × b; ok is false when the product needs more than 128 bits.
func (a Int128) Mul(b Int128) (product Int128, ok bool) {
	negative := (a.Hi < 0) != (b.Hi < 0)
	x, y := a.Abs(), b.Abs() // as unsigned: the least value is its own magnitude
	if x.Hi != 0 && y.Hi != 0 {
		return Int128{}, false
	}
	if x.Hi != 0 {
		x, y = y, x
	}
	hi, lo := bits.Mul64(x.Lo, y.Lo)
	over, mid := bits.Mul64(x.Lo, uint64(y.Hi))
	hi, carry := bits.Add64(hi, mid, 0)
	if over != 0 || carry != 0 {
		return Int128{}, false
	}
	product = Int128{Hi: int64(hi), Lo: lo}
	if negative {
		product = product.Neg()
		return product, product.Hi <= 0 && (product.Hi < 0 || product.Lo == 0)
	}
	return product, product.Hi >= 0
}

// quoRem divides magnitudes; b is not zero.
func quoRem(a, b Int128) (q, r Int128) {
	if b.Hi == 0 {
		hi := uint64(a.Hi) / b.Lo
		lo, rem := bits.Div64(uint64(a.Hi)%b.Lo, a.Lo, b.Lo)
		return Int128{Hi: int64(hi), Lo: lo}, Int128{Lo: rem}
	}
	// The quotient has at most 64 bits: estimate it by the leading 64 bits of the
	// divisor (Knuth, The Art of Computer Programming, vol. 2, 4.3.1 D) and
	// correct it by at most one.
	shift := uint(bits.LeadingZeros64(uint64(b.Hi)))
	top := uint64(b.Hi)<<shift | b.Lo>>1>>(63-shift)
	half, _ := bits.Div64(uint64(a.Hi)>>1, uint64(a.Hi)<<63|a.Lo>>1, top)
	est := half >> (63 - shift)
	if est != 0 {
		est--
	}
	q = Int128{Lo: est}
	back, _ := q.Mul(b)
	r, _ = a.Sub(back)
	if unsignedLess(b, r) || r == b {
		q.Lo++
		r, _ = r.Sub(b)
	}
	return q, r
}

func unsignedLess(a, b Int128) bool {
	if a.Hi != b.Hi {
		return uint64(a.Hi) < uint64(b.Hi)
	}
	return a.Lo < b.Lo
}

// QuoTrunc returns a / b rounded towards zero. b must not be zero.
func (a Int128) QuoTrunc(b Int128) Int128 {
	q, _ := quoRem(a.Abs(), b.Abs())
	if (a.Hi < 0) != (b.Hi < 0) {
		return q.Neg()
	}
	return q
}

// Rem returns what a / b, rounded towards zero, leaves; it has the sign of a.
func (a Int128) Rem(b Int128) Int128 {
	_, r := quoRem(a.Abs(), b.Abs())
	if a.Hi < 0 {
		return r.Neg()
	}
	return r
}

// DivRound returns a / b rounded half away from zero; ok is false for b == 0, and
// when the quotient needs more than 128 bits.
func (a Int128) DivRound(b Int128) (q Int128, ok bool) {
	if b.Sign() == 0 {
		return Int128{}, false
	}
	d := b.Abs()
	q, r := quoRem(a.Abs(), d)
	if rest, _ := d.Sub(r); !unsignedLess(r, rest) { // r >= d - r
		q, _ = q.Add(Wide(1))
	}
	if (a.Hi < 0) != (b.Hi < 0) {
		return q.Neg(), true
	}
	return q, q.Hi >= 0
}

// Int64 returns a as an int64; ok is false when it does not fit.
func (a Int128) Int64() (x int64, ok bool) { return int64(a.Lo), a.Hi == int64(a.Lo)>>63 }

// Float64 returns the nearest float64.
func (a Int128) Float64() float64 {
	if x, ok := a.Int64(); ok {
		return float64(x)
	}
	m := a.Abs()
	if m.Hi == 0 {
		return float64(a.Sign()) * float64(m.Lo)
	}
	// Keep 64 leading bits; the lowest of them is set when any dropped bit is, so
	// that the one rounding below is right.
	shift := uint(bits.LeadingZeros64(uint64(m.Hi)))
	top := uint64(m.Hi)<<shift | m.Lo>>1>>(63-shift)
	if m.Lo<<shift != 0 {
		top |= 1
	}
	f := math.Ldexp(float64(top), 64-int(shift))
	if a.Hi < 0 {
		return -f
	}
	return f
}

// FitsPrecision reports whether a has at most p decimal digits.
func (a Int128) FitsPrecision(p int) bool {
	if p > MaxPrecision {
		return true
	}
	m := a.Abs()
	return m.Hi >= 0 && m.Cmp(pow10[p]) < 0
}

// Rescale returns a decimal of scale from at scale to, rounded half away from
// zero when digits are cut; ok is false when it needs more than 128 bits.
func (a Int128) Rescale(from, to int) (v Int128, ok bool) {
	switch {
	case to > from:
		if to-from > MaxPrecision {
			return Int128{}, a.Sign() == 0
		}
		return a.Mul(pow10[to-from])
	case to < from:
		if from-to > MaxPrecision {
			return Int128{}, true
		}
		return a.DivRound(pow10[from-to])
	}
	return a, true
}

// Big returns a as a big integer.
func (a Int128) Big() *big.Int {
	b := big.NewInt(a.Hi)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(a.Lo))
}
