package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// First passes on the first row of each key, as it comes. It takes no updates.
type First struct {
	key  []int
	pool *data.Pool

	table  *state.KeyTable
	keys   []*data.Vector
	hashes rowHashes
	rows   []int32 // selected rows of the batch
	ids    []int32 // of their keys
	picks  []int32 // the rows to pass on
}

// NewFirst returns an operator for rows of a schema, keyed by the given columns.
func NewFirst(key []int, schema data.Schema) *First {
	types := make([]data.Type, len(key))
	for i, k := range key {
		types[i] = schema[k].Type
	}
	return &First{key: key, pool: data.NewPool(schema), table: state.NewKeyTable(types), keys: make([]*data.Vector, len(key))}
}

// Process emits those of b's rows whose keys are new, and its steps between them.
func (f *First) Process(b *data.Batch, out Output) error {
	defer b.Release()
	for i, k := range f.key {
		f.keys[i] = b.Cols[k]
	}
	hashes := f.hashes.of(b, f.keys, b.Sel)
	f.rows = f.rows[:0]
	for k := range b.Rows() {
		f.rows = append(f.rows, int32(b.Row(k)))
	}
	if cap(f.ids) < len(f.rows) {
		f.ids = make([]int32, len(f.rows))
	}
	known := int32(f.table.Len()) // new keys have the next ids, in the order of their first rows
	ids := f.ids[:len(f.rows)]
	f.table.FindOrAdd(f.keys, hashes, f.rows, ids)
	f.picks = f.picks[:0]
	o := f.pool.Get()
	step := 0
	steps := func(before int) {
		for ; step < len(b.Steps) && b.Steps[step].Row <= before; step++ {
			s := b.Steps[step]
			o.AddTriggeredStep(len(f.picks), s.Time, 2*(b.Seq+int64(s.Row))-1)
		}
	}
	for k, r := range f.rows {
		steps(int(r))
		if ids[k] == known {
			known++
			f.picks = append(f.picks, r)
		}
	}
	steps(b.N)
	for c, dst := range o.Cols {
		Gather(dst, b.Cols[c], f.picks)
	}
	for _, r := range f.picks {
		o.AddRows(1, data.Insert, 2*(b.Seq+int64(r)))
	}
	if o.N == 0 && len(o.Steps) == 0 {
		o.Release()
		return nil
	}
	return out(o)
}

// Bytes estimates the memory held.
func (f *First) Bytes() int64 { return f.table.Bytes() }

// Snapshot writes the keys.
func (f *First) Snapshot(e *data.Encoder) { f.table.Snapshot(e) }

// Restore reads them.
func (f *First) Restore(d *data.Decoder) error {
	f.table.Restore(d)
	return nil
}
