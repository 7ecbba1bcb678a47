package connectors

import "io"

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

// Look returns the unread input as far as enough, called with what there is so
// far, wants it, or all of it up to an error or the end, which is io.EOF. The
// bytes belong to a and hold until the next call of Look or Read.
func (a *Ahead) Look(enough func([]byte) bool) ([]byte, error) {
	const step = 64 << 10
	for a.err == nil && !enough(a.buf) {
		if cap(a.buf)-len(a.buf) < step {
			a.buf = append(make([]byte, 0, 2*cap(a.buf)+step), a.buf...)
		}
		var n int
		n, a.err = a.in.Read(a.buf[len(a.buf) : len(a.buf)+step])
		a.buf = a.buf[:len(a.buf)+n]
	}
	return a.buf, a.err
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
