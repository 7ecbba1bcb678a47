package dataflow

import (
	"testing"
	"testing/synctest"
	"time"

	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

func TestStatus(t *testing.T) { synctest.Test(t, testStatus) }

// Who holds the watermark, who is silent for too long, and how far the sources are to
// be relied on; none of it moves the watermark.
func testStatus(t *testing.T) {
	c := clock.NewManual(noon)
	a, b := newFeed(c, "a/0", "a/1"), newFeed(c)
	sa, sb := timedSource("a", a, 0), timedSource("b", b, time.Hour)
	sa.Trust = Trust{Known: true, TypicalDelay: time.Minute, Reliability: 0.5}
	sb.Trust = Trust{Known: true, TypicalDelay: 2 * time.Minute, Reliability: 1}
	l := startLive(t, c, []*Source{sa, sb}, nil)
	status := func() Status {
		synctest.Wait()
		return l.flow.Status()
	}
	if st := status(); st.Watermark != data.MinTime || st.Holder != 0 || st.Confidence != 0.75 || !st.Watched {
		t.Fatalf("%+v", st)
	}
	a.give(0, 10)
	a.give(1, 20)
	b.give(0, 5)
	l.drain()
	st := status()
	if st.Watermark != 5 || st.Holder != 1 || st.Sources[0].Watermark != 10 || st.Sources[0].Holder != 0 || st.Sources[1].Holder != 0 {
		t.Fatalf("%+v", st)
	}
	if names := st.Sources[0].Partitions[1].Name + " " + st.Sources[1].Partitions[0].Name; names != "a/1 b" {
		t.Fatal(names)
	}
	b.give(0, 30)
	l.drain()
	l.later(3 * time.Minute)
	a.give(1, 21)
	l.later(time.Second)
	st = status()
	// a/0 has been silent for 3 minutes and 1 second, a for 1, b for 3 and 1.
	if p := st.Sources[0].Partitions; p[0].State != watermark.Stalled || p[1].State != watermark.Active || p[0].Silence != 181*time.Second {
		t.Fatalf("%+v", p)
	}
	if s := st.Sources[0]; s.State != watermark.Active || s.Lagging || s.Silence != time.Second {
		t.Fatalf("%+v", s)
	}
	if s := st.Sources[1]; s.State != watermark.Active || s.Lagging || s.Silence != 181*time.Second {
		t.Fatalf("%+v", s)
	}
	want := (0.5*(1-1.0/300) + 1*(1-181.0/600)) / 2
	if d := st.Confidence - want; d > 1e-12 || d < -1e-12 {
		t.Fatalf("confidence %v, want %v", st.Confidence, want)
	}
	l.later(3 * time.Minute)
	st = status()
	if s := st.Sources[1]; s.State != watermark.Stalled || !s.Lagging {
		t.Fatalf("%+v", s)
	}
	if st.Watermark != 10 || st.Holder != 0 {
		t.Fatalf("%+v", st)
	}
	l.later(time.Hour)
	st = status()
	if s := st.Sources[1]; s.State != watermark.Idle || !s.Lagging || s.Holder != -1 || s.Watermark != 30 {
		t.Fatalf("%+v", s)
	}
	if st.Confidence != 0 {
		t.Fatalf("confidence %v", st.Confidence)
	}
	l.drain()
	l.end()
}

func TestLiveDrift(t *testing.T) { synctest.Test(t, testLiveDrift) }

// A row further ahead of the clock than it may be is used, counted, and moves nothing.
func testLiveDrift(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c)
	s := timedSource("s", f, 0)
	s.Watermark.Drift = 1000
	l := startLive(t, c, []*Source{s}, nil)
	now := noon.UnixMicro()
	f.give(0, now, now+1000, now+1001, now+1)
	l.expect(text(now), "w"+text(now), text(now+1000), "w"+text(now+1000), text(now+1001), text(now+1))
	if st := l.flow.Status().Sources[0]; st.Ahead != 1 {
		t.Fatalf("%+v", st)
	}
	l.later(time.Millisecond)
	f.give(0, now+1001)
	l.expect(text(now+1001), "w"+text(now+1001))
	l.end()
}

// Of a bounded input, ahead of the rows before.
func TestDrift(t *testing.T) {
	in := &rows{ts: []int64{10, 90, 20, 95, 30}, k: []int64{10, 90, 20, 95, 30}, badAt: -1}
	for _, piece := range []int{1, 2, 5} {
		in.piece = piece
		s := &Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Drift: 50}, Workers: 2, BatchRows: 8}
		got, err := settled(t, s)
		if err != nil || len(got) != 8 || got[7] != "w30" {
			t.Fatal(got, err)
		}
		if st := (&Flow{Sources: []*Source{s}}).Status().Sources[0]; st.Ahead != 2 {
			t.Fatalf("%+v", st)
		}
	}
}
