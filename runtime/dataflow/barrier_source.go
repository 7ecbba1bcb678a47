package dataflow

import (
	"fmt"

	"tidemark/operators/data"
)

// barrier passes a barrier on in the place that the reading has come to.
func (s *sourceRun) barrier(b *barrier) {
	p := piece{end: true}
	ok, ticket := s.ticket(&p, false), p.ticket
	if !ok { // over: its end has gone before
		if b.saved != nil {
			<-s.finished
			b.saved.save(s.id, s.save)
		}
		return
	}
	s.settle.wait(ticket)
	if b.saved != nil {
		b.saved.save(s.id, s.save)
	}
	s.settle.done()
	s.deliver.wait(ticket)
	if !s.failed {
		// What first phases hold is part of what is remembered.
		s.phases.deliver(data.MaxTime, s.ports)
		for _, port := range s.ports {
			port.barrier(b)
		}
	}
	s.deliver.done()
}

// save writes how far the run has come.
func (s *sourceRun) save(e *data.Encoder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Flag(s.ended)
	e.Varint(s.last)
	e.Varint(s.seq)
	e.Varint(s.ahead)
	e.Varint(s.lastRows)
	e.Varint(s.stats.read.Load())
	e.Varint(s.stats.rejected.Load())
	s.merged.Snapshot(e)
	e.Uvarint(uint64(len(s.parts)))
	for _, of := range s.parts {
		of.wm.Snapshot(e)
		e.Varint(of.pieces)
		e.Varint(of.line)
		e.Varint(of.lastRows)
	}
}

// restore makes a new run go on where the one that was saved stood.
func (s *sourceRun) restore(d *data.Decoder) error {
	s.ended, s.last, s.seq, s.ahead, s.lastRows = d.Flag(), d.Varint(), d.Varint(), d.Varint(), d.Varint()
	s.stats.read.Add(d.Varint())
	s.stats.rejected.Add(d.Varint())
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

// restoreRuns names the runs of a flow's i-th source, and gives them back what a
// snapshot has of them.
func restoreRuns(runs []*sourceRun, i int, from *Snapshot) error {
	for k, r := range runs {
		r.id = fmt.Sprintf("source %d.%d", i, k)
		if d := from.part(r.id); d != nil {
			if err := r.restore(d); err != nil {
				return err
			}
		}
	}
	return nil
}
