package window

import (
	"math"
	"math/big"
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

// At the ends of time the windows still lie side by side, and none ends beyond.
func TestTumbleExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Tumble{rapid.Int64Range(1, math.MaxInt64).Draw(t, "size"), rapid.Int64().Draw(t, "offset")}
		if rapid.Bool().Draw(t, "small") {
			w.Size %= 100
			w.Size++
		}
		ts := rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 150, -1, 0, 1,
			math.MaxInt64 - 150, math.MaxInt64 - 1}).Draw(t, "ts")
		start := w.Start(ts)
		end := w.End(start)
		if ts < start || ts >= end || uint64(end-start) > uint64(w.Size) || w.NextEnd(ts) != end {
			t.Fatalf("%+v: %d in [%d, %d), next end %d", w, ts, start, end, w.NextEnd(ts))
		}
		onGrid := new(big.Int).Sub(big.NewInt(end), big.NewInt(w.Offset))
		if end != math.MaxInt64 && onGrid.Rem(onGrid, big.NewInt(w.Size)).Sign() != 0 {
			t.Fatalf("%+v: the end %d is not on the grid", w, end)
		}
		if end != math.MaxInt64 && (w.Start(end) != end || w.Start(end-1) != start) {
			t.Fatalf("%+v: windows at %d do not meet", w, end)
		}
	})
	for _, size := range []int64{1, 7, math.MaxInt64} {
		if end := (Tumble{size, 0}).NextEnd(math.MaxInt64); end != math.MaxInt64 {
			t.Errorf("next end after the end of time: %d", end)
		}
	}
}
