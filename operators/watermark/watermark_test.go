package watermark

import (
	"fmt"
	"slices"
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

// merged is what a Merger must come to: the least over the active inputs, worked out
// anew each time.
type merged struct {
	wm    []int64
	state []State
	ended []bool
	now   int64
}

func (m *merged) settle() {
	least, active, all := int64(data.MaxTime), false, true
	for i, s := range m.state {
		if s == Active {
			active, least = true, min(least, m.wm[i])
		}
		all = all && m.ended[i]
	}
	if active || all {
		m.now = max(m.now, least)
	}
}

func TestMerger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "inputs")
		m, want := NewMerger(n), &merged{now: data.MinTime}
		for range n {
			want.wm, want.state, want.ended = append(want.wm, data.MinTime), append(want.state, Active), append(want.ended, false)
		}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			i := rapid.IntRange(0, len(want.wm)-1).Draw(t, "input")
			before := want.now
			moved := false
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0:
				if moved = m.Idle(i); want.state[i] == Active {
					want.state[i] = Idle
				}
			case 1:
				if moved = m.Wake(i); want.state[i] == Idle {
					want.state[i] = Active
				}
			case 2:
				if moved = m.Finish(i); want.state[i] != Finished {
					want.state[i] = Finished
				}
			case 3:
				if moved = m.Advance(i, data.MaxTime); want.state[i] != Finished {
					want.state[i], want.wm[i], want.ended[i] = Finished, data.MaxTime, true
				}
			case 4:
				if k := m.Add(); k != len(want.wm) {
					t.Fatalf("input %d was added", k)
				}
				over := want.now == data.MaxTime
				want.wm, want.state, want.ended = append(want.wm, want.now), append(want.state, Active), append(want.ended, over)
				if over {
					want.state[len(want.state)-1] = Finished
				}
			case 5:
				floor := rapid.Int64Range(-30, 30).Draw(t, "floor")
				moved = m.Raise(floor)
				for k := range want.wm {
					want.wm[k] = max(want.wm[k], floor)
				}
				want.now = max(want.now, floor)
			default:
				to := rapid.Int64Range(-30, 30).Draw(t, "to")
				if moved = m.Advance(i, to); to > want.wm[i] && want.state[i] != Finished {
					want.wm[i], want.state[i] = to, Active
				}
			}
			want.settle()
			if m.Now() != want.now || moved != (want.now > before) {
				t.Fatalf("at %d (moved %v), want %d (before %d): %+v", m.Now(), moved, want.now, before, want)
			}
			holder := -1
			for k, s := range want.state {
				others := int64(data.MaxTime)
				for j, s := range want.state {
					if j != k && s == Active {
						others = min(others, want.wm[j])
					}
				}
				if m.State(k) != s || m.Watermark(k) != want.wm[k] || m.Others(k) != others {
					t.Fatalf("input %d: %s at %d, others %d; want %s at %d, %d", k, m.State(k), m.Watermark(k), m.Others(k), s, want.wm[k], others)
				}
				if s == Active && (holder < 0 || want.wm[k] < want.wm[holder]) {
					holder = k
				}
			}
			if m.Holder() != holder {
				t.Fatalf("held by %d, want %d", m.Holder(), holder)
			}
		}
	})
}

// Merging the moves in a batch comes to the same as merging them one by one.
func TestClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, one := NewMerger(2), NewMerger(2)
		for _, x := range []*Merger{m, one} {
			x.Advance(0, -20)
			x.Advance(1, -15)
		}
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			i := rapid.IntRange(0, 1).Draw(t, "input")
			b := timePool.Get()
			var want []data.Step
			now := m.Watermark(i)
			for row := range rapid.IntRange(0, 5).Draw(t, "steps") {
				now += rapid.Int64Range(1, 9).Draw(t, "by")
				b.AddStep(row, now)
				if one.Advance(i, now) {
					want = append(want, data.Step{Row: row, Time: one.Now()})
				}
			}
			end := m.Clip(i, b, m.Now())
			m.Advance(i, now)
			if !slices.Equal(b.Steps, want) || m.Now() != one.Now() || end != m.Now() {
				t.Fatalf("got %v to %d (%d), want %v to %d", b.Steps, m.Now(), end, want, one.Now())
			}
		}
	})
}

func TestStates(t *testing.T) {
	if got := fmt.Sprint(Active, Idle, Stalled, Finished); got != "active idle stalled finished" {
		t.Fatal(got)
	}
}
