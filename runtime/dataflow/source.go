package dataflow

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// sourceRun is a source, or one of the parts that it is read in, at work. A worker
// takes the next piece of the input, which the reader hands out in order; decodes
// it, side by side with the others; waits for its turn to learn the piece's first
// sequence number and watermark; runs the stateless operators; and waits for its
// turn to hand the results on.
type sourceRun struct {
	*Source
	input   connectors.Source
	reader  connectors.Reader
	clock   clock.Clock
	id      string  // in snapshots
	countID string  // in snapshots, of what all runs of the source count
	live    bool    // the input has no end
	counts  bool    // it cannot be opened at a place, but the pieces be counted
	edges   []*Edge // where the rows go
	ports   []*port // at the ends of edges
	pool    *data.Pool
	align   *alignment // nil when no source waits for another
	number  int        // in align

	keptOpen bool          // see Flow.KeptOpen
	atEnd    bool          // it has come to its end; guarded by reading
	drained  chan struct{} // closed then

	reading chan struct{} // holds a token while a worker reads, which may take long
	waiting atomic.Int64  // since when it waits for a live input, µs; 0 when it does not

	ticketMu sync.Mutex
	taken    int64 // tickets handed out: places in the order of what is passed on
	over     bool  // no more of them

	finished chan struct{} // closed when no worker is left

	settle *turns // guards seq, which is written by its holder alone
	seq    int64

	progress

	deliver *turns
	phases  *phases
	failed  bool // guarded by deliver: an error was passed on, nothing may follow
}

// piece is one chunk on its way through a worker.
type piece struct {
	ticket  int64
	chunk   connectors.Chunk
	of      *partition
	now     int64 // when it was read, µs; of live inputs
	batches []*data.Batch
	times   watermark.Piece // what the watermark's generator sees of the batches
	good    [][]int32       // where only marked rows move it: those of each batch that have a time
	ahead   int64           // rows that are too far ahead of the clock
	base    int64           // lines before the chunk in its file
	err     error           // ends the input after the batches
	dropped int             // rows taken out because they have no event time
	end     bool            // the input's end, or a stop: no rows
	eof     bool            // the end proper
	// before and after are the watermark before the piece's rows and after them.
	before, after int64
}

// newSourceRun returns a run of s that reads input by r. wm makes the watermark of its
// partition, where there is one.
func newSourceRun(s *Source, name string, input connectors.Source, r connectors.Reader, wm watermark.Generator, c clock.Clock) *sourceRun {
	run := &sourceRun{Source: s, input: input, reader: r, clock: c, live: !input.Bounded(),
		pool: data.NewPool(s.Schema), settle: newTurns(), deliver: newTurns(), reading: make(chan struct{}, 1), finished: make(chan struct{}), drained: make(chan struct{})}
	_, resumes := connectors.Resumes(input)
	run.counts = !resumes && connectors.Repeats(input)
	run.progress.init(s, name, r, wm)
	if run.live {
		run.begin(clock.Micros(c))
	}
	return run
}

// work is one worker. stop ends the reading.
func (s *sourceRun) work(stop context.Context) error {
	dec, err := s.input.NewDecoder()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	times := s.newTiming()
	var p piece
	f := newFanOf(s.edges, s.phases.join())
	for s.take(stop, &p) {
		if !p.end {
			s.decode(dec, times, &p)
			p.of.wm.Survey(&p.times)
		}
		s.settle.wait(p.ticket)
		s.settlePiece(&p)
		s.settle.done()
		f.wm = p.before
		for _, b := range p.batches {
			next := f.wm
			if k := len(b.Steps); k > 0 {
				next = b.Steps[k-1].Time
			}
			f.push(b)
			f.wm = next
		}
		s.deliver.wait(p.ticket)
		s.deliverPiece(&p, f)
		s.deliver.done()
		if p.end {
			return nil
		}
	}
	return nil
}

// take gets the next piece. It returns false when another worker has the last.
func (s *sourceRun) take(stop context.Context, p *piece) bool {
	s.reading <- struct{}{}
	defer func() { <-s.reading }()
	if s.isOver() {
		return false
	}
	*p = piece{chunk: p.chunk, batches: p.batches[:0], times: watermark.Piece{Rows: p.times.Rows[:0]}, good: p.good[:0]}
	err := stop.Err()
	if err == nil && s.atEnd {
		<-stop.Done()
		err = stop.Err()
	}
	if err == nil && s.align != nil {
		err = s.align.wait(stop, s.number)
	}
	if err == nil {
		err = s.next(stop, &p.chunk)
	}
	if errors.Is(err, io.EOF) && s.keptOpen {
		s.atEnd = true
		close(s.drained)
		<-stop.Done()
		err = stop.Err()
	}
	switch {
	case err == nil:
		s.place(p)
	case errors.Is(err, io.EOF):
		p.end, p.eof = true, true
	case stop.Err() != nil: // asked to stop: the end of the reading, not of the input
		p.end = true
	default:
		p.end, p.err = true, err
	}
	return s.ticket(p, p.end)
}

// next reads a chunk.
func (s *sourceRun) next(stop context.Context, c *connectors.Chunk) error {
	if !s.live {
		return s.reader.Next(stop, c)
	}
	s.waiting.Store(clock.Micros(s.clock))
	defer s.waiting.Store(0)
	return s.reader.Next(stop, c)
}

// place notes the partition that a piece is of, its number there and when it came.
func (s *sourceRun) place(p *piece) {
	if s.live {
		p.now = clock.Micros(s.clock)
	}
	p.of = s.partition(p.chunk.Partition, p.now)
	p.times.Number = p.of.pieces
}

// ticket gives a piece the next place in the order of what is passed on; false when
// there is none. The last one ends them. Where time is the clock's, it is read here, so
// that it goes on with the tickets; and so does the place that the reading has come to.
func (s *sourceRun) ticket(p *piece, last bool) bool {
	s.ticketMu.Lock()
	defer s.ticketMu.Unlock()
	if s.over {
		return false
	}
	if s.over = last; s.Clock {
		p.now = clock.Micros(s.clock)
		p.chunk.Time = p.now
	}
	if p.of != nil && !last {
		p.of.pieces++
		p.of.after = p.of.after[:0]
		if s.counts {
			p.of.after = binary.AppendUvarint(p.of.after, uint64(p.of.pieces))
		} else {
			p.of.after = append(p.of.after, p.chunk.After...)
		}
	}
	p.ticket = s.taken
	s.taken++
	return true
}

// finish makes the workers take no more pieces.
func (s *sourceRun) finish() {
	s.ticketMu.Lock()
	defer s.ticketMu.Unlock()
	s.over = true
}

func (s *sourceRun) isOver() bool {
	s.ticketMu.Lock()
	defer s.ticketMu.Unlock()
	return s.over
}

// decode turns the chunk into batches and finds their times.
func (s *sourceRun) decode(dec connectors.Decoder, t *timing, p *piece) {
	t.seen = t.seen[:0]
	var messages *connectors.Messages
	for done := false; !done; {
		b := s.pool.Get()
		o := &origin{input: p.chunk.Name, unit: p.chunk.Unit}
		done = dec.Decode(&p.chunk, b, &o.place, s.BatchRows)
		if b.N == 0 {
			b.Release()
			continue
		}
		if messages == nil {
			messages = keptMessages(p.chunk.Messages)
		}
		o.messages = messages
		b.Origin = o
		if t.find(b, o, p) {
			done = true
		}
		p.batches = append(p.batches, b)
	}
	p.err = p.chunk.Fatal
}
