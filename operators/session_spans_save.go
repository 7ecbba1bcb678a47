package operators

import (
	"encoding/binary"

	"tidemark/operators/data"
)

// saveSpans writes the key and the marks of each span, and the times of those that have
// not ended.
func (s *Session) saveSpans(e *data.Encoder) {
	n, left := len(s.spans), 0
	e.Uvarint(uint64(n))
	room := e.Room(spanSize * n)
	for id := range s.spans {
		to, key := room[spanSize*id:][:spanSize], s.spans[id].key
		binary.LittleEndian.PutUint32(to, uint32(key))
		if to[4] = 0; key >= 0 {
			to[4] = byte(s.marks[id])
		}
		if key != endedSpan {
			left++
		}
	}
	e.Uvarint(uint64(left))
	room = e.Room(16 * left)
	for id := range s.spans {
		if p := &s.spans[id]; p.key != endedSpan {
			binary.LittleEndian.PutUint64(room, uint64(p.first))
			binary.LittleEndian.PutUint64(room[8:], uint64(p.last))
			room = room[16:]
		}
	}
}

// spanSize is how many bytes a span takes without its times.
const spanSize = 5

// loadSpans reads what saveSpans wrote.
func (s *Session) loadSpans(d *data.Decoder) {
	s.spans, s.marks = s.spans[:0], s.marks[:0]
	spans := d.Take(spanSize * d.Count(spanSize))
	times := d.Take(16 * d.Count(16))
	for ; len(spans) > 0; spans = spans[spanSize:] {
		p, m := span{key: int32(binary.LittleEndian.Uint32(spans))}, marks(spans[4])
		if p.key != endedSpan {
			if len(times) == 0 {
				d.Fail()
				return
			}
			p.first, p.last = int64(binary.LittleEndian.Uint64(times)), int64(binary.LittleEndian.Uint64(times[8:]))
			times = times[16:]
		}
		possible := m <= shown|stale|closed && (m&stale == 0 || s.cfg.Every > 0) && (m == 0 || p.key >= 0)
		if !possible || int(p.key) >= s.table.Len() || p.key < instantSpan || p.key >= 0 && p.last < p.first {
			d.Fail()
			return
		}
		s.spans, s.marks = append(s.spans, p), append(s.marks, m)
	}
	if len(times) > 0 {
		d.Fail()
	}
}
