package dataflow

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/data"
)

// barrier is a mark that a running flow sends through itself, behind all rows that
// its sources have handed on: whoever merges streams holds it until it has come on
// all of them, and the sinks acknowledge it. When all have, everything that follows
// from the rows before it has been done.
type barrier struct {
	// atSink, when not nil, is called for each sink that the barrier comes to.
	atSink func(connectors.Sink) error
	// spoiled says that an error is on its way, so that what was saved is of no use.
	spoiled atomic.Bool
	// saved takes what everybody remembers where the barrier passes; nil when nothing
	// is saved.
	saved *Snapshot
	clock clock.Clock
	// visit, when not nil, is shown the operators as the barrier passes; by several
	// goroutines at a time.
	visit func(k *Keyed, op operators.Operator)

	mu       sync.Mutex
	meetings map[*Keyed]*meeting
	err      error          // of a source's sink of bad records
	left     map[*Sink]bool // sinks that it has not reached
	done     chan struct{}  // closed when it has reached all
}

// at calls atSink; its error ends the flow.
func (b *barrier) at(s connectors.Sink) error {
	if b.atSink == nil {
		return nil
	}
	return b.atSink(s)
}

// fail keeps an error that makes what was saved of no use.
func (b *barrier) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spoiled.Store(true)
	if b.err == nil {
		b.err = err
	}
}

// reached notes that the barrier has come to a sink, or that it never will as the
// sink has ended.
func (b *barrier) reached(s *Sink) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.left[s] {
		return
	}
	delete(b.left, s)
	if len(b.left) == 0 {
		close(b.done)
	}
}

// meet makes the workers of an operator wait for each other where the barrier passes: what
// they count in together is saved before any of them goes on.
func (b *barrier) meet(k *Keyed) {
	if b.saved == nil || k.Account == nil {
		return
	}
	b.mu.Lock()
	m := b.meetings[k]
	if m == nil {
		m = newMeeting(max(1, k.Workers))
		b.meetings[k] = m
	}
	b.mu.Unlock()
	m.meet(func() { b.saved.saveAccounts([]*operators.Account{k.Account}) })
}

// passes is called by the worker of an operator when the barrier passes it.
func (b *barrier) passes(k *Keyed, id string, op operators.Operator) {
	b.meet(k)
	if s, ok := op.(operators.Stateful); ok && b.saved != nil {
		began := b.clock.Now()
		size := b.saved.save(id, func(e *data.Encoder) {
			e.Flag(false)
			s.Snapshot(e)
		})
		b.saved.stalled(b.clock.Now().Sub(began))
		b.saved.rooms.took(id, op, size)
	}
	if b.visit != nil {
		b.visit(k, op)
	}
}

// comesTo is called by the worker of an operator whose output is complete when the
// barrier comes to it.
func (b *barrier) comesTo(k *Keyed, id string) {
	b.meet(k)
	if b.saved != nil {
		b.saved.save(id, func(e *data.Encoder) { e.Flag(true) })
	}
}

// newSnapshot returns an empty snapshot.
func newSnapshot() *Snapshot { return NewSnapshot(map[string][]byte{}) }

// NewSnapshot returns the snapshot that Parts has taken apart; the map belongs to it.
func NewSnapshot(parts map[string][]byte) *Snapshot { return &Snapshot{parts: parts} }

// stalled notes how long a worker was kept from its rows by saving what it remembers.
func (s *Snapshot) stalled(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall = max(s.stall, d)
}

// Stall returns the longest time that any worker of an operator has been kept from its rows
// while the snapshot was made.
func (s *Snapshot) Stall() time.Duration { return s.stall }

// Parts returns what a snapshot consists of, by names. It belongs to the snapshot.
func (s *Snapshot) Parts() map[string][]byte { return s.parts }

// Snapshot is all that a flow remembers where a barrier has passed: the state of its
// operators, and how far its sources' times have come. It belongs to flows of the
// same plans, workers included.
type Snapshot struct {
	mu       sync.Mutex
	parts    map[string][]byte // by the place in the graph
	rooms    *rooms            // for the parts, while it is made; nil for none
	stall    time.Duration
	accounts []Account // of the flow, while it is made
}

// save adds a part, and returns its size.
func (s *Snapshot) save(id string, write func(*data.Encoder)) int {
	e := data.NewEncoder(s.rooms.take(id))
	write(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts[id] = e.Bytes()
	return len(e.Bytes())
}

// workerID names a worker of an operator.
func workerID(node string, worker int) string { return fmt.Sprintf("%s.%d", node, worker) }

// part returns the decoder of a part; nil when there is none, or no snapshot.
func (s *Snapshot) part(id string) *data.Decoder {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.parts[id]
	if !ok {
		return nil
	}
	return data.NewDecoder(b)
}

// Size returns the number of bytes of a snapshot.
func (s *Snapshot) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, b := range s.parts {
		n += len(b)
	}
	return n
}
