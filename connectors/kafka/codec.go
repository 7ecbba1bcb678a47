package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The numbers of the ways in which batches are compressed.
const (
	codecNone = iota
	codecGzip
	codecSnappy
	codecLZ4
	codecZstd
)

// decompressor makes the records of compressed batches readable. Its zero value but for
// most is ready to use; it is for one goroutine.
type decompressor struct {
	most int64 // bytes that a batch may have

	buf  []byte
	in   bytes.Reader
	gzip *gzip.Reader
	lz4  *lz4.Reader
	zstd *zstd.Decoder
}

// open returns the records of a batch. They are the batch's own, or hold until the next
// call.
func (d *decompressor) open(b batch) ([]byte, error) {
	codec, packed := b.attributes()&attrCodec, b.records()
	var err error
	switch codec {
	case codecNone:
		return packed, nil
	case codecGzip:
		err = d.stream(packed, d.gunzip)
	case codecSnappy:
		err = d.snappy(packed)
	case codecLZ4:
		err = d.stream(packed, func(in io.Reader) (io.Reader, error) {
			if d.lz4 == nil {
				d.lz4 = lz4.NewReader(nil)
			}
			d.lz4.Reset(in)
			return d.lz4, nil
		})
	case codecZstd:
		err = d.unzstd(packed)
	default:
		return nil, fmt.Errorf("the batch is compressed in a way (number %d) that is not known here", codec)
	}
	var tooLarge *largeBatch
	if err != nil && !errors.As(err, &tooLarge) {
		err = fmt.Errorf("the batch is damaged: it cannot be decompressed as %s", [...]string{"", "gzip", "snappy", "lz4", "zstd"}[codec])
	}
	return d.buf, err
}

// largeBatch is the error of a batch that is too large.
type largeBatch struct{ most int64 }

func (e *largeBatch) Error() string {
	return fmt.Sprintf("the batch is larger than max_batch_bytes = %d when it is decompressed", e.most)
}

// stream decompresses all that open reads.
func (d *decompressor) stream(packed []byte, open func(io.Reader) (io.Reader, error)) error {
	d.in.Reset(packed)
	r, err := open(&d.in)
	if err != nil {
		return err
	}
	d.buf = d.buf[:0]
	for {
		if len(d.buf) == cap(d.buf) {
			d.buf = append(d.buf, make([]byte, max(len(d.buf), 4*len(packed), 4<<10))...)[:len(d.buf)]
		}
		n, err := r.Read(d.buf[len(d.buf):cap(d.buf)])
		d.buf = d.buf[:len(d.buf)+n]
		if int64(len(d.buf)) > d.most {
			return &largeBatch{d.most}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (d *decompressor) gunzip(in io.Reader) (io.Reader, error) {
	if d.gzip == nil {
		d.gzip = new(gzip.Reader)
	}
	return d.gzip, d.gzip.Reset(in)
}

func (d *decompressor) unzstd(packed []byte) (err error) {
	if d.zstd == nil {
		if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(d.most))); err != nil {
			return err
		}
	}
	d.buf, err = d.zstd.DecodeAll(packed, d.buf[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return &largeBatch{d.most}
	}
	return err
}

// xerial begins what Java's snappy writes: blocks, each with its length before it, behind
// a head of 16 bytes.
var xerial = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

const xerialHead = 16

func (d *decompressor) snappy(packed []byte) error {
	d.buf = d.buf[:0]
	if !bytes.HasPrefix(packed, xerial) {
		return d.block(packed)
	}
	if len(packed) < xerialHead {
		return io.ErrUnexpectedEOF
	}
	for rest := packed[xerialHead:]; len(rest) > 0; {
		if len(rest) < 4 {
			return io.ErrUnexpectedEOF
		}
		n := binary.BigEndian.Uint32(rest)
		if rest = rest[4:]; uint64(n) > uint64(len(rest)) {
			return io.ErrUnexpectedEOF
		}
		if err := d.block(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// block appends a block of snappy.
func (d *decompressor) block(packed []byte) error {
	n, err := snappy.DecodedLen(packed)
	if err != nil {
		return err
	}
	from := len(d.buf)
	if int64(from)+int64(n) > d.most {
		return &largeBatch{d.most}
	}
	if cap(d.buf) < from+n {
		d.buf = append(make([]byte, 0, from+n+from/2), d.buf...)
	}
	_, err = snappy.Decode(d.buf[from:from+n], packed)
	d.buf = d.buf[:from+n]
	return err
}
