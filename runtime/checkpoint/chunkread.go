package checkpoint

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"tidemark/connectors"
)

// chunkReader reads chunks from the files that they lie in.
type chunkReader struct {
	fs    FS
	files map[int64]ReadFile
	frame []byte
}

// read reads a chunk into dst, which has its size: the right one, or none.
func (r *chunkReader) read(dst []byte, id chunkID, at place) error {
	err := r.readFrame(dst, at)
	if err == nil && idOf(dst) != id {
		err = errDamaged
	}
	if err != nil {
		return fmt.Errorf("%s: %w", chunkName(at.file), connectors.Reason(cutOff(err)))
	}
	return nil
}

func (r *chunkReader) readFrame(dst []byte, at place) error {
	f := r.files[at.file]
	if f == nil {
		var err error
		if f, err = r.fs.Open(chunkName(at.file)); err != nil {
			return err
		}
		r.files[at.file] = f
	}
	if n := frameHead + at.size; cap(r.frame) < n {
		r.frame = make([]byte, n)
	}
	frame := r.frame[:frameHead+at.size]
	if n, err := f.ReadAt(frame, at.offset); n < len(frame) {
		return err
	}
	content := frame[frameHead:]
	if binary.LittleEndian.Uint64(frame) != uint64(at.size) || binary.LittleEndian.Uint32(frame[8:]) != crc32.Checksum(content, castagnoli) {
		return errDamaged
	}
	copy(dst, content)
	return nil
}

func (r *chunkReader) close() {
	for _, f := range r.files {
		f.Close()
	}
}
