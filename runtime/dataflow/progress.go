package dataflow

import (
	"slices"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/watermark"
)

// progress is how far the time of a source's partitions has come.
type progress struct {
	source   *Source
	many     connectors.Partitioned // nil: there is one partition
	starting connectors.Starting    // nil: partitions begin where they begin

	mu       sync.Mutex // guards the fields below
	parts    []*partition
	merged   *watermark.Merger
	ended    bool  // the rows have come to an end
	last     int64 // the merged watermark then
	lastRows int64 // when the last rows came, µs; of live inputs
	ahead    int64 // rows that were too far ahead of the clock
}

// partition is a part of an input that has an order of its own.
type partition struct {
	name   string
	number int
	wm     watermark.Generator // Survey at any time, the rest under progress.mu
	pieces int64               // handed out; written by who reads, under ticketMu
	after  []byte              // where the reading goes on behind them, under ticketMu

	line     int64 // lines before the next piece in its file
	lastRows int64 // when its last rows came, or it was found, µs; of live inputs
	monitor  watermark.Monitor
}

// init finds the partitions that there are at the beginning.
func (p *progress) init(s *Source, name string, r connectors.Reader, wm watermark.Generator) {
	p.source, p.merged = s, watermark.NewMerger(0)
	p.starting, _ = r.(connectors.Starting)
	if p.many, _ = r.(connectors.Partitioned); p.many == nil {
		p.add(name, wm)
		return
	}
	for _, name := range p.many.Partitions() {
		p.add(name, watermark.New(s.Watermark))
	}
}

// begin notes when the reading begins.
func (p *progress) begin(now int64) {
	p.lastRows = now
	for _, of := range p.parts {
		of.lastRows = now
	}
}

// partition returns a partition by its number, those that are new included.
func (p *progress) partition(i int, now int64) *partition {
	if p.many == nil {
		return p.parts[0]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for names := p.many.Partitions(); len(p.parts) < len(names); {
		p.add(names[len(p.parts)], watermark.New(p.source.Watermark)).lastRows = now
	}
	return p.parts[i]
}

// add adds a partition. It begins where the merged watermark stands.
func (p *progress) add(name string, wm watermark.Generator) *partition {
	of := &partition{name: name, number: p.merged.Add(), wm: wm}
	of.wm.Raise(p.merged.Now())
	if p.starting != nil {
		of.after = slices.Clone(p.starting.Start(len(p.parts)))
	}
	p.parts = append(p.parts, of)
	return of
}

// silentSince returns since when the reader of a live input has had nothing more of
// a partition, µs; false while there is more.
func (s *sourceRun) silentSince(of *partition) (int64, bool) {
	if s.many != nil {
		return s.many.AtEnd(of.number)
	}
	since := s.waiting.Load()
	return since, since != 0
}
