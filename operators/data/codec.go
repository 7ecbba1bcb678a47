package data

import (
	"encoding/binary"
	"slices"
)

// Encoder builds a snapshot: fixed words little endian, numbers that are mostly
// small as varints. The zero value is empty and ready.
type Encoder struct{ b []byte }

// NewEncoder returns an encoder that appends to dst.
func NewEncoder(dst []byte) *Encoder { return &Encoder{b: dst} }

// Bytes returns what has been written, behind what the encoder was made with. It
// belongs to the encoder until that is no longer used.
func (e *Encoder) Bytes() []byte { return e.b }

// Reset forgets what was written and keeps the memory.
func (e *Encoder) Reset() { e.b = e.b[:0] }

// Uvarint writes a number that is mostly small.
func (e *Encoder) Uvarint(x uint64) {
	if x < 0x80 {
		e.b = append(e.b, byte(x))
		return
	}
	e.b = binary.AppendUvarint(e.b, x)
}

// Varint writes a signed number that is mostly small.
func (e *Encoder) Varint(x int64) { e.b = binary.AppendVarint(e.b, x) }

// Word writes eight bytes.
func (e *Encoder) Word(x uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, x) }

// Flag writes one byte.
func (e *Encoder) Flag(x bool) {
	if x {
		e.b = append(e.b, 1)
	} else {
		e.b = append(e.b, 0)
	}
}

// Flags writes a list of them, one byte each.
func (e *Encoder) Flags(s []bool) {
	e.Uvarint(uint64(len(s)))
	e.flags(s)
}

func (e *Encoder) flags(s []bool) {
	room := e.Room(len(s))
	clear(room)
	for i, x := range s {
		if x {
			room[i] = 1
		}
	}
}

// Text writes a byte string behind its length.
func (e *Encoder) Text(s []byte) {
	e.Uvarint(uint64(len(s)))
	e.b = append(e.b, s...)
}

// Append lets a function append what it has a form of its own for.
func (e *Encoder) Append(f func(dst []byte) []byte) { e.b = f(e.b) }

// Times writes a list of numbers, such as times, eight bytes each.
func (e *Encoder) Times(s []int64) {
	e.Uvarint(uint64(len(s)))
	e.words(s)
}

// words writes numbers of eight bytes. States have many millions of them, and a checkpoint
// keeps rows waiting meanwhile.
func (e *Encoder) words(s []int64) {
	room := e.Room(8 * len(s))
	for i, x := range s {
		binary.LittleEndian.PutUint64(room[8*i:], uint64(x))
	}
}

// Int32s writes a list of numbers, four bytes each.
func (e *Encoder) Int32s(s []int32) {
	e.Uvarint(uint64(len(s)))
	room := e.Room(4 * len(s))
	for i, x := range s {
		binary.LittleEndian.PutUint32(room[4*i:], uint32(x))
	}
}

// Uvarints writes numbers that are mostly small, as Uvarint does each.
func (e *Encoder) Uvarints(s []int64) {
	b := slices.Grow(e.b, len(s))
	for _, x := range s {
		if uint64(x) < 0x80 {
			b = append(b, byte(x))
		} else {
			b = binary.AppendUvarint(b, uint64(x))
		}
	}
	e.b = b
}

// Room returns n bytes behind what was written, to be filled at once: of large states
// each number written by itself would take long.
func (e *Encoder) Room(n int) []byte {
	from := len(e.b)
	e.b = slices.Grow(e.b, n)[:from+n]
	return e.b[from:]
}

// Decoder reads what an Encoder has written. After the first thing that is not
// there it reads zeros and is Damaged: who reads looks at the end, not each time.
type Decoder struct {
	b       []byte
	damaged bool
}

// NewDecoder returns a decoder of src, which must not change while it is used.
func NewDecoder(src []byte) *Decoder { return &Decoder{b: src} }

// Fail marks the snapshot as damaged.
func (d *Decoder) Fail() { d.b, d.damaged = nil, true }

// Damaged reports whether something was not there, or Fail was called.
func (d *Decoder) Damaged() bool { return d.damaged }

// Rest returns what has not been read.
func (d *Decoder) Rest() []byte { return d.b }

// Uvarint reads what Encoder.Uvarint wrote.
func (d *Decoder) Uvarint() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.Fail()
		return 0
	}
	d.b = d.b[n:]
	return x
}

// Varint reads what Encoder.Varint wrote.
func (d *Decoder) Varint() int64 {
	x, n := binary.Varint(d.b)
	if n <= 0 {
		d.Fail()
		return 0
	}
	d.b = d.b[n:]
	return x
}

// Word reads what Encoder.Word wrote.
func (d *Decoder) Word() uint64 {
	if len(d.b) < 8 {
		d.Fail()
		return 0
	}
	x := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return x
}

// Flag reads what Encoder.Flag wrote.
func (d *Decoder) Flag() bool {
	if len(d.b) == 0 || d.b[0] > 1 {
		d.Fail()
		return false
	}
	x := d.b[0] == 1
	d.b = d.b[1:]
	return x
}

// Flags appends what Encoder.Flags wrote to dst.
func (d *Decoder) Flags(dst []bool) []bool {
	for range d.Count(1) {
		dst = append(dst, d.Flag())
	}
	return dst
}

// Count reads the number of things to follow, each of at least size bytes, so
// that damage cannot ask for more memory than the snapshot has bytes.
func (d *Decoder) Count(size int) int {
	n := d.Uvarint()
	if n > uint64(len(d.b)/size) {
		d.Fail()
		return 0
	}
	return int(n)
}

// Text returns bytes of the snapshot: the caller copies them.
func (d *Decoder) Text() []byte {
	return d.Take(d.Count(1))
}

// Take returns the next n bytes of the snapshot, of which the caller knows how many
// there should be: none if there are not so many.
func (d *Decoder) Take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.Fail()
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

// Apply lets a function read what Encoder.Append wrote; it returns what it left.
func (d *Decoder) Apply(f func(src []byte) (rest []byte, err error)) error {
	if d.damaged {
		return nil
	}
	rest, err := f(d.b)
	if err != nil {
		d.Fail()
		return err
	}
	d.b = rest
	return nil
}

// Times appends what Encoder.Times wrote to dst.
func (d *Decoder) Times(dst []int64) []int64 {
	for range d.Count(8) {
		dst = append(dst, int64(d.Word()))
	}
	return dst
}

// Int32s appends what Encoder.Int32s wrote to dst.
func (d *Decoder) Int32s(dst []int32) []int32 {
	n := d.Count(4)
	b := d.Take(4 * n)
	dst = Reserved(dst, n)
	for i := range n {
		dst = append(dst, int32(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return dst
}
