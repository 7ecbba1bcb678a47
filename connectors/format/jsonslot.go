package format

import "encoding/binary"

// slot predicts what stands between two values of a record: the k-th slot is
// the text between the value before and the k-th value, such as `,"user_id":`
// with whatever white space the writer uses. Records of a stream have their
// names in the same order nearly always, so one or two word compares replace
// the scan of a name and its lookup. A wrong guess only costs time.
type slot struct {
	n      int
	first  uint64 // the first eight bytes, those behind the text masked out
	mask   uint64
	last   uint64 // the last eight bytes, for longer texts
	column int32  // the needed column, or -1
	fold   bool   // the name matches only without regard to case
	text   [maxSlot]byte
}

// maxSlot is the longest text a slot keeps.
const maxSlot = 56

// learn makes s expect the text. One that is too long is never matched.
func (s *slot) learn(text []byte, column int32, fold bool) {
	s.n, s.column, s.fold = len(text), column, fold
	if len(text) > maxSlot {
		s.mask, s.first = 0, 1
		return
	}
	s.text = [maxSlot]byte{}
	copy(s.text[:], text)
	s.first, s.mask = binary.LittleEndian.Uint64(s.text[:]), ^uint64(0)
	if len(text) < 8 {
		s.mask = 1<<(8*len(text)) - 1
		return
	}
	s.last = binary.LittleEndian.Uint64(s.text[len(text)-8:])
}

// slotAt returns the k-th slot, or nil.
func slotAt(slots []slot, k int) *slot {
	if k < len(slots) {
		return &slots[k]
	}
	return nil
}

// rest compares what comes after the first eight bytes.
func (s *slot) rest(d []byte, i int) bool {
	return word(d, i+s.n-8) == s.last && (s.n <= 16 || string(d[i+8:i+s.n-8]) == string(s.text[8:s.n-8]))
}
