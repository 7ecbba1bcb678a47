package state

import (
	"bytes"
	"encoding/binary"

	"tidemark/operators/data"
)

// KeyTable maps group keys to dense ids 0, 1, 2, … in order of first sight: an
// open-addressing table beside the keys in columns. NULL is a key value like any
// other. It is not safe for concurrent use.
type KeyTable struct {
	slots []slot
	shift uint // 32 - log2(len(slots))
	n     int
	keys  []data.Vector
}

// slot is one entry. A key that fits into a word, a single integer or a text of
// up to eight bytes, is compared there, without a look at the columns.
type slot struct {
	word uint64
	tag  uint32 // high half of the hash; its top bits are the home slot
	id   int32  // id + 1; 0 is free
}

const minLog = 6

// NewKeyTable returns an empty table for keys of the given column types.
func NewKeyTable(types []data.Type) *KeyTable {
	t := &KeyTable{slots: make([]slot, 1<<minLog), shift: 32 - minLog, keys: make([]data.Vector, len(types))}
	for i, ty := range types {
		t.keys[i].Reset(ty)
	}
	return t
}

// Len returns the number of keys.
func (t *KeyTable) Len() int { return t.n }

// Key returns column i of the keys, indexed by id. It belongs to the table.
func (t *KeyTable) Key(i int) *data.Vector { return &t.keys[i] }

// Bytes estimates the memory held.
func (t *KeyTable) Bytes() int64 {
	b := int64(cap(t.slots)) * 16
	for i := range t.keys {
		v := &t.keys[i]
		b += int64(cap(v.Ints)*8 + cap(v.Floats)*8 + cap(v.Bools) + cap(v.Wides)*16 + cap(v.Offsets)*4 + cap(v.Bytes) + cap(v.Null))
	}
	return b
}

// Reset forgets the keys and keeps the memory.
func (t *KeyTable) Reset() {
	clear(t.slots)
	t.n = 0
	for i := range t.keys {
		t.keys[i].Reset(t.keys[i].Type)
	}
}

// FindOrAdd writes to ids[k] the id of the key in row rows[k] of cols, giving new
// keys the next ids. hashes has the key's HashRows hash at each row.
func (t *KeyTable) FindOrAdd(cols []*data.Vector, hashes []uint64, rows []int32, ids []int32) {
	if len(cols) == 1 && !cols[0].Const && cols[0].Null == nil && t.keys[0].Null == nil {
		switch cols[0].Type.Class() {
		case data.ClassBytes:
			t.findText(cols[0], hashes, rows, ids)
			return
		case data.ClassInt:
			t.findInts(cols[0], hashes, rows, ids)
			return
		}
	}
	for k, r := range rows {
		ids[k] = t.findOne(cols, hashes[r], int(r))
	}
}

func (t *KeyTable) findOne(cols []*data.Vector, hash uint64, row int) int32 {
	tag := uint32(hash >> 32)
	mask := uint32(len(t.slots) - 1)
	for i := tag >> t.shift; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s.id == 0 {
			for c := range t.keys {
				t.keys[c].AppendFrom(cols[c], row)
			}
			return t.insert(i, tag, t.wordOf(cols, hash, row))
		}
		if s.tag == tag && t.equal(cols, row, int(s.id-1)) {
			return s.id - 1
		}
	}
}

// wordOf returns what the slot of a key holds, whichever way the key is looked up.
func (t *KeyTable) wordOf(cols []*data.Vector, hash uint64, row int) uint64 {
	if len(cols) != 1 || cols[0].IsNull(row) {
		return hash | longWord
	}
	switch cols[0].Type.Class() {
	case data.ClassBytes:
		if word, ok := packText(cols[0].Text(row)); ok {
			return word
		}
	case data.ClassInt:
		return uint64(cols[0].Ints[cols[0].Index(row)])
	}
	return hash | longWord
}

func (t *KeyTable) equal(cols []*data.Vector, row, id int) bool {
	for c := range t.keys {
		if !data.Equal(cols[c], row, &t.keys[c], id) {
			return false
		}
	}
	return true
}

// longWord marks the word of a text that does not fit: its hash.
const longWord = 0xFF << 56

// packText packs a text into a word that no other text has: up to seven bytes
// with their number in the last byte, or eight bytes that do not end in what
// would be taken for such a number or for longWord's mark.
func packText(s []byte) (word uint64, ok bool) {
	n := len(s)
	switch {
	case n > 8:
		return 0, false
	case n == 8:
		return binary.LittleEndian.Uint64(s), s[7]-8 < 0xFF-8
	case n >= 4:
		return uint64(n)<<56 | uint64(binary.LittleEndian.Uint32(s)) | uint64(binary.LittleEndian.Uint32(s[n-4:]))<<(8*(n-4)), true
	case n > 0:
		return uint64(n)<<56 | uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1)), true
	}
	return 0, true
}

// findText is FindOrAdd for one text column without NULLs.
func (t *KeyTable) findText(col *data.Vector, hashes []uint64, rows []int32, ids []int32) {
	keys := &t.keys[0]
	for k, r := range rows {
		hash := hashes[r]
		tag := uint32(hash >> 32)
		text := col.Bytes[col.Offsets[r]:col.Offsets[r+1]]
		word, short := packText(text)
		if !short {
			word = hash | longWord
		}
		mask := uint32(len(t.slots) - 1)
		for i := tag >> t.shift; ; i = (i + 1) & mask {
			s := &t.slots[i&mask]
			if s.id == 0 {
				keys.AppendText(text)
				ids[k] = t.insert(i, tag, word)
				break
			}
			if s.word == word && (short || bytes.Equal(keys.Bytes[keys.Offsets[s.id-1]:keys.Offsets[s.id]], text)) {
				ids[k] = s.id - 1
				break
			}
		}
	}
}

// findInts is FindOrAdd for one integer column without NULLs.
func (t *KeyTable) findInts(col *data.Vector, hashes []uint64, rows []int32, ids []int32) {
	keys := &t.keys[0]
	for k, r := range rows {
		tag, x := uint32(hashes[r]>>32), col.Ints[r]
		mask := uint32(len(t.slots) - 1)
		for i := tag >> t.shift; ; i = (i + 1) & mask {
			s := &t.slots[i&mask]
			if s.id == 0 {
				keys.AppendInt(x)
				ids[k] = t.insert(i, tag, uint64(x))
				break
			}
			if s.word == uint64(x) {
				ids[k] = s.id - 1
				break
			}
		}
	}
}

// insert puts the key just appended into the free slot i.
func (t *KeyTable) insert(i, tag uint32, word uint64) int32 {
	id := int32(t.n)
	t.n++
	t.slots[i] = slot{word, tag, id + 1}
	if t.n*4 > len(t.slots)*3 {
		t.grow()
	}
	return id
}

func (t *KeyTable) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	t.shift--
	mask := uint32(len(t.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := s.tag >> t.shift
		for t.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
