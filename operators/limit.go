package operators

import "tidemark/operators/data"

// Limit passes on a number of rows after the first few, as they come, and is done
// then. It takes no updates.
type Limit struct {
	skip, left int64 // left is -1 without a limit
	views      *data.Pool
}

// NewLimit returns an operator that leaves out offset rows and passes on the next
// limit; -1 is all.
func NewLimit(limit, offset int64) *Limit {
	return &Limit{skip: offset, left: limit, views: data.NewPool(nil)}
}

// Process passes on those of b's rows that are wanted.
func (l *Limit) Process(b *data.Batch, out Output) error {
	n := int64(b.Rows())
	from := min(l.skip, n)
	l.skip -= from
	if l.left < 0 || n-from < l.left {
		if l.left >= 0 {
			l.left -= n - from
		}
		if from > 0 {
			rows := b.SelBuf(b.N)
			for k := from; k < n; k++ {
				rows = append(rows, int32(b.Row(int(k))))
			}
			b.Sel = rows
		}
		return out(b)
	}
	// The last row: the end comes right behind it.
	v := l.views.View(b)
	rows, end := v.SelBuf(v.N), 0
	for k := from; k < from+l.left; k++ {
		rows = append(rows, int32(b.Row(int(k))))
	}
	if l.left > 0 {
		end = int(rows[len(rows)-1]) + 1
	}
	v.Sel, v.Steps = rows, nil
	for _, s := range b.Steps {
		if s.Row < end {
			v.AddStep(s.Row, s.Time)
		}
	}
	v.AddStep(end, data.MaxTime)
	if err := out(v); err != nil {
		return err
	}
	return Done
}

// Snapshot writes how many rows are still to come.
func (l *Limit) Snapshot(e *data.Encoder) {
	e.Varint(l.skip)
	e.Varint(l.left)
}

// Restore reads it.
func (l *Limit) Restore(d *data.Decoder) error {
	l.skip, l.left = d.Varint(), d.Varint()
	return nil
}
