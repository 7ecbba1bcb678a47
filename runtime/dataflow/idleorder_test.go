package dataflow

import (
	"testing"
	"testing/synctest"
	"time"

	"tidemark/operators/clock"
)

// Of partitions that become idle together, those that have been silent for longer do so
// first, and then those that hold the watermark: an empty partition does not keep it from
// where the rows of another have brought it.
func TestIdleTogether(t *testing.T) { synctest.Test(t, testIdleTogether) }

func testIdleTogether(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c, "a", "empty")
	l := startLive(t, c, []*Source{timedSource("s", f, 30*time.Second)}, nil)
	f.give(0, 10)
	l.expect("10")
	l.later(30 * time.Second) // both at the same instant
	l.expect("w10")
	l.end()

	f = newFeed(c, "a", "b")
	l = startLive(t, c, []*Source{timedSource("s", f, 30*time.Second)}, nil)
	f.give(1, 20)
	l.later(time.Second)
	f.give(0, 30) // b has been silent for longer
	l.expect("20", "30", "w20")
	l.later(time.Hour) // both have been due before the clock is looked at
	l.expect("w30")
	l.end()
}
