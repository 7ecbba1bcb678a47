package state

import "tidemark/operators/data"

// Snapshot writes the keys in the order of their ids.
func (t *KeyTable) Snapshot(e *data.Encoder) {
	e.Uvarint(uint64(t.n))
	for i := range t.keys {
		e.Vector(&t.keys[i])
	}
}

// Restore makes an empty table that which wrote the snapshot: every key has the
// id it had.
func (t *KeyTable) Restore(d *data.Decoder) {
	n := int(d.Uvarint())
	cols := make([]*data.Vector, len(t.keys))
	for i := range cols {
		cols[i] = &data.Vector{}
		d.Vector(cols[i], t.keys[i].Type)
		if cols[i].Len() != n || cols[i].Const {
			d.Fail()
		}
	}
	if len(t.keys) == 0 && n > 1 {
		d.Fail() // without columns there is one key
	}
	if d.Damaged() || n == 0 {
		return
	}
	hashes, rows, ids := make([]uint64, n), make([]int32, n), make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	HashRows(cols, nil, n, hashes)
	t.FindOrAdd(cols, hashes, rows, ids)
	if t.n != n {
		d.Fail() // two are the same
	}
}
