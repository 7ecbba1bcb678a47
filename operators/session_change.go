package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
)

// sessionChange is what one row, or a row with its new version, does to the
// sessions of a key, where that shows in the result at once.
type sessionChange struct {
	touched []touchedSession
	taken   []takenRow
	live    []int32     // sessions that are changed or new, and those that ended meanwhile
	fresh   *data.Batch // their rows
	keys    []int32     // scratch
}

// touchedSession is a session before it was changed.
type touchedSession struct {
	id  int32
	due int64
}

// takenRow is a row that the result has of a touched session.
type takenRow struct {
	row        int32 // in keptRows
	start, end int64
	closed     bool
	same       bool // a session has its bounds now
}

// changeAt handles the k-th selected row, or it and the next where that is its new
// version, and returns how many rows these are.
func (s *Session) changeAt(k int) (int, error) {
	n := 1
	if b := s.batch; k+1 < len(s.ids) && s.ids[k] == s.ids[k+1] {
		r, next := b.Row(k), b.Row(k+1)
		if next == r+1 && b.Change(r) == data.UpdateBefore && b.Change(next) == data.UpdateAfter {
			n = 2
		}
	}
	return n, s.changeRows(k, n)
}

// only returns the list of one span, good until the next.
func (s *Session) only(id int32) []int32 {
	s.group[0] = id
	return s.group[:]
}

// changeRows adds n selected rows from the k-th on to the sessions of their key, or
// takes them back, and emits how the result changes.
func (s *Session) changeRows(k, n int) error {
	if err := s.settle(); err != nil {
		return err
	}
	c := &s.change
	c.touched, c.taken, c.live = c.touched[:0], c.taken[:0], c.live[:0]
	if s.cfg.Every == 0 {
		s.kept.reset()
	}
	times := s.batch.Cols[s.cfg.Time]
	r := 0
	for i := k; i < k+n; i++ {
		r = s.batch.Row(i)
		at, do := times.Ints[times.Index(r)], s.addRow
		if takes(s.batch.Change(r)) {
			do = s.takeBack
		}
		if err := do(s.ids[k], int32(r), at); err != nil {
			return err
		}
	}
	if len(c.touched)+len(c.live) == 0 {
		return nil
	}
	return s.emitChange(2 * (s.batch.Seq + int64(r)))
}

// changeFailed ends the run at a session whose result of a call cannot be had, after
// everything before the change has been emitted.
func (s *Session) changeFailed(id int32, call int, c data.Change, at int64, cause error) error {
	if err := s.out.flush(); err != nil {
		return err
	}
	err := s.failed(id, call, c, at, cause)
	if row, ok := err.(*RowError); ok {
		row.Where = s.batch.Where(int(at/2 - s.batch.Seq))
	}
	return err
}

// addRow adds a row to a session of its key.
func (s *Session) addRow(key, r int32, at int64) error {
	before, after := s.near(s.newest[key], at)
	end := s.endOf(max(at, s.spans[before].last, s.spans[after].last))
	if s.cfg.Lateness.Gone(end, s.wm) {
		start := at
		for _, id := range [2]int32{before, after} {
			if id != 0 {
				start = min(start, s.spans[id].first)
			}
		}
		s.late(int(r), at, start, end)
		return nil
	}
	var id int32
	switch {
	case before == 0 && after == 0:
		id = s.open(key, at)
	case before != 0 && after != 0:
		if err := s.touch(before, r); err != nil {
			return err
		}
		if err := s.touch(after, r); err != nil {
			return err
		}
		id = s.unite(before, after)
		s.uniteGroups()
	default:
		id = before + after
		if err := s.touch(id, r); err != nil {
			return err
		}
	}
	p := &s.spans[id]
	p.first, p.last = min(p.first, at), max(p.last, at)
	group := id
	if s.cfg.Updating {
		group = s.addInstant(id, at)
	}
	s.group[0], s.row[0] = group, r
	s.update(s.group[:], s.row[:])
	s.change.live = append(s.change.live, id)
	return nil
}

// touch notes how a session is before row r changes it, and takes its row, if it
// has one, out of the result.
func (s *Session) touch(id, r int32) error {
	c := &s.change
	if slices.ContainsFunc(c.touched, func(t touchedSession) bool { return t.id == id }) {
		return nil
	}
	c.touched = append(c.touched, touchedSession{id, s.dueAt(id)})
	t := takenRow{closed: s.marks[id]&closed != 0}
	switch {
	case s.marks[id]&stale != 0:
		t.row = s.every.old[id]
	case s.marks[id]&shown != 0:
		b, row := s.kept.next()
		if _, call, err := s.appendSpans(b, s.only(id)); err != nil {
			return s.changeFailed(id, call, data.UpdateBefore, 2*(s.batch.Seq+int64(r)), err)
		}
		b.AddRows(1, data.Insert, 0)
		t.row = row
	default:
		return nil
	}
	s.marks[id] &^= stale | shown
	b, i := s.kept.at(t.row)
	t.start, t.end = b.Cols[0].Ints[i], b.Cols[1].Ints[i]
	c.taken = append(c.taken, t)
	return nil
}

// emitChange emits what the change does to the result, at a position.
func (s *Session) emitChange(at int64) error {
	c := &s.change
	s.settleLive()
	if s.waits() {
		id := c.live[0]
		s.every.setOld(id, c.taken[0].row)
		s.marks[id] |= stale
		s.every.dirty = append(s.every.dirty, id)
		return nil
	}
	slices.SortFunc(c.taken, func(a, b takenRow) int {
		return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start))
	})
	if err := s.freshRows(at); err != nil {
		return err
	}
	for _, t := range c.taken {
		if !t.same {
			if err := s.emitKept(t.row, data.Delete, at); err != nil {
				return err
			}
		}
	}
	for i, id := range c.live {
		if err := s.emitFresh(i, id, at); err != nil {
			return err
		}
	}
	if s.cfg.Updating {
		s.endGone()
	}
	s.compactLive()
	return nil
}

// compactLive lets those of the changed sessions that are closed keep summaries.
func (s *Session) compactLive() {
	for _, a := range s.compacts {
		a.Resize(len(s.spans))
		for _, id := range s.change.live {
			if s.marks[id]&closed != 0 {
				a.Compact(s.only(id))
			}
		}
	}
}

// endGone ends sessions that have become so short that they are gone. Their timers
// come later: only then are their numbers free for others.
func (s *Session) endGone() {
	for _, id := range s.change.live {
		if p := &s.spans[id]; s.cfg.Lateness.Gone(s.endOf(p.last), s.wm) {
			s.unlink(id)
			p.key = endedSpan
			s.releaseInstants(id)
		}
	}
}

// settleLive brings the changed sessions that are still there in order, says which
// of them are closed and sets their timers anew where they are due earlier.
func (s *Session) settleLive() {
	c := &s.change
	slices.Sort(c.live)
	c.live = slices.Compact(c.live)
	c.live = slices.DeleteFunc(c.live, func(id int32) bool { return s.spans[id].key < 0 })
	for i, id := range c.live {
		p := &s.spans[id]
		s.marks[id] &^= closed
		if (s.cfg.Emit == EmitClose || len(s.compacts) > 0) && s.cfg.Lateness.Closed(s.endOf(p.last), s.wm) {
			s.marks[id] |= closed
		}
		for _, t := range c.touched {
			if t.id == id && s.dueAt(id) < t.due {
				c.live[i] = s.renumber(id)
			}
		}
	}
	s.sort(c.live)
}

// renumber gives a session another number, whose timer can be set to an earlier
// time than that of the old one.
func (s *Session) renumber(id int32) int32 {
	s.unlink(id)
	to := s.alloc(s.spans[id], s.marks[id])
	s.spans[id].key = endedSpan
	s.link(to)
	s.timers.Set(to, s.dueAt(to))
	if s.cfg.Updating {
		s.instants.move(to, id)
		return to
	}
	s.pending.move(to, id)
	s.uniteGroups()
	return to
}

// waits reports whether the change is one of EMIT EVERY that shows at the next
// multiple only: an open session whose row is in the result has grown.
func (s *Session) waits() bool {
	c := &s.change
	return s.cfg.Every > 0 && len(c.taken) == 1 && len(c.live) == 1 && !c.taken[0].closed &&
		s.marks[c.live[0]]&closed == 0
}

// clearFresh returns the batch for new rows, empty.
func (s *Session) clearFresh() *data.Batch {
	s.change.fresh.Release()
	s.change.fresh = s.kept.pool.Get()
	return s.change.fresh
}

// freshRows makes the rows of the changed sessions that are in the result now, and
// keeps only these. It notes which of the taken rows have the same bounds.
func (s *Session) freshRows(at int64) error {
	c := &s.change
	s.clearFresh()
	visible := c.live[:0]
	for _, id := range c.live {
		p := &s.spans[id]
		if s.cfg.Emit == EmitFinal && !s.cfg.Lateness.Gone(s.endOf(p.last), s.wm) || s.cfg.Emit == EmitClose && s.marks[id]&closed == 0 {
			if s.cfg.Every > 0 {
				s.every.dirty = append(s.every.dirty, id)
			}
			continue
		}
		change := data.Insert
		for i := range c.taken {
			if t := &c.taken[i]; t.start == p.first && t.end == s.endOf(p.last) {
				t.same, change = true, data.UpdateAfter
			}
		}
		if _, call, err := s.appendSpans(c.fresh, s.only(id)); err != nil {
			return s.changeFailed(id, call, change, at, err)
		}
		c.fresh.AddRows(1, change, 0)
		s.marks[id] |= shown
		visible = append(visible, id)
	}
	c.live = visible
	return nil
}

// emitFresh emits the i-th fresh row, that of session id. A row that takes the
// place of one with the same bounds is an update; of an updating input it is none
// when nothing is different.
func (s *Session) emitFresh(i int, id int32, at int64) error {
	c := &s.change
	change := c.fresh.Change(i)
	if change == data.UpdateAfter {
		p := &s.spans[id]
		t := c.taken[slices.IndexFunc(c.taken, func(t takenRow) bool { return t.start == p.first && t.end == s.endOf(p.last) })]
		old, j := s.kept.at(t.row)
		if len(s.aggs) == 0 || s.cfg.Updating && sameValues(old.Cols[2:], j, c.fresh.Cols[2:], i) {
			return nil
		}
		if err := s.emitKept(t.row, data.UpdateBefore, at); err != nil {
			return err
		}
	} else if err := s.out.room(1); err != nil {
		return err
	}
	s.out.copy(c.fresh, i, change, at)
	return nil
}
