package operators

import "tidemark/operators/data"

// Unnest repeats each row for the elements of an array: the output has the
// input's columns, then the element, or its fields when the elements are rows, or
// key and value of a map's entries, then with ordinality the element's place,
// counted from 1. A row whose array is empty or NULL is left out, or comes once
// with NULLs for the element.
//
// The array itself is NULL in the output: to repeat it for each of its elements
// would cost their square. Of an update all elements of the old row are deleted
// and those of the new one inserted, as they need not be as many.
type Unnest struct {
	UnnestConfig
	width int // input columns
	pool  *data.Pool

	out     *data.Batch
	emit    Output
	picks   []int32 // the input row of each output row not yet gathered
	changes []data.Change
	in      *data.Batch
	// Rows of the batch in hand that had no element, and rows made besides the first of each.
	none, more int64
}

// UnnestConfig says what an Unnest does.
type UnnestConfig struct {
	Array      int      // the input column to take apart
	Ordinality bool     // the last output column is the element's place
	Outer      bool     // a row without elements is kept
	BatchRows  int      // the most rows of an output batch
	Account    *Account // counts the rows that are repeated and left out; may be nil
}

// NewUnnest returns an operator for an input and an output of the given schemas.
func NewUnnest(cfg UnnestConfig, in, out data.Schema) *Unnest {
	return &Unnest{UnnestConfig: cfg, width: len(in), pool: data.NewPool(out)}
}

// Process emits a row for each element of b's rows, and its steps between them.
func (u *Unnest) Process(b *data.Batch, out Output) error {
	defer b.Release()
	u.emit, u.in, u.none, u.more = out, b, 0, 0
	defer func() { u.Account.repeat(u.none, u.more) }()
	step := 0
	for k := range b.Rows() {
		r := b.Row(k)
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			u.step(b, b.Steps[step])
		}
		if err := u.row(b, r); err != nil {
			return err
		}
	}
	for ; step < len(b.Steps); step++ {
		u.step(b, b.Steps[step])
	}
	return u.flush()
}

// step passes a move of the watermark on.
func (u *Unnest) step(b *data.Batch, s data.Step) {
	o := u.output()
	o.AddTriggeredStep(o.N+len(u.picks), s.Time, 2*(b.Seq+int64(s.Row))-1)
}

// row takes the array of row r apart.
func (u *Unnest) row(b *data.Batch, r int) error {
	v := b.Cols[u.Array]
	change := b.Change(r)
	switch change {
	case data.UpdateBefore:
		change = data.Delete
	case data.UpdateAfter:
		change = data.Insert
	}
	n := int64(0)
	if !v.IsNull(r) {
		for e := v.Elements(r); e.Next(); {
			o := u.output()
			u.element(o, v.Type, &e)
			if n++; u.Ordinality {
				o.Cols[len(o.Cols)-1].AppendInt(n)
			}
			if err := u.repeat(r, change); err != nil {
				return err
			}
		}
	}
	switch {
	case n > 0:
		u.more += n - 1
		return nil
	case !u.Outer:
		u.none++
		return nil
	}
	o := u.output()
	for _, c := range o.Cols[u.width:] {
		c.AppendNull()
	}
	return u.repeat(r, change)
}

// repeat makes row r the one that the element appended last belongs to.
func (u *Unnest) repeat(r int, change data.Change) error {
	u.picks, u.changes = append(u.picks, int32(r)), append(u.changes, change)
	if u.output().N+len(u.picks) < u.BatchRows {
		return nil
	}
	return u.flush()
}

// element appends the columns of one element.
func (u *Unnest) element(o *data.Batch, t data.Type, e *data.Elements) {
	switch {
	case t.Kind == data.Map:
		e.Append(o.Cols[u.width])
		if e.Next() {
			e.Append(o.Cols[u.width+1])
		} else {
			o.Cols[u.width+1].AppendNull() // damaged bytes, which no value is
		}
	case t.Elem().Kind != data.Row:
		e.Append(o.Cols[u.width])
	case e.IsNull():
		for i := range t.Elem().Fields() {
			o.Cols[u.width+i].AppendNull()
		}
	default:
		f := data.Walk(t.Elem(), e.Value())
		for i := 0; f.Next(); i++ {
			f.Append(o.Cols[u.width+i])
		}
	}
}

func (u *Unnest) output() *data.Batch {
	if u.out == nil {
		u.out = u.pool.Get()
	}
	return u.out
}

// flush copies the repeated columns and emits what there is.
func (u *Unnest) flush() error {
	if u.out == nil {
		return nil
	}
	o := u.out
	u.out = nil
	for c := range u.width {
		if c == u.Array {
			o.Cols[c].AppendNull()
			o.Cols[c].Const = true
			continue
		}
		if src := u.in.Cols[c]; src.Const {
			gatherConst(o.Cols[c], src, len(u.picks))
		} else {
			Gather(o.Cols[c], src, u.picks)
		}
	}
	for i := 0; i < len(u.picks); { // runs of one row, which share a position
		k := i + 1
		for k < len(u.picks) && u.picks[k] == u.picks[i] && u.changes[k] == u.changes[i] {
			k++
		}
		o.AddRows(k-i, u.changes[i], 2*(u.in.Seq+int64(u.picks[i])))
		i = k
	}
	u.picks, u.changes = u.picks[:0], u.changes[:0]
	return u.emit(o)
}

// gatherConst makes dst the constant that src is.
func gatherConst(dst, src *data.Vector, rows int) {
	if rows > 0 {
		dst.AppendFrom(src, 0)
	} else {
		dst.AppendNull()
	}
	dst.Const = true
}
