package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// behind returns the position in a partition at which row r of cols belongs, which
// have the store's first columns, when it is the last to have arrived.
func (w *overRows) behind(part int32, cols []*data.Vector, r int) int64 {
	p := &w.parts[part]
	return p.seek(p.end(), func(i int64) bool {
		c := state.CompareRows(w.store.cols, int(p.row(i)), cols, r, w.order)
		return c < 0 || c == 0 && !w.cfg.ArrivalDesc
	})
}

// position returns where in a partition a row is that is like row r of cols, the
// last of them to have arrived; -1 when there is none.
func (w *overRows) position(part int32, cols []*data.Vector, r int) int64 {
	p := &w.parts[part]
	like := func(i int64) bool { return sameValues(cols, r, w.store.cols, int(p.row(i))) }
	tie := func(i int64) bool {
		return p.has(i) && state.CompareRows(w.store.cols, int(p.row(i)), cols, r, w.order) == 0
	}
	pos := w.behind(part, cols, r)
	if w.cfg.ArrivalDesc {
		for ; tie(pos); pos++ {
			if like(pos) {
				return pos
			}
		}
		return -1
	}
	for pos--; tie(pos); pos-- {
		if like(pos) {
			return pos
		}
	}
	return -1
}

// insert puts row id in its place at pos of a partition: what frames cover grows by
// it where it is inside.
func (w *overRows) insert(part int32, pos int64, id int32) error {
	p := &w.parts[part]
	p.ids.insert(int(pos-p.base), id)
	w.begin()
	for _, f := range w.frames {
		switch {
		case pos < f.lo[part]:
			f.lo[part]++
			f.hi[part]++
		case pos < f.hi[part]:
			f.hi[part]++
			if f.sums {
				f.moves.Add(part, id)
				f.moves.End(part)
			}
		}
	}
	w.settle()
	return w.list(part, pos, id)
}

// remove takes the row at pos of a partition out. It stays in the store.
func (w *overRows) remove(part int32, pos int64) (id int32) {
	p := &w.parts[part]
	id = p.row(pos)
	w.begin()
	for _, f := range w.frames {
		switch {
		case pos < f.lo[part]:
			f.lo[part]--
			f.hi[part]--
		case pos < f.hi[part]:
			f.hi[part]--
			if f.sums {
				f.moves.Take(part, id)
				f.moves.End(part)
			}
		}
	}
	w.settle()
	p.ids.remove(int(pos - p.base))
	for _, c := range w.calls {
		if c.list != nil {
			c.list.remove(part, pos)
		}
	}
	return id
}

// extent is the positions from From on and before to.
type extent struct{ from, to int64 }

// and returns the least extent that has both.
func (s extent) and(t extent) extent { return extent{min(s.from, t.from), max(s.to, t.to)} }

// touched returns the rows whose results the row at pos has part in, so that they
// may change when it comes or goes.
func (w *overRows) touched(part int32, pos int64) extent {
	p := &w.parts[part]
	all := extent{pos, pos + 1}
	for _, c := range w.calls {
		s := extent{p.base, p.end()}
		switch c.Func {
		case OverRowNumber:
			s.from = pos
		case OverRank, OverDenseRank:
			s.from = p.seek(pos, func(i int64) bool { return w.comparePeers(p.row(i), p.row(pos)) < 0 })
		case OverPercentRank, OverCumeDist, OverNtile:
		case OverLag:
			s.from = pos
			if c.list == nil {
				s.to = data.AddTime(pos, c.N+1)
			}
		case OverLead:
			s.to = pos + 1
			if c.list == nil {
				s.from = data.AddTime(pos, -c.N)
			}
		default:
			s = w.framed(c.frame, p, pos)
		}
		all = all.and(s)
	}
	return extent{max(all.from, p.base), min(all.to, p.end())}
}

// framed returns the rows that have the row at pos in their frame, those included
// that would have it in if the rows before it were one fewer or more.
func (w *overRows) framed(f *overFrame, p *overPart, pos int64) extent {
	s := extent{p.base, p.end()}
	if f.Rows {
		if f.End.Kind == FromOffset {
			s.from = data.AddTime(pos, -f.End.Rows)
		}
		if f.Start.Kind == FromOffset {
			s.to = data.AddTime(pos, -f.Start.Rows+1)
		}
		return s
	}
	row := p.row(pos)
	switch f.End.Kind {
	case FromPeers:
		s.from = p.seek(pos, func(i int64) bool { return w.comparePeers(row, p.row(i)) > 0 })
	case FromOffset:
		s.from = p.seek(pos, func(i int64) bool { return w.compareShifted(row, p.row(i), f.End.By) > 0 })
	}
	switch f.Start.Kind {
	case FromPeers:
		s.to = p.seek(pos+1, func(i int64) bool { return w.comparePeers(row, p.row(i)) >= 0 })
	case FromOffset:
		s.to = p.seek(pos+1, func(i int64) bool { return w.compareShifted(row, p.row(i), f.Start.By) >= 0 })
	}
	return s
}
