package operators

import (
	"encoding/binary"
	"math/bits"

	"tidemark/operators/data"
)

// save writes how many rows each key has, their times, and the rows.
func (l *keyLists) save(e *data.Encoder) {
	total := 0
	for id := range l.lists {
		n := l.lists[id].n
		e.Uvarint(uint64(n))
		total += int(n)
	}
	e.Uvarint(uint64(total))
	room := e.Room(12 * total)
	times, rows := room[:8*total], room[8*total:]
	for id := range l.lists {
		at, list := l.of(int32(id))
		for i, t := range at {
			binary.LittleEndian.PutUint64(times[8*i:], uint64(t))
			binary.LittleEndian.PutUint32(rows[4*i:], list[i])
		}
		times, rows = times[8*len(at):], rows[4*len(at):]
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
	if got := d.Count(12); got != total || d.Damaged() {
		d.Fail()
		l.lists, l.empty = l.lists[:0], 0
		l.resize(n)
		return
	}
	times, rows := d.Take(8*total), d.Take(4*total)
	l.times, l.rows = make([]int64, size), make([]uint32, size)
	for id := range l.lists {
		k := &l.lists[id]
		at, list := l.of(int32(id))
		for i := range at {
			at[i], list[i] = int64(binary.LittleEndian.Uint64(times[8*i:])), binary.LittleEndian.Uint32(rows[4*i:])
			if i > 0 && at[i] < at[i-1] || !take(int32(id), list[i]) {
				d.Fail()
				return
			}
		}
		times, rows = times[8*k.n:], rows[4*k.n:]
	}
}
