package expr

import (
	"encoding/binary"
	"math/bits"
)

// murmur3 is MurmurHash3_x86_32 of Austin Appleby, with the seed 0.
func murmur3(x []byte) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	var h uint32
	n := uint32(len(x))
	for ; len(x) >= 4; x = x[4:] {
		h ^= bits.RotateLeft32(binary.LittleEndian.Uint32(x)*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var tail uint32
	for i := len(x) - 1; i >= 0; i-- {
		tail = tail<<8 | uint32(x[i])
	}
	h ^= bits.RotateLeft32(tail*c1, 15) * c2
	h ^= n
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
