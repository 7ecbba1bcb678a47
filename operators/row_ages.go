package operators

import (
	"math"

	"tidemark/operators/data"
)

// rowAges is how old the rows of a store are, which are put there as they come: by the
// watermark when they came.
type rowAges struct {
	ids   []int32 // the key of each row of the store
	marks queue[ageMark]
}

// ageMark says that rows came at a watermark, from one of the store up to the next mark.
type ageMark struct {
	wm  int64
	row int32
}

// add notes that a row of a key, which comes next in the store, came at a watermark.
func (a *rowAges) add(row, id int32, wm int64) {
	a.ids = append(data.Reserved(a.ids, 1), id)
	if n := a.marks.len(); n == 0 || a.marks.at(n-1).wm != wm {
		a.marks.push(ageMark{wm, row})
	}
}

// begin lets all rows so far count from the first watermark on.
func (a *rowAges) begin(wm int64) {
	if a.marks.len() > 0 {
		a.marks = queue[ageMark]{items: []ageMark{{wm, a.marks.at(0).row}}}
	}
}

// before takes out the rows that came when the watermark was below wm by more than ttl,
// and returns their extent in the store, and the keys by row. At data.MaxTime it is all rows.
func (a *rowAges) before(wm, ttl int64) (ids []int32, from, to int32) {
	n := 0
	for _, m := range a.marks.all() {
		if wm != data.MaxTime && data.AddTime(m.wm, ttl) >= wm {
			break
		}
		n++
	}
	if n == 0 {
		return nil, 0, 0
	}
	from, to = a.marks.at(0).row, int32(len(a.ids))
	if n < a.marks.len() {
		to = a.marks.at(n).row
	}
	a.marks.cut(n)
	return a.ids, from, to
}

// compact leaves out the rows that are gone.
func (a *rowAges) compact(gone []bool) {
	marks, kept := a.marks.all(), a.marks.items[:0]
	n := int32(0)
	put := func(m ageMark) {
		if k := len(kept); k > 0 && kept[k-1].row == n { // no row is left of that one
			kept = kept[:k-1]
		}
		kept = append(kept, ageMark{m.wm, n})
	}
	for row, id := range a.ids {
		for len(marks) > 0 && int(marks[0].row) == row {
			put(marks[0])
			marks = marks[1:]
		}
		if !gone[row] {
			a.ids[n] = id
			n++
		}
	}
	a.ids = data.Fitted(a.ids[:n])
	a.marks = queue[ageMark]{items: kept}
}

// renumber gives the keys of the rows that are left other numbers.
func (a *rowAges) renumber(to []int32) {
	for row, id := range a.ids {
		a.ids[row] = max(0, to[id]) // what is gone has no key
	}
}

// save writes the marks. The keys are those of the lists of rows.
func (a *rowAges) save(e *data.Encoder) {
	e.Uvarint(uint64(a.marks.len()))
	for _, m := range a.marks.all() {
		e.Varint(m.wm)
		e.Uvarint(uint64(m.row))
	}
}

// load reads the marks of so many rows, which lists have by their keys.
func (a *rowAges) load(d *data.Decoder, rows int, lists *keyLists) {
	a.ids = make([]int32, rows)
	for id := range lists.lists {
		_, list := lists.of(int32(id))
		for _, row := range list {
			a.ids[row] = int32(id)
		}
	}
	next := uint64(0)
	for range d.Count(2) {
		m, row := ageMark{wm: d.Varint()}, d.Uvarint()
		if row < next || row > uint64(rows) || row > math.MaxInt32 {
			d.Fail()
			return
		}
		m.row, next = int32(row), row
		a.marks.push(m)
	}
}

func (a *rowAges) bytes() int64 { return int64(4*cap(a.ids) + 16*cap(a.marks.items)) }
