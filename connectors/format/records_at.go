package format

import (
	"context"
	"fmt"
	"hash/crc32"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// Place is where the reading of an input goes on behind a chunk.
type Place struct {
	// Offset is that of the chunk's end in the (decompressed) input, in bytes.
	Offset int64
	// Ahead is how many bytes behind it had been read: the next chunk is as long as if
	// the reading had not been interrupted.
	Ahead int
	// Last is how many bytes before Offset Sum is the CRC32C of: what is read again must
	// be what was read.
	Last int
	Sum  uint32
}

// Encode appends the place to dst.
func (p *Place) Encode(dst []byte) []byte {
	e := data.NewEncoder(dst)
	e.Varint(p.Offset)
	e.Uvarint(uint64(p.Ahead))
	e.Uvarint(uint64(p.Last))
	e.Uvarint(uint64(p.Sum))
	return e.Bytes()
}

// DecodePlace reads what Encode has written.
func DecodePlace(d *data.Decoder) Place {
	return Place{Offset: d.Varint(), Ahead: int(d.Uvarint()), Last: int(d.Uvarint()), Sum: uint32(d.Uvarint())}
}

// compared is how many bytes before a place are compared.
const compared = 256

// castagnoli is the table of CRC32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// place returns the place behind a chunk that ends in end.
func (r *Records) place(end []byte) Place {
	last := end[max(0, len(end)-compared):]
	return Place{Offset: r.offset, Ahead: len(r.tail), Last: len(last), Sum: crc32.Checksum(last, castagnoli)}
}

// Skipper is an Input that can leave bytes out without reading them.
type Skipper interface{ Skip(n int64) error }

// StartAt is Start at a place of an input, whose header, if there is one, is read again.
// The input must be the one that the place is of: where its bytes there are others, or it
// is shorter, that is an error.
func (r *Records) StartAt(ctx context.Context, at Place) error {
	if err := r.Start(ctx); err != nil {
		return err
	}
	if err := r.skip(at.Offset - int64(at.Last)); err != nil {
		return err
	}
	var last []byte // what was read over
	for end := at.Offset + int64(at.Ahead); ; {
		n := int(min(int64(len(r.tail)), at.Offset-r.offset))
		last = append(last, r.tail[:n]...)
		last = last[max(0, len(last)-compared):]
		r.tail = append(r.tail[:0], r.tail[n:]...)
		r.offset += int64(n)
		if r.offset+int64(len(r.tail)) >= end || r.eof {
			break
		}
		var err error
		if r.tail, err = r.more(ctx, r.tail); err != nil {
			return err
		}
	}
	switch {
	case r.offset < at.Offset:
		return changedError(r.name, fmt.Sprintf("it has %d bytes, and had been read up to byte %d", r.offset, at.Offset))
	case len(last) < at.Last || crc32.Checksum(last[len(last)-at.Last:], castagnoli) != at.Sum:
		return changedError(r.name, fmt.Sprintf("the bytes before byte %d are not those that were read", at.Offset))
	}
	r.handed = true
	return nil
}

// skip leaves bytes out up to about an offset, where the input can. It leaves out whole
// blocks, so that the chunks are the same as without.
func (r *Records) skip(to int64) error {
	read := r.offset + int64(len(r.tail))
	n := (to - read) / int64(r.block) * int64(r.block)
	s, ok := r.in.(Skipper)
	if !ok || n <= 0 || r.eof {
		return nil
	}
	r.tail, r.offset = r.tail[:0], read+n
	return s.Skip(n)
}

// changedError says that an input is not what it was.
func changedError(name, how string) error {
	return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("%s has changed since the checkpoint was made: %s", name, how),
		Hint: "put the file back as it was, or begin anew with another --checkpoint-dir"}
}
