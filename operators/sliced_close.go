package operators

import (
	"sort"

	"tidemark/operators/data"
)

// advance makes a move of the watermark, at a position: windows close and are gone.
func (s *Sliced) advance(w, at int64) error {
	done := s.doneUpTo(s.wm)
	before := s.wm
	s.wm = w
	var err error
	switch {
	case s.keeps:
		err = s.closeKept(before, at)
	case s.cfg.Emit != EmitChanges:
		err = s.eachWindow(done, s.doneUpTo(w), func(start, end int64) error { return s.closeWindow(start, end, at) })
	}
	if err != nil {
		return err
	}
	if s.cfg.Every > 0 && multiples(before, s.cfg.Every) != multiples(w, s.cfg.Every) {
		if err := s.showOpen(at); err != nil {
			return err
		}
	}
	gone := 0
	for gone < len(s.slices) && s.cfg.Lateness.Gone(s.slices[gone].last, w) {
		gone++
	}
	if gone > 0 {
		s.settle()
		s.drop(gone)
	}
	if s.keeps {
		s.compactClosed()
	}
	s.passTime(w, at)
	return nil
}

// doneUpTo returns the greatest time such that windows which end then or before
// have been emitted, at the latest, at watermark w.
func (s *Sliced) doneUpTo(w int64) int64 {
	if s.cfg.Emit == EmitFinal {
		return s.cfg.Lateness.GoneUpTo(w)
	}
	return s.cfg.Lateness.ClosedUpTo(w)
}

// eachWindow visits the windows with rows that end after done and up to due, in order
// of their ends.
func (s *Sliced) eachWindow(done, due int64, visit func(start, end int64) error) error {
	for {
		// The first slice with a window that is not done. Windows without slices are
		// passed over.
		i := sort.Search(len(s.slices), func(k int) bool { return s.slices[k].last > done })
		if i == len(s.slices) {
			return nil
		}
		end := s.slices[i].first
		if end <= done {
			end = s.cfg.Grid.NextEnd(done)
		}
		if end > due {
			return nil
		}
		s.settle()
		if err := visit(s.cfg.Grid.Start(end), end); err != nil {
			return err
		}
		if done = end; end == data.MaxTime {
			return nil
		}
	}
}

// closeWindow emits the rows of a window that closes, and keeps them where that is
// wanted.
func (s *Sliced) closeWindow(start, end, at int64) error {
	if s.cfg.Every > 0 {
		return s.showWindow(start, end, at)
	}
	s.moveRun(start, end)
	keys := s.run.keysInOrder(s.order)
	if !s.run.keeps {
		s.fillRun(keys, start, end)
		defer s.emptyRun(keys)
	}
	ids := s.to(keys)
	if s.cells.counts != nil {
		keys, ids = s.withRows(keys, ids)
	}
	if !s.keeps || s.cfg.Emit == EmitClose {
		if err := s.emitWindow(start, end, keys, ids, at); err != nil {
			return err
		}
	}
	if s.keeps {
		return s.keepRows(start, end, keys, ids, at)
	}
	return nil
}

// to returns the cells that keys have in the run, good until the next call.
func (s *Sliced) to(keys []int32) []int32 {
	s.some.ids = s.some.ids[:0]
	for _, key := range keys {
		s.some.ids = append(s.some.ids, s.run.cell[key])
	}
	return s.some.ids
}

// withRows returns those keys whose cells have rows, good until the next call.
func (s *Sliced) withRows(keys, ids []int32) (k, c []int32) {
	s.some.keys = s.some.keys[:0]
	kept := ids[:0]
	for i, id := range ids {
		if s.cells.present(id) {
			s.some.keys = append(s.some.keys, keys[i])
			kept = append(kept, id)
		}
	}
	return s.some.keys, kept
}

// fillRun gives the keys of the run cells that have what the window has of them.
func (s *Sliced) fillRun(keys []int32, start, end int64) {
	for _, key := range keys {
		s.run.cell[key] = s.cells.alloc()
	}
	for _, part := range s.put(start, end) {
		for k, key := range part.keys {
			s.joins.add(s.run.cell[key], part.cells[k])
		}
		s.cells.join(&s.joins)
	}
}

// emptyRun takes the cells of fillRun back.
func (s *Sliced) emptyRun(keys []int32) {
	s.cells.release(s.to(keys))
	for _, key := range keys {
		s.run.cell[key] = 0
	}
}

// emitWindow emits an inserted row of a window for each of the keys, from cells.
func (s *Sliced) emitWindow(start, end int64, keys, ids []int32, at int64) error {
	most := mostResults(&s.cfg.Grouping, s.cells.aggs, s.out.mostText)
	for len(ids) > 0 {
		if err := s.out.room(1); err != nil {
			return err
		}
		o := s.out.out
		n := min(len(ids), s.cfg.BatchRows-o.N, most)
		first := len(o.Cols) - len(s.cfg.Calls)
		if bad, call, err := s.cells.results(o.Cols[first:], ids[:n]); err != nil {
			s.out.cut(o.N)
			if err := s.emitWindow(start, end, keys[:bad], ids[:bad], at); err != nil {
				return err
			}
			return s.failed(start, end, keys[bad], call, data.Insert, at, err)
		}
		s.appendGroups(o, start, end, keys[:n])
		o.AddRows(n, data.Insert, at)
		keys, ids = keys[n:], ids[n:]
	}
	return nil
}

// appendGroups appends the bounds of a window and keys to the columns of b.
func (s *Sliced) appendGroups(b *data.Batch, start, end int64, keys []int32) {
	b.Cols[0].AppendInts(start, len(keys))
	b.Cols[1].AppendInts(end, len(keys))
	for k := range s.keyTypes {
		Gather(b.Cols[2+k], s.table.Key(k), keys)
	}
}

// failed ends the run at a group whose result of a call cannot be had, after
// everything before it has been emitted.
func (s *Sliced) failed(start, end int64, key int32, call int, c data.Change, at int64, cause error) error {
	if err := s.out.flush(); err != nil {
		return err
	}
	marker := s.out.pool.Get()
	s.appendGroups(marker, start, end, []int32{key})
	marker.AddRows(1, c, at)
	keys := len(s.cfg.Out) - len(s.cfg.Calls)
	return groupError(marker, s.cfg.Out, keys, keys+call, cause)
}
