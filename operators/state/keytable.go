package state

import (
	"bytes"
	"math/bits"

	"tidemark/operators/data"
)

// KeyTable maps group keys to dense ids 0, 1, 2, … in order of first sight: an
// open-addressing table of hashes beside the keys in columns. NULL is a key value
// like any other. It is not safe for concurrent use.
type KeyTable struct {
	slots []slot // any number of them: see place
	n     int
	keys  []data.Vector
	// thrifty says that memory counts from the beginning: see Thrift.
	thrifty bool
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

// place returns where the search for a hash begins among n slots: the hash as a part of
// all hashes, of the slots.
func place(hash uint64, n int) int {
	hi, _ := bits.Mul64(hash, uint64(n))
	return int(hi)
}

// The table starts with minSlots. Up to fewSlots it is four sevenths full at most, which
// saves probes, and grows by a quarter: a key never takes more than 27 bytes of slots. Beyond,
// where memory counts more, it is four fifths full at most when it grows, and four sevenths
// at least when it has.
const (
	minSlots = 1 << 6
	fewSlots = 1 << 14
)

// Thrift lets memory count more than probes, however few the keys are: for a table that is
// one of many. It may be called at any time.
func (t *KeyTable) Thrift() {
	if t.thrifty {
		return
	}
	t.thrifty = true
	if fit := max(minSlots, t.n*7/5); fit < len(t.slots) {
		t.grow(fit)
	}
}

// NewKeyTable returns an empty table for keys of the given column types.
func NewKeyTable(types []data.Type) *KeyTable {
	t := &KeyTable{slots: make([]slot, minSlots), keys: make([]data.Vector, len(types))}
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
	if t.shrinks() {
		t.slots = make([]slot, minSlots)
	} else {
		clear(t.slots)
	}
	t.n = 0
	for i := range t.keys {
		t.keys[i].Reset(t.keys[i].Type)
	}
}

// shrinks reports whether the slots are many, and far more than the keys need.
func (t *KeyTable) shrinks() bool { return len(t.slots) > fewSlots && t.n < len(t.slots)/16 }

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
	i, id := t.locate(cols, hash, row)
	if id >= 0 {
		return id
	}
	for c := range t.keys {
		t.keys[c].AppendFrom(cols[c], row)
	}
	return t.insert(i, hash, isWord(cols, row))
}

// Find returns the id of the key in a row of cols, whose hash is given; -1 when it is not
// there.
func (t *KeyTable) Find(cols []*data.Vector, hash uint64, row int) int32 {
	_, id := t.locate(cols, hash, row)
	return id
}

// locate returns the slot of a key and its id, or the slot where it would be and -1.
func (t *KeyTable) locate(cols []*data.Vector, hash uint64, row int) (slot int, id int32) {
	for i := place(hash, len(t.slots)); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		s := &t.slots[i]
		if s.ref == 0 {
			return i, -1
		}
		if s.has(hash) && t.equal(cols, row, int(s.id())) {
			return i, s.id()
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
		slots := t.slots
		for i := place(hash, len(slots)); ; i++ {
			if i >= len(slots) {
				i = 0
			}
			s := &slots[i]
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
		slots := t.slots
		for i := place(hash, len(slots)); ; i++ {
			if i >= len(slots) {
				i = 0
			}
			s := &slots[i]
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
func (t *KeyTable) insert(i int, hash uint64, word bool) int32 {
	id := int32(t.n)
	t.n++
	ref := id + 1
	if word {
		ref = -ref
	}
	t.slots[i] = slot{uint32(hash), uint32(hash >> 32), ref}
	switch full := len(t.slots); {
	case t.n*7 > full*4 && full < fewSlots && !t.thrifty:
		t.grow(full + full/4)
	case t.n*5 > full*4:
		t.grow(full + 2*full/5)
	}
	return id
}

// grow makes the slots n, which are more than the keys.
func (t *KeyTable) grow(n int) {
	old := t.slots
	t.slots = make([]slot, n)
	t.fill(old)
}
