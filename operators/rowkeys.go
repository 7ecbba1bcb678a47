package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// rowHashes are the hashes of a batch's keys, in memory that the next batch uses again.
type rowHashes struct{ buf []uint64 }

// of returns the hashes of the keys of b's rows, by their places in b: those that b
// has come with, or else those of rows, all when it is nil.
func (h *rowHashes) of(b *data.Batch, keys []*data.Vector, rows []int32) []uint64 {
	if b.Hashes != nil {
		return b.Hashes
	}
	return h.make(keys, rows, b.N)
}

// make hashes the keys of rows, all n when it is nil.
func (h *rowHashes) make(keys []*data.Vector, rows []int32, n int) []uint64 {
	if cap(h.buf) < n {
		h.buf = make([]uint64, n)
	}
	hashes := h.buf[:n]
	state.HashRows(keys, rows, n, hashes)
	return hashes
}

// sameKeys reports whether rows i and j have the same keys.
func sameKeys(keys []*data.Vector, i, j int) bool {
	for _, k := range keys {
		if !data.Equal(k, i, k, j) {
			return false
		}
	}
	return true
}
