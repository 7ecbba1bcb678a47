package dataflow

import (
	"sync"

	"tidemark/operators"
)

// phases are the first phases of a source's workers: for each end of its fan those
// of all workers, none where the operator there has one phase.
type phases struct {
	ends []*Edge
	mu   sync.Mutex
	of   [][]Local
}

func newPhases(edges []*Edge) *phases {
	p := &phases{ends: terminals(edges)}
	p.of = make([][]Local, len(p.ends))
	return p
}

// join returns the first phases of one more worker.
func (p *phases) join() []Local {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := make([]Local, len(p.ends))
	for k, e := range p.ends {
		if e.Keyed != nil && e.Keyed.Local != nil {
			mine[k] = e.Keyed.Local()
			p.of[k] = append(p.of[k], mine[k])
		}
	}
	return mine
}

// deliver hands over what is due at watermark w, before the operators see it. It is
// called in the order of the pieces, when the workers have taken their rows of all
// pieces up to the one that has moved the watermark there.
func (p *phases) deliver(w int64, ports []*port) {
	for k := range p.of {
		p.mu.Lock()
		locals := append([]Local(nil), p.of[k]...)
		p.mu.Unlock()
		if len(locals) == 0 {
			continue
		}
		parts := make([][]operators.Part, len(ports[k].to))
		for _, l := range locals {
			for i, part := range l.Due(w) {
				if !part.Empty() {
					parts[i] = append(parts[i], part)
				}
			}
		}
		for i, to := range ports[k].to {
			if len(parts[i]) > 0 {
				to <- message{parts: parts[i]}
			}
		}
	}
}
