package operators

import (
	"slices"

	"tidemark/operators/data"
)

// early is what EMIT EVERY knows of the open windows, and ON LATE APPROXIMATE of those
// that have closed.
type early struct {
	shown map[int64]*shownRows // by the window's end
	seen  []bool               // of each key: scratch
	has   []bool
}

// shownRows are the rows of a window that are in the result, by key.
type shownRows struct {
	keyCells // the number of a key's row, counted from 1
	values   []data.Vector
	n, dead  int
}

// set makes row i of values that of a key.
func (r *shownRows) set(key int32, values []data.Vector, i int) {
	for k := range r.values {
		r.values[k].AppendFrom(&values[k], i)
	}
	r.n++
	if p := r.place(key); p >= 0 {
		if r.cells[p] != 0 {
			r.dead++
		}
		r.cells[p] = int32(r.n)
		return
	}
	r.add(key, int32(r.n))
}

// unset takes the row of a key away.
func (r *shownRows) unset(key int32) {
	if p := r.place(key); p >= 0 && r.cells[p] != 0 {
		r.cells[p] = 0
		r.dead++
	}
}

// tidy forgets rows that are no longer in the result when they are most of all.
func (r *shownRows) tidy() {
	if r.dead <= 64 || r.dead <= r.n/2 {
		return
	}
	old := r.values
	r.values = make([]data.Vector, len(old))
	for k := range old {
		r.values[k].Reset(old[k].Type)
	}
	r.n, r.dead = 0, 0
	for p, row := range r.cells {
		if row == 0 {
			continue
		}
		for k := range old {
			r.values[k].AppendFrom(&old[k], int(row-1))
		}
		r.n++
		r.cells[p] = int32(r.n)
	}
}

// showOpen emits how the open windows have changed since the last multiple of
// Every, in order of their ends.
func (s *Sliced) showOpen(at int64) error {
	s.settle()
	done := s.doneUpTo(s.wm)
	changed := slices.DeleteFunc(slices.Clone(s.slices), func(p *slice) bool { return len(p.dirty) == 0 })
	for i := 0; i < len(changed); {
		p := changed[i]
		if p.last <= done {
			i++
			continue
		}
		end := p.first
		if end <= done {
			end = s.cfg.Grid.NextEnd(done)
		}
		if err := s.showWindow(s.cfg.Grid.Start(end), end, at); err != nil {
			return err
		}
		if done = end; end == data.MaxTime {
			break
		}
	}
	for _, p := range changed {
		p.clean()
	}
	return nil
}

// changedKeys returns the keys that have changed in a window, in their order, good
// until the next call.
func (s *Sliced) changedKeys(start, end int64) []int32 {
	e := &s.early
	for len(e.seen) < s.table.Len() {
		e.seen = append(e.seen, false)
	}
	keys := s.some.keys[:0]
	from, to := s.within(start, end)
	for _, p := range s.slices[from:to] {
		for _, place := range p.dirty {
			if key := p.keys[place]; !e.seen[key] {
				e.seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	for _, key := range keys {
		e.seen[key] = false
	}
	s.order.Sort(keys)
	s.some.keys = keys
	return keys
}

// showWindow emits how a window has changed since its rows were last emitted. Those
// of a window that is still open, or kept for late rows in a compact form, are remembered.
func (s *Sliced) showWindow(start, end, at int64) error {
	keys := s.changedKeys(start, end)
	shown := s.early.shown[end]
	keep := s.keeps || !s.cfg.Lateness.Closed(end, s.wm)
	if !keep {
		delete(s.early.shown, end)
	}
	if len(keys) == 0 {
		return nil
	}
	if shown == nil {
		shown = s.newShown()
	}
	ids := s.cellsOf(keys, start, end)
	defer func() { s.cells.release(ids) }()
	c := &s.change
	c.ids = ids
	bad, call, failed := s.read(c.after, s.early.has)
	upTo := len(keys)
	if failed != nil {
		upTo = bad
	}
	row := 0 // of after
	for i, key := range keys[:upTo] {
		old, has := int(shown.cell(key))-1, s.early.has[i]
		if err := s.out.room(2); err != nil { // two stay in one batch
			return err
		}
		switch {
		case old < 0 && has:
			s.emitRow(start, end, key, c.after, row, data.Insert, at)
		case old >= 0 && !has:
			s.emitRow(start, end, key, shown.values, old, data.Delete, at)
			shown.unset(key)
		case old >= 0 && !sameRowAt(shown.values, old, c.after, row):
			s.emitRow(start, end, key, shown.values, old, data.UpdateBefore, at)
			s.emitRow(start, end, key, c.after, row, data.UpdateAfter, at)
		}
		if has {
			if keep {
				shown.set(key, c.after, row)
			}
			row++
		}
	}
	if failed != nil {
		change := data.Insert
		if shown.cell(keys[bad]) != 0 {
			change = data.UpdateAfter
		}
		return s.failed(start, end, keys[bad], call, change, at, failed)
	}
	if keep {
		shown.tidy()
		s.setShown(end, shown)
	}
	return nil
}

// setShown makes rows those of a window that are in the result.
func (s *Sliced) setShown(end int64, rows *shownRows) {
	if s.early.shown == nil {
		s.early.shown = map[int64]*shownRows{}
	}
	s.early.shown[end] = rows
}

// newShown returns the rows of a window of which none have been emitted.
func (s *Sliced) newShown() *shownRows {
	r := &shownRows{values: make([]data.Vector, len(s.cfg.Calls))}
	for k := range r.values {
		r.values[k].Reset(s.cfg.Calls[k].Func.Result)
	}
	return r
}

// cellsOf returns a cell for each of the keys, that has what a window has of it, and
// notes in early.has which of them have rows.
func (s *Sliced) cellsOf(keys []int32, start, end int64) []int32 {
	ids := s.some.ids[:0]
	for range keys {
		ids = append(ids, s.cells.alloc())
	}
	s.some.ids = ids
	has := s.early.has[:0]
	for range keys {
		has = append(has, false)
	}
	s.early.has = has
	for _, part := range s.put(start, end) {
		for i, key := range keys {
			if from := part.cell(key); from != 0 {
				s.joins.add(ids[i], from)
				has[i] = has[i] || s.cells.present(from)
			}
		}
		s.cells.join(&s.joins)
	}
	return ids
}
