package dataflow

import (
	"sync/atomic"

	"tidemark/operators/data"
)

// timeMark remembers how far a watermark has come. The zero value has not begun.
type timeMark struct {
	at atomic.Uint64 // the watermark as a number that has its order, 0 for data.MinTime
}

// reached notes a watermark, which several may have on their way.
func (t *timeMark) reached(w int64) {
	next := uint64(w) ^ 1<<63
	for old := t.at.Load(); next > old && !t.at.CompareAndSwap(old, next); old = t.at.Load() {
	}
}

// now returns the watermark; begun is false before it has moved.
func (t *timeMark) now() (w int64, begun bool) {
	at := t.at.Load()
	return int64(at ^ 1<<63), at != 0
}

// lastMove returns the watermark behind b, data.MinTime where b does not move it.
func lastMove(b *data.Batch) int64 {
	if k := len(b.Steps); k > 0 {
		return b.Steps[k-1].Time
	}
	return data.MinTime
}
