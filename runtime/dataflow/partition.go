package dataflow

import (
	"tidemark/operators"
	"tidemark/operators/data"
)

// partition returns a view of b for each worker: the same columns and steps, and
// the rows whose key is the worker's. Nothing is copied.
func (p *port) partition(b *data.Batch) []*data.Batch {
	n := len(p.to)
	keys := make([]*data.Vector, len(p.keyed.Key))
	for i, k := range p.keyed.Key {
		keys[i] = b.Cols[k]
	}
	hashes := b.HashBuf(b.N)
	operators.HashKeys(keys, b.Sel, b.N, hashes)
	b.Hashes = hashes

	views := make([]*data.Batch, n)
	sels := make([][]int32, n)
	for w := range views {
		v := p.views.View(b)
		views[w] = v
		sels[w] = v.SelBuf(b.N)
	}
	b.Retain(n - 1)
	for k := range b.Rows() {
		r := b.Row(k)
		// The low half of the hash chooses the worker, the high half the slot in
		// its table.
		w := hashes[r] & 0xFFFFFFFF * uint64(n) >> 32
		sels[w] = append(sels[w], int32(r))
	}
	for w, v := range views {
		v.Sel = sels[w]
	}
	return views
}
