package agg

import (
	"bytes"
	"encoding/binary"
)

// texts is at most one byte string for each group. All lie in one arena: a new
// one overwrites the group's last when it fits there, else it goes to the end.
// The zero value is ready.
type texts struct {
	slots []textSlot
	arena []byte
	used  int // bytes of the arena that belong to a group
}

// textSlot is a group's text, arena[at:at+len], and the room it has there.
type textSlot struct {
	prefix   uint64 // leading eight bytes, big endian: decides most comparisons
	at       int
	len, cap int32 // len is -1 without a text
}

func (s *texts) resize(n int) { s.slots = extend(s.slots, n, textSlot{len: -1}) }

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

// has reports whether group g has a text.
func (s *texts) has(g int32) bool { return s.slots[g].len >= 0 }

// text returns the text of group g, which has one; good until the next is set.
func (s *texts) text(g int32) []byte {
	slot := &s.slots[g]
	return s.arena[slot.at : slot.at+int(slot.len)]
}

// improve makes text that of group g if it has none, or a lesser one and greatest
// is set, or else a greater one. It reports whether it did.
func (s *texts) improve(g int32, text []byte, greatest bool) bool {
	slot, prefix := &s.slots[g], textPrefix(text)
	if slot.len >= 0 {
		if prefix == slot.prefix {
			c := bytes.Compare(text, s.text(g))
			if c == 0 || (c > 0) != greatest {
				return false
			}
		} else if (prefix > slot.prefix) != greatest {
			return false
		}
	}
	s.set(g, text)
	return true
}

// set makes text that of group g.
func (s *texts) set(g int32, text []byte) {
	slot := &s.slots[g]
	if len(text) > int(slot.cap) {
		s.used += len(text) - int(slot.cap)
		slot.at, slot.cap, slot.len = len(s.arena), int32(len(text)), 0
		s.arena = append(s.arena, text...)
		if len(s.arena) > 2*s.used+4096 {
			s.compact()
		}
	}
	slot.prefix, slot.len = textPrefix(text), int32(len(text))
	copy(s.arena[slot.at:], text)
}

// compact moves the groups' room to a new arena without the gaps.
func (s *texts) compact() {
	arena := make([]byte, 0, s.used+s.used/2)
	for i := range s.slots {
		slot := &s.slots[i]
		room := s.arena[slot.at : slot.at+int(slot.cap)]
		slot.at = len(arena)
		arena = append(arena, room...)
	}
	s.arena = arena
}

// clear takes the texts of groups away.
func (s *texts) clear(groups []int32) {
	for _, g := range groups {
		s.used -= int(s.slots[g].cap)
		s.slots[g] = textSlot{len: -1}
	}
}

func (s *texts) reset() { s.slots, s.arena, s.used = s.slots[:0], s.arena[:0], 0 }

func (s *texts) bytes() int64 { return int64(24*cap(s.slots) + cap(s.arena)) }

// save writes all texts.
func (s *texts) save(w *writer) {
	w.Uvarint(uint64(len(s.slots)))
	for i := range s.slots {
		seen := s.has(int32(i))
		w.Flag(seen)
		if seen {
			w.Text(s.text(int32(i)))
		}
	}
}

// load replaces all texts by saved ones, each of which must pass check.
func (s *texts) load(r *reader, check func([]byte) bool) {
	s.reset()
	n := r.Count(1)
	s.resize(n)
	for g := range n {
		if r.Flag() {
			text := r.Text()
			if !check(text) {
				r.Fail()
				return
			}
			s.set(int32(g), text)
		}
	}
}
