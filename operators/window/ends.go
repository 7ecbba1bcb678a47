package window

import "tidemark/operators/data"

// Ends are windows that are known by their ends alone: the time of a row is the end
// of the window that it is of. They are the windows of rows that come from others,
// whatever these are. All that End and Start tell of one is its end.
type Ends struct {
	// Windows end at Offset and every Step from there on, at any time where Step is 0;
	// microseconds.
	Step, Offset int64
}

// Start returns ts, which stands for its window.
func (w Ends) Start(ts int64) int64 { return ts }

// End returns start, the end of its window.
func (w Ends) End(start int64) int64 { return start }

// NextEnd returns the least time above ts at which a window may end.
func (w Ends) NextEnd(ts int64) int64 {
	if w.Step == 0 {
		return data.AddTime(ts, 1)
	}
	return Tumble{w.Step, w.Offset}.NextEnd(ts)
}

// Instants are the windows of Ends as cells: the time of a row is the last instant of the
// window that it is of, a microsecond before its end, and that is all of the window.
type Instants struct{ Ends }

// End returns what follows the one instant of a window.
func (w Instants) End(start int64) int64 { return data.AddTime(start, 1) }

// Index returns ts: each end is a window of its own.
func (w Ends) Index(ts int64) int64 { return ts }

// At returns the window that Index gives.
func (w Ends) At(index int64) int64 { return index }
