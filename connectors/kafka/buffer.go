package kafka

import (
	"sync"
	"sync/atomic"
)

// buffer is memory of an answer that several hold on to. Who is the last to release it
// gives it back.
type buffer struct {
	data []byte
	refs atomic.Int32
	of   *buffers
}

// hold is one more that holds on to b.
func (b *buffer) hold() { b.refs.Add(1) }

// release ends one hold.
func (b *buffer) release() {
	if b.refs.Add(-1) == 0 {
		b.of.pool.Put(b)
	}
}

// buffers are buffers that are used again.
type buffers struct{ pool sync.Pool }

// get returns a buffer of n bytes, with one hold. A much larger one is not taken for it:
// it may be held for long.
func (s *buffers) get(n int) *buffer {
	const much = 4
	b, _ := s.pool.Get().(*buffer)
	if b == nil {
		b = &buffer{of: s}
	}
	if c := cap(b.data); c < n || c > much*n {
		b.data = make([]byte, n)
	}
	b.data = b.data[:n]
	b.refs.Store(1)
	return b
}
