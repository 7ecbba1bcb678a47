package agg

import (
	"math"
	"math/big"
	"math/bits"
)

// number is sign * mag * 2^exp, mag being little-endian: any value of a numeric
// type, or the product of two.
type number struct {
	mag      [4]uint64
	exp      int
	negative bool
}

// intNumber returns x.
func intNumber(x int64) number {
	if x < 0 {
		return number{mag: [4]uint64{-uint64(x)}, negative: true}
	}
	return number{mag: [4]uint64{uint64(x)}}
}

// wideNumber returns the 128-bit number of two words.
func wideNumber(hi int64, lo uint64) number {
	if hi >= 0 {
		return number{mag: [4]uint64{lo, uint64(hi)}}
	}
	low, borrow := bits.Sub64(0, lo, 0)
	high, _ := bits.Sub64(0, uint64(hi), borrow)
	return number{mag: [4]uint64{low, high}, negative: true}
}

// floatNumber returns x, which is finite.
func floatNumber(x float64) number {
	b := math.Float64bits(x)
	exp, mantissa := b>>52&0x7FF, b&(1<<52-1)
	if exp == 0 { // subnormal
		exp = 1
	} else {
		mantissa |= 1 << 52
	}
	return number{mag: [4]uint64{mantissa}, exp: int(exp) - 1075, negative: b>>63 == 1}
}

// times returns the product of two numbers of at most two words each.
func (x *number) times(y *number) number {
	p := number{exp: x.exp + y.exp, negative: x.negative != y.negative}
	hi, lo := bits.Mul64(x.mag[0], y.mag[0])
	p.mag[0], p.mag[1] = lo, hi
	if x.mag[1]|y.mag[1] == 0 {
		return p
	}
	var carry uint64
	hi, lo = bits.Mul64(x.mag[1], y.mag[1])
	p.mag[2], p.mag[3] = lo, hi
	for _, m := range [2][2]uint64{{x.mag[0], y.mag[1]}, {x.mag[1], y.mag[0]}} {
		hi, lo = bits.Mul64(m[0], m[1])
		p.mag[1], carry = bits.Add64(p.mag[1], lo, 0)
		p.mag[2], carry = bits.Add64(p.mag[2], hi, carry)
		p.mag[3] += carry
	}
	return p
}

// exact is the exact sum of numbers: a fixed-point number of as many chunks as
// their magnitudes ask for. Chunks overlap, so that carries can wait. The zero
// value is the sum of nothing. (A superacc spans all doubles, but not their
// squares; it has no chunks to make room for.)
type exact struct {
	chunk []int64
	base  int32 // chunk i counts units of 2^(32*(base+i))
	adds  int32 // since carries were last passed on
}

// An add changes a chunk by less than 2^33, so that this many stay below 2^62.
const addsPerPass = 1 << 28

// add adds x, or takes it away when minus is set.
func (a *exact) add(x *number, minus bool) {
	words := 4
	for words > 0 && x.mag[words-1] == 0 {
		words--
	}
	if words == 0 {
		return
	}
	if a.adds++; a.adds == addsPerPass {
		a.carry()
	}
	base, shift := x.exp>>5, uint(x.exp&31) // floored
	c := a.chunks(base, 2*words+1)
	if x.negative != minus {
		for i, w := range x.mag[:words] {
			low, high := w<<32>>32<<shift, w>>32<<shift
			c[2*i] -= int64(low & math.MaxUint32)
			c[2*i+1] -= int64(low>>32) + int64(high&math.MaxUint32)
			c[2*i+2] -= int64(high >> 32)
		}
		return
	}
	for i, w := range x.mag[:words] {
		low, high := w<<32>>32<<shift, w>>32<<shift
		c[2*i] += int64(low & math.MaxUint32)
		c[2*i+1] += int64(low>>32) + int64(high&math.MaxUint32)
		c[2*i+2] += int64(high >> 32)
	}
}

// chunks returns the n chunks from base on, making room for them.
func (a *exact) chunks(base, n int) []int64 {
	from := base - int(a.base)
	if len(a.chunk) > 0 && from >= 0 && from+n <= len(a.chunk) {
		return a.chunk[from : from+n]
	}
	if len(a.chunk) == 0 {
		a.base = int32(base)
		if cap(a.chunk) < n {
			a.chunk = make([]int64, n, n+2)
		}
		a.chunk = a.chunk[:n]
		clear(a.chunk)
		return a.chunk
	}
	low, high := min(base, int(a.base)), max(base+n, int(a.base)+len(a.chunk))
	grown := make([]int64, high-low)
	copy(grown[int(a.base)-low:], a.chunk)
	a.chunk, a.base = grown, int32(low)
	return grown[base-low : base-low+n]
}

// carry brings every chunk but the last into [0, 2^32).
func (a *exact) carry() {
	up := int64(0)
	last := len(a.chunk) - 1
	for i, c := range a.chunk[:last] {
		c += up
		up = c >> 32
		a.chunk[i] = c & math.MaxUint32
	}
	a.chunk[last] += up
	a.adds = 0
	if top := a.chunk[last]; top>>32 != 0 && top>>32 != -1 { // room for the next carries
		a.chunk = append(a.chunk, top>>32)
		a.chunk[last] = top & math.MaxUint32
	}
}

// merge adds the sum b, which is left as it was.
func (a *exact) merge(b *exact) {
	if len(b.chunk) == 0 {
		return
	}
	if len(a.chunk) > 0 {
		a.carry()
	}
	c := a.chunks(int(b.base), len(b.chunk))
	for i, x := range b.chunk {
		c[i] += x
	}
	a.carry()
}

// big returns the sum as m * 2^exp.
func (a *exact) big() (m *big.Int, exp int) {
	m = new(big.Int)
	for i := len(a.chunk) - 1; i >= 0; i-- {
		m.Lsh(m, 32).Add(m, big.NewInt(a.chunk[i]))
	}
	return m, 32 * int(a.base)
}

// reset makes a the sum of nothing and keeps its memory.
func (a *exact) reset() { a.chunk, a.adds = a.chunk[:0], 0 }
