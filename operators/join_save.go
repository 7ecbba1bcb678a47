package operators

import (
	"encoding/binary"

	"tidemark/operators/data"
)

// Snapshot writes the rows that may still find a partner, or are still to be emitted
// without one, and those that have come at about the same time: segments as they are.
func (j *IntervalJoin) Snapshot(e *data.Encoder) {
	e.Varint(j.wm)
	e.Varint(j.passed)
	j.keys.table.Snapshot(e)
	for s := range j.sides {
		side := &j.sides[s]
		side.store.save(e)
		side.lists.resize(j.keys.table.Len())
		side.lists.save(e)
		side.saveWaiting(e)
	}
}

// Restore reads them.
func (j *IntervalJoin) Restore(d *data.Decoder) error {
	j.wm, j.passed = d.Varint(), d.Varint()
	j.keys.table.Restore(d)
	for s := range j.sides {
		side := &j.sides[s]
		side.store.load(d, side.track)
		side.lists.load(d, j.keys.table.Len(), func(id int32, row uint32) bool {
			key := side.store.keyOf(row)
			if key == nil || *key >= 0 {
				return false
			}
			*key = id
			return true
		})
		side.loadWaiting(d)
	}
	return nil
}

// waitingSize is how many bytes a waiting row takes.
const waitingSize = 20

// saveWaiting writes the heap of rows that wait.
func (side *joinSide) saveWaiting(e *data.Encoder) {
	e.Uvarint(uint64(len(side.waiting)))
	room := e.Room(waitingSize * len(side.waiting))
	for i, w := range side.waiting {
		to := room[waitingSize*i:][:waitingSize]
		binary.LittleEndian.PutUint64(to, uint64(w.time))
		binary.LittleEndian.PutUint64(to[8:], uint64(w.seq))
		binary.LittleEndian.PutUint32(to[16:], side.store.resolve(w.row))
	}
}

// loadWaiting reads what saveWaiting wrote.
func (side *joinSide) loadWaiting(d *data.Decoder) {
	n := d.Count(waitingSize)
	b := d.Take(waitingSize * n)
	for ; len(b) > 0; b = b[waitingSize:] {
		w := waitingRow{int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint32(b[16:])}
		key := side.store.keyOf(w.row)
		if key == nil || !side.track {
			d.Fail()
			return
		}
		if seg, i := side.store.at(w.row); *key < 0 {
			seg.setAlone(i, w.time)
		}
		side.waiting.push(w)
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
