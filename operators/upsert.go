package operators

import (
	"bytes"
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

var errNullKey = errors.New("a column of the primary key is NULL")

// Upsert makes a changelog of rows that replace one another by key: the first row
// of a key is inserted, a later one updates it unless it is the same, byte for
// byte. A -D deletes the row of its key; a -U says nothing new and is passed over.
type Upsert struct {
	key   []int
	rest  []int // the other columns
	pool  *data.Pool
	most  int
	table *state.KeyTable
	// rows has, by the key's id, the other columns of the last row as the fields of
	// one value; nil when there is none.
	rows   [][]byte
	text   int64 // bytes in rows
	row    data.Type
	buf    []byte
	keys   []*data.Vector
	hashes rowHashes
	out    *data.Batch
}

// NewUpsert returns an operator for rows of a schema, keyed by the given columns.
// batchRows is the most rows of an output batch.
func NewUpsert(key []int, schema data.Schema, batchRows int) *Upsert {
	u := &Upsert{key: key, pool: data.NewPool(schema), most: batchRows, keys: make([]*data.Vector, len(key))}
	isKey := make([]bool, len(schema))
	types := make([]data.Type, len(key))
	for i, k := range key {
		isKey[k], types[i] = true, schema[k].Type
	}
	var fields []data.Field
	for i, c := range schema {
		if !isKey[i] {
			u.rest = append(u.rest, i)
			fields = append(fields, data.Field{Name: c.Name, Type: c.Type})
		}
	}
	u.table, u.row = state.NewKeyTable(types), data.RowOf(fields...)
	return u
}

// Process emits what b's rows change, and its steps between them.
func (u *Upsert) Process(b *data.Batch, out Output) error {
	defer b.Release()
	for i, k := range u.key {
		u.keys[i] = b.Cols[k]
	}
	hashes := u.hashes.of(b, u.keys, b.Sel)
	step := 0
	for k := range b.Rows() {
		r := b.Row(k)
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			u.pass(b, b.Steps[step])
		}
		for _, key := range u.keys {
			if key.IsNull(r) {
				if err := u.flush(out); err != nil {
					return err
				}
				return &RowError{Where: b.Where(r), Err: errNullKey}
			}
		}
		if u.out != nil && u.out.N+2 > u.most && u.out.N > 0 {
			if err := u.flush(out); err != nil {
				return err
			}
		}
		u.apply(b, int32(r), hashes)
	}
	for ; step < len(b.Steps); step++ {
		u.pass(b, b.Steps[step])
	}
	return u.flush(out)
}

// apply emits what row r changes.
func (u *Upsert) apply(b *data.Batch, r int32, hashes []uint64) {
	change := b.Change(int(r))
	if change == data.UpdateBefore {
		return
	}
	one, id := [1]int32{r}, [1]int32{}
	u.table.FindOrAdd(u.keys, hashes, one[:], id[:])
	for len(u.rows) < u.table.Len() {
		u.rows = append(u.rows, nil)
	}
	old := u.rows[id[0]]
	at := 2 * (b.Seq + int64(r))
	if change == data.Delete {
		if old != nil {
			u.emit(b, r, old, data.Delete, at)
			u.rows[id[0]], u.text = nil, u.text-int64(len(old))
		}
		return
	}
	fresh := u.buf[:0]
	for _, c := range u.rest {
		fresh = data.AppendElement(fresh, b.Cols[c], int(r))
	}
	u.buf = fresh
	switch {
	case old == nil:
		u.emit(b, r, fresh, data.Insert, at)
		old = make([]byte, 0, len(fresh)+1) // never nil: a row may have no other columns
	case bytes.Equal(old, fresh):
		return
	default:
		u.emit(b, r, old, data.UpdateBefore, at)
		u.emit(b, r, fresh, data.UpdateAfter, at)
	}
	u.text += int64(len(fresh) - len(old))
	u.rows[id[0]] = append(old[:0], fresh...)
}

// emit appends a row with the key of row r and the other columns of a value.
func (u *Upsert) emit(b *data.Batch, r int32, value []byte, c data.Change, at int64) {
	o := u.output()
	for _, k := range u.key {
		o.Cols[k].AppendFrom(b.Cols[k], int(r))
	}
	e := data.Walk(u.row, value)
	for _, k := range u.rest {
		e.Next()
		e.Append(o.Cols[k])
	}
	o.AddRows(1, c, at)
}

func (u *Upsert) pass(b *data.Batch, s data.Step) {
	o := u.output()
	o.AddTriggeredStep(o.N, s.Time, 2*(b.Seq+int64(s.Row))-1)
}

func (u *Upsert) output() *data.Batch {
	if u.out == nil {
		u.out = u.pool.Get()
	}
	return u.out
}

func (u *Upsert) flush(out Output) error {
	if u.out == nil {
		return nil
	}
	o := u.out
	u.out = nil
	return out(o)
}

// Bytes estimates the memory held.
func (u *Upsert) Bytes() int64 { return u.table.Bytes() + int64(24*cap(u.rows)) + u.text }

// Snapshot writes the last row of each key.
func (u *Upsert) Snapshot(e *data.Encoder) {
	u.table.Snapshot(e)
	for _, row := range u.rows {
		e.Flag(row != nil)
		if row != nil {
			e.Text(row)
		}
	}
}

// Restore reads the rows.
func (u *Upsert) Restore(d *data.Decoder) error {
	u.table.Restore(d)
	for range u.table.Len() {
		var row []byte
		if d.Flag() {
			row = append([]byte{}, d.Text()...) // never nil
		}
		u.rows, u.text = append(u.rows, row), u.text+int64(len(row))
	}
	return nil
}
