package dataflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// sourceRun is a source at work. A worker takes the next piece of the input,
// which the reader hands out in order; decodes it, side by side with the others;
// waits for its turn to learn the piece's first sequence number and watermark;
// runs the stateless operators; and waits for its turn to hand the results on.
type sourceRun struct {
	*Source
	reader connectors.Reader
	ports  []*port
	pool   *data.Pool

	readMu sync.Mutex
	taken  int64 // pieces handed out
	over   bool  // no more pieces

	settle *turns // guards the fields below
	seq    int64
	line   int64 // lines before the piece in its file
	wm     watermark.Generator

	deliver *turns
	phases  *phases
	failed  bool // guarded by deliver: an error was passed on, nothing may follow
}

// piece is one chunk on its way through a worker.
type piece struct {
	ticket  int64
	chunk   connectors.Chunk
	batches []*data.Batch
	times   watermark.Piece // what the watermark's generator sees of the batches
	base    int64           // lines before the chunk in its file
	err     error           // ends the input after the batches
	dropped int             // rows taken out because they have no event time
	end     bool            // the input's end, or a stop: no rows
	eof     bool            // the end proper
	// before and after are the watermark before the piece's rows and after them.
	before, after int64
}

// newSourceRun returns a run of s that reads from r. g makes the watermark.
func newSourceRun(s *Source, r connectors.Reader, g watermark.Generator, ports []*port) *sourceRun {
	run := &sourceRun{Source: s, reader: r, ports: ports, pool: data.NewPool(s.Schema),
		wm: g, settle: newTurns(), deliver: newTurns(), phases: newPhases(s.Edges)}
	s.stats.wm.Store(data.MinTime)
	s.stats.reader.Store(&r)
	return run
}

// work is one worker. stop ends the reading.
func (s *sourceRun) work(stop context.Context) error {
	dec, err := s.Input.NewDecoder()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	times := s.newTiming()
	var p piece
	f := newFanOf(s.Edges, s.phases.join())
	for s.take(stop, &p) {
		if !p.end {
			s.decode(dec, times, &p)
			s.wm.Survey(&p.times)
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
	s.readMu.Lock()
	defer s.readMu.Unlock()
	if s.over {
		return false
	}
	p.ticket, p.err, p.end, p.eof, p.dropped, p.batches = s.taken, nil, false, false, 0, p.batches[:0]
	p.times = watermark.Piece{Number: s.taken, Rows: p.times.Rows[:0]}
	s.taken++
	err := stop.Err()
	if err == nil {
		err = s.reader.Next(stop, &p.chunk)
	}
	switch {
	case err == nil:
		return true
	case errors.Is(err, io.EOF):
		p.eof = true
	case stop.Err() != nil: // asked to stop: the end of the reading, not of the input
	default:
		p.err = err
	}
	p.end, s.over = true, true
	return true
}

// decode turns the chunk into batches and finds their times.
func (s *sourceRun) decode(dec connectors.Decoder, t *timing, p *piece) {
	t.seen = t.seen[:0]
	for done := false; !done; {
		b := s.pool.Get()
		o := &origin{input: p.chunk.Name, unit: p.chunk.Unit}
		done = dec.Decode(&p.chunk, b, &o.place, s.BatchRows)
		if b.N == 0 {
			b.Release()
			continue
		}
		b.Origin = o
		if t.find(b, o, p) {
			done = true
		}
		p.batches = append(p.batches, b)
	}
	p.err = p.chunk.Fatal
}

// settlePiece, called in order, fixes what depends on the pieces before.
func (s *sourceRun) settlePiece(p *piece) {
	p.before = s.wm.Now()
	defer func() { p.after = s.wm.Now() }()
	if p.end {
		if p.eof {
			s.wm.Raise(data.MaxTime)
			b := s.pool.Get()
			s.seq++ // a place of its own, after what the last row has caused
			b.Seq = s.seq
			b.AddStep(0, data.MaxTime)
			p.batches = append(p.batches, b)
		}
		return
	}
	c := &p.chunk
	if c.NewFile {
		s.line = c.HeaderLines
	}
	p.base = s.line
	s.line += c.Lines
	if err := s.wm.Settle(&p.times); err != nil {
		s.abandon(p, fmt.Errorf("%s: %w", s.Name, err))
	}
	pushed := int64(0)
	for _, b := range p.batches {
		b.Seq = s.seq
		s.seq += int64(b.N)
		b.Origin.(*origin).base = p.base
		pushed += int64(b.N - b.Rows())
	}
	pushed -= int64(p.dropped)
	if s.Pushed != nil && pushed > 0 {
		s.Pushed.Filtered.Add(pushed)
	}
	if c.Count > 0 && c.Store == nil {
		s.stats.generated.Store(true)
	}
	s.stats.wm.Store(s.wm.Now())
	s.stats.read.Add(c.Records)
	s.stats.rejected.Add(int64(len(c.Bad)))
}

// abandon ends the input before a piece, with an error.
func (s *sourceRun) abandon(p *piece, err error) {
	for _, b := range p.batches {
		b.Release()
	}
	p.batches, p.err = p.batches[:0], err
	p.chunk.Bad, p.chunk.Records, p.dropped = p.chunk.Bad[:0], 0, 0
}

// deliverPiece, called in order, hands the results on.
func (s *sourceRun) deliverPiece(p *piece, f *fan) {
	if s.failed {
		f.discard()
		return
	}
	err := f.settle()
	s.phases.deliver(p.after, s.ports)
	f.deliver(s.ports)
	if err == nil {
		err = p.err
	}
	if err == nil {
		err = s.report(p)
	}
	if err != nil {
		s.failed = true
		s.finish()
		for _, port := range s.ports {
			port.fail(err)
		}
	}
}

// finish makes the workers take no more pieces.
func (s *sourceRun) finish() {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	s.over = true
}

// report deals with the bad records of a piece.
func (s *sourceRun) report(p *piece) error {
	for i := range p.chunk.Bad {
		if p.end {
			break
		}
		bad := &p.chunk.Bad[i]
		if !s.SkipBad {
			return &RecordError{Where: where(p.chunk.Name, p.chunk.Unit, p.base+bad.Line), Reason: bad.Reason}
		}
		if s.OnBad == nil {
			break
		}
		rec := BadRecord{Source: s.Name, Input: p.chunk.Name, Line: p.base + bad.Line + 1, Reason: bad.Reason, Record: bad.Record}
		if err := s.OnBad(rec); err != nil {
			return err
		}
	}
	return nil
}

// RecordError says that a record could not be decoded.
type RecordError struct {
	Where  string // "clicks.csv:7"
	Reason string
}

// Error returns "clicks.csv:7: reason".
func (e *RecordError) Error() string { return e.Where + ": " + e.Reason }

// Hint says how to go on in spite of it.
func (e *RecordError) Hint() string {
	return "mend the record, or set on_error = 'skip' on the stream to count such records and go on ('dead_letter' keeps them)"
}

// origin tells where the rows of a batch stand in their file.
type origin struct {
	input, unit string
	base        int64
	place       connectors.Place
}

// Where returns "file:line" of physical row i, or "file:row 7".
func (o *origin) Where(i int) string { return where(o.input, o.unit, o.base+o.place.Line(i)) }

func where(input, unit string, line int64) string {
	if input == "" {
		return "" // rows that come from nowhere
	}
	return fmt.Sprintf("%s:%s%d", input, unit, line+1)
}
