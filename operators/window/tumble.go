package window

import (
	"math"

	"tidemark/operators/data"
)

// Tumble cuts time into windows [start, start+Size) whose starts are whole
// multiples of Size from Offset.
type Tumble struct {
	Size   int64 // microseconds, positive
	Offset int64 // microseconds
}

// Start returns the start of the window that holds ts. The first window of all
// starts at the least int64, though it may be only the end of a whole one.
func (w Tumble) Start(ts int64) int64 {
	if start := ts - w.into(ts); start <= ts {
		return start
	}
	return math.MinInt64
}

// into returns how far ts lies behind the start of its window.
func (w Tumble) into(ts int64) int64 {
	into := (ts%w.Size - w.Offset%w.Size) % w.Size
	if into < 0 {
		into += w.Size
	}
	return into
}

// End returns the end of the window that starts at start, at most data.MaxTime.
func (w Tumble) End(start int64) int64 {
	if start == math.MinInt64 { // perhaps not a whole window
		return start + (w.Size - w.into(start))
	}
	if end := start + w.Size; end > start {
		return end
	}
	return data.MaxTime
}

// NextEnd returns the least window end above ts, at most data.MaxTime: what a
// watermark that stands at ts reaches next.
func (w Tumble) NextEnd(ts int64) int64 { return w.End(w.Start(ts)) }

// Index returns the number of the window that holds ts: number 0 starts at Offset.
func (w Tumble) Index(ts int64) int64 { return data.FloorDiv(data.AddTime(ts, -w.Offset), w.Size) }

// At returns the start of the window with a number, within the bounds of int64.
func (w Tumble) At(index int64) int64 {
	start := index * w.Size
	if start/w.Size != index {
		if index < 0 {
			return math.MinInt64
		}
		return data.MaxTime
	}
	return data.AddTime(start, w.Offset)
}
