package dataflow

import (
	"os"
	"sync"
	"sync/atomic"

	"tidemark/operators"
)

// rooms has the memory that the parts of snapshots are written to. It is there before a
// barrier comes: to take fresh memory from the system, page by page, takes longer than to
// write, and to copy what has been written to a larger one takes as long again.
type rooms struct {
	mu sync.Mutex
	// spare is memory of parts that nobody needs any more; up to its length it is known
	// to be mapped.
	spare map[string][]byte
	sizes map[string]int       // of the parts of the snapshot before
	share map[string]float64   // size of a part, of the memory of its operator
	held  map[string]*holdings // memory of the operators that can tell
}

func newRooms(from *Snapshot) *rooms {
	r := &rooms{spare: map[string][]byte{}, sizes: map[string]int{}, share: map[string]float64{}, held: map[string]*holdings{}}
	if from != nil {
		r.sized(from)
	}
	return r
}

// sized notes how large the parts of a snapshot are.
func (r *rooms) sized(s *Snapshot) {
	sizes := make(map[string]int, len(s.parts))
	for id, part := range s.parts {
		sizes[id] = len(part)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sizes = sizes
}

const (
	// littleRoom is not worth being made ready.
	littleRoom = 1 << 20
	// firstShare is what a part is expected to take of the memory of its operator before
	// that is known: a hash table is not saved, and slices have room to grow.
	firstShare = 0.5
)

// prepare makes memory ready for the next snapshot, as much as operators will need by what
// they hold now and some more. It takes a while, and is not to be called while a barrier
// is under way.
func (r *rooms) prepare() {
	need, most := map[string]int{}, map[string]int{}
	for id, size := range r.sizes {
		need[id] = size
	}
	for id, h := range r.held {
		held := int(h.bytes.Load())
		if share, ok := r.share[id]; ok {
			need[id] = int(float64(held) * share)
		} else {
			need[id], most[id] = int(float64(held)*firstShare), held
		}
	}
	for id, n := range need {
		n += n / 8
		if n < littleRoom {
			continue
		}
		r.spare[id] = ready(r.spare[id], n, max(n+n/8, most[id]))
	}
}

// ready returns memory of which need bytes are mapped: the spare one if it is large enough,
// and not far too large, else some with room for most.
func ready(spare []byte, need, most int) []byte {
	if cap(spare) < need || cap(spare)/4 > most {
		spare = make([]byte, 0, most)
	}
	page := os.Getpagesize()
	all := spare[:max(len(spare), need)]
	for i := len(spare); i < need; i += page {
		all[i] = 0
	}
	return all
}

// take returns empty memory for a part. r may be nil.
func (r *rooms) take(id string) []byte {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	size, spare := r.sizes[id], r.spare[id]
	delete(r.spare, id)
	r.mu.Unlock()
	if spare == nil {
		return make([]byte, 0, size+size/8)
	}
	return spare[:0]
}

// give gives memory of parts back.
func (r *rooms) give(parts map[string][]byte) {
	for id, part := range parts {
		r.spare[id] = part
	}
}

// took notes how much a part of an operator's state has taken. r may be nil.
func (r *rooms) took(id string, op operators.Operator, size int) {
	if h, ok := op.(holder); ok && r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.share[id] = float64(size) / float64(max(1, h.Bytes()))
	}
}

// holder is an operator that can tell how much memory it holds.
type holder interface{ Bytes() int64 }

// holdings is how much memory a worker's operator holds, for others to know.
type holdings struct {
	op      holder // nil when it cannot tell
	bytes   atomic.Int64
	batches int
}

// lookEvery is how many batches pass before an operator is asked again.
const lookEvery = 64

// watch returns the holdings of an operator, which the next snapshot takes as id.
func (r *rooms) watch(id string, op operators.Operator) *holdings {
	h := &holdings{}
	if of, ok := op.(holder); ok {
		h.op = of
		h.bytes.Store(of.Bytes())
		r.held[id] = h
	}
	return h
}

// changed is called by the worker after each batch.
func (h *holdings) changed() {
	if h.batches++; h.batches%lookEvery == 0 && h.op != nil {
		h.bytes.Store(h.op.Bytes())
	}
}
