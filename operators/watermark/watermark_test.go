package watermark

import (
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
	"tidemark/operators/window"
)

func TestLateness(t *testing.T) {
	for _, c := range []struct {
		allowed, end, w int64
		closed, gone    bool
	}{
		{0, 10, 9, false, false}, {0, 10, 10, true, true},
		{3, 10, 9, false, false}, {3, 10, 10, true, false},
		{3, 10, 13, true, false}, // inclusive
		{3, 10, 14, true, true},
		{3, 10, data.MaxTime, true, true}, {0, data.MaxTime, data.MaxTime, true, true},
		{3, 10, data.MinTime, false, false},
		{3, data.MaxTime - 1, data.MaxTime, true, true}, // at the end nothing is kept
	} {
		l := Lateness{Allowed: c.allowed}
		if l.Closed(c.end, c.w) != c.closed || l.Gone(c.end, c.w) != c.gone {
			t.Errorf("%+v: closed %v, gone %v", c, l.Closed(c.end, c.w), l.Gone(c.end, c.w))
		}
	}
}

// A window that holds its end closes a microsecond later; it is gone as late as
// any other once lateness is allowed.
func TestLatenessInclusive(t *testing.T) {
	for _, c := range []struct {
		allowed, end, w int64
		closed, gone    bool
	}{
		{0, 10, 10, false, false}, {0, 10, 11, true, true},
		{3, 10, 10, false, false}, {3, 10, 11, true, false}, {3, 10, 13, true, false}, {3, 10, 14, true, true},
		{0, data.MaxTime, data.MaxTime - 1, false, false}, {0, data.MaxTime, data.MaxTime, true, true},
	} {
		l := Lateness{Allowed: c.allowed, Inclusive: true}
		if l.Closed(c.end, c.w) != c.closed || l.Gone(c.end, c.w) != c.gone {
			t.Errorf("%+v: closed %v, gone %v", c, l.Closed(c.end, c.w), l.Gone(c.end, c.w))
		}
	}
}

// The least end that is kept is not gone, and one before it is.
func TestLeastEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Lateness{Allowed: rapid.Int64Range(0, 5).Draw(t, "allowed"), Inclusive: rapid.Bool().Draw(t, "inclusive")}
		w := rapid.Int64Range(-20, 20).Draw(t, "w")
		if end := l.LeastEnd(w); l.Gone(end, w) || !l.Gone(end-1, w) {
			t.Fatalf("%+v at %d: the least end is %d", l, w, end)
		}
	})
}

// Between w and the next cut no window of the grid changes its standing; at the
// cut one does. FirstKept is the first end that is not gone.
func TestNextCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := window.Tumble{Size: rapid.Int64Range(1, 20).Draw(t, "size"), Offset: rapid.Int64Range(-5, 25).Draw(t, "offset")}
		l := Lateness{Allowed: rapid.Int64Range(0, 50).Draw(t, "allowed")}
		w := rapid.Int64Range(-100, 100).Draw(t, "w")
		standing := func(at int64) (s [200]int) {
			for k := range s {
				end := g.End(g.Start(w-80)) + int64(k)*g.Size
				if l.Closed(end, at) {
					s[k]++
				}
				if l.Gone(end, at) {
					s[k]++
				}
			}
			return s
		}
		cut := l.NextCut(w, g.NextEnd)
		if cut <= w || standing(w) != standing(cut-1) || standing(cut-1) == standing(cut) {
			t.Fatalf("%+v %+v at %d: cut %d", g, l, w, cut)
		}
		first := l.FirstKept(w, g.NextEnd)
		if l.Gone(first, w) || !l.Gone(first-g.Size, w) {
			t.Fatalf("%+v %+v at %d: first kept %d", g, l, w, first)
		}
	})
}

func TestMerger(t *testing.T) {
	m := NewMerger(2)
	for _, s := range []struct {
		input  int
		to     int64
		moves  bool
		merged int64
	}{
		{0, 10, false, data.MinTime}, {1, 5, true, 5}, {1, 4, false, 5}, {1, 20, true, 10},
		{0, data.MaxTime, true, 20}, {1, data.MaxTime, true, data.MaxTime},
	} {
		if moved := m.Advance(s.input, s.to); moved != s.moves || m.Now() != s.merged {
			t.Fatalf("%+v: moved %v to %d", s, moved, m.Now())
		}
	}
}
