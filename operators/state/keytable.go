package state

import (
	"bytes"
	"encoding/binary"

	"tidemark/operators/data"
)

// KeyTable maps group keys to dense ids 0, 1, 2, … in order of first sight: an
// open-addressing table of (hash tag, id) beside the keys in columns. NULL is a
// key value like any other. It is not safe for concurrent use.
type KeyTable struct {
	slots []slot
	shift uint // 32 - log2(len(slots))
	n     int
	keys  []data.Vector
}

// slot is one entry: 8 bytes a key, and as much again for the free ones.
type slot struct {
	tag uint32 // high half of the hash; its top bits are the home slot
	id  int32  // id + 1; 0 is free
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
	b := int64(cap(t.slots)) * 8
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
			return t.insert(i, tag)
		}
		if s.tag == tag && t.equal(cols, row, int(s.id-1)) {
			return s.id - 1
		}
	}
}

func (t *KeyTable) equal(cols []*data.Vector, row, id int) bool {
	for c := range t.keys {
		if !data.Equal(cols[c], row, &t.keys[c], id) {
			return false
		}
	}
	return true
}

// findText is FindOrAdd for one text column without NULLs.
func (t *KeyTable) findText(col *data.Vector, hashes []uint64, rows []int32, ids []int32) {
	keys := &t.keys[0]
	for k, r := range rows {
		tag := uint32(hashes[r] >> 32)
		text := col.Bytes[col.Offsets[r]:col.Offsets[r+1]]
		mask := uint32(len(t.slots) - 1)
		for i := tag >> t.shift; ; i = (i + 1) & mask {
			s := t.slots[i&mask]
			if s.id == 0 {
				keys.AppendText(text)
				ids[k] = t.insert(i, tag)
				break
			}
			if s.tag == tag && sameText(keys.Bytes[keys.Offsets[s.id-1]:keys.Offsets[s.id]], text) {
				ids[k] = s.id - 1
				break
			}
		}
	}
}

// sameText is bytes.Equal with the short strings, which most keys are, compared inline.
func sameText(a, b []byte) bool {
	n := len(a)
	if n != len(b) {
		return false
	}
	if n <= 16 {
		switch {
		case n >= 8:
			return binary.LittleEndian.Uint64(a) == binary.LittleEndian.Uint64(b) &&
				binary.LittleEndian.Uint64(a[n-8:]) == binary.LittleEndian.Uint64(b[n-8:])
		case n >= 4:
			return binary.LittleEndian.Uint32(a) == binary.LittleEndian.Uint32(b) &&
				binary.LittleEndian.Uint32(a[n-4:]) == binary.LittleEndian.Uint32(b[n-4:])
		case n > 0:
			return a[0] == b[0] && a[n/2] == b[n/2] && a[n-1] == b[n-1]
		}
		return true
	}
	return bytes.Equal(a, b)
}

// findInts is FindOrAdd for one integer column without NULLs.
func (t *KeyTable) findInts(col *data.Vector, hashes []uint64, rows []int32, ids []int32) {
	keys := &t.keys[0]
	for k, r := range rows {
		tag, x := uint32(hashes[r]>>32), col.Ints[r]
		mask := uint32(len(t.slots) - 1)
		for i := tag >> t.shift; ; i = (i + 1) & mask {
			s := t.slots[i&mask]
			if s.id == 0 {
				keys.AppendInt(x)
				ids[k] = t.insert(i, tag)
				break
			}
			if s.tag == tag && keys.Ints[s.id-1] == x {
				ids[k] = s.id - 1
				break
			}
		}
	}
}

// insert puts the key just appended into the free slot i.
func (t *KeyTable) insert(i, tag uint32) int32 {
	id := int32(t.n)
	t.n++
	t.slots[i] = slot{tag, id + 1}
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
