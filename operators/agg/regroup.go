package agg

import (
	"math"

	"tidemark/operators/data"
)

// Regrouper is a State whose groups do not only grow: they unite with one another
// and end one by one, as those of sessions do.
type Regrouper interface {
	State
	// Join adds group from[k] to group to[k] of the same State, which is another
	// one, for each k in order. from[k] is left as it was.
	Join(to, from []int32)
	// Clear makes groups empty, so that they can be used for others.
	Clear(groups []int32)
}

// Join adds counts.
func (s *countState) Join(to, from []int32) {
	for k, f := range from {
		s.n[to[k]] += s.n[f]
	}
}

// Clear makes groups empty.
func (s *countState) Clear(groups []int32) {
	for _, g := range groups {
		s.n[g] = 0
	}
}

// Join adds sums.
func (s *shortSum) Join(to, from []int32) {
	for k, f := range from {
		s.sums[to[k]].add(s.sums[f])
	}
	if s.counted {
		for k, f := range from {
			s.n[to[k]] += s.n[f]
		}
	}
}

// Clear makes groups empty.
func (s *shortSum) Clear(groups []int32) {
	for _, g := range groups {
		s.sums[g] = total128{hi: none}
	}
	if s.counted {
		for _, g := range groups {
			s.n[g] = 0
		}
	}
}

// Join adds sums.
func (s *wideSum) Join(to, from []int32) {
	for k, f := range from {
		x := s.sums[f]
		s.sums[to[k]].add(x.lo, x.mid, x.hi)
		s.n[to[k]] += s.n[f]
	}
}

// Clear makes groups empty.
func (s *wideSum) Clear(groups []int32) {
	for _, g := range groups {
		s.sums[g], s.n[g] = total192{}, 0
	}
}

// Join adds sums.
func (s *doubleSum) Join(to, from []int32) {
	for k, f := range from {
		p := s.pairs[f]
		switch {
		case !math.IsNaN(p.hi):
			s.add(to[k], p.hi)
			s.add(to[k], p.lo)
		case math.Float64bits(p.lo) > 0:
			into := s.super(to[k]) // which may move the others
			into.merge(&s.supers[math.Float64bits(p.lo)-1])
		}
		if s.counted {
			s.n[to[k]] += s.n[f]
		}
	}
}

// Clear makes groups empty.
func (s *doubleSum) Clear(groups []int32) {
	for _, g := range groups {
		p := &s.pairs[g]
		if i := math.Float64bits(p.lo); math.IsNaN(p.hi) && i > 0 {
			s.unused = append(s.unused, int32(i-1))
		}
		*p = emptyPair
		if s.counted {
			s.n[g] = 0
		}
	}
}

// Join adds the sums of values and products.
func (s *moments) Join(to, from []int32) {
	per := s.sumsPer()
	for k, f := range from {
		t := to[k]
		s.n[t] += s.n[f]
		s.improper[t] += s.improper[f]
		for i := range per {
			s.sums[int(t)*per+i].merge(&s.sums[int(f)*per+i])
		}
	}
}

// Clear makes groups empty.
func (s *moments) Clear(groups []int32) {
	per := s.sumsPer()
	for _, g := range groups {
		s.n[g], s.improper[g] = 0, 0
		for i := range per {
			s.sums[int(g)*per+i].reset()
		}
	}
}

// Join keeps the better of two values.
func (s *wordExtreme) Join(to, from []int32) {
	for k, f := range from {
		if s.seen[f] {
			s.add(to[k], s.best[f])
		}
	}
}

// Clear makes groups empty.
func (s *wordExtreme) Clear(groups []int32) {
	for _, g := range groups {
		s.best[g], s.seen[g] = s.far(), false
	}
}

// Join keeps the better of two values.
func (s *wideExtreme) Join(to, from []int32) {
	for k, f := range from {
		if s.seen[f] {
			s.add(to[k], s.best[f])
		}
	}
}

// Clear makes groups empty.
func (s *wideExtreme) Clear(groups []int32) {
	for _, g := range groups {
		s.best[g], s.seen[g] = data.Int128{}, false
	}
}

// Join keeps the better of two texts.
func (s *textExtreme) Join(to, from []int32) {
	for k, f := range from {
		if s.best.has(f) {
			s.best.improve(to[k], s.best.text(f), s.greatest)
		}
	}
}

// Clear makes groups empty.
func (s *textExtreme) Clear(groups []int32) { s.best.clear(groups) }

// Join keeps the row that is chosen of the two.
func (s *chosen) Join(to, from []int32) {
	for k, f := range from {
		if s.keys.has(f) && s.keys.improve(to[k], s.keys.text(f), s.last) {
			s.values.set(to[k], s.values.text(f))
		}
	}
}

// Clear makes groups empty.
func (s *chosen) Clear(groups []int32) {
	s.keys.clear(groups)
	s.values.clear(groups)
}

// Join adds counts.
func (s *truths) Join(to, from []int32) {
	for k, f := range from {
		c, x := &s.counts[to[k]], s.counts[f]
		c.yes += x.yes
		c.no += x.no
	}
}

// Clear makes groups empty.
func (s *truths) Clear(groups []int32) {
	for _, g := range groups {
		s.counts[g] = truthCount{}
	}
}

// Join combines the bits.
func (s *bitWords) Join(to, from []int32) {
	for k, f := range from {
		w, x := &s.words[to[k]], s.words[f]
		w.bits = s.op.of(w.bits, x.bits)
		w.n += x.n
	}
}

// Clear makes groups empty.
func (s *bitWords) Clear(groups []int32) {
	for _, g := range groups {
		s.words[g] = bitWord{bits: s.op.unit()}
	}
}

// Join adds the counts of the bits.
func (s *bitCounts) Join(to, from []int32) {
	for k, f := range from {
		s.counts[to[k]].add(&s.counts[f])
	}
}

// Clear makes groups empty.
func (s *bitCounts) Clear(groups []int32) {
	for _, g := range groups {
		s.counts[g] = bitCount{}
	}
}

// Join unites the sketches.
func (s *approxCount) Join(to, from []int32) {
	for k, f := range from {
		s.sketches[to[k]].merge(&s.sketches[f])
	}
}

// Clear makes groups empty.
func (s *approxCount) Clear(groups []int32) {
	for _, g := range groups {
		c := &s.sketches[g]
		*c = countSketch{few: c.few[:0]}
	}
}

// Join adds the counts of the buckets.
func (s *approxPercentile) Join(to, from []int32) { s.buckets.joinGroups(to, from, nil) }

// Clear makes groups empty.
func (s *approxPercentile) Clear(groups []int32) { s.buckets.clearGroups(groups) }

// Join unites the values.
func (b *bag) Join(to, from []int32) { b.values.joinGroups(to, from, nil) }

// Clear makes groups empty.
func (b *bag) Clear(groups []int32) { b.values.clearGroups(groups) }

// Join unites the rows.
func (s *arrivals) Join(to, from []int32) {
	s.ordered.joinGroups(to, from, nil)
	s.contents.joinGroups(to, from, nil)
}

// Clear makes groups empty.
func (s *arrivals) Clear(groups []int32) {
	s.ordered.clearGroups(groups)
	s.contents.clearGroups(groups)
}

// Join passes on the values that are new to their groups.
func (s *distinctBag) Join(to, from []int32) {
	fresh := data.Vector{}
	fresh.Reset(s.arg)
	s.to = s.to[:0]
	s.values.joinGroups(to, from, func(g int32, key []byte) {
		s.to = append(s.to, g)
		s.appendValue(&fresh, key)
	})
	s.inner.Update(s.to, countTo(len(s.to)), Rows{Cols: []*data.Vector{&fresh}})
}

// Clear makes groups empty.
func (s *distinctBag) Clear(groups []int32) {
	s.values.clearGroups(groups)
	s.inner.(Regrouper).Clear(groups)
}
