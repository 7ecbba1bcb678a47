package agg

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Odd constants without structure: digits of the golden ratio and of pi.
const (
	mixA = 0x9E3779B97F4A7C15
	mixB = 0x243F6A8885A308D3
)

// mix folds the 128-bit product: every bit of both reaches every bit of the result.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// pairSet is a set of (group, word) by open addressing. The zero value is empty.
type pairSet struct {
	slots []pairSlot // a power of two, at most three quarters taken
	n     int
}

type pairSlot struct {
	word  uint64
	group int32 // plus one; 0 is free
}

func pairHash(group int32, word uint64) uint64 {
	return mix(word^mixA, uint64(uint32(group))*mixA^mixB)
}

// add adds a pair and reports whether it was new.
func (s *pairSet) add(group int32, word uint64) bool {
	if s.n*4 >= len(s.slots)*3 {
		s.grow()
	}
	group++
	mask := uint64(len(s.slots) - 1)
	for i := pairHash(group, word) & mask; ; i = (i + 1) & mask {
		p := &s.slots[i]
		if p.group == 0 {
			*p = pairSlot{word, group}
			s.n++
			return true
		}
		if p.group == group && p.word == word {
			return false
		}
	}
}

func (s *pairSet) grow() {
	old := s.slots
	s.slots = make([]pairSlot, max(16, 2*len(old)))
	mask := uint64(len(s.slots) - 1)
	for _, p := range old {
		if p.group == 0 {
			continue
		}
		i := pairHash(p.group, p.word) & mask
		for s.slots[i].group != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = p
	}
}

func (s *pairSet) reset() {
	clear(s.slots)
	s.n = 0
}

func (s *pairSet) bytes() int64 { return int64(16 * cap(s.slots)) }

// textSet numbers texts 0, 1, 2, … in order of first sight. The zero value is empty.
type textSet struct {
	ends  []int // of each text in arena
	arena []byte
	slots []textEntry // a power of two, at most three quarters taken
}

type textEntry struct {
	tag uint32 // low half of the hash
	id  int32  // plus one; 0 is free
}

func textHash(b []byte) uint64 {
	h := uint64(len(b)) ^ mixB
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h^binary.LittleEndian.Uint64(b), mixA)
	}
	return mix(h^textPrefix(b), mixA)
}

func (s *textSet) len() int { return len(s.ends) }

// at returns text i, which belongs to the set.
func (s *textSet) at(i int) []byte {
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.arena[start:s.ends[i]]
}

// add returns the number of text, which is copied if it is new.
func (s *textSet) add(text []byte) int {
	if len(s.ends)*4 >= len(s.slots)*3 {
		s.grow()
	}
	tag := uint32(textHash(text))
	mask := uint32(len(s.slots) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		e := &s.slots[i]
		if e.id == 0 {
			s.arena = append(s.arena, text...)
			s.ends = append(s.ends, len(s.arena))
			*e = textEntry{tag, int32(len(s.ends))}
			return len(s.ends) - 1
		}
		if e.tag == tag && bytes.Equal(s.at(int(e.id-1)), text) {
			return int(e.id - 1)
		}
	}
}

func (s *textSet) grow() {
	old := s.slots
	s.slots = make([]textEntry, max(16, 2*len(old)))
	mask := uint32(len(s.slots) - 1)
	for _, e := range old {
		if e.id == 0 {
			continue
		}
		i := e.tag & mask
		for s.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = e
	}
}

func (s *textSet) reset() {
	s.ends, s.arena = s.ends[:0], s.arena[:0]
	clear(s.slots)
}

func (s *textSet) bytes() int64 { return int64(8*cap(s.ends) + cap(s.arena) + 8*cap(s.slots)) }
