package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
)

var errNoTime = errors.New("the event time is NULL")

// AssignTime makes the watermark of rows that come from no source, from the times
// in one of their columns. Of the input's own watermark only its end is kept.
type AssignTime struct {
	time  int
	wm    watermark.Generator
	marks *expr.Program // nil: every row may move the watermark
	views *data.Pool
	piece watermark.Piece
	seen  []int32
	same  []int64 // the times of a constant column
}

// NewAssignTime returns an operator that goes by the TIMESTAMP column time; spec
// says how. When marks is not nil, only rows for which it is true move the watermark.
func NewAssignTime(time int, spec watermark.Spec, marks expr.Expr) *AssignTime {
	a := &AssignTime{time: time, wm: watermark.New(spec), views: data.NewPool(nil)}
	if marks != nil {
		a.marks = expr.Compile(marks)
	}
	return a
}

// Process passes b on with other steps.
func (a *AssignTime) Process(b *data.Batch, out Output) error {
	times := b.Cols[a.time]
	seen, err := a.see(b, times)
	if err != nil {
		return processUpTo(b, err, func(b *data.Batch) error { return a.Process(b, out) })
	}
	v := a.views.View(b)
	v.Steps = nil
	a.piece.Rows = append(a.piece.Rows[:0], watermark.Rows{Batch: v, Times: a.flat(times, b.N), Seen: seen})
	a.wm.Survey(&a.piece)
	if err := a.wm.Settle(&a.piece); err != nil {
		v.Release()
		return err
	}
	if k := len(b.Steps); k > 0 && b.Steps[k-1].Time == data.MaxTime {
		v.AddStep(b.Steps[k-1].Row, data.MaxTime)
	}
	return out(v)
}

// see returns the rows of b that count for the watermark, nil for all. A row without
// a time is an error, as is one for which the marks cannot be told.
func (a *AssignTime) see(b *data.Batch, times *data.Vector) ([]int32, error) {
	if times.Null != nil {
		for k := range b.Rows() {
			if r := b.Row(k); times.IsNull(r) {
				return nil, &expr.RowError{Row: r, Err: errNoTime}
			}
		}
	}
	if a.marks == nil {
		return b.Sel, nil
	}
	var err error
	a.seen, err = a.marks.Select(b, b.Sel, a.seen[:0])
	if a.seen == nil {
		a.seen = []int32{} // none, not all
	}
	return a.seen, err
}

// flat returns the times of n rows.
func (a *AssignTime) flat(times *data.Vector, n int) []int64 {
	if !times.Const {
		return times.Ints[:n]
	}
	a.same = a.same[:0]
	for range n {
		a.same = append(a.same, times.Ints[0])
	}
	return a.same
}

// Snapshot writes the watermark.
func (a *AssignTime) Snapshot(e *data.Encoder) { a.wm.Snapshot(e) }

// Restore reads it.
func (a *AssignTime) Restore(d *data.Decoder) error { return a.wm.Restore(d) }
