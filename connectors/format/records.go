package format

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"tidemark/connectors"
)

// Input is where a Records reads from. The end of ctx may end a read early.
type Input interface {
	// Read is io.Reader's, with a context.
	Read(ctx context.Context, p []byte) (int, error)
}

// Records cuts one input into chunks of whole records, in order.
type Records struct {
	in      Input
	name    string
	framing *Framing
	block   int
	eager   bool

	tail    []byte // what follows the last chunk: the start of a record
	offset  int64  // of tail[0] in the input
	header  []byte
	lines   int64 // of the header
	started bool
	handed  bool // the first chunk was handed out
	last    Place
	eof     bool
	err     error // what reading ended with; told when the records before it are out
}

// NewRecords returns a Records over in. block is how many bytes it reads at a
// time; an eager one hands out what it has after each read, without waiting for
// a full block: for live inputs.
func NewRecords(in Input, name string, framing *Framing, block int, eager bool) *Records {
	return &Records{in: in, name: name, framing: framing, block: block, eager: eager}
}

// Start reads up to the first record, checking the header if there is one.
// Next does so itself when Start was not called.
func (r *Records) Start(ctx context.Context) error {
	if r.started {
		return nil
	}
	buf, err := r.more(ctx, nil)
	for err == nil && !r.eof && len(buf) < len(bom) && bytes.HasPrefix(bom, buf) {
		buf, err = r.more(ctx, buf)
	}
	if err != nil {
		return err
	}
	if bytes.HasPrefix(buf, bom) {
		buf = buf[len(bom):]
		r.offset += int64(len(bom))
	}
	if r.framing.Header {
		if buf, err = r.readHeader(ctx, buf); err != nil {
			return err
		}
	}
	r.tail, r.started = buf, true
	return nil
}

// readHeader takes the first record off buf, reading on as far as it must.
func (r *Records) readHeader(ctx context.Context, buf []byte) ([]byte, error) {
	for {
		for { // blank lines before the header
			n := blankLine(buf, r.eof)
			if n == 0 {
				break
			}
			buf, r.offset, r.lines = buf[n:], r.offset+int64(n), r.lines+1
		}
		end, ok := len(buf), r.eof && len(buf) > 0
		if r.framing.quotes() {
			if e, found := r.framing.recordEnd(buf, 0, false); found {
				end, ok = e, true
			}
		} else if nl := bytes.IndexByte(buf, '\n'); nl >= 0 {
			end, ok = nl, true
		}
		if ok {
			r.header = append([]byte{}, bytes.TrimSuffix(buf[:end], []byte("\r"))...)
			r.lines += 1 + int64(bytes.Count(r.header, []byte("\n")))
			next := min(end+1, len(buf))
			r.offset += int64(next)
			if r.framing.CheckHeader != nil {
				if err := r.framing.CheckHeader(r.name, r.header); err != nil {
					return nil, err
				}
			}
			return buf[next:], nil
		}
		if r.eof {
			return buf, nil
		}
		if len(buf) > r.framing.MaxRecord {
			return nil, fmt.Errorf("%s: the header is longer than max_record_bytes = %d: is this csv, with the right delimiter and quote?", r.name, r.framing.MaxRecord)
		}
		var err error
		if buf, err = r.more(ctx, buf); err != nil {
			return nil, err
		}
	}
}

// blankLine returns the length of an empty line at the start of buf, 0 if there
// is none.
func blankLine(buf []byte, eof bool) int {
	switch {
	case len(buf) > 0 && buf[0] == '\n':
		return 1
	case len(buf) > 1 && buf[0] == '\r' && buf[1] == '\n':
		return 2
	case len(buf) == 1 && buf[0] == '\r' && eof:
		return 1
	}
	return 0
}

// more appends about a block of input to buf, keeping Padding free behind it.
// At the end of the input it sets eof.
func (r *Records) more(ctx context.Context, buf []byte) ([]byte, error) {
	have, want := len(buf), len(buf)+r.block
	if cap(buf) < want+connectors.Padding {
		grown := make([]byte, have, want+want/8+connectors.Padding)
		copy(grown, buf)
		buf = grown
	}
	for len(buf) < want {
		n, err := r.in.Read(ctx, buf[len(buf):want])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			r.eof = true
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
		if r.eager && n > 0 {
			return buf, nil
		}
	}
	return buf, nil
}

// Next fills c with the next records. It returns io.EOF at the end. Records
// before an error are handed out before it.
func (r *Records) Next(ctx context.Context, c *connectors.Chunk) error {
	if err := r.Start(ctx); err != nil {
		return err
	}
	c.Reset()
	buf, tail := c.Data, r.tail
	if cap(buf) < len(tail) { // all of a block, of which Start has looked at the first lines
		buf, r.tail = tail, nil
	} else {
		buf, r.tail = append(buf, tail...), tail[:0]
	}
	for {
		n := r.framing.Cut(buf)
		if r.eof && r.err == nil {
			n = len(buf)
		}
		switch {
		case n > 0:
			r.handOut(c, buf, n)
			return nil
		case r.err != nil:
			return r.err
		case r.eof:
			return io.EOF
		case len(buf) > r.framing.MaxRecord:
			r.skipLong(ctx, c, buf)
			return nil
		}
		buf, r.err = r.more(ctx, buf)
	}
}

// handOut makes buf[:n] the chunk's data and keeps the rest for the next one.
func (r *Records) handOut(c *connectors.Chunk, buf []byte, n int) {
	r.tail = append(r.tail[:0], buf[n:]...)
	if cap(buf) < n+connectors.Padding {
		grown := make([]byte, n, n+r.block+connectors.Padding)
		copy(grown, buf)
		buf = grown
	}
	c.Data = buf[:n]
	c.Name, c.Header, c.Offset = r.name, r.header, r.offset
	c.NewFile = !r.handed
	if c.NewFile {
		c.HeaderLines = r.lines
	}
	r.handed = true
	r.offset += int64(n)
	r.last = r.place(c.Data)
}

// Last returns the place behind the chunk that was handed out last.
func (r *Records) Last() Place { return r.last }

// skipLong makes a chunk of the beginning of the record that starts buf, and
// reads on to where it ends. An error on the way is returned by the next Next.
func (r *Records) skipLong(ctx context.Context, c *connectors.Chunk, buf []byte) {
	s := skipper{f: r.framing}
	length, kept := 0, 0
	rest := buf
	for {
		n, done := s.skip(rest)
		if kept < connectors.MaxBadRecord { // then buf has all of the record so far
			kept = min(kept+n, connectors.MaxBadRecord)
			if done && kept == length+n {
				kept-- // the line end
			}
		}
		length, rest = length+n, rest[n:]
		if !done && r.eof {
			s.lines++ // the last line has no line end
		}
		if done || r.eof || r.err != nil {
			break
		}
		if buf, r.err = r.more(ctx, buf[:kept]); r.err == nil {
			rest = buf[kept:]
		}
	}
	tail := append([]byte{}, rest...)
	r.handOut(c, buf[:kept], kept)
	r.tail = append(r.tail, tail...)
	r.offset += int64(length - kept)
	r.last = Place{Offset: r.offset, Ahead: len(r.tail)}
	c.TooLong = max(1, s.lines)
}
