package format

import (
	"context"
	"io"
)

// Direct is an Input over a reader that does not block for long, such as a file.
type Direct struct{ io.Reader }

// Read implements Input.
func (d Direct) Read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return d.Reader.Read(p)
}

// Skip implements Skipper, where the reader is one.
func (d Direct) Skip(n int64) error {
	if s, ok := d.Reader.(Skipper); ok {
		return s.Skip(n)
	}
	_, err := io.CopyN(io.Discard, d.Reader, n)
	return err
}

// Pump is an Input over a reader that may block for ever, such as a pipe: a
// goroutine of its own reads ahead, so that the end of a context ends the wait.
type Pump struct {
	full  chan filled
	empty chan []byte
	quit  chan struct{}
	rest  filled
}

type filled struct {
	data []byte
	from int // data[from:] is unread
	err  error
}

// NewPump returns a pump that reads up to size bytes at a time. It must be
// closed; a read that is still blocked then ends its goroutine when it returns.
func NewPump(r io.Reader, size int) *Pump {
	p := &Pump{full: make(chan filled), empty: make(chan []byte, 2), quit: make(chan struct{})}
	p.empty <- make([]byte, size)
	p.empty <- make([]byte, size)
	go p.run(r)
	return p
}

func (p *Pump) run(r io.Reader) {
	for {
		var buf []byte
		select {
		case buf = <-p.empty:
		case <-p.quit:
			return
		}
		n, err := r.Read(buf)
		select {
		case p.full <- filled{data: buf[:n], err: err}:
		case <-p.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// Read implements Input.
func (p *Pump) Read(ctx context.Context, dst []byte) (int, error) {
	for p.rest.from == len(p.rest.data) {
		if p.rest.err != nil {
			return 0, p.rest.err
		}
		if p.rest.data != nil {
			p.empty <- p.rest.data[:cap(p.rest.data)]
			p.rest = filled{}
		}
		select {
		case p.rest = <-p.full:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	n := copy(dst, p.rest.data[p.rest.from:])
	p.rest.from += n
	return n, nil
}

// Close ends the pump's goroutine.
func (p *Pump) Close() { close(p.quit) }
