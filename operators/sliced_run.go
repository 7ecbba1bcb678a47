package operators

import (
	"math"

	"tidemark/operators/state"
	"tidemark/operators/window"
)

// run is the window that was emitted last: what the next one is made from.
type run struct {
	// keeps says that the keys have cells from one window to the next. Otherwise the
	// run knows only which keys there are.
	keeps    bool
	from, to int64   // the slices within this stretch are in it
	has      []int32 // of each key, how many of them have it
	cell     []int32 // of each key, where it has one; 0 otherwise
	// order are the keys in their order, fresh those that have come since they were
	// ordered; listed says of each key whether it is in one of them. Some of them have
	// left.
	order, fresh []int32
	listed       []bool
}

// grow makes room for n keys.
func (r *run) grow(n int) {
	for len(r.has) < n {
		r.has, r.cell, r.listed = append(r.has, 0), append(r.cell, 0), append(r.listed, false)
	}
}

// covers reports whether the slice of a pane is in the run.
func (r *run) covers(p window.Pane) bool { return p.Start >= r.from && p.End <= r.to && r.from < r.to }

// enter notes that one more slice of the run has a key.
func (r *run) enter(key int32, c *cells) {
	if r.has[key]++; r.has[key] > 1 {
		return
	}
	if r.keeps {
		r.cell[key] = c.alloc()
	}
	if !r.listed[key] {
		r.listed[key] = true
		r.fresh = append(r.fresh, key)
	}
}

// moveRun makes the run that of a window.
func (s *Sliced) moveRun(start, end int64) {
	r := &s.run
	if start >= r.to || start < r.from {
		s.resetRun()
		r.from, r.to = start, start
	}
	for i := s.slicesFrom(r.from); i < len(s.slices) && s.slices[i].Start < start; i++ {
		if p := s.slices[i]; p.inRun {
			s.leaveRun(p)
		}
	}
	for i := s.slicesFrom(r.to); i < len(s.slices) && s.slices[i].End <= end; i++ {
		s.joinRun(s.slices[i])
	}
	r.from, r.to = start, end
}

// joinRun takes a slice in.
func (s *Sliced) joinRun(p *slice) {
	p.inRun = true
	for k, key := range p.keys {
		s.run.enter(key, &s.cells)
		if s.run.keeps {
			s.joins.add(s.run.cell[key], p.cells[k])
		}
	}
	s.cells.join(&s.joins)
}

// leaveRun lets a slice go.
func (s *Sliced) leaveRun(p *slice) {
	r := &s.run
	p.inRun = false
	if r.keeps {
		for k, key := range p.keys {
			if r.has[key] > 1 {
				s.joins.add(r.cell[key], p.cells[k])
			}
		}
		s.cells.subtract(&s.joins)
	}
	ended := s.joins.to[:0]
	for _, key := range p.keys {
		if r.has[key]--; r.has[key] == 0 && r.keeps {
			ended = append(ended, r.cell[key])
			r.cell[key] = 0
		}
	}
	s.cells.release(ended)
}

// resetRun empties the run.
func (s *Sliced) resetRun() {
	r := &s.run
	ended := s.joins.to[:0]
	for _, list := range [2][]int32{r.order, r.fresh} {
		for _, key := range list {
			if r.cell[key] != 0 {
				ended = append(ended, r.cell[key])
			}
			r.has[key], r.cell[key], r.listed[key] = 0, 0, false
		}
	}
	s.cells.release(ended)
	r.order, r.fresh = r.order[:0], r.fresh[:0]
	from, to := s.within(r.from, r.to)
	for _, p := range s.slices[from:to] {
		p.inRun = false
	}
	r.from, r.to = math.MinInt64, math.MinInt64
}

// keysInOrder returns the keys of the run in their order, good until the next move.
func (r *run) keysInOrder(order *state.KeyOrder) []int32 {
	live := func(keys []int32) []int32 {
		kept := keys[:0]
		for _, key := range keys {
			if r.has[key] > 0 {
				kept = append(kept, key)
			} else {
				r.listed[key] = false
			}
		}
		return kept
	}
	r.order, r.fresh = live(r.order), live(r.fresh)
	order.Sort(r.fresh)
	r.order = order.Merge(r.order, r.fresh)
	r.fresh = r.fresh[:0]
	return r.order
}

func (r *run) bytes() int64 {
	return int64(4*(cap(r.has)+cap(r.cell)+cap(r.order)+cap(r.fresh)) + cap(r.listed))
}
