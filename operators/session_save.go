package operators

import (
	"tidemark/operators/data"
)

// Bytes estimates the memory held by sessions.
func (s *Session) Bytes() int64 {
	total := s.table.Bytes() + int64(32*cap(s.spans)+cap(s.marks)+4*cap(s.newest)+4*cap(s.free)) + s.timers.Bytes()
	total += int64(4*cap(s.instants.roots) + 8*cap(s.instants.counts) + 4*cap(s.every.old) + 4*cap(s.every.dirty))
	for _, a := range s.aggs {
		total += a.Bytes()
	}
	return total
}

// fewUnused is how much may be unused in any case before it is worth a compaction.
const fewUnused = 1024

// compact moves what there is to new memory when most of the old is unused: keys
// that went quiet are forgotten, and spans that are free.
func (s *Session) compact() {
	free, keys := len(s.free), s.table.Len()
	if s.quiet <= max(s.fewUnused, keys/2, len(s.spans)/8) && free <= max(s.fewUnused, len(s.spans)/4*3) {
		return
	}
	old := *s
	s.aggs, s.compacts = nil, nil
	s.empty()
	s.moveKeys(&old)
	s.moveSpans(&old)
}

// moveKeys takes over the keys that have sessions.
func (s *Session) moveKeys(old *Session) {
	s.setTable(old.table)
	s.newest = make([]int32, 0, s.table.Len())
	for key, id := range dropKeys(s.table, func(key int) bool { return old.newest[key] != 0 }) {
		if id >= 0 {
			s.newest = append(s.newest, old.newest[key])
			old.newest[key] = id
		}
	}
}

// moveSpans takes over the spans that are in use. The old newest has the new ids of
// the keys.
func (s *Session) moveSpans(old *Session) {
	to := make([]int32, len(old.spans))
	for id := range old.spans {
		p := old.spans[id]
		if p.key == endedSpan {
			continue
		}
		if p.key >= 0 {
			p.key = old.newest[p.key]
		}
		to[id] = s.alloc(p, old.marks[id])
	}
	for i := range s.spans {
		p := &s.spans[i]
		p.left, p.right = to[p.left], to[p.right]
		if p.key >= 0 {
			s.timers.Set(int32(i), s.dueAt(int32(i)))
		}
	}
	for k, id := range s.newest {
		s.newest[k] = to[id]
	}
	for i, a := range old.aggs {
		s.aggs[i].Resize(len(s.spans))
		s.aggs[i].Merge(to, a)
	}
	if s.cfg.Updating {
		s.instants.grow(len(s.spans))
	}
	for id, n := range old.instants.counts {
		if to[id] != 0 {
			s.instants.roots[to[id]], s.instants.counts[to[id]] = to[old.instants.roots[id]], n
		}
	}
	s.moveEvery(old, to)
}

// moveEvery gives the new numbers of spans to what EMIT EVERY knows of them.
func (s *Session) moveEvery(old *Session, to []int32) {
	dirty, rows := old.every.dirty, old.every.old
	s.every = everyState{}
	for _, id := range dirty {
		if to[id] != 0 {
			s.every.dirty = append(s.every.dirty, to[id])
		}
	}
	for id, row := range rows {
		if to[id] != 0 {
			s.every.setOld(to[id], row)
		}
	}
}

// Snapshot writes the keys and their sessions.
func (s *Session) Snapshot(e *data.Encoder) {
	e.Varint(s.wm)
	s.table.Snapshot(e)
	s.saveSpans(e)
	for _, a := range s.aggs {
		a.Resize(len(s.spans))
		e.Append(a.AppendSnapshot)
	}
	if s.cfg.Updating {
		s.saveInstants(e)
	}
	if s.cfg.Every > 0 {
		s.saveKept(e)
	}
}

// Restore reads the keys and their sessions.
func (s *Session) Restore(d *data.Decoder) error {
	s.wm = d.Varint()
	s.table.Restore(d)
	s.newest, s.quiet = make([]int32, s.table.Len()), s.table.Len()
	s.loadSpans(d)
	if len(s.spans) == 0 || s.spans[0].key != endedSpan || d.Damaged() {
		d.Fail()
		return nil
	}
	for i := 1; i < len(s.spans); i++ {
		id := int32(i)
		switch key := s.spans[id].key; {
		case key >= 0:
			s.link(id)
			s.timers.Set(id, s.dueAt(id))
			if s.cfg.Every > 0 && s.marks[id]&shown == 0 {
				s.every.dirty = append(s.every.dirty, id)
			}
		case key == endedSpan:
			s.free = append(s.free, id)
		}
	}
	for _, a := range s.aggs {
		if err := d.Apply(a.LoadSnapshot); err != nil {
			return err
		}
		a.Resize(len(s.spans))
	}
	if s.cfg.Updating {
		s.loadInstants(d)
	}
	if s.cfg.Every > 0 {
		s.loadKept(d)
	}
	return nil
}

// saveInstants writes which instants each session has, and how many rows each.
func (s *Session) saveInstants(e *data.Encoder) {
	t := &s.instants
	t.grow(len(s.spans))
	for id := range s.spans {
		if s.spans[id].key < 0 {
			continue
		}
		t.from = s.spans.list(t.roots[id], t.from[:0])
		e.Uvarint(uint64(len(t.from)))
		for _, i := range t.from {
			e.Uvarint(uint64(i))
			e.Uvarint(uint64(t.counts[i]))
		}
	}
}

func (s *Session) loadInstants(d *data.Decoder) {
	t := &s.instants
	t.grow(len(s.spans))
	for id := range s.spans {
		if s.spans[id].key < 0 {
			continue
		}
		for range d.Count(2) {
			i := int(d.Uvarint())
			n := int64(d.Uvarint())
			if i >= len(s.spans) || s.spans[i].key != instantSpan || t.counts[i] != 0 || n <= 0 {
				d.Fail()
				return
			}
			t.counts[i] = n
			t.roots[id] = s.spans.insert(t.roots[id], int32(i))
		}
	}
}

// saveKept writes the rows that stale sessions have in the result, in the order of
// their numbers.
func (s *Session) saveKept(e *data.Encoder) {
	rows := s.kept.pool.Get()
	defer rows.Release()
	for id := range s.spans {
		if s.spans[id].key >= 0 && s.marks[id]&stale != 0 {
			b, i := s.kept.at(s.every.old[id])
			for k, v := range rows.Cols {
				v.AppendFrom(b.Cols[k], i)
			}
		}
	}
	for _, v := range rows.Cols {
		e.Vector(v)
	}
}

func (s *Session) loadKept(d *data.Decoder) {
	var ids []int32
	for id := range s.spans {
		if s.spans[id].key >= 0 && s.marks[id]&stale != 0 {
			ids = append(ids, int32(id))
		}
	}
	cols := make([]data.Vector, len(s.cfg.Out))
	for k := range cols {
		d.Vector(&cols[k], s.cfg.Out[k].Type)
		if cols[k].Len() != len(ids) || cols[k].Const {
			d.Fail()
			return
		}
	}
	for i, id := range ids {
		b, row := s.kept.next()
		for k, v := range b.Cols {
			v.AppendFrom(&cols[k], i)
		}
		b.AddRows(1, data.Insert, 0)
		s.every.setOld(id, row)
	}
}
