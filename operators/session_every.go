package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// everyState is what EMIT EVERY needs to know beside the sessions.
type everyState struct {
	// dirty are the sessions that have changed since the last multiple; some may have
	// ended or been shown since.
	dirty []int32
	// old are the places in keptRows of the earlier rows of stale sessions.
	old    []int32
	show   []int32 // scratch
	closed []int32
	gone   []int32
	rows   []int32
}

// setOld notes where the row of a session is kept that the result has.
func (e *everyState) setOld(id, row int32) {
	for int(id) >= len(e.old) {
		e.old = append(e.old, 0)
	}
	e.old[id] = row
}

// keptRows are rows of the result, as they were emitted.
type keptRows struct {
	pool    *data.Pool
	batches []*data.Batch
}

const keptPerBatch = 256

// next returns the batch that the next row goes into, and its place.
func (k *keptRows) next() (*data.Batch, int32) {
	n := len(k.batches)
	if n == 0 || k.batches[n-1].N == keptPerBatch {
		k.batches = append(k.batches, k.pool.Get())
		n++
	}
	b := k.batches[n-1]
	return b, int32((n-1)*keptPerBatch + b.N)
}

// at returns the batch of a row and its place there.
func (k *keptRows) at(row int32) (*data.Batch, int) {
	return k.batches[row/keptPerBatch], int(row % keptPerBatch)
}

func (k *keptRows) reset() {
	for _, b := range k.batches {
		b.Release()
	}
	k.batches = k.batches[:0]
}

// tick is step of EMIT EVERY: besides the sessions that close, those that have
// changed are emitted when the watermark has crossed a multiple.
func (s *Session) tick(before, at int64) error {
	e := &s.every
	crossed := multiples(before, s.cfg.Every) != multiples(s.wm, s.cfg.Every)
	e.show, e.closed, e.gone = e.show[:0], e.closed[:0], e.gone[:0]
	for s.timers.Soon() <= s.wm {
		ids, ok := s.dueNow()
		if !ok {
			break
		}
		for _, id := range ids {
			if s.marks[id]&shown == 0 {
				e.show = append(e.show, id)
				s.marks[id] |= shown
			}
			if s.cfg.Lateness.Gone(s.endOf(s.spans[id].last), s.wm) {
				s.unlink(id)
				e.gone = append(e.gone, id)
				continue
			}
			s.marks[id] |= closed
			e.closed = append(e.closed, id)
			s.timers.Set(id, s.dueAt(id))
		}
	}
	if crossed {
		for _, id := range e.dirty {
			if s.spans[id].key >= 0 && s.marks[id]&shown == 0 {
				e.show = append(e.show, id)
				s.marks[id] |= shown
			}
		}
		e.dirty = e.dirty[:0]
	}
	if len(e.show) > 0 {
		if err := s.showChanged(at); err != nil {
			return err
		}
	}
	if err := s.compactClosed(e.closed); err != nil {
		return err
	}
	s.pending.ended = append(s.pending.ended, e.gone...)
	if crossed {
		s.kept.reset()
	}
	// A row that is in the result may be taken back until the next multiple: the
	// watermark waits for it.
	if crossed || s.wm == data.MaxTime {
		s.passTime(at)
	}
	return nil
}

// multiples returns how many multiples of every are between 0 and a time.
func multiples(at, every int64) int64 {
	n := at / every
	if at%every < 0 {
		n--
	}
	return n
}

// showChanged emits the sessions in every.show: the rows that they take back with
// other bounds first, then what is there instead.
func (s *Session) showChanged(at int64) error {
	if err := s.settle(); err != nil {
		return err
	}
	e := &s.every
	s.sort(e.show)
	e.rows = e.rows[:0]
	for _, id := range e.show {
		if s.marks[id]&stale != 0 && !s.boundsKept(&s.spans[id], e.old[id]) {
			e.rows = append(e.rows, e.old[id])
			s.marks[id] &^= stale
		}
	}
	s.sortKept(e.rows)
	for _, row := range e.rows {
		if err := s.emitKept(row, data.Delete, at); err != nil {
			return err
		}
	}
	for i, id := range e.show {
		if s.marks[id]&stale != 0 {
			if err := s.emitUpdate(id, at); err != nil {
				return err
			}
			continue
		}
		s.trigger[0] = at
		if err := s.emitSpans(e.show[i:i+1], s.trigger[:]); err != nil {
			return err
		}
	}
	return nil
}

// emitUpdate emits the new row of a stale session, whose bounds are as they were,
// unless it is the same as the old one.
func (s *Session) emitUpdate(id int32, at int64) error {
	s.marks[id] &^= stale
	fresh := s.clearFresh()
	if _, call, err := s.appendSpans(fresh, s.only(id)); err != nil {
		if err := s.out.flush(); err != nil {
			return err
		}
		return s.failed(id, call, data.UpdateAfter, at, err)
	}
	old, i := s.kept.at(s.every.old[id])
	if sameValues(old.Cols, i, fresh.Cols, 0) {
		return nil
	}
	if err := s.emitKept(s.every.old[id], data.UpdateBefore, at); err != nil {
		return err
	}
	s.out.copy(fresh, 0, data.UpdateAfter, at)
	return nil
}

// boundsKept reports whether a session has the bounds of a kept row.
func (s *Session) boundsKept(p *span, row int32) bool {
	b, i := s.kept.at(row)
	return b.Cols[0].Ints[i] == p.first && b.Cols[1].Ints[i] == s.endOf(p.last)
}

// sortKept orders kept rows by their ends, starts and keys, NULLs last.
func (s *Session) sortKept(rows []int32) {
	slices.SortFunc(rows, func(x, y int32) int {
		a, i := s.kept.at(x)
		b, j := s.kept.at(y)
		if c := cmp.Compare(a.Cols[1].Ints[i], b.Cols[1].Ints[j]); c != 0 {
			return c
		}
		if c := cmp.Compare(a.Cols[0].Ints[i], b.Cols[0].Ints[j]); c != 0 {
			return c
		}
		return state.CompareRows(a.Cols[2:], i, b.Cols[2:], j, s.keyOrder)
	})
}

// emitKept emits a kept row with a change. The +U of a -U has room behind it.
func (s *Session) emitKept(row int32, c data.Change, at int64) error {
	if err := s.out.room(2); err != nil {
		return err
	}
	b, i := s.kept.at(row)
	s.out.copy(b, i, c, at)
	return nil
}
