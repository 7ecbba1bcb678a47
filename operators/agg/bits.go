package agg

import (
	"math/bits"

	"tidemark/operators/data"
)

// bitWords is BIT_AND_AGG, BIT_OR_AGG and BIT_XOR_AGG where no rows are taken
// back: one word for each group.
type bitWords struct {
	op bitOp

	words []bitWord
	pick  picker
}

type bitWord struct {
	bits uint64
	n    int64 // values
}

// bitOp is an operation on bits.
type bitOp uint8

const (
	bitAnd bitOp = iota
	bitOr
	bitXor
)

// unit is what the operation on no bits gives.
func (op bitOp) unit() uint64 {
	if op == bitAnd {
		return ^uint64(0)
	}
	return 0
}

func (op bitOp) of(x, y uint64) uint64 {
	switch op {
	case bitAnd:
		return x & y
	case bitOr:
		return x | y
	}
	return x ^ y
}

func (s *bitWords) Resize(n int) { s.words = extend(s.words, n, bitWord{bits: s.op.unit()}) }

func (s *bitWords) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		w := &s.words[groups[k]]
		w.bits = s.op.of(w.bits, uint64(arg.Ints[r]))
		w.n++
	}
}

func (s *bitWords) Merge(groups []int32, from State) {
	for i, x := range from.(*bitWords).words {
		w := &s.words[groups[i]]
		w.bits = s.op.of(w.bits, x.bits)
		w.n += x.n
	}
}

func (s *bitWords) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		appendBits(out, s.words[g])
	}
	return 0, nil
}

func appendBits(out *data.Vector, w bitWord) {
	if w.n == 0 {
		out.AppendNull()
		return
	}
	out.AppendInt(int64(w.bits))
}

func (s *bitWords) Reset()       { s.words = s.words[:0] }
func (s *bitWords) Bytes() int64 { return int64(16*cap(s.words)) + s.pick.bytes() }

func (s *bitWords) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.words)))
		for _, x := range s.words {
			w.Word(x.bits)
			w.Uvarint(uint64(x.n))
		}
	})
}

func (s *bitWords) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(9) {
			s.words = append(s.words, bitWord{r.Word(), int64(r.Uvarint())})
		}
	})
}

// bitCounts is the same where rows are taken back: it counts how many values
// have each bit.
type bitCounts struct {
	op bitOp

	counts []bitCount
	pick   picker
}

type bitCount struct {
	n    int64 // values
	ones [64]int64
}

func (s *bitCounts) Resize(n int) { s.counts = extend(s.counts, n, bitCount{}) }

func (s *bitCounts) Update(groups, rows []int32, in Rows)  { s.add(groups, rows, in.Cols[0], 1) }
func (s *bitCounts) Retract(groups, rows []int32, in Rows) { s.add(groups, rows, in.Cols[0], -1) }

func (s *bitCounts) add(groups, rows []int32, arg *data.Vector, d int64) {
	groups, at := s.pick.pick(groups, rows, arg)
	for k, r := range at {
		c := &s.counts[groups[k]]
		c.n += d
		for x := uint64(arg.Ints[r]); x != 0; x &= x - 1 {
			c.ones[bits.TrailingZeros64(x)] += d
		}
	}
}

func (s *bitCounts) Merge(groups []int32, from State) {
	f := from.(*bitCounts)
	for i := range f.counts {
		s.counts[groups[i]].add(&f.counts[i])
	}
}

func (c *bitCount) add(x *bitCount) {
	c.n += x.n
	for b := range c.ones {
		c.ones[b] += x.ones[b]
	}
}

func (s *bitCounts) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		c := &s.counts[g]
		w := bitWord{n: c.n}
		for b, ones := range c.ones {
			if s.op == bitAnd && ones == c.n || s.op == bitOr && ones > 0 || s.op == bitXor && ones%2 == 1 {
				w.bits |= 1 << b
			}
		}
		appendBits(out, w)
	}
	return 0, nil
}

func (s *bitCounts) Reset()       { s.counts = s.counts[:0] }
func (s *bitCounts) Bytes() int64 { return int64(65*8*cap(s.counts)) + s.pick.bytes() }

func (s *bitCounts) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.Uvarint(uint64(len(s.counts)))
		for i := range s.counts {
			c := &s.counts[i]
			w.Uvarint(uint64(c.n))
			for _, ones := range c.ones {
				w.Uvarint(uint64(ones))
			}
		}
	})
}

func (s *bitCounts) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		for range r.Count(65) {
			c := bitCount{n: int64(r.Uvarint())}
			for b := range c.ones {
				c.ones[b] = int64(r.Uvarint())
			}
			s.counts = append(s.counts, c)
		}
	})
}
