package kafka

import (
	"encoding/binary"
	"errors"
)

// record is a record of a batch. Its slices belong to the batch.
type record struct {
	offsetDelta int64
	timeDelta   int64
	key, value  []byte // nil when there is none
	headers     []byte // as they are in the batch, their number first
}

// records reads the records of a batch, one after the other.
type records struct {
	buf []byte
	pos int
}

// errRecord is the error of records that are not what the batch's header says.
var errRecord = errors.New("the batch is damaged: its records cannot be told apart")

// next reads the next record.
func (r *records) next() (rec record, err error) {
	buf := r.buf
	length, i := varint(buf, r.pos)
	end := i + int(length)
	if i <= 0 || length < 0 || length > int64(len(buf)-i) {
		return rec, errRecord
	}
	buf = buf[:end]
	i++ // attributes, of which there are none
	if rec.timeDelta, i = varint(buf, i); i <= 0 {
		return rec, errRecord
	}
	if rec.offsetDelta, i = varint(buf, i); i <= 0 {
		return rec, errRecord
	}
	if rec.key, i = text(buf, i); i <= 0 {
		return rec, errRecord
	}
	if rec.value, i = text(buf, i); i <= 0 {
		return rec, errRecord
	}
	rec.headers = buf[i:]
	r.pos = end
	return rec, nil
}

// text reads a byte string at i, and returns the place behind it, 0 for none. A null one
// is nil, an empty one is not.
func text(buf []byte, i int) ([]byte, int) {
	n, i := varint(buf, i)
	switch {
	case i <= 0:
		return nil, 0
	case n < 0:
		return nil, i
	case n > int64(len(buf)-i):
		return nil, 0
	}
	end := i + int(n)
	return buf[i:end:end], end
}

// varint reads a number at i, and returns the place behind it, 0 when there is none.
func varint(buf []byte, i int) (int64, int) {
	if i < 0 || i >= len(buf) {
		return 0, 0
	}
	if b := buf[i]; b < 0x80 {
		return int64(b>>1) ^ -int64(b&1), i + 1
	}
	if i+1 < len(buf) {
		if b := buf[i+1]; b < 0x80 {
			u := uint64(buf[i]&0x7f) | uint64(b)<<7
			return int64(u>>1) ^ -int64(u&1), i + 2
		}
	}
	v, n := binary.Varint(buf[i:])
	if n <= 0 {
		return 0, 0
	}
	return v, i + n
}

// eachHeader calls f with the headers of a record.
func eachHeader(headers []byte, f func(key, value []byte)) error {
	n, i := varint(headers, 0)
	if i <= 0 || n < 0 || n > int64(len(headers)) {
		return errRecord
	}
	for range n {
		var key, value []byte
		if key, i = text(headers, i); i <= 0 {
			return errRecord
		}
		if value, i = text(headers, i); i <= 0 {
			return errRecord
		}
		f(key, value)
	}
	return nil
}
