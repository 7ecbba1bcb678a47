package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// folded keeps what a changelog amounts to: the rows that are there, with how
// often each is. Rows do not differ where their columns do not. A row's place in
// the order of arrival is that of the first of its like.
type folded struct {
	types   []data.Type
	table   *state.KeyTable // each different row under its id
	count   []int64         // by id: how often the row is there
	arrival []int64         // by id
	next    int64           // arrival
	live    int             // ids with a count other than 0

	all    counting
	ids    []int32
	hashes []uint64
}

func newFolded(schema data.Schema) *folded {
	f := &folded{}
	for _, c := range schema {
		f.types = append(f.types, c.Type)
	}
	f.table = state.NewKeyTable(f.types)
	return f
}

func (f *folded) add(b *data.Batch) error {
	rows := f.all.of(b)
	if cap(f.hashes) < b.N {
		f.hashes, f.ids = make([]uint64, b.N), make([]int32, b.N)
	}
	hashes, ids := f.hashes[:b.N], f.ids[:len(rows)]
	for c := range f.types {
		if !fits(f.table.Key(c), b.Cols[c], len(rows)) {
			return errTooLarge
		}
	}
	state.HashRows(b.Cols, b.Sel, b.N, hashes)
	f.table.FindOrAdd(b.Cols, hashes, rows, ids)
	for len(f.count) < f.table.Len() {
		f.count, f.arrival = append(f.count, 0), append(f.arrival, 0)
	}
	for k, r := range rows {
		f.change(ids[k], b.Change(int(r)))
	}
	if dead := f.table.Len() - f.live; dead > slack && dead > f.live {
		f.compact()
	}
	return nil
}

func (f *folded) change(id int32, c data.Change) {
	before := f.count[id]
	switch c {
	case data.UpdateBefore, data.Delete:
		f.count[id]--
	default:
		f.count[id]++
		if before == 0 {
			f.arrival[id] = f.next
			f.next++
		}
	}
	switch {
	case before == 0:
		f.live++
	case f.count[id] == 0:
		f.live--
	}
}

// compact drops the rows that are not there any more.
func (f *folded) compact() {
	for from, id := range dropKeys(f.table, func(id int) bool { return f.count[id] != 0 }) {
		if id >= 0 {
			f.count[id], f.arrival[id] = f.count[from], f.arrival[from]
		}
	}
	f.count, f.arrival = f.count[:f.table.Len()], f.arrival[:f.table.Len()]
}

func (f *folded) list(to []int32) []int32 {
	for id, n := range f.count {
		for range n {
			to = append(to, int32(id))
		}
	}
	slices.SortFunc(to, func(a, b int32) int { return cmp.Compare(f.arrival[a], f.arrival[b]) })
	return to
}

func (f *folded) columns() []*data.Vector {
	cols := make([]*data.Vector, len(f.types))
	for c := range cols {
		cols[c] = f.table.Key(c)
	}
	return cols
}

func (f *folded) save(e *data.Encoder) {
	f.table.Snapshot(e)
	e.Times(f.count)
	e.Times(f.arrival)
	e.Varint(f.next)
}

func (f *folded) load(d *data.Decoder) {
	f.table.Restore(d)
	f.count, f.arrival, f.next = d.Times(nil), d.Times(nil), d.Varint()
	if n := f.table.Len(); len(f.count) != n || len(f.arrival) != n {
		d.Fail()
	}
	f.live = 0
	for _, n := range f.count {
		if n != 0 {
			f.live++
		}
	}
}
