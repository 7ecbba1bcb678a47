package operators

import "tidemark/operators/data"

// slicedChange is what one row, or a row with its new version, does to windows
// whose rows are in the result.
type slicedChange struct {
	ends          []int64
	ids           []int32       // a cell for each window
	had, has      []bool        // whether the key had rows in it, and has them
	before, after []data.Vector // the results of those windows that had or have them
	rows          [2]int32
	to, from      []int32 // scratch
}

func (c *slicedChange) init(calls int) {
	c.before, c.after = make([]data.Vector, calls), make([]data.Vector, calls)
}

// changeAt handles the k-th selected row, or it and the next where that is its new
// version, whose windows are in the result: it adds them and emits how each window
// changes, in order of the ends. It returns how many rows these are.
func (s *Sliced) changeAt(k int, w *standing) (int, error) {
	s.settle()
	b, c := s.batch, &s.change
	c.rows[0] = int32(b.Row(k))
	rows := c.rows[:1]
	if s.isPair(k, w) {
		c.rows[1] = int32(b.Row(k + 1))
		rows = c.rows[:2]
	}
	if s.keeps {
		return 1, s.changeKept(s.ids[k], rows, w)
	}
	return len(rows), s.changeWindows(s.ids[k], rows, w)
}

// addChange adds rows of a key to their slice.
func (s *Sliced) addChange(key int32, rows []int32, w *standing) {
	if w.slice == nil {
		w.slice = s.open(w)
	}
	place := w.slice.place(key)
	if place < 0 {
		place = s.enter(w.slice, key)
	}
	for _, r := range rows {
		s.pending.add(w.slice.cells[place], r)
		s.addMore(w.slice, place, r)
	}
}

// isPair reports whether the k-th selected row and the next are two versions of one,
// of one key and pane.
func (s *Sliced) isPair(k int, w *standing) bool {
	b := s.batch
	if k+1 >= len(s.ids) || s.ids[k] != s.ids[k+1] || b.Changes == nil {
		return false
	}
	r, next := b.Row(k), b.Row(k+1)
	times := b.Cols[s.cfg.Time]
	at := times.Ints[times.Index(next)]
	return next == r+1 && b.Change(r) == data.UpdateBefore && b.Change(next) == data.UpdateAfter && at >= w.Start && at < w.End
}

// changeWindows adds rows of a key and emits how they change those of its windows
// that are in the result.
func (s *Sliced) changeWindows(key int32, rows []int32, w *standing) error {
	c := &s.change
	at := 2 * (s.batch.Seq + int64(rows[len(rows)-1]))
	s.readWindows(key, w)
	defer func() { s.cells.release(c.ids) }()
	c.had = append(c.had[:0], c.has...)
	if bad, call, err := s.read(c.before, c.had); err != nil {
		return s.changeFailed(c.ends[bad], key, call, data.UpdateBefore, at, err)
	}
	s.addChange(key, rows, w)
	if s.cfg.Updating {
		// Which of several rows alike is taken back, their slice says.
		s.settle()
		s.cells.release(c.ids)
		s.readWindows(key, w)
	} else {
		c.to, c.from = c.to[:0], c.from[:0]
		for i, id := range c.ids {
			c.to, c.from, c.has[i] = append(c.to, id), append(c.from, rows[0]), true
		}
		s.cells.update(s.batch, c.to, c.from, &s.pending)
	}
	bad, call, failed := s.read(c.after, c.has)
	upTo := len(c.ends)
	if failed != nil {
		upTo = bad
	}
	if err := s.emitChanges(key, upTo, at); err != nil || failed == nil {
		return err
	}
	change := data.Insert
	if c.had[bad] {
		change = data.UpdateAfter
	}
	return s.changeFailed(c.ends[bad], key, call, change, at, failed)
}

// readWindows lists the windows of a pane that show their changes, and gives each a
// cell that has what it has of the key.
func (s *Sliced) readWindows(key int32, w *standing) {
	c := &s.change
	c.ends, c.ids, c.has = c.ends[:0], c.ids[:0], c.has[:0]
	for end := s.firstKept(w); end <= w.last; end = s.cfg.Grid.NextEnd(end) {
		if s.cfg.Emit != EmitChanges && !s.cfg.Lateness.Closed(end, s.wm) {
			break
		}
		id, has := s.cells.alloc(), false
		for _, part := range s.put(s.cfg.Grid.Start(end), end) {
			if from := part.cell(key); from != 0 {
				s.joins.add(id, from)
				has = has || s.cells.present(from)
			}
		}
		c.ends, c.ids, c.has = append(c.ends, end), append(c.ids, id), append(c.has, has)
		if end == data.MaxTime {
			break
		}
	}
	s.cells.join(&s.joins)
}

// read reads the results of the windows' cells that are wanted. On an error bad is
// the window whose result of a call cannot be had.
func (s *Sliced) read(to []data.Vector, wanted []bool) (bad, call int, err error) {
	c := &s.change
	c.to, c.from = c.to[:0], c.from[:0]
	for i, id := range c.ids {
		if wanted[i] {
			c.to, c.from = append(c.to, id), append(c.from, int32(i))
		}
	}
	bad, call = len(c.ids), 0
	for i, a := range s.cells.aggs {
		to[i].Reset(s.cfg.Calls[i].Func.Result)
		a.Resize(s.cells.n)
		if k, e := a.Append(&to[i], c.to); e != nil {
			// The first window counts, whichever call fails in it.
			if b := int(c.from[k]); b < bad {
				bad, call, err = b, i, e
			}
			c.to, c.from = c.to[:k], c.from[:k]
		}
	}
	return bad, call, err
}

// emitChanges emits how a key's rows of the first n windows have changed.
func (s *Sliced) emitChanges(key int32, n int, at int64) error {
	c := &s.change
	was, is := 0, 0 // rows of before and after
	for i := range n {
		end := c.ends[i]
		start := s.cfg.Grid.Start(end)
		had, has := c.had[i], c.has[i]
		if err := s.out.room(2); err != nil { // two stay in one batch
			return err
		}
		switch {
		case !had && has:
			s.emitRow(start, end, key, c.after, is, data.Insert, at)
		case had && !has:
			s.emitRow(start, end, key, c.before, was, data.Delete, at)
		case had && len(s.cfg.Calls) > 0 && !(s.cfg.Updating && sameRowAt(c.before, was, c.after, is)):
			s.emitRow(start, end, key, c.before, was, data.UpdateBefore, at)
			s.emitRow(start, end, key, c.after, is, data.UpdateAfter, at)
		}
		if had {
			was++
		}
		if has {
			is++
		}
	}
	return nil
}

// emitRow emits a row of a window and key with the results in row i of values.
// There must be room for it.
func (s *Sliced) emitRow(start, end int64, key int32, values []data.Vector, i int, c data.Change, at int64) {
	o := s.out.batch()
	o.Cols[0].AppendInt(start)
	o.Cols[1].AppendInt(end)
	for k := range s.keyTypes {
		o.Cols[2+k].AppendFrom(s.table.Key(k), int(key))
	}
	first := len(o.Cols) - len(values)
	for k := range values {
		o.Cols[first+k].AppendFrom(&values[k], i)
	}
	o.AddRows(1, c, at)
}

// sameRowAt reports whether row i of a and row j of b are the same to the bit.
func sameRowAt(a []data.Vector, i int, b []data.Vector, j int) bool {
	for k := range a {
		if !sameValue(&a[k], i, &b[k], j) {
			return false
		}
	}
	return true
}

// changeFailed ends the run at a window whose result of a call cannot be had after a
// change.
func (s *Sliced) changeFailed(end int64, key int32, call int, c data.Change, at int64, cause error) error {
	err := s.failed(s.cfg.Grid.Start(end), end, key, call, c, at, cause)
	if row, ok := err.(*RowError); ok {
		row.Where = s.batch.Where(int(at/2 - s.batch.Seq))
	}
	return err
}
