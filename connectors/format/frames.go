package format

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
)

// frameInput reads what is told apart by lengths and not by line ends.
type frameInput struct {
	in  Input
	buf []byte
	pos int   // buf[pos:] is unread
	off int64 // of buf[0] in the input
	eof bool
}

var errVarint = errors.New("a length has more than ten bytes")

// need reads on until n bytes are at hand; false when the input ends before.
func (f *frameInput) need(ctx context.Context, n int) (bool, error) {
	for len(f.buf)-f.pos < n {
		if f.eof {
			return false, nil
		}
		if f.pos > 0 {
			f.off += int64(f.pos)
			f.buf = f.buf[:copy(f.buf, f.buf[f.pos:])]
			f.pos = 0
		}
		have := len(f.buf)
		const least = 64 << 10
		if cap(f.buf)-have < min(n-have, least) || cap(f.buf) == 0 {
			grown := make([]byte, have, max(2*cap(f.buf), have+least))
			copy(grown, f.buf)
			f.buf = grown
		}
		m, err := f.in.Read(ctx, f.buf[have:cap(f.buf)])
		f.buf = f.buf[:have+m]
		if err == io.EOF {
			f.eof = true
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

// ended reports whether nothing more is there.
func (f *frameInput) ended(ctx context.Context) (bool, error) {
	some, err := f.need(ctx, 1)
	return !some, err
}

// take returns the next n bytes, until the next call of need.
func (f *frameInput) take(ctx context.Context, n int) ([]byte, error) {
	switch ok, err := f.need(ctx, n); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, io.ErrUnexpectedEOF
	}
	from := f.pos
	f.pos += n
	return f.buf[from:f.pos:f.pos], nil
}

// uvarint reads a number of seven bits a byte.
func (f *frameInput) uvarint(ctx context.Context) (uint64, error) {
	for n := 1; ; n++ {
		ok, err := f.need(ctx, n)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		if f.buf[f.pos+n-1] < 0x80 {
			x, k := binary.Uvarint(f.buf[f.pos : f.pos+n])
			if k <= 0 {
				return 0, errVarint
			}
			f.pos += n
			return x, nil
		}
		if n == binary.MaxVarintLen64 {
			return 0, errVarint
		}
	}
}

// varint reads a number whose sign is its last bit.
func (f *frameInput) varint(ctx context.Context) (int64, error) {
	u, err := f.uvarint(ctx)
	return int64(u>>1) ^ -int64(u&1), err
}
