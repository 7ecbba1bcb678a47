package dataflow

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// barrier passes a barrier on in the place that the reading has come to. The pieces
// behind it are decoded meanwhile, but go no further: first phases must not take rows of
// theirs before they have handed on what is part of what is remembered.
func (s *sourceRun) barrier(b *barrier, runs *meeting) {
	p := piece{end: true}
	var at place
	ok := s.ticketAt(&p, &at)
	if !ok { // over: its end has gone before
		<-s.finished
		if b.saved != nil {
			b.saved.save(s.id, func(e *data.Encoder) { s.save(e, &at) })
		}
		runs.meet(func() { s.pass(b) })
		return
	}
	s.settle.wait(p.ticket)
	defer s.settle.done()
	if b.saved != nil {
		b.saved.save(s.id, func(e *data.Encoder) { s.save(e, &at) })
	}
	s.deliver.wait(p.ticket)
	runs.meet(func() { s.pass(b) })
	if s.failed {
		b.spoiled.Store(true)
	} else {
		// What first phases hold is part of what is remembered.
		s.phases.deliver(data.MaxTime, s.ports)
		for _, port := range s.ports {
			port.barrier(b)
		}
	}
	s.deliver.done()
}

// pass lets the barrier pass what the runs of the source share: what they count in, and
// the sink of bad records.
func (s *sourceRun) pass(b *barrier) {
	if b.saved == nil {
		return
	}
	accounts := accountsOf(s.edges)
	if s.Pushed != nil {
		accounts = append(accounts, s.Pushed)
	}
	b.saved.saveAccounts(accounts)
	b.saved.save(s.countID, func(e *data.Encoder) {
		e.Varint(s.stats.read.Load())
		e.Varint(s.stats.rejected.Load())
		e.Varint(s.stats.skipped.Load())
		e.Varint(s.stats.unknown.Load())
	})
	if s.AtBarrier == nil {
		return
	}
	sink, err := s.AtBarrier()
	if err == nil {
		err = b.at(sink)
	}
	if err != nil {
		b.fail(err)
	}
}

// meeting is where the runs of a source wait for each other: what they share is done by
// the last that comes.
type meeting struct {
	mu   sync.Mutex
	left int
	all  chan struct{} // closed when nobody is left to come
}

func newMeeting(n int) *meeting { return &meeting{left: n, all: make(chan struct{})} }

// meet returns when all have come, the last of whom has done f.
func (m *meeting) meet(f func()) {
	m.mu.Lock()
	m.left--
	last := m.left == 0
	m.mu.Unlock()
	if last {
		f()
		close(m.all)
	}
	<-m.all
}

// place is how far the reading of each partition has come.
type place struct {
	pieces []int64
	after  [][]byte
}

// ticketAt takes a ticket for something that is no piece, and says where the reading
// stands there; ok is false when there are no more tickets.
func (s *sourceRun) ticketAt(p *piece, at *place) (ok bool) {
	s.mu.Lock()
	parts := s.parts
	s.mu.Unlock()
	s.ticketMu.Lock()
	defer s.ticketMu.Unlock()
	for _, of := range parts {
		at.pieces = append(at.pieces, of.pieces)
		at.after = append(at.after, slices.Clone(of.after))
	}
	if s.over {
		return false
	}
	p.ticket = s.taken
	s.taken++
	if s.Clock {
		p.now = clock.Micros(s.clock)
	}
	return true
}

// save writes how far the run has come, at a place of the reading.
func (s *sourceRun) save(e *data.Encoder, at *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Uvarint(uint64(len(at.after)))
	for i, after := range at.after {
		e.Text([]byte(s.parts[i].name))
		e.Text(after)
	}
	e.Flag(s.ended)
	e.Varint(s.last)
	e.Varint(s.seq)
	e.Varint(s.ahead)
	e.Varint(s.lastRows)
	s.merged.Snapshot(e)
	e.Uvarint(uint64(len(at.pieces)))
	for i, of := range s.parts[:len(at.pieces)] {
		of.wm.Snapshot(e)
		e.Varint(at.pieces[i])
		e.Varint(of.line)
		e.Varint(of.lastRows)
	}
}

// restore makes a new run go on where the one that was saved stood.
func (s *sourceRun) restore(d *data.Decoder) error {
	s.ended, s.last, s.seq, s.ahead, s.lastRows = d.Flag(), d.Varint(), d.Varint(), d.Varint(), d.Varint()
	s.merged.Restore(d)
	n := d.Count(1)
	if n > len(s.parts) || n < len(s.parts) && s.many == nil {
		return fmt.Errorf("%s has %d partitions, and had %d when its state was saved", s.Name, len(s.parts), n)
	}
	for _, of := range s.parts[n:] { // new since then: they begin where the watermark stands
		of.number = s.merged.Add()
		of.wm.Raise(s.merged.Now())
	}
	for _, of := range s.parts[:n] {
		if err := of.wm.Restore(d); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		of.pieces, of.line, of.lastRows = d.Varint(), d.Varint(), d.Varint()
	}
	if d.Damaged() {
		return fmt.Errorf("%s: the saved state is damaged", s.Name)
	}
	s.over = s.ended
	return nil
}

// restoreRuns gives the runs of a source back what a snapshot has of them.
func restoreRuns(runs []*sourceRun, from *Snapshot) error {
	for i, r := range runs {
		if d := from.part(r.countID); d != nil && i == 0 { // of all
			r.stats.read.Store(d.Varint())
			r.stats.rejected.Store(d.Varint())
			r.stats.skipped.Store(d.Varint())
			r.stats.unknown.Store(d.Varint())
		}
		d := from.part(r.id)
		if d == nil {
			continue
		}
		for k, p := range positions(d) {
			if _, over := r.reader.(nothing); over && k == len(r.parts) {
				r.add(p.Partition, watermark.New(r.Watermark))
			}
			if k < len(r.parts) {
				r.parts[k].after = p.At
			}
		}
		if err := r.restore(d); err != nil {
			return err
		}
	}
	return nil
}

// positions reads where the reading of an input stood: what save writes first.
func positions(d *data.Decoder) []connectors.Position {
	var at []connectors.Position
	for range d.Count(2) {
		at = append(at, connectors.Position{Partition: string(d.Text()), At: slices.Clone(d.Text())})
	}
	return at
}

// hasBegun reports whether any of it stands anywhere.
func hasBegun(at []connectors.Position) bool {
	return slices.ContainsFunc(at, func(p connectors.Position) bool { return len(p.At) > 0 })
}

// reopen opens an input: where the run called id of a snapshot stood, if it is one
// that can be read from there, else at the beginning. One that had come to its end is not opened.
func reopen(ctx context.Context, input connectors.Source, id string, from *Snapshot) (connectors.Reader, error) {
	d := from.part(id)
	if d == nil {
		return input.Open(ctx)
	}
	at := positions(d)
	if ended := d.Flag(); ended {
		return nothing{}, nil
	}
	if !hasBegun(at) {
		return input.Open(ctx)
	}
	if r, ok := connectors.Resumes(input); ok {
		return r.OpenAt(ctx, at)
	}
	return skipped(ctx, input, at[0].At)
}

// skipped opens an input that hands out the same pieces each time, and reads over those
// that were read before.
func skipped(ctx context.Context, input connectors.Source, at []byte) (connectors.Reader, error) {
	r, err := input.Open(ctx)
	if err != nil {
		return nil, err
	}
	pieces, _ := binary.Uvarint(at)
	var c connectors.Chunk
	for ; pieces > 0; pieces-- {
		if err := r.Next(ctx, &c); err != nil {
			r.Close()
			if err == io.EOF {
				return nil, errors.New("the input has become shorter since the checkpoint was made")
			}
			return nil, err
		}
	}
	return r, nil
}

// nothing is the reader of an input of which nothing is left.
type nothing struct{}

func (nothing) Next(context.Context, *connectors.Chunk) error { return io.EOF }
func (nothing) Progress() (int64, int64)                      { return 0, 0 }
func (nothing) Close() error                                  { return nil }
