package checkpoint

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Large states are cut into chunks, and a chunk that lies on the disk already is not
// written again. Where to cut is told by the content around the place alone: what has not
// changed is cut as it was before, wherever it has moved to meanwhile.

// layout says how a store cuts states, and what it does with the files of chunks.
type layout struct {
	// large is how many bytes a state has that is worth it: a smaller one is written
	// whole. part is the same for one part of a state.
	large, part int
	// least and most are the bytes of a chunk, but for the last of a part; beyond the
	// least a place to cut at comes after 1<<bits bytes on average.
	least, most int
	bits        uint
	// files is how many files of chunks one checkpoint consists of at most.
	files int
}

// usual is the layout of all stores but those of tests. Smaller chunks save more where few
// keys change, and cost more for their names: 27 bytes of each checkpoint, and 60 of memory.
func usual() layout {
	return layout{large: 1 << 20, part: 1 << 16, least: 2 << 10, most: 32 << 10, bits: 12, files: 32}
}

// chunkID is the name of a content: as much of its SHA-256 as makes sure that nobody can
// find two contents of one name.
type chunkID [24]byte

func idOf(content []byte) chunkID {
	sum := sha256.Sum256(content)
	return chunkID(sum[:])
}

// gear has a number of random bits for each value of a byte.
var gear = func() (table [256]uint64) {
	for i := range table { // splitmix64
		x := uint64(i+1) * 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		table[i] = x ^ x>>31
	}
	return table
}()

// cut returns how many bytes the first chunk of a content has. A chunk ends where the
// numbers of its last bytes, each shifted by its distance, add up to one of few sums.
func (l layout) cut(content []byte) int {
	if len(content) <= l.least {
		return len(content)
	}
	sum, shift := uint64(0), 64-l.bits
	for i, b := range content[l.least:min(len(content), l.most)] {
		if sum = sum<<1 + gear[b]; sum>>shift == 0 {
			return l.least + i + 1
		}
	}
	return min(len(content), l.most)
}

// place is where a chunk lies: behind the head of a frame of a file.
type place struct {
	file   int64 // see chunkName
	offset int64
	size   int
}

// end returns where the next frame of the file begins.
func (p place) end() int64 { return p.offset + frameHead + int64(p.size) }

const (
	chunkPrefix = "chunks-"
	movedPrefix = "moved-"
	chunkMagic  = "tidemark chunks 1"
)

// A file of chunks is known by the number of the checkpoint that it was written with: the
// chunks that are new have one, and those that were moved from other files one of their
// own, the negative number. What has lived on will live on.

// chunkName returns the name of a file of chunks.
func chunkName(file int64) string {
	if file < 0 {
		return fmt.Sprintf("%s%012d", movedPrefix, -file)
	}
	return fmt.Sprintf("%s%012d", chunkPrefix, file)
}

// chunkFile returns the file of chunks that has a name; false when it is none.
func chunkFile(name string) (int64, bool) {
	if n, ok := numberIn(name, movedPrefix); ok {
		return -n, true
	}
	return numberIn(name, chunkPrefix)
}

// left reports whether a file was left before it was finished.
func left(name string) bool {
	name, ok := strings.CutSuffix(name, partial)
	if !ok {
		return false
	}
	_, chunks := chunkFile(name)
	_, number := numberOf(name)
	return chunks || number
}
