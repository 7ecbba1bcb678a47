package window

import (
	"time"

	"tidemark/operators/data"
)

// cumulate is windows that start together with a cell of base and end after one
// step, two steps and so on, the last with the cell. Each cell of base is made of
// whole steps, which are the cells of the grid.
type cumulate struct{ base, steps Cells }

// NewCumulate returns windows that grow by step up to size, which is a multiple
// of step, and then begin anew; they do so at offset.
func NewCumulate(step, size, offset int64) Grid {
	return cumulate{Tumble{size, offset}, Tumble{step, offset}}
}

// NewZonedCumulate returns windows that grow by the cells of a calendar within those
// of another one. The step is whole days or a part of which a day has a whole number,
// unless the size is less than a day.
func NewZonedCumulate(loc *time.Location, step, size, offset int64) Grid {
	base, steps := NewCalendar(loc, size, offset), NewCalendar(loc, step, offset)
	steps.low, steps.high = base.low, base.high // both begin and end with the same cells
	return cumulate{base, steps}
}

func (w cumulate) Pane(ts int64) Pane {
	start := w.steps.Start(ts)
	return Pane{start, w.steps.End(start), w.steps.Index(ts)}
}

func (w cumulate) LastEnd(p Pane) int64   { return w.base.NextEnd(p.Start) }
func (w cumulate) NextEnd(ts int64) int64 { return w.steps.NextEnd(ts) }
func (w cumulate) Start(end int64) int64  { return w.base.Start(data.AddTime(end, -1)) }
func (w cumulate) Cell(ts int64) int64    { return w.steps.Index(ts) }
