package format

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unsafe"
)

// Words of eight bytes are searched at a time. In all these masks the lowest
// set bit is exact; bits above it may be wrong, as borrows run upwards.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns the eight bytes of d at i as a little-endian number. The caller
// has made sure that i+8 <= cap(d): places stay within the data, which ends in
// a line end that stops every scan, and connectors.Padding bytes follow it.
func word(d []byte, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(d)), i))[:])
}

// zeros marks the bytes of w that are zero.
func zeros(w uint64) uint64 { return (w - ones) &^ w & highs }

// exactZeros marks the bytes of w that are zero, and no others above them.
func exactZeros(w uint64) uint64 {
	const lows = highs - ones // 0x7f in each byte
	return ^((w&lows + lows) | w | lows)
}

// stringStops marks quotes, backslashes and control characters.
func stringStops(w uint64) uint64 {
	q, b := w^('"'*ones), w^('\\'*ones)
	return ((q-ones)&^q | (b-ones)&^b | (w-0x20*ones)&^w) & highs
}

// textStops marks quotes, backslashes, control characters and all above ASCII.
func textStops(w uint64) uint64 {
	q, b := w^('"'*ones), w^('\\'*ones)
	return ((q-ones)&^q | (b-ones)&^b | (w-0x20*ones)&^w | w) & highs
}

// nonDigits marks the bytes that are no ASCII digits.
func nonDigits(w uint64) uint64 {
	x := w ^ '0'*ones
	return (x + 0x76*ones | x) & highs
}

// first returns the index of the lowest marked byte of a mask that is not zero.
func first(mask uint64) int { return bits.TrailingZeros64(mask) >> 3 }

func itoa(n int) string { return strconv.Itoa(n) }
