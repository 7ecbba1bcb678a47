package agg

import (
	"math"
	"math/bits"
)

// superacc is the exact sum of any float64 values: a fixed-point number that
// spans the whole range of doubles, in overlapping chunks so that carries can
// wait. After R. M. Neal, "Fast Exact Summation Using Small and Large
// Superaccumulators", 2015, section 3, the small one. The zero value is the sum
// of nothing.
type superacc struct {
	chunk [chunks]int64 // chunk i counts units of 2^(32i-1075)
	adds  int           // since carries were last passed on

	nans, plusInfs, minusInfs int64 // values that a number cannot hold
}

const (
	// chunks reach 2^63 times the greatest double.
	chunks = 67
	// An add changes a chunk by less than 2^52, so that this many stay below 2^63.
	addsPerCarry = 1<<11 - 1
)

// add adds x.
func (a *superacc) add(x float64) {
	b := math.Float64bits(x)
	exp, mantissa := b>>52&0x7FF, b&(1<<52-1)
	switch exp {
	case 0x7FF:
		a.count(x, 1)
		return
	case 0: // subnormal
		exp = 1
	default:
		mantissa |= 1 << 52
	}
	if a.adds == addsPerCarry {
		a.carry()
	}
	a.adds++
	low := int64(mantissa << (exp & 31) & 0xFFFFFFFF)
	high := int64(mantissa >> (32 - exp&31))
	if x < 0 {
		low, high = -low, -high
	}
	c := (*[2]int64)(a.chunk[exp>>5 : exp>>5+2])
	c[0] += low
	c[1] += high
}

// count counts x, which is not finite, d times.
func (a *superacc) count(x float64, d int64) {
	switch {
	case math.IsNaN(x):
		a.nans += d
	case x > 0:
		a.plusInfs += d
	default:
		a.minusInfs += d
	}
}

// carry brings every chunk but the last into [0, 2^32).
func (a *superacc) carry() {
	up := int64(0)
	for i := range chunks - 1 {
		c := a.chunk[i] + up
		up = c >> 32
		a.chunk[i] = c & 0xFFFFFFFF
	}
	a.chunk[chunks-1] += up
	a.adds = 0
}

// merge adds the sum b, which it leaves as it was.
func (a *superacc) merge(b *superacc) {
	c := *b
	c.carry()
	a.carry()
	for i := range a.chunk {
		a.chunk[i] += c.chunk[i]
	}
	a.carry()
	a.nans += b.nans
	a.plusInfs += b.plusInfs
	a.minusInfs += b.minusInfs
}

// special reports whether NaNs or infinities decide the sum, and the sum then.
func (a *superacc) special() (sum float64, ok bool) {
	switch {
	case a.nans > 0, a.plusInfs > 0 && a.minusInfs > 0:
		return math.NaN(), true
	case a.plusInfs > 0:
		return math.Inf(1), true
	case a.minusInfs > 0:
		return math.Inf(-1), true
	}
	return 0, false
}

// round returns the sum of the finite values times 2^-down, correctly rounded;
// it is infinite when out of range. down is not negative, and 0 unless the sum is
// large: a result that is subnormal must not need rounding.
func (a *superacc) round(down int) float64 {
	c := *a
	c.carry()
	sign := 1.0
	if c.chunk[chunks-1] < 0 {
		sign = -1
		for i := range c.chunk {
			c.chunk[i] = -c.chunk[i]
		}
		c.carry()
	}
	top := chunks - 1
	for top >= 0 && c.chunk[top] == 0 {
		top--
	}
	switch {
	case top < 0:
		return 0
	case top == chunks-1 && c.chunk[top]>>32 != 0: // at least 2^1069
		return sign * math.Inf(1)
	}
	at := func(i int) uint64 {
		if i < 0 {
			return 0
		}
		return uint64(c.chunk[i])
	}
	// The 64 leading bits, the last of them set when any bit after them is, round
	// to 53 just as the whole does.
	hi, lo := at(top)<<32|at(top-1), at(top-2)<<32|at(top-3)
	shift := bits.LeadingZeros64(hi)
	m := hi<<shift | lo>>(64-shift)
	rest := lo << shift
	for i := top - 4; i >= 0 && rest == 0; i-- {
		rest = at(i)
	}
	if rest != 0 {
		m |= 1
	}
	return sign * math.Ldexp(float64(m), 32*(top-1)-1075-shift-down)
}
