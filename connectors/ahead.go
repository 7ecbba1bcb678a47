package connectors

import (
	"context"
	"io"
)

// Ahead is a reader whose beginning can be looked at before it is read, such as
// a standard input whose schema is inferred: the run then reads what was looked
// at as well. Calls must not overlap.
type Ahead struct {
	in  io.Reader
	buf []byte
	err error // what came after buf
}

// NewAhead returns an Ahead that reads from in.
func NewAhead(in io.Reader) *Ahead { return &Ahead{in: in} }

// Look reads on until enough, called with all that is unread, says that it is, or
// until an error or the end, which is io.EOF; it returns what is unread then. The
// bytes belong to a and hold until the next call of Look or Read.
//
// A read may wait for ever: the end of ctx ends the wait with its error, and a must
// not be used any more.
func (a *Ahead) Look(ctx context.Context, enough func([]byte) bool) ([]byte, error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.look(ctx, enough)
	}()
	select {
	case <-done:
		return a.buf, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *Ahead) look(ctx context.Context, enough func([]byte) bool) {
	const step = 64 << 10
	for a.err == nil && ctx.Err() == nil && !enough(a.buf) {
		if cap(a.buf)-len(a.buf) < step {
			a.buf = append(make([]byte, 0, 2*cap(a.buf)+step), a.buf...)
		}
		var n int
		n, a.err = a.in.Read(a.buf[len(a.buf) : len(a.buf)+step])
		a.buf = a.buf[:len(a.buf)+n]
	}
}

// Read implements io.Reader.
func (a *Ahead) Read(p []byte) (int, error) {
	if len(a.buf) > 0 {
		n := copy(p, a.buf)
		if a.buf = a.buf[n:]; len(a.buf) == 0 {
			a.buf = nil // looked at once, and large
		}
		return n, nil
	}
	if a.err != nil {
		return 0, a.err
	}
	return a.in.Read(p)
}
