package clock

import (
	"testing"
	"time"
)

var start = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

func TestManual(t *testing.T) {
	c := NewManual(start)
	if !c.Now().Equal(start) {
		t.Fatal("the clock moved by itself")
	}
	c.Advance(90 * time.Second)
	if got := c.Now().Sub(start); got != 90*time.Second {
		t.Fatalf("the clock moved by %s", got)
	}
	if want := start.UnixMicro() + 90_000_000; Micros(c) != want {
		t.Fatalf("it is %d, want %d", Micros(c), want)
	}
}

func TestManualAlarm(t *testing.T) {
	c := NewManual(start)
	rung := func(rings <-chan struct{}) bool {
		select {
		case <-rings:
			return true
		default:
			return false
		}
	}
	soon, stopSoon := c.Alarm(start.Add(time.Second))
	late, stopLate := c.Alarm(start.Add(time.Hour))
	given, stopGiven := c.Alarm(start.Add(time.Second))
	stopGiven()
	c.Advance(999 * time.Millisecond)
	if rung(soon) {
		t.Fatal("too early")
	}
	c.Advance(time.Millisecond)
	if !rung(soon) || rung(late) || rung(given) {
		t.Fatalf("soon %v, late %v, given up %v", rung(soon), rung(late), rung(given))
	}
	stopSoon()
	past, stopPast := c.Alarm(start)
	if !rung(past) {
		t.Fatal("what is past does not ring")
	}
	stopPast()
	stopLate()
	if c.Advance(2 * time.Hour); rung(late) {
		t.Fatal("it rang after it was given up")
	}
}

func TestRealAlarm(t *testing.T) {
	rings, stop := Real{}.Alarm(time.Now())
	defer stop()
	<-rings
}
