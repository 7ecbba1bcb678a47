package operators

import (
	"slices"
	"sort"

	"tidemark/operators/window"
)

// slice is the rows of one pane: a cell for each key.
type slice struct {
	window.Pane
	first, last int64 // the least and the greatest end of a window that holds it
	keyCells
	inRun  bool // the running window has what it has
	inTree bool // nodes of the tree have what it has
	// compacted says that all its cells keep summaries: see Sliced.compactClosed.
	compacted bool
	// Of EMIT EVERY: the places of the keys that have changed since the last multiple,
	// and whether each place is among them.
	dirty   []int32
	changed []bool
}

// mark notes that the key at a place has changed.
func (p *slice) mark(place int) {
	for len(p.changed) < len(p.keys) {
		p.changed = append(p.changed, false)
	}
	if !p.changed[place] {
		p.changed[place] = true
		p.dirty = append(p.dirty, int32(place))
	}
}

// clean forgets the changes.
func (p *slice) clean() {
	for _, place := range p.dirty {
		p.changed[place] = false
	}
	p.dirty = p.dirty[:0]
}

// find returns the slice that holds a time; nil when there is none.
func (s *Sliced) find(at int64) *slice {
	n := len(s.slices)
	if n > 0 && s.slices[n-1].Start <= at { // nearly always
		if p := s.slices[n-1]; at < p.End {
			return p
		}
		return nil
	}
	if i := s.slicesFrom(at+1) - 1; i >= 0 && at < s.slices[i].End { // at is before some start
		return s.slices[i]
	}
	return nil
}

// slicesFrom returns the place of the first slice that starts at a time or later.
func (s *Sliced) slicesFrom(start int64) int {
	return sort.Search(len(s.slices), func(k int) bool { return s.slices[k].Start >= start })
}

// within returns the places [from, to) of the slices that lie within a stretch.
func (s *Sliced) within(start, end int64) (from, to int) {
	from, to = s.slicesFrom(start), s.slicesFrom(end)
	if to > from && s.slices[to-1].End > end {
		to--
	}
	return from, to
}

// open makes the slice of a pane that has none.
func (s *Sliced) open(w *standing) *slice {
	p := &slice{}
	if k := len(s.spare); k > 0 {
		p, s.spare = s.spare[k-1], s.spare[:k-1]
	}
	p.Pane, p.first, p.last = w.Pane, w.first, w.last
	p.compacted = false
	p.inRun, p.inTree = s.run.covers(p.Pane), s.tree.covers(p.Cell)
	s.slices = slices.Insert(s.slices, s.slicesFrom(p.Start), p)
	return p
}

// enter gives a key a cell in a slice, and returns its place.
func (s *Sliced) enter(p *slice, key int32) int {
	if s.uses[key]++; s.uses[key] == 1 {
		s.unused--
	}
	if p.inRun {
		s.run.enter(key, &s.cells)
	}
	p.compacted = false
	return p.add(key, s.cells.alloc())
}

// drop takes the first n slices away.
func (s *Sliced) drop(n int) {
	if n == 0 {
		return
	}
	if n == len(s.slices) {
		s.resetRun()
	}
	s.dropNodes(n)
	for _, p := range s.slices[:n] {
		if p.inRun {
			s.leaveRun(p)
		}
		for _, key := range p.keys {
			if s.uses[key]--; s.uses[key] == 0 {
				s.unused++
			}
		}
		s.cells.release(p.cells)
		p.reset()
		p.clean()
		s.spare = append(s.spare, p)
	}
	s.slices = s.slices[:copy(s.slices, s.slices[n:])]
}
