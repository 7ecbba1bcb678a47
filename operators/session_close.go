package operators

import (
	"slices"

	"tidemark/operators/data"
)

// step makes a move of the watermark: sessions close and end.
func (s *Session) step(st data.Step) error {
	at := 2*(s.batch.Seq+int64(st.Row)) - 1
	before := s.wm
	s.wm = st.Time
	if s.cfg.Every > 0 {
		return s.tick(before, at)
	}
	for s.timers.Soon() <= s.wm {
		ids, ok := s.dueNow()
		if !ok {
			break
		}
		if s.cfg.Emit != EmitChanges {
			s.sort(ids)
		}
		for _, id := range ids {
			s.close(id, at)
		}
		if err := s.compactClosed(ids); err != nil {
			return err
		}
	}
	s.passTime(at)
	return nil
}

// dueNow takes the timers that are due first: sessions that have all one end, but
// for those that have ended otherwise, which are left out. ok is false when no
// timer is due.
func (s *Session) dueNow() (ids []int32, ok bool) {
	s.ending, _ = s.timers.Due(s.wm, s.ending[:0])
	ids = s.ending[:0]
	for _, id := range s.ending {
		if s.spans[id].key < 0 {
			s.pending.ended = append(s.pending.ended, id)
		} else {
			ids = append(ids, id)
		}
	}
	return ids, len(s.ending) > 0
}

// close closes a session, or ends it when it is gone.
func (s *Session) close(id int32, at int64) {
	if s.cfg.Emit == EmitFinal && len(s.compacts) > 0 && s.marks[id]&closed == 0 {
		// It only becomes compact; its row comes when it is gone, among those that are.
		s.marks[id] |= closed
		s.timers.Set(id, s.dueAt(id))
		return
	}
	gone := s.cfg.Lateness.Gone(s.endOf(s.spans[id].last), s.wm)
	if s.cfg.Emit == EmitClose && s.marks[id]&closed == 0 || s.cfg.Emit == EmitFinal {
		s.pending.emit(id, at)
		s.marks[id] |= shown
	}
	if gone {
		s.unlink(id)
		s.pending.ended = append(s.pending.ended, id)
		return
	}
	s.marks[id] |= closed
	s.timers.Set(id, s.dueAt(id))
}

// compactClosed lets those of some sessions that have closed, and are kept, keep
// summaries: of what they have so far.
func (s *Session) compactClosed(ids []int32) error {
	if len(s.compacts) == 0 {
		return nil
	}
	if err := s.settle(); err != nil {
		return err
	}
	kept := slices.DeleteFunc(ids, func(id int32) bool { return s.spans[id].key < 0 })
	for _, a := range s.compacts {
		a.Resize(len(s.spans))
		a.Compact(kept)
	}
	return nil
}

// passTime passes the watermark on, held at the earliest time that a session can
// still be emitted with. The end is for everybody.
func (s *Session) passTime(at int64) {
	switch w := s.wm; {
	case w == data.MaxTime:
		s.pending.pass(w, at)
	case !s.cfg.PassTime:
	case s.cfg.Emit == EmitFinal:
		s.pending.pass(s.cfg.Lateness.LeastEnd(w), at)
	default:
		s.pending.pass(w, at)
	}
}
