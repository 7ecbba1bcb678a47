package agg

import (
	"math"
	"math/bits"
)

// Subtracter is a Regrouper whose groups can be taken out of one another, at no
// more cost than they were added.
type Subtracter interface {
	Regrouper
	// Subtract takes group from[k] out of group to[k] of the same State, which is
	// another one, for each k in order. All rows of from[k] are in to[k] beside
	// others, or alone. from[k] is left as it was.
	Subtract(to, from []int32)
}

// Subtract takes counts away.
func (s *countState) Subtract(to, from []int32) {
	for k, f := range from {
		s.n[to[k]] -= s.n[f]
	}
}

// Subtract takes sums away.
func (s *shortSum) Subtract(to, from []int32) {
	for k, f := range from {
		x := s.sums[f]
		if x.hi == none {
			continue
		}
		g := to[k]
		t := &s.sums[g]
		if s.n[g] -= s.n[f]; s.n[g] == 0 {
			*t = total128{hi: none}
			continue
		}
		lo, borrow := bits.Sub64(t.lo, x.lo, 0)
		t.lo, t.hi = lo, t.hi-x.hi-int64(borrow)
	}
}

// Subtract takes sums away.
func (s *wideSum) Subtract(to, from []int32) {
	for k, f := range from {
		x := s.sums[f].negative()
		s.sums[to[k]].add(x.lo, x.mid, x.hi)
		s.n[to[k]] -= s.n[f]
	}
}

// Subtract takes sums away.
func (s *doubleSum) Subtract(to, from []int32) {
	for k, f := range from {
		p := s.pairs[f]
		switch {
		case !math.IsNaN(p.hi):
			s.add(to[k], -p.hi)
			s.add(to[k], -p.lo)
		case math.Float64bits(p.lo) > 0:
			of := s.super(to[k]) // which may move the others
			of.take(&s.supers[math.Float64bits(p.lo)-1])
		}
		s.n[to[k]] -= s.n[f]
	}
}

// take takes the sum b away, which it leaves as it was.
func (a *superacc) take(b *superacc) {
	c := *b
	for i := range c.chunk {
		c.chunk[i] = -c.chunk[i]
	}
	c.nans, c.plusInfs, c.minusInfs = -c.nans, -c.plusInfs, -c.minusInfs
	a.merge(&c)
}

// Subtract takes the sums of values and products away.
func (s *moments) Subtract(to, from []int32) {
	per := s.sumsPer()
	for k, f := range from {
		t := to[k]
		s.n[t] -= s.n[f]
		s.improper[t] -= s.improper[f]
		for i := range per {
			s.sums[int(t)*per+i].take(&s.sums[int(f)*per+i])
		}
	}
}

// take takes the sum b away, which it leaves as it was.
func (a *exact) take(b *exact) {
	if len(b.chunk) == 0 {
		return
	}
	if len(a.chunk) > 0 {
		a.carry()
	}
	c := a.chunks(int(b.base), len(b.chunk))
	for i, x := range b.chunk {
		c[i] -= x
	}
	a.carry()
}

// Subtract takes counts away.
func (s *truths) Subtract(to, from []int32) {
	for k, f := range from {
		c, x := &s.counts[to[k]], s.counts[f]
		c.yes -= x.yes
		c.no -= x.no
	}
}

// Subtract takes the counts of the bits away.
func (s *bitCounts) Subtract(to, from []int32) {
	for k, f := range from {
		c, x := &s.counts[to[k]], &s.counts[f]
		c.n -= x.n
		for b := range c.ones {
			c.ones[b] -= x.ones[b]
		}
	}
}
