package operators

import (
	"sort"

	"tidemark/operators/data"
)

// Snapshot writes the rows that may still find a partner, or are still to be
// emitted without one.
func (j *IntervalJoin) Snapshot(e *data.Encoder) {
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.keys.table.Snapshot(e)
	for s := range j.sides {
		j.save(e, &j.sides[s])
	}
}

// Restore reads them.
func (j *IntervalJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	j.keys.table.Restore(d)
	for s := range j.sides {
		j.load(d, &j.sides[s])
	}
	return nil
}

// save writes a side: how many rows each key has, the rows key by key, and behind
// them those that are in no list; then which of them wait, by their places.
func (j *IntervalJoin) save(e *data.Encoder, side *joinSide) {
	dead := j.deadBelow(side)
	var rows []uint32
	var times []int64
	place := map[uint32]int{}
	for id := range j.keys.table.Len() {
		var at []int64
		var list []uint32
		if id < len(side.lists.lists) {
			at, list = side.lists.of(int32(id))
		}
		from := sort.Search(len(at), func(i int) bool { return at[i] >= dead })
		e.Uvarint(uint64(len(at) - from))
		rows, times = append(rows, list[from:]...), append(times, at[from:]...)
	}
	if len(side.waiting) > 0 {
		for i, row := range rows {
			place[row] = i
		}
	}
	waiting := append(waitingRows(nil), side.waiting...)
	sort.Slice(waiting, func(a, b int) bool { return waiting[a].before(waiting[b]) })
	for _, w := range waiting {
		if _, ok := place[w.row]; !ok {
			place[w.row] = len(rows)
			rows, times = append(rows, w.row), append(times, w.time)
		}
	}
	e.Times(times)
	for c, t := range side.store.types {
		var v data.Vector
		v.Reset(t)
		side.store.append(&v, c, rows)
		e.Vector(&v)
	}
	if side.track {
		for _, row := range rows {
			e.Flag(side.store.isMatched(row))
		}
	}
	e.Uvarint(uint64(len(waiting)))
	for _, w := range waiting {
		e.Varint(w.seq)
		e.Uvarint(uint64(place[w.row]))
	}
}

// load reads what save wrote.
func (j *IntervalJoin) load(d *data.Decoder, side *joinSide) {
	n := j.keys.table.Len()
	side.lists.resize(n)
	var keys []int32
	for id := range n {
		for range d.Count(1) {
			keys = append(keys, int32(id))
		}
	}
	times := d.Times(nil)
	cols := make([]*data.Vector, len(side.store.types))
	for c, t := range side.store.types {
		cols[c] = &data.Vector{}
		d.Vector(cols[c], t)
		if cols[c].Len() != len(times) || cols[c].Const {
			d.Fail()
		}
	}
	if d.Damaged() || len(keys) > len(times) {
		d.Fail()
		return
	}
	rows := make([]uint32, len(times))
	for i, t := range times {
		id := int32(-1)
		if i < len(keys) {
			id = keys[i]
		}
		rows[i] = side.store.add(cols, int32(i), id, t, side.track)
		if id >= 0 {
			side.lists.insert(id, t, rows[i])
		}
	}
	side.store.flush(cols)
	if side.track {
		for _, row := range rows {
			if d.Flag() {
				side.store.mark(row)
			}
		}
	}
	for range d.Count(2) {
		seq, i := d.Varint(), d.Uvarint()
		if i >= uint64(len(rows)) {
			d.Fail()
			return
		}
		side.waiting.push(waitingRow{times[i], seq, rows[i]})
	}
}

// Rows returns how many rows are kept: those that may still find a partner, or are
// still to be emitted without one.
func (j *IntervalJoin) Rows() int64 {
	n := 0
	for s := range j.sides {
		side := &j.sides[s]
		n += side.lists.count(j.deadBelow(side))
		for _, w := range side.waiting {
			if seg, i := side.store.at(w.row); seg.keys[i] < 0 && !seg.matched[i] {
				n++
			}
		}
	}
	return int64(n)
}

// Bytes estimates the memory held.
func (j *IntervalJoin) Bytes() int64 {
	n := j.keys.bytes()
	for s := range j.sides {
		side := &j.sides[s]
		n += side.store.bytes() + side.lists.bytes() + int64(24*cap(side.waiting))
	}
	return n
}
