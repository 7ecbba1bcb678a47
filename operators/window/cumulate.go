package window

import (
	"time"

	"tidemark/operators/data"
)

// cumulate is windows that start together with a cell of base and end after one
// step, two steps and so on, the last with the cell. The steps are the cells of
// the grid.
type cumulate struct {
	base Cells
	step int64
	// perBase is more than any cell of base has steps.
	perBase int64
}

// NewCumulate returns windows that grow by step up to size, which is a multiple
// of step, and then begin anew; they do so at offset.
func NewCumulate(step, size, offset int64) Grid {
	return cumulate{Tumble{size, offset}, step, size/step + 1}
}

// NewZonedCumulate returns windows that grow by step within a cell of a calendar
// of the length size.
func NewZonedCumulate(loc *time.Location, step, size, offset int64) Grid {
	return cumulate{NewCalendar(loc, size, offset), step, (size+2*data.Day)/step + 2}
}

// steps returns the number of whole steps from the start of a cell of base to ts.
func (w cumulate) steps(start, ts int64) int64 {
	return int64((uint64(ts) - uint64(start)) / uint64(w.step)) // the first cell of all may be longer than int64 can say
}

func (w cumulate) Pane(ts int64) Pane {
	base := w.base.Start(ts)
	n := w.steps(base, ts)
	start := base + n*w.step
	return Pane{start, min(data.AddTime(start, w.step), w.base.End(base)), w.cell(ts, n)}
}

func (w cumulate) cell(ts, steps int64) int64 {
	return w.base.Index(ts)*w.perBase + min(steps, w.perBase-1)
}

func (w cumulate) LastEnd(p Pane) int64 { return w.base.NextEnd(p.Start) }

func (w cumulate) NextEnd(ts int64) int64 {
	base := w.base.Start(ts)
	return min(data.AddTime(base+w.steps(base, ts)*w.step, w.step), w.base.End(base))
}

func (w cumulate) Start(end int64) int64 { return w.base.Start(data.AddTime(end, -1)) }

func (w cumulate) Cell(ts int64) int64 { return w.cell(ts, w.steps(w.base.Start(ts), ts)) }
