package operators

import (
	"sync/atomic"

	"tidemark/operators/data"
)

// ProbeCounts are the rows that have passed a Probe; by several workers at a time.
type ProbeCounts struct {
	Rows atomic.Int64 // selected ones
	// LeftOut are rows that were there and not selected any more.
	LeftOut atomic.Int64
	// Corrections are rows that take others back.
	Corrections atomic.Int64
}

// Probe passes rows on and counts them.
type Probe struct{ counts *ProbeCounts }

// NewProbe returns an operator that adds to counts.
func NewProbe(counts *ProbeCounts) *Probe { return &Probe{counts} }

// Process counts the rows of b.
func (p *Probe) Process(b *data.Batch, out Output) error {
	n := b.Rows()
	p.counts.Rows.Add(int64(n))
	p.counts.LeftOut.Add(int64(b.N - n))
	if b.Changes != nil {
		for k := range n {
			if c := b.Change(b.Row(k)); c == data.UpdateBefore || c == data.Delete {
				p.counts.Corrections.Add(1)
			}
		}
	}
	return out(b)
}
