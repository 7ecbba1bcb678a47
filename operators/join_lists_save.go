package operators

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"tidemark/operators/data"
)

// width is how many bytes save takes for a row.
func (l *keyLists) width() int {
	if l.untimed {
		return 4
	}
	return 8 + 4
}

// save writes how many rows each key has, their times if there are any, and the rows.
func (l *keyLists) save(e *data.Encoder) {
	total := 0
	for id := range l.lists {
		n := l.lists[id].n
		e.Uvarint(uint64(n))
		total += int(n)
	}
	e.Uvarint(uint64(total))
	room := e.Room(l.width() * total)
	times, rows := room[:len(room)-4*total], room[len(room)-4*total:]
	for id := range l.lists {
		at, list := l.of(int32(id))
		for i, t := range at {
			binary.LittleEndian.PutUint64(times[8*i:], uint64(t))
		}
		for i, row := range list {
			binary.LittleEndian.PutUint32(rows[4*i:], row)
		}
		times, rows = times[8*len(at):], rows[4*len(list):]
	}
}

// load reads the lists of n keys. take is shown the rows, and reports whether they are
// possible.
func (l *keyLists) load(d *data.Decoder, n int, take func(id int32, row uint32) bool) {
	l.resize(n)
	size, total := 0, 0
	for id := range l.lists {
		k := &l.lists[id]
		c := d.Count(1)
		if c == 0 {
			continue
		}
		k.n, k.class, k.block = uint32(c), uint8(bits.Len32(uint32(c-1))), uint32(size)
		size, total = size+1<<k.class, total+c
		l.empty--
	}
	if got := d.Count(l.width()); got != total || d.Damaged() {
		d.Fail()
		l.lists, l.empty = l.lists[:0], 0
		l.resize(n)
		return
	}
	times, rows := d.Take((l.width()-4)*total), d.Take(4*total)
	l.rows = make([]uint32, size)
	if !l.untimed {
		l.times = make([]int64, size)
	}
	for id := range l.lists {
		at, list := l.of(int32(id))
		for i := range at {
			at[i] = int64(binary.LittleEndian.Uint64(times[8*i:]))
		}
		for i := range list {
			list[i] = binary.LittleEndian.Uint32(rows[4*i:])
			if !take(int32(id), list[i]) {
				d.Fail()
				return
			}
		}
		if !slices.IsSorted(at) || l.untimed && !slices.IsSorted(list) {
			d.Fail()
			return
		}
		times, rows = times[8*len(at):], rows[4*len(list):]
	}
}
