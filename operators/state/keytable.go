package state

import (
	"bytes"

	"tidemark/operators/data"
)

// KeyTable maps group keys to dense ids 0, 1, 2, … in order of first sight: an
// open-addressing table of hashes beside the keys in columns. NULL is a key value
// like any other. It is not safe for concurrent use.
type KeyTable struct {
	slots []slot
	shift uint // 64 - log2(len(slots))
	n     int
	keys  []data.Vector
}

// slot is one entry. Most keys are one word, an integer or a short text: their
// hash is theirs alone, and they are found without a look at the columns. It is of
// three halves of a word, as there are many.
type slot struct {
	lo, hi uint32 // of the hash
	ref    int32  // id + 1, its negative when the key is one word; 0 is free
}

// has reports whether the slot's key has a hash.
func (s *slot) has(hash uint64) bool { return s.lo == uint32(hash) && s.hi == uint32(hash>>32) }

// hash returns the hash of the slot's key.
func (s *slot) hash() uint64 { return uint64(s.hi)<<32 | uint64(s.lo) }

// id returns the id of the slot's key.
func (s *slot) id() int32 { return max(s.ref, -s.ref) - 1 }

// The table starts with 2^minLog slots. Up to 2^denseLog it is kept at most half
// full, which saves probes; beyond, where memory counts, three quarters.
const (
	minLog   = 6
	denseLog = 14
)

// NewKeyTable returns an empty table for keys of the given column types.
func NewKeyTable(types []data.Type) *KeyTable {
	t := &KeyTable{slots: make([]slot, 1<<minLog), shift: 64 - minLog, keys: make([]data.Vector, len(types))}
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
	b := int64(cap(t.slots)) * 12
	for i := range t.keys {
		v := &t.keys[i]
		b += int64(cap(v.Ints)*8 + cap(v.Floats)*8 + cap(v.Bools) + cap(v.Wides)*16 + cap(v.Offsets)*4 + cap(v.Bytes) + cap(v.Null))
	}
	return b
}

// Reset forgets the keys and keeps the memory, unless it is far more than they
// needed: to clear the slots of one huge window again for each small one after it
// would cost more than to grow anew.
func (t *KeyTable) Reset() {
	if len(t.slots) > 1<<denseLog && t.n < len(t.slots)/16 {
		t.slots, t.shift = make([]slot, 1<<minLog), 64-minLog
	} else {
		clear(t.slots)
	}
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
	mask := uint64(len(t.slots) - 1)
	for i := hash >> t.shift; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.ref == 0 {
			for c := range t.keys {
				t.keys[c].AppendFrom(cols[c], row)
			}
			return t.insert(i, hash, isWord(cols, row))
		}
		if s.has(hash) && t.equal(cols, row, int(s.id())) {
			return s.id()
		}
	}
}

// isWord reports whether the key of a row is one word: see slot.
func isWord(cols []*data.Vector, row int) bool {
	if len(cols) != 1 || cols[0].IsNull(row) {
		return false
	}
	switch cols[0].Type.Class() {
	case data.ClassInt:
		return true
	case data.ClassBytes:
		_, ok := packText(cols[0].Text(row))
		return ok
	}
	return false
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
	keys, offsets := &t.keys[0], col.Offsets
	for k, r := range rows {
		hash := hashes[r]
		from, to := offsets[r], offsets[r+1]
		word := to-from < 8 || to-from == 8 && col.Bytes[from+7] > 7 // packs: see packText
		mask := uint64(len(t.slots) - 1)
		for i := hash >> t.shift; ; i = (i + 1) & mask {
			s := &t.slots[i&mask]
			ref := s.ref
			if ref == 0 {
				keys.AppendText(col.Bytes[from:to])
				ids[k] = t.insert(i, hash, word)
				break
			}
			if !s.has(hash) {
				continue
			}
			if word && ref < 0 {
				ids[k] = -ref - 1
				break
			}
			if !word && ref > 0 && bytes.Equal(keys.Bytes[keys.Offsets[ref-1]:keys.Offsets[ref]], col.Bytes[from:to]) {
				ids[k] = ref - 1
				break
			}
		}
	}
}

// findInts is FindOrAdd for one integer column without NULLs.
func (t *KeyTable) findInts(col *data.Vector, hashes []uint64, rows []int32, ids []int32) {
	keys := &t.keys[0]
	for k, r := range rows {
		hash := hashes[r]
		mask := uint64(len(t.slots) - 1)
		for i := hash >> t.shift; ; i = (i + 1) & mask {
			s := &t.slots[i&mask]
			if s.ref == 0 {
				keys.AppendInt(col.Ints[r])
				ids[k] = t.insert(i, hash, true)
				break
			}
			if s.has(hash) {
				ids[k] = -s.ref - 1
				break
			}
		}
	}
}

// insert puts the key just appended into the free slot i.
func (t *KeyTable) insert(i, hash uint64, word bool) int32 {
	id := int32(t.n)
	t.n++
	ref := id + 1
	if word {
		ref = -ref
	}
	t.slots[i] = slot{uint32(hash), uint32(hash >> 32), ref}
	if full := len(t.slots); t.n*4 > full*3 || t.n*2 > full && full < 1<<denseLog {
		t.grow()
	}
	return id
}

func (t *KeyTable) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	t.shift--
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.ref == 0 {
			continue
		}
		i := s.hash() >> t.shift
		for t.slots[i].ref != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
