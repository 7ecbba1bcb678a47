package operators

import "tidemark/operators/agg"

// instants are the times at which the rows of sessions are, of an updating input:
// for each session a tree of spans. An instant has the accumulators of its rows, so
// that a session which loses rows can become shorter, or two; those of a session
// are put together when its row is wanted.
type instants struct {
	roots  []int32 // tree of each session
	counts []int64 // rows of each instant
	to     []int32 // scratch
	from   []int32
}

// grow makes room for n spans.
func (t *instants) grow(n int) {
	for len(t.roots) < n {
		t.roots = append(t.roots, 0)
		t.counts = append(t.counts, 0)
	}
}

// move gives the instants of one session to another, which has none.
func (t *instants) move(to, from int32) {
	t.grow(int(max(to, from)) + 1)
	t.roots[to], t.roots[from] = t.roots[from], 0
}

// instant returns the instant of session id at a time; 0 when there is none.
func (s *Session) instant(id int32, at int64) int32 {
	if found, _ := s.spans.around(s.instants.roots[id], at); found != 0 && s.spans[found].first == at {
		return found
	}
	return 0
}

// addInstant counts a row of session id at a time and returns its instant.
func (s *Session) addInstant(id int32, at int64) int32 {
	s.instants.grow(len(s.spans))
	found := s.instant(id, at)
	if found == 0 {
		found = s.alloc(span{first: at, key: instantSpan}, 0)
		s.instants.grow(len(s.spans))
		s.instants.counts[found] = 0
		s.instants.roots[id] = s.spans.insert(s.instants.roots[id], found)
	}
	s.instants.counts[found]++
	return found
}

// takeBack takes a row back from its session. A row that no session has came late
// when it was to be added, or its session is gone.
func (s *Session) takeBack(key, r int32, at int64) error {
	id, _ := s.near(s.newest[key], at)
	found := int32(0)
	if id != 0 {
		found = s.instant(id, at)
	}
	if found == 0 {
		s.late(int(r), at, at, s.endOf(at))
		return nil
	}
	if err := s.touch(id, r); err != nil {
		return err
	}
	s.row[0] = r
	for i := range s.cfg.Calls {
		c := &s.cfg.Calls[i]
		s.aggs[i].Resize(len(s.spans))
		to, rows := s.args.filter(c, s.batch, s.only(found), s.row[:])
		s.aggs[i].(agg.Retracter).Retract(to, rows, s.args.of(c, s.batch))
	}
	s.change.live = append(s.change.live, id)
	if s.instants.counts[found]--; s.instants.counts[found] == 0 {
		s.removeInstant(id, found)
	}
	return nil
}

// removeInstant takes away an instant without rows. Its session may end, become
// shorter or two.
func (s *Session) removeInstant(id, gone int32) {
	at := s.spans[gone].first
	root := s.spans.remove(s.instants.roots[id], gone)
	s.instants.roots[id] = root
	s.release(s.only(gone))
	before, after := s.spans.around(root, at)
	switch p := &s.spans[id]; {
	case root == 0:
		s.unlink(id)
		p.key = endedSpan
	case before == 0:
		p.first = s.spans[after].first
	case after == 0:
		p.last = s.spans[before].first
	case s.apart(s.spans[before].first, s.spans[after].first):
		s.separate(id, before, after)
	}
}

// separate makes two sessions of one: what is up to instant before stays, what is
// from instant after on is a new one.
func (s *Session) separate(id, before, after int32) {
	from, last, key := s.spans[after].first, s.spans[id].last, s.spans[id].key
	s.spans[id].last = s.spans[before].first
	next := s.open(key, from)
	s.spans[next].last = last
	s.instants.grow(len(s.spans))
	s.instants.roots[id], s.instants.roots[next] = s.spans.split(s.instants.roots[id], from)
	s.change.live = append(s.change.live, next)
}

// fill puts the accumulators of sessions together from those of their instants.
func (s *Session) fill(ids []int32) {
	t := &s.instants
	t.to, t.from = t.to[:0], t.from[:0]
	for _, id := range ids {
		t.from = s.spans.list(t.roots[id], t.from)
		for len(t.to) < len(t.from) {
			t.to = append(t.to, id)
		}
	}
	for _, a := range s.aggs {
		a.Resize(len(s.spans))
		a.Join(t.to, t.from)
	}
}

// emptyGroups takes back what fill did.
func (s *Session) emptyGroups(ids []int32) {
	for _, a := range s.aggs {
		a.Clear(ids)
	}
}

// releaseInstants makes the instants of a session free for others.
func (s *Session) releaseInstants(id int32) {
	t := &s.instants
	if int(id) >= len(t.roots) || t.roots[id] == 0 {
		return
	}
	t.from = s.spans.list(t.roots[id], t.from[:0])
	t.roots[id] = 0
	s.release(t.from)
}
