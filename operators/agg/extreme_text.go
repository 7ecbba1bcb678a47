package agg

import (
	"bytes"
	"encoding/binary"

	"tidemark/operators/data"
)

// textExtreme is MIN and MAX of strings and bytes, in bytewise order. The texts
// of all groups lie in one arena: a new one overwrites the group's last when it
// fits there, else it goes to the end.
type textExtreme struct {
	greatest bool

	best  []textSlot
	arena []byte
	used  int // bytes of the arena that belong to a group
	pick  picker
}

// textSlot is a group's text, arena[at:at+len], and the room it has there.
type textSlot struct {
	prefix   uint64 // leading eight bytes, big endian: decides most comparisons
	at       int
	len, cap int32 // len is -1 without a value
}

func (s *textExtreme) Resize(n int) { s.best = extend(s.best, n, textSlot{len: -1}) }

func (s *textExtreme) Update(groups, rows []int32, in Rows) {
	arg := in.Cols[0]
	groups, at := s.pick.pick(groups, rows, arg)
	groups = groups[:len(at)]
	for k, r := range at {
		s.add(groups[k], arg.Bytes[arg.Offsets[r]:arg.Offsets[r+1]])
	}
}

func textPrefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var p uint64
	for _, c := range b {
		p = p<<8 | uint64(c)
	}
	return p << (8 * (8 - len(b)))
}

func (s *textExtreme) add(g int32, text []byte) {
	slot, prefix := &s.best[g], textPrefix(text)
	if slot.len >= 0 {
		if prefix == slot.prefix {
			c := bytes.Compare(text, s.text(slot))
			if c == 0 || (c > 0) != s.greatest {
				return
			}
		} else if (prefix > slot.prefix) != s.greatest {
			return
		}
	}
	if len(text) > int(slot.cap) {
		s.used += len(text) - int(slot.cap)
		slot.at, slot.cap, slot.len = len(s.arena), int32(len(text)), 0
		s.arena = append(s.arena, text...)
		if len(s.arena) > 2*s.used+4096 {
			s.compact()
		}
	}
	slot.prefix, slot.len = prefix, int32(len(text))
	copy(s.arena[slot.at:], text)
}

func (s *textExtreme) text(slot *textSlot) []byte {
	return s.arena[slot.at : slot.at+int(slot.len)]
}

// compact moves the groups' room to a new arena without the gaps.
func (s *textExtreme) compact() {
	arena := make([]byte, 0, s.used+s.used/2)
	for i := range s.best {
		slot := &s.best[i]
		room := s.arena[slot.at : slot.at+int(slot.cap)]
		slot.at = len(arena)
		arena = append(arena, room...)
	}
	s.arena = arena
}

func (s *textExtreme) Merge(groups []int32, from State) {
	f := from.(*textExtreme)
	for i := range f.best {
		if f.best[i].len >= 0 {
			s.add(groups[i], f.text(&f.best[i]))
		}
	}
}

func (s *textExtreme) Append(out *data.Vector, groups []int32) (int, error) {
	for _, g := range groups {
		if s.best[g].len < 0 {
			out.AppendNull()
			continue
		}
		out.AppendText(s.text(&s.best[g]))
	}
	return 0, nil
}

func (s *textExtreme) Reset() { s.best, s.arena, s.used = s.best[:0], s.arena[:0], 0 }

func (s *textExtreme) Bytes() int64 {
	return int64(24*cap(s.best)+cap(s.arena)) + s.pick.bytes()
}

func (s *textExtreme) AppendSnapshot(dst []byte) []byte {
	return appendBlock(dst, func(w *writer) {
		w.uvarint(uint64(len(s.best)))
		for i := range s.best {
			seen := s.best[i].len >= 0
			w.flag(seen)
			if seen {
				w.text(s.text(&s.best[i]))
			}
		}
	})
}

func (s *textExtreme) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.Reset()
		n := r.count(1)
		s.Resize(n)
		for g := range n {
			if r.flag() {
				s.add(int32(g), r.text())
			}
		}
	})
}
