// Package clock is where operators and dataflows ask for the time of day: what goes
// by it takes a Clock, so that tests can move time by hand.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now returns the time of day.
	Now() time.Time
	// Alarm returns a channel that is closed when the clock has reached at, and a
	// function that gives the alarm up, which must be called in the end.
	Alarm(at time.Time) (rings <-chan struct{}, stop func())
}

// Micros returns the time of c in microseconds since 1970.
func Micros(c Clock) int64 { return c.Now().UnixMicro() }

// Real is the machine's clock.
type Real struct{}

// Now returns the machine's time.
func (Real) Now() time.Time { return time.Now() }

// Alarm implements Clock.
func (Real) Alarm(at time.Time) (<-chan struct{}, func()) {
	rings := make(chan struct{})
	t := time.AfterFunc(time.Until(at), func() { close(rings) })
	return rings, func() { t.Stop() }
}

// Manual is a clock that moves only when told to. It is safe for concurrent use.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	alarms map[chan struct{}]time.Time
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual {
	return &Manual{now: now, alarms: map[chan struct{}]time.Time{}}
}

// Now returns the time the clock stands at.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Alarm implements Clock.
func (m *Manual) Alarm(at time.Time) (<-chan struct{}, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rings := make(chan struct{})
	if !at.After(m.now) {
		close(rings)
		return rings, func() {}
	}
	m.alarms[rings] = at
	return rings, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.alarms, rings)
	}
}

// Advance moves the clock by d, and lets the alarms ring that are due then.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	for rings, at := range m.alarms {
		if !at.After(m.now) {
			close(rings)
			delete(m.alarms, rings)
		}
	}
}
