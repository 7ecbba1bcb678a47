// Package window assigns times to windows: pure functions of microseconds since
// 1970-01-01T00:00:00Z.
package window

import "math"

// Tumble cuts time into windows [start, start+Size) whose starts are whole
// multiples of Size from Offset.
type Tumble struct {
	Size   int64 // microseconds, positive
	Offset int64 // microseconds
}

// Start returns the start of the window that holds ts. Near the ends of time it
// is the least int64 rather than a start before it.
func (w Tumble) Start(ts int64) int64 {
	rest := (ts%w.Size - w.Offset%w.Size) % w.Size
	if rest < 0 {
		rest += w.Size
	}
	if start := ts - rest; start <= ts {
		return start
	}
	return math.MinInt64
}

// End returns the end of the window that starts at start, at most the greatest int64.
func (w Tumble) End(start int64) int64 {
	if end := start + w.Size; end > start {
		return end
	}
	return math.MaxInt64
}

// NextEnd returns the least window end above ts.
func (w Tumble) NextEnd(ts int64) int64 { return w.End(w.Start(ts)) }
