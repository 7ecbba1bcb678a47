package operators

import (
	"encoding/binary"
	"iter"

	"tidemark/operators/data"
)

// ageMark says that rows came at a watermark, from one of a store up to the next mark.
type ageMark struct {
	wm  int64
	row int32
}

// next returns the mark that comes after m, and how many bytes of b say so.
func (m ageMark) next(b []byte) (next ageMark, size int) {
	wm, n := binary.Uvarint(b)
	row, k := binary.Uvarint(b[n:])
	return ageMark{m.wm + int64(wm), m.row + int32(row)}, n + k
}

// ageMarks is a queue of marks, in which neither watermarks nor rows go down. Each is kept
// as how much it is above the one before, in a few bytes: there are as many marks as rows
// where the watermark moves with each. The zero value is empty.
type ageMarks struct {
	steps  queue[byte]
	before ageMark // the one that has left last
	last   ageMark // the one that has come last
	n      int
}

// push adds a mark behind the others.
func (q *ageMarks) push(m ageMark) {
	var b [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(b[:], uint64(m.wm-q.last.wm)) // right also where it is beyond int64
	n += binary.PutUvarint(b[n:], uint64(m.row-q.last.row))
	q.steps.items = append(data.Reserved(q.steps.items, n), b[:n]...)
	q.last = m
	q.n++
}

// first returns the first mark of a queue that is not empty, and how many bytes say so.
func (q *ageMarks) first() (m ageMark, size int) { return q.before.next(q.steps.all()) }

// drop takes out the first mark.
func (q *ageMarks) drop() {
	m, size := q.first()
	q.steps.cut(size)
	q.before = m
	q.n--
}

// all returns the marks in order.
func (q *ageMarks) all() iter.Seq[ageMark] {
	return func(yield func(ageMark) bool) {
		for b, m := q.steps.all(), q.before; len(b) > 0; {
			var size int
			m, size = m.next(b)
			if b = b[size:]; !yield(m) {
				return
			}
		}
	}
}

// bytes returns the memory held.
func (q *ageMarks) bytes() int64 { return int64(cap(q.steps.items)) }
