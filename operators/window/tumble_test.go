package window

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestTumble(t *testing.T) {
	for _, c := range []struct{ size, offset, ts, start int64 }{
		{5, 0, 0, 0}, {5, 0, 4, 0}, {5, 0, 5, 5}, {5, 0, -1, -5}, {5, 0, -5, -5}, {5, 0, -6, -10},
		{5, 2, 1, -3}, {5, 2, 2, 2}, {5, -1, 3, -1}, {5, -1, 4, 4}, {5, 12, 1, -3},
		{7, 3, math.MaxInt64, math.MaxInt64 - 4}, // 2^63-1 ≡ 0 mod 7
		{5, 0, math.MinInt64, math.MinInt64},
	} {
		w := Tumble{c.size, c.offset}
		if got := w.Start(c.ts); got != c.start {
			t.Errorf("%+v Start(%d) = %d, want %d", w, c.ts, got, c.start)
		}
	}
	if end := (Tumble{7, 0}).End(math.MaxInt64 - 3); end != math.MaxInt64 {
		t.Errorf("End near the end of time: %d", end)
	}
}

// A time lies in its window, the starts lie on the grid, and NextEnd is the
// first end above.
func TestTumbleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Tumble{rapid.Int64Range(1, 1<<40).Draw(t, "size"), rapid.Int64Range(-1<<41, 1<<41).Draw(t, "offset")}
		ts := rapid.Int64Range(-1<<60, 1<<60).Draw(t, "ts")
		start := w.Start(ts)
		end := w.End(start)
		if ts < start || ts >= end || end-start != w.Size || (start-w.Offset)%w.Size != 0 {
			t.Fatalf("%+v: %d in [%d, %d)", w, ts, start, end)
		}
		if w.NextEnd(ts) != end || w.NextEnd(end-1) != end || w.NextEnd(end) != end+w.Size {
			t.Fatalf("%+v: next ends of %d", w, ts)
		}
	})
}
