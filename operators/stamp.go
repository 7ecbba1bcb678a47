package operators

import "tidemark/operators/data"

// Stamp writes the watermark as it stood before each row into a column of its
// own, behind the input's; it is NULL before the watermark's first move. The rows
// are inserts: one that is taken back would come with another watermark.
type Stamp struct {
	wm   int64
	pool *data.Pool
}

// NewStamp returns an operator whose input has the columns of in.
func NewStamp(in data.Schema) *Stamp {
	out := append(append(data.Schema(nil), in...), data.Column{Type: data.Of(data.Timestamp)})
	return &Stamp{wm: data.MinTime, pool: data.NewPool(out)}
}

// Process passes b on with the watermark before each of its rows.
func (s *Stamp) Process(b *data.Batch, out Output) error {
	o := s.pool.Get()
	col := o.Cols[len(b.Cols)]
	copy(o.Cols, b.Cols)
	col.Resize(col.Type, b.N)
	from := 0
	for _, step := range b.Steps {
		s.fill(col, from, min(step.Row, b.N), b.N)
		from, s.wm = step.Row, step.Time
	}
	s.fill(col, from, b.N, b.N)
	o.Derive(b)
	return out(o)
}

// fill writes the watermark to rows from up to before to, of n.
func (s *Stamp) fill(col *data.Vector, from, to, n int) {
	for r := from; r < to; r++ {
		col.Ints[r] = s.wm
		if s.wm == data.MinTime {
			col.SetNull(r, n)
		}
	}
}

// Snapshot writes the watermark.
func (s *Stamp) Snapshot(e *data.Encoder) { e.Varint(s.wm) }

// Restore reads it.
func (s *Stamp) Restore(d *data.Decoder) error {
	s.wm = d.Varint()
	return nil
}
