package dataflow

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/watermark"
)

// stepped is a flow of two feeds, of whose rows the first of each key goes on.
type stepped struct {
	t       *testing.T
	a, b    *feed
	out     *lines
	running *Running
}

func startStepped(t *testing.T, workers int, from *Snapshot) *stepped {
	c := clock.NewManual(noon)
	s := &stepped{t: t, a: newFeed(c), b: newFeed(c), out: &lines{}}
	sink := &Sink{Name: "out", Sink: s.out}
	first := &Edge{Keyed: &Keyed{Key: []int{1}, Workers: workers, Schema: schema, BatchRows: 3, Next: &Edge{Sink: sink},
		New: func() operators.Operator { return operators.NewFirst([]int{1}, schema) }}}
	u := &Union{Inputs: 2, Arrival: true, Alone: []bool{true, true}, Schema: schema, BatchRows: 3, Next: first}
	flow := &Flow{Sinks: []*Sink{sink}, Clock: c, Stepped: true}
	for i, in := range []*feed{s.a, s.b} {
		flow.Sources = append(flow.Sources, &Source{Name: "s", Input: in, Schema: schema, Time: 0, Workers: 2, BatchRows: 3,
			Watermark: watermark.Spec{Delay: 2}, Edges: []*Edge{{Union: u, Input: i}}})
	}
	var err error
	if s.running, err = flow.Start(context.Background(), context.Background(), from); err != nil {
		t.Fatal(err)
	}
	return s
}

// give hands rows to a feed, and waits until they are read.
func (s *stepped) give(f *feed, rows ...int64) {
	f.give(0, rows...)
	synctest.Wait()
}

// quiet checks what has come in all, in order, once the flow is quiet.
func (s *stepped) quiet(want ...string) {
	s.t.Helper()
	s.running.Quiet(nil)
	var got []string
	for _, line := range s.out.got {
		fields := strings.Fields(line)
		got = append(got, fields[len(fields)-1])
	}
	if !slices.Equal(got, want) {
		s.t.Fatalf("got %v, want %v", got, want)
	}
}

func (s *stepped) stop() {
	s.t.Helper()
	s.running.Stop()
	if err := s.running.Wait(); err != nil {
		s.t.Fatal(err)
	}
}

// TestQuiet checks that everything has reached the sink when Quiet returns, and that of
// rows that come in one step those of the first input are first.
func TestQuiet(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		synctest.Test(t, func(t *testing.T) {
			s := startStepped(t, workers, nil)
			s.quiet()
			s.give(s.b, 5, 6)
			s.give(s.a, 1, 2, 5, 7)
			s.quiet("1", "2", "5", "7", "6")
			s.quiet("1", "2", "5", "7", "6")
			s.give(s.b, 1, 8)
			s.quiet("1", "2", "5", "7", "6", "8")
			close(s.b.in)
			s.give(s.a, 9)
			s.quiet("1", "2", "5", "7", "6", "8", "9")
			close(s.a.in)
			synctest.Wait()
			s.quiet("1", "2", "5", "7", "6", "8", "9")
			s.stop()
		})
	}
}

// TestCheckpoint restores a flow in the middle: it goes on as the first one does, with
// the watermark, and with a source that had ended.
func TestCheckpoint(t *testing.T) {
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			one := startStepped(t, workers, nil)
			one.give(one.a, 10, 20)
			one.give(one.b, 12, 21)
			close(one.b.in)
			synctest.Wait()
			one.quiet("10", "20", "12", "21")
			saved, err := one.running.Checkpoint(nil)
			if err != nil {
				t.Fatal(err)
			}
			one.give(one.a, 12, 30)
			one.quiet("10", "20", "12", "21", "30")
			one.stop()

			two := startStepped(t, workers, saved)
			synctest.Wait()
			if got := two.running.flow.Status().Sources; got[0].Watermark != 18 || got[1].State != watermark.Finished {
				t.Fatalf("the watermarks are %+v", got)
			}
			two.give(two.a, 12, 30)
			two.quiet("30")
			two.stop()
			if _, err := two.running.Checkpoint(nil); err == nil {
				t.Fatal("a flow that has ended was saved")
			}
		})
	}
}

// TestTick checks that partitions become idle by the clock when somebody asks.
func TestTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewManual(noon)
		in := newFeed(c)
		sink := &Sink{Name: "out", Sink: &lines{}}
		src := &Source{Name: "s", Input: in, Schema: schema, Time: 0, Workers: 1, BatchRows: 3, IdleTimeout: time.Minute, Edges: []*Edge{{Sink: sink}}}
		flow := &Flow{Sources: []*Source{src}, Sinks: []*Sink{sink}, Clock: c, Stepped: true}
		running, err := flow.Start(context.Background(), context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		in.give(0, 1)
		synctest.Wait()
		state := func() watermark.State { return flow.Status().Sources[0].State }
		for _, step := range []struct {
			by   time.Duration
			want watermark.State
		}{{59 * time.Second, watermark.Active}, {time.Second, watermark.Idle}} {
			c.Advance(step.by)
			running.Tick()
			if got := state(); got != step.want {
				t.Fatalf("after %s it is %s, want %s", step.by, got, step.want)
			}
		}
		in.give(0, 2)
		synctest.Wait()
		running.Quiet(nil)
		if got := state(); got != watermark.Active {
			t.Fatalf("after more rows it is %s", got)
		}
		src.SetIdle(-1)
		if got := state(); got != watermark.Idle {
			t.Fatalf("after SetIdle it is %s", got)
		}
		running.Stop()
		if err := running.Wait(); err != nil {
			t.Fatal(err)
		}
	})
}
