package engine

import (
	"bytes"
	"io"
	"sync"

	"tidemark/connectors"
)

// printer lets several queries that run at the same time print one after the
// other: the first writes through, the others are held back until it is done.
// together lets them all write through, a write at a time.
type printer struct {
	together bool
	mu       sync.Mutex
	out      io.Writer
	turn     int
	slots    []*slot
}

// slot is one query's place in the order.
type slot struct {
	p    *printer
	at   int
	held bytes.Buffer
	done bool
}

func (p *printer) add() *slot {
	s := &slot{p: p, at: len(p.slots)}
	p.slots = append(p.slots, s)
	return s
}

// Write prints b when it is the slot's turn and keeps it otherwise.
func (s *slot) Write(b []byte) (int, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.together || s.p.turn == s.at {
		return s.p.out.Write(b)
	}
	return s.held.Write(b)
}

// print fills a slot with a text and ends it.
func (s *slot) print(text string) error {
	if _, err := io.WriteString(s, text); err != nil {
		return err
	}
	return s.finish()
}

// finish ends the slot and prints what the next ones have waited with.
func (s *slot) finish() error {
	p := s.p
	p.mu.Lock()
	defer p.mu.Unlock()
	s.done = true
	for p.turn < len(p.slots) && p.slots[p.turn].done {
		p.turn++
		if p.turn < len(p.slots) {
			next := p.slots[p.turn]
			if _, err := p.out.Write(next.held.Bytes()); err != nil {
				return err
			}
			next.held = bytes.Buffer{}
		}
	}
	return nil
}

// slotSink is a printing sink that gives up its turn when it is closed.
type slotSink struct {
	connectors.Sink
	slot *slot
}

// Close closes the sink and lets the next query print.
func (s slotSink) Close() error {
	err := s.Sink.Close()
	if ferr := s.slot.finish(); err == nil {
		err = ferr
	}
	return err
}
