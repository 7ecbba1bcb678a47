package dataflow

import (
	"context"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/watermark"
)

// generator returns what makes the watermark of an input of the source. For a perfect
// one it reads the input once before, where that is possible.
func (s *Source) generator(stop context.Context, input connectors.Source, c clock.Clock) (watermark.Generator, error) {
	spec := s.Watermark
	if !input.Bounded() {
		spec.Drift = 0 // each worker compares with the clock
	}
	if spec.Kind != watermark.Perfect || s.Time < 0 || !connectors.Repeats(input) {
		return watermark.New(spec), nil
	}
	pieces, err := s.lookAhead(stop, input, c)
	if err != nil {
		return nil, err
	}
	return watermark.NewPerfect(pieces), nil
}

// lookAhead reads an input and returns what it finds of the times of its pieces. It
// ends where the real reading will: at the end, or at the first bad record that is
// not to be skipped; that reading tells of it. Only that the input cannot be
// opened is an error.
func (s *Source) lookAhead(stop context.Context, input connectors.Source, c clock.Clock) ([]watermark.Extent, error) {
	r, err := input.Open(stop)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	look := &looking{run: newSourceRun(s, "", input, r, watermark.New(s.Watermark), c)}
	var workers sync.WaitGroup
	for range max(1, s.Workers) {
		workers.Go(func() { look.work(stop) })
	}
	workers.Wait()
	return look.found, nil
}

// looking is a first reading.
type looking struct {
	run *sourceRun

	mu    sync.Mutex
	found []watermark.Extent // by the piece's number
	over  bool
	end   int64 // the last piece, when it is over
}

func (l *looking) work(stop context.Context) {
	dec, err := l.run.input.NewDecoder()
	if err != nil {
		return // the real reading says so
	}
	times := l.run.newTiming()
	var p piece
	for l.run.take(stop, &p) && !p.end {
		l.run.decode(dec, times, &p)
		l.note(&p)
		for _, b := range p.batches {
			b.Release()
		}
	}
}

// note keeps the extent of a piece, unless the reading ends before it.
func (l *looking) note(p *piece) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := p.times.Number
	if l.over && n > l.end {
		return
	}
	for int64(len(l.found)) <= n {
		l.found = append(l.found, watermark.ExtentOf(&watermark.Piece{}))
	}
	l.found[n] = watermark.ExtentOf(&p.times)
	if p.err != nil || !l.run.SkipBad && len(p.chunk.Bad) > 0 {
		l.over, l.end = true, n
		l.found = l.found[:n+1]
		l.run.finish()
	}
}
