package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

var errNoTime = errors.New("the event time is NULL")

// AssignTime makes the watermark of rows that come from no source: it follows the
// greatest value of a column, less a delay. Of the input's own watermark only
// its end is kept.
type AssignTime struct {
	time  int
	wm    watermark.Bounded
	views *data.Pool
}

// NewAssignTime returns an operator that goes by the TIMESTAMP column time; delay
// is in microseconds.
func NewAssignTime(time int, delay int64) *AssignTime {
	return &AssignTime{time: time, wm: watermark.Bounded{Delay: delay}, views: data.NewPool(nil)}
}

// Process passes b on with other steps.
func (a *AssignTime) Process(b *data.Batch, out Output) error {
	end := len(b.Steps) > 0 && b.Steps[len(b.Steps)-1].Time == data.MaxTime
	last := b.N
	if end {
		last = b.Steps[len(b.Steps)-1].Row
	}
	v := a.views.View(b)
	v.Steps = nil
	times := b.Cols[a.time]
	for k := range v.Rows() {
		r := v.Row(k)
		if times.IsNull(r) {
			where := b.Where(r)
			Truncate(v, r)
			if err := out(v); err != nil {
				return err
			}
			return &RowError{Where: where, Err: errNoTime}
		}
		if t := times.Ints[times.Index(r)] - a.wm.Delay; a.wm.Raise(t) {
			v.AddStep(r+1, t)
		}
	}
	if end {
		v.AddStep(last, data.MaxTime)
	}
	return out(v)
}

// Snapshot writes the watermark.
func (a *AssignTime) Snapshot(e *data.Encoder) { e.Varint(a.wm.Now()) }

// Restore reads it.
func (a *AssignTime) Restore(d *data.Decoder) error {
	if t := d.Varint(); t != data.MinTime {
		a.wm.Raise(t)
	}
	return nil
}
