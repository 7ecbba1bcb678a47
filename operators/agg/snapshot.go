package agg

import (
	"encoding/binary"
	"errors"
	"fmt"

	"tidemark/operators/data"
)

// snapshotVersion is the first byte of every block's body.
const snapshotVersion = 1

var errDamaged = errors.New("the aggregate's saved state is damaged or cut short")

// writer builds the body of a block.
type writer struct{ *data.Encoder }

// reader reads the body of a block.
type reader struct{ *data.Decoder }

// appendBlock appends the body that fill writes, behind its length in bytes (a
// 64-bit word) and the version.
func appendBlock(dst []byte, fill func(w *writer)) []byte {
	start := len(dst)
	w := &writer{data.NewEncoder(append(dst, 0, 0, 0, 0, 0, 0, 0, 0, snapshotVersion))}
	fill(w)
	b := w.Bytes()
	binary.LittleEndian.PutUint64(b[start:], uint64(len(b)-start-8))
	return b
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
	r := &reader{data.NewDecoder(src[9 : 8+n])}
	read(r)
	if r.Damaged() || len(r.Rest()) > 0 {
		return nil, errDamaged
	}
	return src[8+n:], nil
}
