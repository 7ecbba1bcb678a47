package dataflow

import (
	"fmt"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// settlePiece, called in order, fixes what depends on the pieces before.
func (s *sourceRun) settlePiece(p *piece) {
	if p.end {
		s.settleEnd(p)
		return
	}
	first, moved := s.advance(p)
	if moved {
		s.lead(p, first)
	}
	pushed := int64(0)
	for _, b := range p.batches {
		if len(b.Steps) > 0 && b.Steps[0].Row == 0 {
			s.seq++ // a place of its own, after what the last row has caused
		}
		b.Seq = s.seq
		s.seq += int64(b.N)
		if o, ok := b.Origin.(*origin); ok {
			o.base = p.base
		}
		pushed += int64(b.N - b.Rows())
	}
	pushed -= int64(p.dropped)
	if s.Pushed != nil && pushed > 0 {
		s.Pushed.Filtered.Add(pushed)
	}
	c := &p.chunk
	if c.Count > 0 && c.Store == nil {
		s.stats.generated.Store(true)
	}
	s.stats.read.Add(c.Records)
	s.stats.rejected.Add(int64(len(c.Bad)))
	s.stats.skipped.Add(c.Skipped)
	s.stats.unknown.Add(c.Unknown)
}

// advance moves the watermark by a piece, whose steps become those of the source. first
// is a move that comes before its rows, where there is one.
func (s *sourceRun) advance(p *piece) (first int64, moved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := p.of
	p.before = s.merged.Now()
	if p.chunk.NewFile {
		of.line = p.chunk.HeaderLines
	}
	p.base = of.line
	of.line += p.chunk.Lines
	if s.live {
		of.lastRows, s.lastRows = p.now, max(s.lastRows, p.now)
	}
	moved = s.merged.Wake(of.number)
	first = s.merged.Now()
	was := of.wm.Now()
	if err := of.wm.Settle(&p.times); err != nil {
		s.abandon(p, fmt.Errorf("%s: %w", s.Name, err))
	} else {
		s.observe(p, was)
	}
	s.ahead += p.ahead
	if s.merged.Len() > 1 {
		now := first
		for _, b := range p.batches {
			now = s.merged.Clip(of.number, b, now)
		}
	}
	s.merged.Advance(of.number, of.wm.Now())
	p.after = s.merged.Now()
	if s.align != nil {
		s.align.report(s.number, s.merged.Now(), true)
	}
	return first, moved
}

// observe shows the rows of a piece to its partition's monitor; was is the watermark
// before them. A source whose time is the clock's has nothing to show.
func (s *sourceRun) observe(p *piece, was int64) {
	if s.Time < 0 || s.Clock {
		return
	}
	now, delay := int64(0), int64(-1)
	if s.live {
		now = p.now
	}
	if s.Watermark.Kind == watermark.Bounded {
		delay = s.Watermark.Delay
	}
	for i := range p.times.Rows {
		r := &p.times.Rows[i]
		seen := r.Seen
		if s.Marks != nil {
			seen = p.good[i]
		}
		p.of.monitor.Observe(r.Times, seen, now, delay, was)
	}
}

// lead puts a move of the watermark before the rows of a piece.
func (s *sourceRun) lead(p *piece, t int64) {
	b := s.move(t)
	p.batches = append(p.batches, nil)
	copy(p.batches[1:], p.batches)
	p.batches[0] = b
}

// move returns a batch without rows that moves the watermark.
func (s *sourceRun) move(t int64) *data.Batch {
	b := s.pool.Get()
	b.AddStep(0, t)
	return b
}

// settleEnd ends the partitions: with their time when the input has come to its end
// and that is to end its time, else without.
func (s *sourceRun) settleEnd(p *piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.last = true, s.merged.Now()
	p.before = s.last
	ends := p.eof && !s.Hold
	for i := range s.parts {
		if ends {
			s.merged.Advance(i, data.MaxTime)
		} else if p.eof {
			s.merged.Finish(i)
		}
	}
	if s.align != nil {
		s.align.report(s.number, s.last, false)
	}
	if ends {
		b := s.move(data.MaxTime)
		s.seq++
		b.Seq = s.seq
		p.batches = append(p.batches, b)
	}
	p.after = s.merged.Now()
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
