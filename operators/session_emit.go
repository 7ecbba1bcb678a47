package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// pendingSessions is what a batch has done to sessions so far and is to be worked
// off as columns: first all rows, then all unions, then what is emitted. A span
// that ends keeps its number until then, so that nothing is mixed up.
type pendingSessions struct {
	to, rows   []int32 // sessions and rows of the batch in hand
	into, from []int32 // sessions that became one
	events     []int32 // sessions to be emitted; 0 passes the watermark on
	triggers   []int64 // the position that made each event
	times      []int64 // the watermark of each event that passes it on
	ended      []int32
}

func (p *pendingSessions) add(id, row int32) {
	p.to, p.rows = append(p.to, id), append(p.rows, row)
}

func (p *pendingSessions) move(to, from int32) {
	p.into, p.from = append(p.into, to), append(p.from, from)
}

func (p *pendingSessions) emit(id int32, at int64) {
	p.events, p.triggers = append(p.events, id), append(p.triggers, at)
}

func (p *pendingSessions) pass(w, at int64) {
	p.emit(0, at)
	p.times = append(p.times, w)
}

// settle works off what is pending.
func (s *Session) settle() error {
	p := &s.pending
	if len(p.to) > 0 {
		s.update(p.to, p.rows)
		p.to, p.rows = p.to[:0], p.rows[:0]
	}
	s.uniteGroups()
	if len(p.events) > 0 {
		if err := s.emitPending(); err != nil {
			return err
		}
	}
	s.release(p.ended)
	p.ended = p.ended[:0]
	return nil
}

// update adds rows of the batch in hand to groups.
func (s *Session) update(to, rows []int32) {
	for i := range s.cfg.Calls {
		c := &s.cfg.Calls[i]
		s.aggs[i].Resize(len(s.spans))
		to, rows := s.args.filter(c, s.batch, to, rows)
		s.aggs[i].Update(to, rows, s.args.of(c, s.batch))
	}
}

// uniteGroups lets the aggregates follow the sessions that became one.
func (s *Session) uniteGroups() {
	p := &s.pending
	if len(p.into) == 0 {
		return
	}
	for _, a := range s.aggs {
		a.Resize(len(s.spans))
		a.Join(p.into, p.from)
		a.Clear(p.from)
	}
	p.into, p.from = p.into[:0], p.from[:0]
}

// release makes spans free for others.
func (s *Session) release(ids []int32) {
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		s.spans[id].key = endedSpan
	}
	for _, a := range s.aggs {
		a.Resize(len(s.spans))
		a.Clear(ids)
	}
	s.free = append(s.free, ids...)
	if s.cfg.Updating {
		for _, id := range ids {
			s.releaseInstants(id)
		}
	}
}

// emitPending emits the rows of sessions and the moves of the watermark that are
// pending.
func (s *Session) emitPending() error {
	p := &s.pending
	for i, passed := 0, 0; i < len(p.events); {
		if p.events[i] == 0 {
			s.out.pass(p.times[passed], p.triggers[i])
			passed++
			i++
			continue
		}
		j := i + 1
		for j < len(p.events) && p.events[j] != 0 {
			j++
		}
		if err := s.emitSpans(p.events[i:j], p.triggers[i:j]); err != nil {
			return err
		}
		i = j
	}
	p.events, p.triggers, p.times = p.events[:0], p.triggers[:0], p.times[:0]
	return nil
}

// emitSpans emits a row for each of the sessions ids.
func (s *Session) emitSpans(ids []int32, triggers []int64) error {
	most := mostResults(&s.cfg.Grouping, s.aggs, s.out.mostText)
	for len(ids) > 0 {
		if err := s.out.room(1); err != nil {
			return err
		}
		o := s.out.out
		n := min(len(ids), s.cfg.BatchRows-o.N, most)
		if bad, call, err := s.appendSpans(o, ids[:n]); err != nil {
			s.out.cut(o.N)
			if err := s.emitSpans(ids[:bad], triggers); err != nil {
				return err
			}
			if err := s.out.flush(); err != nil {
				return err
			}
			return s.failed(ids[bad], call, data.Insert, triggers[bad], err)
		}
		for _, at := range triggers[:n] {
			o.AddRows(1, data.Insert, at)
		}
		ids, triggers = ids[n:], triggers[n:]
	}
	return nil
}

// appendSpans appends the rows of sessions to the columns of b, which does not
// count them yet. On an error bad is the first session whose result of a call
// cannot be had, and the columns are of different lengths.
func (s *Session) appendSpans(b *data.Batch, ids []int32) (bad, call int, err error) {
	if s.cfg.Updating {
		s.fill(ids)
		defer s.emptyGroups(ids)
	}
	first := len(b.Cols) - len(s.aggs)
	for i, a := range s.aggs {
		a.Resize(len(s.spans))
		if bad, err = a.Append(b.Cols[first+i], ids); err != nil {
			return bad, i, err
		}
	}
	s.appendKeys(b, ids)
	return 0, 0, nil
}

// appendKeys appends the windows and keys of sessions.
func (s *Session) appendKeys(b *data.Batch, ids []int32) {
	starts, ends := b.Cols[0], b.Cols[1]
	for _, id := range ids {
		p := &s.spans[id]
		starts.Ints = append(starts.Ints, p.first)
		ends.Ints = append(ends.Ints, s.endOf(p.last))
	}
	for k, v := range s.keyCols {
		s.change.keys = s.change.keys[:0]
		for _, id := range ids {
			s.change.keys = append(s.change.keys, s.spans[id].key)
		}
		Gather(b.Cols[2+k], v, s.change.keys)
	}
}

// failed is the error of a session whose result of a call cannot be had.
func (s *Session) failed(id int32, call int, c data.Change, at int64, cause error) error {
	marker := s.out.pool.Get()
	s.appendKeys(marker, []int32{id})
	marker.AddRows(1, c, at)
	keys := len(s.cfg.Out) - len(s.aggs)
	return groupError(marker, s.cfg.Out, keys, keys+call, cause)
}

// sort orders sessions by their ends, starts and keys, NULLs last.
func (s *Session) sort(ids []int32) {
	if len(ids) < 2 {
		return
	}
	slices.SortFunc(ids, func(a, b int32) int {
		p, q := &s.spans[a], &s.spans[b]
		if c := cmp.Compare(p.last, q.last); c != 0 {
			return c
		}
		if c := cmp.Compare(p.first, q.first); c != 0 {
			return c
		}
		return state.CompareRows(s.keyCols, int(p.key), s.keyCols, int(q.key), s.keyOrder)
	})
}

// callArguments finds the columns and rows that calls are computed over.
type callArguments struct {
	cols     []*data.Vector
	to, rows []int32
}

// of returns the columns that a call is computed over, good until the next call.
func (a *callArguments) of(c *AggregateCall, b *data.Batch) agg.Rows {
	a.cols = a.cols[:0]
	for _, i := range c.Cols {
		a.cols = append(a.cols, b.Cols[i])
	}
	return agg.Rows{Cols: a.cols, Seq: b.Seq}
}

// filter returns those of rows, and their groups, that a call's FILTER keeps,
// good until the next call.
func (a *callArguments) filter(c *AggregateCall, b *data.Batch, groups, rows []int32) (to, kept []int32) {
	if c.Filter < 0 {
		return groups, rows
	}
	cond := b.Cols[c.Filter]
	a.to, a.rows = a.to[:0], a.rows[:0]
	for k, r := range rows {
		if !cond.IsNull(int(r)) && cond.Bools[cond.Index(int(r))] {
			a.to, a.rows = append(a.to, groups[k]), append(a.rows, r)
		}
	}
	return a.to, a.rows
}
