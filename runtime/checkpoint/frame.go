package checkpoint

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Files are runs of frames: the length of the content, four bytes, its CRC32C, and the
// content. All numbers are little-endian.

// frameHead is how many bytes of a frame come before its content.
const frameHead = 12

// maxFrame is the most bytes of a frame's content: larger contents are several frames,
// so that damage cannot ask for more memory.
const maxFrame = 1 << 28

// castagnoli is the table of CRC32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged says that a file does not have what was written to it.
var errDamaged = errors.New("the file is damaged or cut off")

// writeFrame writes a frame of at most maxFrame bytes.
func writeFrame(w io.Writer, content []byte) error {
	var head [frameHead]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(content)))
	binary.LittleEndian.PutUint32(head[8:], crc32.Checksum(content, castagnoli))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// readFrame reads a frame into buf, which it grows, and returns its content: io.EOF at
// the end of the file, errDamaged where there is no whole frame.
func readFrame(r *bufio.Reader, buf []byte) ([]byte, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err == io.EOF {
		return nil, io.EOF
	} else if err != nil {
		return nil, cutOff(err)
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxFrame {
		return nil, errDamaged
	}
	buf = buf[:0]
	for uint64(len(buf)) < n { // grown by what is there, not by what is promised
		step := int(min(n-uint64(len(buf)), 1<<20))
		from := len(buf)
		buf = append(buf, make([]byte, step)...)
		if _, err := io.ReadFull(r, buf[from:]); err != nil {
			return nil, cutOff(err)
		}
	}
	if crc32.Checksum(buf, castagnoli) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, errDamaged
	}
	return buf, nil
}

// cutOff turns the end of a file into damage.
func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errDamaged
	}
	return err
}
