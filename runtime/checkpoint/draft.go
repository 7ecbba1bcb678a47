package checkpoint

import (
	"bufio"
	"cmp"
	"math"
	"slices"
)

// shelf is where the chunks of a checkpoint lie.
type shelf struct {
	places map[chunkID]place
	// sizes are the bytes of the chunks in each file that there are any in, whether the
	// checkpoint still has them or not.
	sizes map[int64]int64
}

// draft is a checkpoint on its way to the disk.
type draft struct {
	*Checkpoint
	names  []string             // of the parts, in order
	tables map[string][]chunkID // of the parts that are cut into chunks
	shelf
	files []int64 // that are to be written
}

// Where chunks are that are to be written, until they are.
const (
	nowhere  int64 = 0
	leftFile int64 = math.MinInt64 // in files that are given up
)

// draft cuts a checkpoint into chunks, where its state is large, and finds those that lie
// on the disk already.
func (s *Store) draft(c *Checkpoint) *draft {
	d := &draft{Checkpoint: c, names: sortedNames(c.Parts), tables: map[string][]chunkID{}}
	d.places, d.sizes = make(map[chunkID]place, len(s.known.places)), map[int64]int64{}
	total := 0
	for _, part := range c.Parts {
		total += len(part)
	}
	if total < s.layout.large {
		return d
	}
	live := map[int64]int64{} // bytes of each file that the checkpoint has
	for _, name := range d.names {
		rest := c.Parts[name]
		if len(rest) < s.layout.part {
			continue
		}
		var table []chunkID
		for len(rest) > 0 {
			n := s.layout.cut(rest)
			id := idOf(rest[:n])
			table = append(table, id)
			if _, ok := d.places[id]; !ok {
				at, ok := s.known.places[id]
				if !ok {
					at = place{size: n}
				}
				d.places[id] = at
				live[at.file] += int64(n)
			}
			rest = rest[n:]
		}
		d.tables[name] = table
	}
	if live[nowhere] > 0 {
		d.files = append(d.files, c.Number)
	}
	delete(live, nowhere)
	d.leave(live, s.known.sizes, s.layout.files)
	return d
}

// leave decides which files the checkpoint goes on to use: not those of which less than half
// is alive, so that what is on the disk is not more than twice what is needed, and when there
// would be too many not the smaller half. What it has in them is written anew.
func (d *draft) leave(live, sizes map[int64]int64, most int) {
	var files []int64
	gone := map[int64]bool{}
	for file, n := range live {
		if gone[file] = 2*n < sizes[file]; !gone[file] {
			files = append(files, file)
		}
	}
	if len(files) > most-2 { // two may come
		slices.SortFunc(files, func(a, b int64) int { return cmp.Or(cmp.Compare(live[a], live[b]), cmp.Compare(a, b)) })
		small := files[:len(files)-most/2]
		files = files[len(small):]
		for _, file := range small {
			gone[file] = true
		}
	}
	for _, file := range files {
		d.sizes[file] = sizes[file]
	}
	if len(files) == len(live) {
		return
	}
	for id, at := range d.places {
		if gone[at.file] {
			at.file = leftFile
			d.places[id] = at
		}
	}
	d.files = append(d.files, -d.Number)
}

// fill writes the chunks to one of the files: the new ones, or those that are moved.
func (d *draft) fill(w *bufio.Writer, file int64) error {
	from := nowhere
	if file < 0 {
		from = leftFile
	}
	if err := writeFrame(w, []byte(chunkMagic)); err != nil {
		return err
	}
	offset := int64(frameHead + len(chunkMagic))
	for _, name := range d.names {
		rest := d.Parts[name]
		for _, id := range d.tables[name] {
			at := d.places[id]
			if at.file == from {
				if err := writeFrame(w, rest[:at.size]); err != nil {
					return err
				}
				at.file, at.offset = file, offset
				offset = at.end()
				d.places[id] = at
				d.sizes[file] += int64(at.size)
			}
			rest = rest[at.size:]
		}
	}
	return nil
}
