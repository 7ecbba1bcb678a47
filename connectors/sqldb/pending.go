package sqldb

import (
	"fmt"
	"hash/maphash"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// pending are rows that were taken and are not in the database yet. With a key only
// the last row of each counts; the others are dead.
type pending struct {
	schema  data.Schema
	key     []int // empty: rows are only added
	rows    []*data.Vector
	count   int
	bytes   int64 // of texts
	deletes []bool
	dead    []bool
	index   keyIndex
	buf     []byte
	alive   []int32
}

func newPending(schema data.Schema, key []int) *pending {
	p := &pending{schema: schema, key: key, rows: make([]*data.Vector, len(schema)), index: keyIndex{seed: maphash.MakeSeed()}}
	for i := range p.rows {
		p.rows[i] = &data.Vector{}
	}
	p.clear()
	return p
}

// clear forgets the rows.
func (p *pending) clear() {
	for i, c := range p.schema {
		p.rows[i].Reset(c.Type)
	}
	p.count, p.bytes, p.deletes, p.dead = 0, 0, p.deletes[:0], p.dead[:0]
	p.index.clear()
}

// add takes row i of b.
func (p *pending) add(b *data.Batch, i int) error {
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
				return &connectors.NullKeyError{Column: p.schema[c].Name}
			}
		}
		p.buf = connectors.AppendKey(p.buf[:0], b.Cols, p.key, i)
		if old := p.index.put(p.buf, int32(p.count)); old >= 0 {
			p.dead[old] = true
		}
	}
	for c, v := range p.rows {
		from := len(v.Bytes)
		v.AppendFrom(b.Cols[c], i)
		p.bytes += int64(len(v.Bytes) - from)
	}
	p.count++
	p.dead = append(p.dead, false)
	p.deletes = append(p.deletes, change == data.Delete)
	return nil
}

// live returns the rows that count, in their order. It is good until the next call.
func (p *pending) live() []int32 {
	p.alive = p.alive[:0]
	for i, dead := range p.dead {
		if !dead {
			p.alive = append(p.alive, int32(i))
		}
	}
	return p.alive
}

// describe names a row for a message: by its key, or else by all that it has.
func (p *pending) describe(row int32) string {
	columns := p.key
	if len(columns) == 0 {
		columns = everyColumn(p.schema)
	}
	parts := make([]string, len(columns))
	for k, c := range columns {
		text := "NULL"
		if v := p.rows[c]; !v.IsNull(int(row)) {
			text = shorten(string(data.AppendText(nil, v, int(row))))
		}
		parts[k] = p.schema[c].Name + " = " + text
	}
	return strings.Join(parts, ", ")
}

// shorten cuts a text for a message.
func shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// everyColumn lists the places of all columns.
func everyColumn(schema data.Schema) []int {
	all := make([]int, len(schema))
	for i := range all {
		all[i] = i
	}
	return all
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
