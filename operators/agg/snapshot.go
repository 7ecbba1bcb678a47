package agg

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// snapshotVersion is the first byte of every block's body.
const snapshotVersion = 1

var errDamaged = errors.New("the aggregate's saved state is damaged or cut short")

// writer builds the body of a block: fixed words little endian, numbers that are
// mostly small as varints.
type writer struct{ b []byte }

func (w *writer) uvarint(x uint64) { w.b = binary.AppendUvarint(w.b, x) }
func (w *writer) varint(x int64)   { w.b = binary.AppendVarint(w.b, x) }
func (w *writer) word(x uint64)    { w.b = binary.LittleEndian.AppendUint64(w.b, x) }

func (w *writer) flag(x bool) {
	if x {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

func (w *writer) text(s []byte) {
	w.uvarint(uint64(len(s)))
	w.b = append(w.b, s...)
}

// appendBlock appends the body that fill writes, behind its length in bytes (a
// 64-bit word) and the version.
func appendBlock(dst []byte, fill func(w *writer)) []byte {
	start := len(dst)
	w := &writer{b: append(dst, 0, 0, 0, 0, 0, 0, 0, 0, snapshotVersion)}
	fill(w)
	binary.LittleEndian.PutUint64(w.b[start:], uint64(len(w.b)-start-8))
	return w.b
}

// reader reads the body of a block. After the first thing that is not there it
// reads zeros and is damaged.
type reader struct {
	b       []byte
	damaged bool
}

func (r *reader) fail() {
	r.b, r.damaged = nil, true
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) varint() int64 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) word() uint64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	x := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return x
}

func (r *reader) flag() bool {
	if len(r.b) == 0 || r.b[0] > 1 {
		r.fail()
		return false
	}
	x := r.b[0] == 1
	r.b = r.b[1:]
	return x
}

// count reads the number of things to follow, each of at least size bytes, so
// that damage cannot ask for more memory than the block has bytes.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

// text returns bytes of the block: the caller copies them.
func (r *reader) text() []byte {
	n := r.count(1)
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

// loadBlock lets read take apart the block at the start of src and returns what
// follows the block.
func loadBlock(src []byte, read func(r *reader)) (rest []byte, err error) {
	if len(src) < 9 {
		return nil, errDamaged
	}
	n := binary.LittleEndian.Uint64(src)
	if n < 1 || n > uint64(len(src)-8) {
		return nil, errDamaged
	}
	if v := src[8]; v != snapshotVersion {
		return nil, fmt.Errorf("the aggregate's saved state has version %d; this program reads version %d", v, snapshotVersion)
	}
	r := &reader{b: src[9 : 8+n]}
	read(r)
	if r.damaged || len(r.b) > 0 {
		return nil, errDamaged
	}
	return src[8+n:], nil
}
