package operators

import (
	"cmp"
	"maps"
	"slices"

	"tidemark/operators/agg"
	"tidemark/operators/data"
)

// Where aggregates have a compact form, which is ON LATE APPROXIMATE, a slice whose
// windows have all closed keeps summaries. Its values may stand in a window beside those of
// slices that are whole, so that a window's result could not be made again as it was
// emitted: the rows of windows that have closed are kept until they are gone, as EMIT EVERY
// does with those of open ones. A late row makes the new row of each window from
// summaries of all its slices, so that it depends on the rows alone.

// compacts reports whether cells have a compact form.
func (c *cells) compacts() bool {
	return slices.ContainsFunc(c.aggs, func(a agg.Regrouper) bool { _, ok := a.(agg.Compacter); return ok })
}

// compact lets cells keep summaries. With shown their results are at once those of the
// summaries.
func (c *cells) compact(ids []int32, shown bool) {
	for _, a := range c.aggs {
		s, ok := a.(agg.Compacter)
		switch {
		case !ok:
			continue
		case shown:
			s.Resize(c.n)
			s.Summarize(ids)
		default:
			s.Resize(c.n)
			s.Compact(ids)
		}
	}
}

// closeKept closes the windows that end after a time, up to s.wm, and remembers their
// rows; those of EMIT FINAL that are gone are emitted.
func (s *Sliced) closeKept(before, at int64) error {
	closed := s.cfg.Lateness.ClosedUpTo
	if err := s.eachWindow(closed(before), closed(s.wm), func(start, end int64) error { return s.closeWindow(start, end, at) }); err != nil {
		return err
	}
	for _, end := range slices.SortedFunc(maps.Keys(s.early.shown), cmp.Compare[int64]) {
		if !s.cfg.Lateness.Gone(end, s.wm) {
			break
		}
		if s.cfg.Emit == EmitFinal {
			if err := s.emitKept(end, at); err != nil {
				return err
			}
		}
		delete(s.early.shown, end)
	}
	return nil
}

// keepRows remembers the rows of a window that has closed, of keys whose cells are ids.
func (s *Sliced) keepRows(start, end int64, keys, ids []int32, at int64) error {
	c := &s.change
	for k := range c.after {
		c.after[k].Reset(s.cfg.Calls[k].Func.Result)
	}
	into := make([]*data.Vector, len(c.after))
	for k := range into {
		into[k] = &c.after[k]
	}
	if bad, call, err := s.cells.results(into, ids); err != nil {
		return s.failed(start, end, keys[bad], call, data.Insert, at, err)
	}
	shown := s.newShown()
	for i, key := range keys {
		shown.set(key, c.after, i)
	}
	s.setShown(end, shown)
	return nil
}

// emitKept emits the rows of a window that nothing can change any more.
func (s *Sliced) emitKept(end, at int64) error {
	shown := s.early.shown[end]
	var keys []int32
	for p, key := range shown.keys {
		if shown.cells[p] != 0 {
			keys = append(keys, key)
		}
	}
	s.order.Sort(keys)
	for _, key := range keys {
		if err := s.out.room(1); err != nil {
			return err
		}
		s.emitRow(s.cfg.Grid.Start(end), end, key, shown.values, int(shown.cell(key))-1, data.Insert, at)
	}
	return nil
}

// changeKept is changeWindows where the rows of windows that have closed are kept.
func (s *Sliced) changeKept(key int32, rows []int32, w *standing) error {
	c := &s.change
	at := 2 * (s.batch.Seq + int64(rows[0]))
	s.readWindows(key, w)
	defer func() { s.cells.release(c.ids) }()
	if err := s.readKept(key, at); err != nil {
		return err
	}
	s.addChange(key, rows, w)
	c.to, c.from = c.to[:0], c.from[:0]
	closed := 0 // windows come in order of their ends
	for i, id := range c.ids {
		c.to, c.from, c.has[i] = append(c.to, id), append(c.from, rows[0]), true
		if s.cfg.Lateness.Closed(c.ends[i], s.wm) {
			closed = i + 1
		}
	}
	s.cells.update(s.batch, c.to, c.from, &s.pending)
	s.cells.compact(c.ids[:closed], true)
	bad, call, failed := s.read(c.after, c.has)
	upTo := len(c.ends)
	if failed != nil {
		upTo = bad
	}
	for i, end := range c.ends[:min(closed, upTo)] {
		shown := s.early.shown[end]
		if shown == nil {
			shown = s.newShown()
			s.setShown(end, shown)
		}
		shown.set(key, c.after, i)
		shown.tidy()
	}
	if s.cfg.Emit != EmitFinal {
		if err := s.emitChanges(key, upTo, at); err != nil {
			return err
		}
	}
	if failed == nil {
		return nil
	}
	change := data.Insert
	if c.had[bad] {
		change = data.UpdateAfter
	}
	return s.changeFailed(c.ends[bad], key, call, change, at, failed)
}

// readKept reads the rows of a key before a change: of windows that have closed those
// that are kept, of others what their cells have.
func (s *Sliced) readKept(key int32, at int64) error {
	c := &s.change
	c.had = append(c.had[:0], c.has...)
	for i, end := range c.ends {
		if s.cfg.Lateness.Closed(end, s.wm) {
			c.had[i] = false // kept, not read
		}
	}
	if bad, call, err := s.read(c.after, c.had); err != nil {
		return s.changeFailed(c.ends[bad], key, call, data.UpdateBefore, at, err)
	}
	for k := range c.before {
		c.before[k].Reset(s.cfg.Calls[k].Func.Result)
	}
	read := 0
	for i, end := range c.ends {
		from, row := c.after, read
		if shown := s.early.shown[end]; shown != nil && s.cfg.Lateness.Closed(end, s.wm) {
			from, row = shown.values, int(shown.cell(key))-1
			c.had[i] = row >= 0
		} else if c.had[i] {
			read++
		}
		if !c.had[i] {
			continue
		}
		for k := range c.before {
			c.before[k].AppendFrom(&from[k], row)
		}
	}
	return nil
}

// compactClosed lets the slices whose windows have all closed keep summaries.
func (s *Sliced) compactClosed() {
	for n, p := range s.slices {
		if !s.cfg.Lateness.Closed(p.last, s.wm) {
			return
		}
		if p.compacted {
			continue
		}
		s.settle()
		p.compacted = true
		s.cells.compact(p.cells, false)
		for level := 1; level <= s.tree.top; level++ {
			id := nodeID{level, p.Cell >> level}
			if node := s.tree.nodes[id]; node != nil && (n+1 == len(s.slices) || s.slices[n+1].Cell>>level != id.index) {
				s.cells.compact(node.cells, false)
			}
		}
	}
}
