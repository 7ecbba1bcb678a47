// Package watermark makes watermarks, merges them and holds the one rule that
// says which rows are late. Times are microseconds since 1970-01-01T00:00:00Z.
package watermark

import "tidemark/operators/data"

// Bounded generates the watermark of a stream whose rows are out of order by at
// most Delay: the greatest time seen, less Delay. It never goes back.
type Bounded struct {
	Delay int64 // microseconds, not negative
	now   int64
	begun bool
}

// Now returns the watermark, data.MinTime before the first row.
func (g *Bounded) Now() int64 {
	if !g.begun {
		return data.MinTime
	}
	return g.now
}

// Raise moves the watermark to t unless it stands there or beyond already, and
// reports whether it moved.
func (g *Bounded) Raise(t int64) bool {
	if g.begun && t <= g.now {
		return false
	}
	g.now, g.begun = t, true
	return true
}

// Candidates appends to b the steps that its rows would cause in a stream that
// begins with it: one for each row whose time exceeds all before it in the same
// piece. floor is the watermark that the piece's earlier batches reached
// (data.MinTime for the first), the new one is returned. Candidates does not
// look at the selection: rows that a filter dropped move the watermark too.
//
// Pieces of an input are parsed in any order, so the steps are candidates only:
// Settle, called in order, drops those that an earlier piece has overtaken.
func (g *Bounded) Candidates(b *data.Batch, times *data.Vector, floor int64) int64 {
	ts := times.Ints[:b.N]
	for i, t := range ts {
		t -= g.Delay
		if t > floor {
			floor = t
			b.AddStep(i+1, t)
		}
	}
	return floor
}

// Settle drops the candidate steps of b that do not move the watermark and
// moves it by the others.
func (g *Bounded) Settle(b *data.Batch) {
	steps := b.Steps
	if len(steps) == 0 {
		return
	}
	if g.begun {
		lo, hi := 0, len(steps)
		for lo < hi {
			if mid := (lo + hi) / 2; steps[mid].Time > g.now {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		steps = steps[lo:]
	}
	b.Steps = steps
	if len(steps) > 0 {
		g.Raise(steps[len(steps)-1].Time)
	}
}
