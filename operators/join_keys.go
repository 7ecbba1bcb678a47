package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// joinKeys gives the keys of a join's rows dense ids. A key of which a part is
// NULL matches nothing and has none.
type joinKeys struct {
	from   []int // the input's columns
	types  []data.Type
	table  *state.KeyTable
	cols   []*data.Vector
	hashes []uint64
	ids    []int32
	all    counting
	// retry is how many keys there must be before it is worth to look for those that
	// have gone quiet again.
	retry int
	// gone and to are compact's.
	gone []bool
	to   []int32
}

func newJoinKeys(from []int, in data.Schema) joinKeys {
	k := joinKeys{from: from, cols: make([]*data.Vector, len(from))}
	for _, c := range from {
		k.types = append(k.types, in[c].Type)
	}
	k.table = state.NewKeyTable(k.types)
	return k
}

// find returns the selected rows of b and the id of each one's key, -1 where a
// part of it is NULL.
func (k *joinKeys) find(b *data.Batch) (rows, ids []int32) {
	rows, ids, hashes, nulls := k.look(b)
	if !nulls {
		k.table.FindOrAdd(k.cols, hashes, rows, ids)
		return rows, ids
	}
	for i, r := range rows {
		ids[i] = -1
		if !k.hasNull(r) {
			k.table.FindOrAdd(k.cols, hashes, rows[i:i+1], ids[i:i+1])
		}
	}
	return rows, ids
}

// findAll is find with ids for the keys with a NULL too, which isNull tells.
func (k *joinKeys) findAll(b *data.Batch) (rows, ids []int32) {
	rows, ids, hashes, _ := k.look(b)
	k.table.FindOrAdd(k.cols, hashes, rows, ids)
	return rows, ids
}

// isNull reports whether a part of a key is NULL.
func (k *joinKeys) isNull(id int32) bool {
	for i := range k.types {
		if k.table.Key(i).IsNull(int(id)) {
			return true
		}
	}
	return false
}

// look returns the selected rows of b with room for their ids and the hashes of
// their keys; nulls says that there may be NULLs among them.
func (k *joinKeys) look(b *data.Batch) (rows, ids []int32, hashes []uint64, nulls bool) {
	rows = k.all.of(b)
	if cap(k.ids) < len(rows) {
		k.ids = make([]int32, max(len(rows), 2*cap(k.ids)))
	}
	ids = k.ids[:len(rows)]
	for i, c := range k.from {
		k.cols[i] = b.Cols[c]
		nulls = nulls || b.Cols[c].Null != nil
	}
	hashes = b.Hashes
	if hashes == nil {
		if cap(k.hashes) < b.N {
			k.hashes = make([]uint64, b.N)
		}
		hashes = k.hashes[:b.N]
		state.HashRows(k.cols, b.Sel, b.N, hashes)
	}
	return rows, ids, hashes, nulls
}

func (k *joinKeys) hasNull(r int32) bool {
	for _, v := range k.cols {
		if v.IsNull(int(r)) {
			return true
		}
	}
	return false
}

// compact gives the live keys new ids, in their order. It returns the new id of each
// old one, -1 for those that are gone, good until the next call, and how many there are now.
func (k *joinKeys) compact(isLive func(id int32) bool) (to []int32, n int) {
	k.gone = k.gone[:0]
	for id := range k.table.Len() {
		k.gone = append(k.gone, !isLive(int32(id)))
	}
	to = k.table.Drop(k.gone, k.to[:0])
	if k.to = to; cap(to) > mostLists { // they come seldom
		k.to, k.gone = nil, nil
	}
	k.retry = max(1024, 2*k.table.Len())
	return to, k.table.Len()
}

// crowded reports whether there are so many keys that compact is worth its cost.
func (k *joinKeys) crowded() bool { return k.table.Len() > max(1024, k.retry) }

func (k *joinKeys) bytes() int64 {
	return k.table.Bytes() + int64(4*cap(k.ids)+8*cap(k.hashes)+cap(k.gone)+4*cap(k.to))
}
