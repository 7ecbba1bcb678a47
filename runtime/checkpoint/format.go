package checkpoint

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"tidemark/operators/data"
)

// The file of a checkpoint has a frame that tells of it and of the files with its chunks.
// Then comes each part: a frame with its name and size, and frames with its content, or,
// when it is cut into chunks, with the table that says where these lie.

const (
	magicName = "tidemark checkpoint "
	magic     = magicName + "4"
)

// mostChunk is more than any chunk has.
const mostChunk = 1 << 20

// encode writes a checkpoint.
func (d *draft) encode(w *bufio.Writer) error {
	e := data.NewEncoder(nil)
	e.Text([]byte(magic))
	e.Varint(d.Number)
	e.Text([]byte(d.Job))
	e.Flag(d.Finished)
	e.Flag(d.Open)
	files := sortedNames(d.sizes)
	e.Uvarint(uint64(len(files)))
	for _, file := range files {
		e.Varint(file)
		e.Varint(d.sizes[file])
	}
	e.Uvarint(uint64(len(d.names)))
	if err := writeFrame(w, e.Bytes()); err != nil {
		return err
	}
	for _, name := range d.names {
		part := d.Parts[name]
		table, cut := d.tables[name]
		content := part
		if cut {
			content = d.table(table, files)
		}
		e.Reset()
		e.Text([]byte(name))
		e.Uvarint(uint64(len(part)))
		e.Uvarint(uint64(len(table)))
		e.Uvarint(uint64(len(content)))
		if err := writeFrame(w, e.Bytes()); err != nil {
			return err
		}
		for some := range slices.Chunk(content, maxFrame) {
			if err := writeFrame(w, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// table says of each chunk what it is and where it lies: 0 behind the one before it, else
// one of the files and the place there.
func (d *draft) table(table []chunkID, files []int64) []byte {
	e := data.NewEncoder(make([]byte, 0, 28*len(table)))
	var last place
	for _, id := range table {
		at := d.places[id]
		e.Append(func(dst []byte) []byte { return append(dst, id[:]...) })
		e.Uvarint(uint64(at.size))
		if at.file == last.file && at.offset == last.end() {
			e.Uvarint(0)
		} else {
			i, _ := slices.BinarySearch(files, at.file)
			e.Uvarint(uint64(i + 1))
			e.Varint(at.offset)
		}
		last = at
	}
	return e.Bytes()
}

// head is the first frame of a checkpoint's file.
type head struct {
	Checkpoint
	files []int64 // with its chunks
	sizes map[int64]int64
	parts uint64
}

// readHead reads the first frame of a checkpoint's file.
func readHead(r *bufio.Reader) (*head, error) {
	frame, err := readFrame(r, nil)
	if err != nil {
		return nil, cutOff(err)
	}
	d := data.NewDecoder(frame)
	switch is := string(d.Text()); {
	case is == magic:
	case strings.HasPrefix(is, magicName):
		return nil, errors.New("it was made by another version of Tidemark")
	default:
		return nil, errors.New("it is no checkpoint of Tidemark")
	}
	h := &head{sizes: map[int64]int64{}}
	h.Number, h.Job, h.Finished, h.Open = d.Varint(), string(d.Text()), d.Flag(), d.Flag()
	for range d.Count(2) {
		file := d.Varint()
		h.files = append(h.files, file)
		h.sizes[file] = d.Varint()
	}
	h.parts = d.Uvarint()
	if d.Damaged() {
		return nil, errDamaged
	}
	return h, nil
}

// decode reads the file of a checkpoint, and chunks from where they lie.
func decode(f io.Reader, from *chunkReader) (*Checkpoint, shelf, error) {
	r := bufio.NewReaderSize(f, logBuffer)
	h, err := readHead(r)
	if err != nil {
		return nil, shelf{}, err
	}
	on := shelf{map[chunkID]place{}, h.sizes}
	c := &h.Checkpoint
	c.Parts = map[string][]byte{}
	for ; h.parts > 0; h.parts-- {
		name, content, err := readPart(r, h, on, from)
		if err != nil {
			return nil, shelf{}, cutOff(err)
		}
		c.Parts[name] = content
	}
	return c, on, nil
}

func readPart(r *bufio.Reader, h *head, on shelf, from *chunkReader) (name string, content []byte, err error) {
	frame, err := readFrame(r, nil)
	if err != nil {
		return "", nil, err
	}
	d := data.NewDecoder(frame)
	name = string(d.Text())
	size, chunks, written := d.Uvarint(), d.Uvarint(), d.Uvarint()
	if d.Damaged() {
		return "", nil, errDamaged
	}
	for uint64(len(content)) < written {
		more, err := readFrame(r, nil)
		if err != nil {
			return "", nil, err
		}
		if content == nil {
			content = more
		} else {
			content = append(content, more...)
		}
	}
	if uint64(len(content)) != written {
		return "", nil, errDamaged
	}
	if chunks > 0 {
		if content, err = readChunks(content, chunks, size, h.files, on, from); err != nil {
			return "", nil, err
		}
	}
	if uint64(len(content)) != size {
		return "", nil, errDamaged
	}
	return name, content, nil
}

// readChunks puts a part of some size together from the chunks of its table, and notes
// where they lie.
func readChunks(table []byte, chunks, size uint64, files []int64, on shelf, from *chunkReader) ([]byte, error) {
	if size/mostChunk > chunks {
		return nil, errDamaged // before memory is taken for it
	}
	content := make([]byte, 0, size)
	d := data.NewDecoder(table)
	var at place
	for ; chunks > 0; chunks-- {
		var id chunkID
		d.Apply(func(src []byte) ([]byte, error) {
			n := copy(id[:], src)
			return src[n:], nil
		})
		after := at
		at = place{size: int(d.Uvarint())}
		if i := d.Uvarint(); i == 0 {
			at.file, at.offset = after.file, after.end()
		} else if i <= uint64(len(files)) {
			at.file, at.offset = files[i-1], d.Varint()
		}
		if d.Damaged() || at.file == 0 || at.offset < 0 || at.size < 0 || at.size > mostChunk || uint64(at.size) > size-uint64(len(content)) {
			return nil, errDamaged
		}
		part := content[len(content) : len(content)+at.size]
		if err := from.read(part, id, at); err != nil {
			return nil, err
		}
		content = content[:len(content)+at.size]
		on.places[id] = at
	}
	return content, nil
}
