package watermark

import (
	"math"

	"tidemark/operators/data"
)

// Lateness is the rule that says when a window closes, how long it is kept, when a
// row is passed and which rows are late. It is the only place that compares a
// window's end, or a row's time, with a watermark.
type Lateness struct {
	// Allowed keeps a closed window for corrections while the watermark is at
	// most its end + Allowed, microseconds, not negative.
	Allowed int64
	// Inclusive says that a row at the very end of a window belongs to it, as one
	// does to the session that it comes a gap after: such a window closes when the
	// watermark is past its end.
	Inclusive bool
}

// ClosesAt returns the least watermark at which a window that ends at end is
// closed; at the end of the input every window is.
func (l Lateness) ClosesAt(end int64) int64 {
	if l.Inclusive {
		return data.AddTime(end, 1)
	}
	return end
}

// GoneAt returns the least watermark at which nothing can change a window any
// more. The bound is inclusive: at end + Allowed the window is still kept.
func (l Lateness) GoneAt(end int64) int64 {
	if l.Allowed == 0 {
		return l.ClosesAt(end)
	}
	return data.AddTime(data.AddTime(end, l.Allowed), 1)
}

// Closed reports whether a window that ends at end is closed at watermark w.
func (l Lateness) Closed(end, w int64) bool { return w >= l.ClosesAt(end) }

// Gone reports whether nothing can change a window any more: a row for it is late.
func (l Lateness) Gone(end, w int64) bool { return w >= l.GoneAt(end) }

// NextCut returns the least watermark above w at which Closed or Gone changes
// for some window of a grid; nextEnd returns the least window end above its
// argument. Between w and the cut every window keeps its standing, so rows can
// be judged in one go.
func (l Lateness) NextCut(w int64, nextEnd func(int64) int64) int64 {
	cut := nextEnd(w)
	if l.Allowed == 0 || w == math.MinInt64 {
		return cut
	}
	// A window is gone from end + Allowed + 1 on: the least such value above w
	// belongs to the least end above w - Allowed - 1.
	if end := nextEnd(data.AddTime(w, -l.Allowed-1)); end != math.MaxInt64 {
		cut = min(cut, data.AddTime(data.AddTime(end, l.Allowed), 1))
	}
	return cut
}

// LeastEnd returns the least time at which a window may end that is not gone at w.
func (l Lateness) LeastEnd(w int64) int64 {
	switch {
	case l.Allowed > 0:
		return data.AddTime(w, -l.Allowed)
	case l.Inclusive:
		return w
	}
	return data.AddTime(w, 1)
}

// ClosedUpTo returns the greatest time such that every window which ends then or
// before is closed at w.
func (l Lateness) ClosedUpTo(w int64) int64 {
	if l.Inclusive && w != math.MaxInt64 {
		return data.AddTime(w, -1)
	}
	return w
}

// GoneUpTo returns the greatest time such that every window which ends then or before
// is gone at w.
func (l Lateness) GoneUpTo(w int64) int64 {
	if w == math.MaxInt64 || w == math.MinInt64 {
		return w
	}
	return data.AddTime(l.LeastEnd(w), -1)
}

// FirstKept returns the least time at which a window of a grid may end that is not
// gone at w; nextEnd returns the least window end above its argument.
func (l Lateness) FirstKept(w int64, nextEnd func(int64) int64) int64 {
	return nextEnd(data.AddTime(l.LeastEnd(w), -1))
}

// LateRow reports whether a row at t that belongs to no window comes too late for
// operators that keep rows themselves: joins and OVER. The bound is inclusive: at
// w == t + Allowed it is still in time.
func (l Lateness) LateRow(t, w int64) bool { return t < l.PassedBefore(w) }

// PassedBefore returns the time before which rows are passed at w: one that came now
// would be late, so that those which are there have their place. At the end of the
// input all are.
func (l Lateness) PassedBefore(w int64) int64 {
	if w == math.MaxInt64 {
		return w
	}
	return data.AddTime(w, -l.Allowed)
}
