package connectors

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"tidemark/operators/data"
)

// Pending are rows that a sink has taken and not sent yet. With a key only the last row
// of each counts; the others are dead.
type Pending struct {
	// Rows are the columns of all rows, also of dead ones.
	Rows []*data.Vector
	// Deletes says of each row whether it deletes what has its key.
	Deletes []bool

	schema data.Schema
	key    []int // empty: rows are only added
	bytes  int64 // of texts
	dead   []bool
	index  keyIndex
	buf    []byte
	alive  []int32
}

// NewPending returns no rows of a schema; without a key they are only added.
func NewPending(schema data.Schema, key []int) *Pending {
	p := &Pending{schema: schema, key: key, Rows: make([]*data.Vector, len(schema)), index: keyIndex{seed: maphash.MakeSeed()}}
	for i := range p.Rows {
		p.Rows[i] = &data.Vector{}
	}
	p.Clear()
	return p
}

// Len returns how many rows there are, dead ones too.
func (p *Pending) Len() int { return len(p.dead) }

// Bytes returns how many bytes the texts of all rows have.
func (p *Pending) Bytes() int64 { return p.bytes }

// Clear forgets the rows and keeps their memory.
func (p *Pending) Clear() {
	for i, c := range p.schema {
		p.Rows[i].Reset(c.Type)
	}
	p.bytes, p.Deletes, p.dead = 0, p.Deletes[:0], p.dead[:0]
	p.index.clear()
}

// Add takes row i of b, which stays the caller's. A NULL in the key is a *NullKeyError;
// without a key a row that is not new is an error.
func (p *Pending) Add(b *data.Batch, i int) error {
	change := b.Change(i)
	switch {
	case len(p.key) == 0 && change != data.Insert:
		return fmt.Errorf("a stream without a primary key takes only new rows, and this one is a change (%s): declare a primary key", change)
	case change == data.UpdateBefore:
		return nil
	}
	if len(p.key) > 0 {
		for _, c := range p.key {
			if b.Cols[c].IsNull(i) {
				return &NullKeyError{p.schema[c].Name}
			}
		}
		p.buf = AppendKey(p.buf[:0], b.Cols, p.key, i)
		if old := p.index.put(p.buf, int32(len(p.dead))); old >= 0 {
			p.dead[old] = true
		}
	}
	for c, v := range p.Rows {
		from := len(v.Bytes)
		v.AppendFrom(b.Cols[c], i)
		p.bytes += int64(len(v.Bytes) - from)
	}
	p.dead = append(p.dead, false)
	p.Deletes = append(p.Deletes, change == data.Delete)
	return nil
}

// Live returns the rows that count, in their order. The slice is good until the next
// call.
func (p *Pending) Live() []int32 {
	p.alive = p.alive[:0]
	for i, dead := range p.dead {
		if !dead {
			p.alive = append(p.alive, int32(i))
		}
	}
	return p.alive
}

// Describe names a row for a message: by its key, or else by all that it has.
func (p *Pending) Describe(row int32) string {
	var parts []string
	for c, v := range p.Rows {
		if len(p.key) > 0 && !slices.Contains(p.key, c) {
			continue
		}
		text := "NULL"
		if !v.IsNull(int(row)) {
			text = Shorten(string(data.AppendText(nil, v, int(row))))
		}
		parts = append(parts, p.schema[c].Name+" = "+text)
	}
	return strings.Join(parts, ", ")
}

// Shorten cuts a text for a message.
func Shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// keyIndex finds the last row of each key. Keys stand one behind the other in one
// slice, so that a key costs no allocation.
type keyIndex struct {
	seed  maphash.Seed
	slots []int32 // places in rows, and 1; 0 is free
	rows  []int32
	ends  []uint32 // of the keys in keys
	keys  []byte
}

func (x *keyIndex) clear() {
	clear(x.slots)
	x.rows, x.ends, x.keys = x.rows[:0], x.ends[:0], x.keys[:0]
}

// put notes the row of a key and returns the one it had, or -1.
func (x *keyIndex) put(key []byte, row int32) (old int32) {
	if 2*len(x.rows) >= len(x.slots) {
		x.grow()
	}
	at := x.find(key)
	if k := x.slots[at]; k > 0 {
		old, x.rows[k-1] = x.rows[k-1], row
		return old
	}
	x.keys = append(x.keys, key...)
	x.rows, x.ends = append(x.rows, row), append(x.ends, uint32(len(x.keys)))
	x.slots[at] = int32(len(x.rows))
	return -1
}

// find returns the slot that a key has or is to get.
func (x *keyIndex) find(key []byte) int {
	mask := len(x.slots) - 1
	at := int(maphash.Bytes(x.seed, key)) & mask
	for x.slots[at] > 0 && string(x.key(x.slots[at]-1)) != string(key) {
		at = (at + 1) & mask
	}
	return at
}

func (x *keyIndex) key(k int32) []byte {
	from := uint32(0)
	if k > 0 {
		from = x.ends[k-1]
	}
	return x.keys[from:x.ends[k]]
}

func (x *keyIndex) grow() {
	x.slots = make([]int32, max(1024, 2*len(x.slots)))
	for k := range x.rows {
		x.slots[x.find(x.key(int32(k)))] = int32(k) + 1
	}
}
