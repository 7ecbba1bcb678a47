// Package state holds what operators remember things with: the table from group keys
// to dense group ids, the order of its groups, timers, and the comparison of rows.
package state

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/zeebo/xxh3"

	"tidemark/operators/data"
)

// Odd 64-bit constants with no structure (digits of the golden ratio and of pi).
const (
	seed     = 0x9E3779B97F4A7C15
	mulText  = 0x243F6A8885A308D3
	nullHash = 0x13198A2E03707345
)

// mix folds the 128-bit product of a and b: every input bit reaches every output bit.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// scramble spreads the bits of a word over all of it. No two words have the same
// result, so that the hash of a key that is one word stands for the key itself.
// It is the finalizer of A. Appleby's MurmurHash3.
func scramble(w uint64) uint64 {
	w ^= w >> 33
	w *= 0xFF51AFD7ED558CCD
	w ^= w >> 33
	w *= 0xC4CEB9FE1A85EC53
	return w ^ w>>33
}

// HashRows writes the hash of each row's key, the values of cols, to the row's
// place in out, which covers all physical rows. rows lists the rows, nil means
// the first n. Equal keys hash alike in every process and on every machine: -0
// and 0 are one key, and so are all NaNs.
func HashRows(cols []*data.Vector, rows []int32, n int, out []uint64) {
	if len(cols) == 0 {
		each(rows, n, func(r int) { out[r] = seed })
		return
	}
	for k, v := range cols {
		hashColumn(v, k == 0, rows, n, out)
	}
}

func each(rows []int32, n int, f func(r int)) {
	if rows == nil {
		for r := range n {
			f(r)
		}
		return
	}
	for _, r := range rows {
		f(int(r))
	}
}

func hashColumn(v *data.Vector, first bool, rows []int32, n int, out []uint64) {
	if rows == nil && !v.Const && v.Null == nil && first {
		switch v.Type.Class() {
		case data.ClassInt:
			for r, x := range v.Ints[:n] {
				out[r] = scramble(uint64(x))
			}
			return
		case data.ClassBytes:
			text, start := v.Bytes, uint32(0)
			for r, end := range v.Offsets[1 : n+1] {
				out[r] = hashText(text[start:end])
				start = end
			}
			return
		}
	}
	each(rows, n, func(r int) {
		h := hashValue(v, r)
		if !first {
			h = mix(out[r]^seed, h|1)
		}
		out[r] = h
	})
}

func hashValue(v *data.Vector, row int) uint64 {
	if v.IsNull(row) {
		return nullHash
	}
	i := v.Index(row)
	switch v.Type.Class() {
	case data.ClassInt:
		return scramble(uint64(v.Ints[i]))
	case data.ClassFloat:
		f := v.Floats[i]
		switch {
		case f == 0:
			f = 0
		case f != f:
			f = math.NaN()
		}
		return mix(math.Float64bits(f)^seed, mulText)
	case data.ClassBool:
		if v.Bools[i] {
			return mix(1^seed, mulText)
		}
		return mix(seed, mulText)
	case data.ClassWide:
		w := v.Wides[i]
		if v.Type.Kind == data.Interval { // a month is 30 days, as in comparisons
			w = data.IntervalLength(w)
		}
		return mix(uint64(w.Hi)^mix(w.Lo^seed, mulText), seed)
	}
	return hashText(v.Text(row))
}

// packText packs a text into a word that no other text has: up to seven bytes
// with their number in the last byte, or eight bytes of which the last is not
// such a number.
func packText(s []byte) (word uint64, ok bool) {
	n := len(s)
	if n > 8 {
		return 0, false
	}
	if cap(s) >= 8 { // what lies behind the text is masked: lengths cost no branches
		w := binary.LittleEndian.Uint64(s[:8])
		if n == 8 {
			return w, s[7] > 7
		}
		return w&(1<<(8*n)-1) | uint64(n)<<56, true
	}
	var b [8]byte
	copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:]) | uint64(n)<<56, true
}

// hashText hashes a string: one that packs into a word by that, longer ones by
// overlapping loads and a multiplication (the scheme of wyhash) or with XXH3.
func hashText(s []byte) uint64 {
	if word, ok := packText(s); ok {
		return scramble(word)
	}
	if n := len(s); n <= 16 {
		return mix(binary.LittleEndian.Uint64(s)^seed, binary.LittleEndian.Uint64(s[n-8:])^mulText^uint64(n))
	}
	return xxh3.Hash(s)
}
