package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"tidemark/operators/data"
)

// avroCursor reads one record. What it returns belongs to the record.
type avroCursor struct {
	d   []byte
	pos int
	// budget is how many more elements without any bytes the record may have, so that a
	// few bytes cannot stand for work without an end.
	budget int
}

// freeElements is how many elements without bytes any record may have.
const freeElements = 1 << 16

var (
	errAvroEnd    = errors.New("it ends in the middle of a value")
	errAvroLong   = errors.New("a number has more than ten bytes")
	errAvroLength = errors.New("a length is negative, or goes beyond the end")
	errAvroBranch = errors.New("it has a branch of a union, or a symbol of an enum, that the schema does not")
	errAvroDepth  = fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	errAvroEmpty  = errors.New("it has more elements than bytes")
)

func (c *avroCursor) reset(record []byte) {
	c.d, c.pos, c.budget = record, 0, len(record)+freeElements
}

func (c *avroCursor) long() (int64, error) {
	if c.pos < len(c.d) && c.d[c.pos] < 0x80 {
		u := c.d[c.pos]
		c.pos++
		return int64(u>>1) ^ -int64(u&1), nil
	}
	x, n := binary.Varint(c.d[c.pos:])
	switch {
	case n == 0:
		return 0, errAvroEnd
	case n < 0:
		return 0, errAvroLong
	}
	c.pos += n
	return x, nil
}

func (c *avroCursor) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(c.d)-c.pos) {
		return nil, errAvroLength
	}
	from := c.pos
	c.pos += int(n)
	return c.d[from:c.pos:c.pos], nil
}

func (c *avroCursor) bytes() ([]byte, error) {
	n, err := c.long()
	if err != nil {
		return nil, err
	}
	return c.take(n)
}

// branch reads which of n there is.
func (c *avroCursor) branch(n int) (int, error) {
	x, err := c.long()
	if err == nil && (x < 0 || x >= int64(n)) {
		err = errAvroBranch
	}
	return int(x), err
}

// block begins a block of an array or map: it returns how many elements there are, 0 at
// the end, and how many bytes they have, -1 when that is not told.
func (c *avroCursor) block() (count, size int64, err error) {
	size = -1
	if count, err = c.long(); err == nil && count < 0 {
		if count = -count; count < 0 {
			return 0, 0, errAvroLength
		}
		if size, err = c.long(); err == nil && (size < 0 || size > int64(len(c.d)-c.pos)) {
			err = errAvroLength
		}
	}
	return count, size, err
}

// element counts one element of an array or map.
func (c *avroCursor) element() error {
	if c.budget--; c.budget < 0 {
		return errAvroEmpty
	}
	return nil
}

// skip goes over a value.
func (c *avroCursor) skip(t *avroType, depth int) error {
	if depth > maxDepth {
		return errAvroDepth
	}
	var err error
	switch t.kind {
	case avroNull:
	case avroBoolean:
		_, err = c.take(1)
	case avroInt, avroEnum:
		_, err = c.long()
	case avroFloat:
		_, err = c.take(4)
	case avroDouble:
		_, err = c.take(8)
	case avroBytes:
		_, err = c.bytes()
	case avroFixed:
		_, err = c.take(int64(t.size))
	case avroRecord:
		for _, p := range t.parts {
			if err := c.skip(p, depth+1); err != nil {
				return err
			}
		}
	case avroUnion:
		i, err := c.branch(len(t.parts))
		if err != nil {
			return err
		}
		return c.skip(t.parts[i], depth+1)
	default:
		return c.skipBlocks(t, depth)
	}
	return err
}

func (c *avroCursor) skipBlocks(t *avroType, depth int) error {
	for {
		count, size, err := c.block()
		if err != nil || count == 0 {
			return err
		}
		if size >= 0 {
			c.pos += int(size)
			continue
		}
		for ; count > 0; count-- {
			if err := c.element(); err != nil {
				return err
			}
			if t.kind == avroMap {
				if _, err := c.bytes(); err != nil {
					return err
				}
			}
			if err := c.skip(t.parts[0], depth+1); err != nil {
				return err
			}
		}
	}
}

// scalar reads a value of a scalar type. A *valueError is one that no value of the type
// can be.
func (c *avroCursor) scalar(t *avroType, s *scalar) error {
	var err error
	switch t.kind {
	case avroBoolean:
		var b []byte
		if b, err = c.take(1); err == nil {
			s.b = b[0] != 0
		}
	case avroInt:
		if s.i, err = c.long(); err == nil {
			return t.integer(s)
		}
	case avroFloat:
		var b []byte
		if b, err = c.take(4); err == nil {
			s.f = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	case avroDouble:
		var b []byte
		if b, err = c.take(8); err == nil {
			s.f = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	case avroEnum:
		var i int
		if i, err = c.branch(len(t.symbols)); err == nil {
			s.text = t.symbols[i]
		}
	case avroBytes:
		if s.text, err = c.bytes(); err == nil {
			return t.binary(s)
		}
	case avroFixed:
		if s.text, err = c.take(int64(t.size)); err == nil {
			return t.binary(s)
		}
	}
	return err
}

// integer makes of a number what its logical type says.
func (t *avroType) integer(s *scalar) error {
	mul, div := int64(1), int64(1)
	switch t.logical {
	case "time-millis", "timestamp-millis", "local-timestamp-millis":
		mul = 1000
	case "timestamp-nanos", "local-timestamp-nanos":
		div = 1000
	}
	x := floorDiv(s.i, div)
	ok := true
	switch t.typ.Kind {
	case data.Int:
		ok = x == int64(int32(x))
	case data.Date:
		ok = data.IsDate(x)
	case data.Time:
		ok = x >= 0 && x < data.Day/mul
	case data.Timestamp:
		ok = x >= math.MinInt64/mul && x <= math.MaxInt64/mul && data.IsTimestamp(x*mul)
	}
	if !ok {
		return &valueError{reason: fmt.Sprintf("%d is out of range for %s", s.i, t.typ)}
	}
	s.i = x * mul
	return nil
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y < 0 {
		q--
	}
	return q
}

// binary makes of bytes what the logical type says.
func (t *avroType) binary(s *scalar) error {
	switch t.typ.Kind {
	case data.Decimal:
		w, ok := decimalBytes(s.text, int(t.typ.Precision))
		if !ok {
			return &valueError{reason: "the number has more digits than " + t.typ.String()}
		}
		s.w = w
		s.i, _ = w.Int64()
	case data.Interval:
		b := s.text
		s.w = data.NewInterval(int64(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:]))*data.Day+int64(binary.LittleEndian.Uint32(b[8:]))*1000)
	case data.String:
		if t.kind == avroFixed { // a UUID
			s.text = appendUUID(nil, s.text)
		}
	}
	return nil
}
