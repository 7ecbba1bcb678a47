package dataflow

import (
	"testing"
	"testing/synctest"
	"time"

	"tidemark/operators/clock"
)

// given hands rows out from another goroutine, and tells whether they were taken.
func given(f *feed, rows ...int64) func() bool {
	taken := make(chan struct{})
	go func() {
		f.give(0, rows...)
		close(taken)
	}()
	return func() bool {
		synctest.Wait()
		select {
		case <-taken:
			return true
		default:
			return false
		}
	}
}

func TestAlignment(t *testing.T) { synctest.Test(t, testAlignment) }

// A source that is further ahead of the slowest than it may be is not read, until that
// one has caught up, is idle or is over.
func testAlignment(t *testing.T) {
	c := clock.NewManual(noon)
	fast, slow := newFeed(c), newFeed(c)
	f, s := timedSource("fast", fast, 0), timedSource("slow", slow, time.Minute)
	f.Align = 5
	l := startLive(t, c, []*Source{f, s}, nil)
	fast.give(0, 100) // it does not know where it is before
	l.expect("100")
	taken := given(fast, 101)
	if taken() {
		t.Fatal("it did not wait for a source that has not begun")
	}
	slow.give(0, 94)
	l.expect("94", "w94")
	if taken() {
		t.Fatal("it did not wait")
	}
	slow.give(0, 95)
	if !taken() {
		t.Fatal("it waits for a source that is as near as need be")
	}
	l.drain()
	if got := l.states(); got != "active active" {
		t.Fatal(got)
	}

	taken = given(fast, 102)
	if taken() {
		t.Fatal("it did not wait")
	}
	l.later(time.Minute) // slow is idle
	if !taken() {
		t.Fatal("it waits for an idle source")
	}
	slow.give(0, 96)
	l.drain()
	if !given(fast, 103)() {
		t.Fatal("it was reading already")
	}
	taken = given(fast, 104)
	if taken() {
		t.Fatal("it did not wait for a source that is back")
	}
	close(slow.in)
	if !taken() {
		t.Fatal("it waits for a source that is over")
	}
	l.drain()
	l.end()
}

func TestAlignmentStops(t *testing.T) { synctest.Test(t, testAlignmentStops) }

// A source that waits for another can be stopped, and is not idle meanwhile.
func testAlignmentStops(t *testing.T) {
	c := clock.NewManual(noon)
	fast, slow := newFeed(c), newFeed(c)
	f := timedSource("fast", fast, time.Second)
	f.Align = 5
	l := startLive(t, c, []*Source{f, timedSource("slow", slow, 0)}, nil)
	fast.give(0, 100)
	l.later(time.Hour)
	if got := l.states(); got != "active active" {
		t.Fatal(got)
	}
	l.drain()
	l.end()
}
