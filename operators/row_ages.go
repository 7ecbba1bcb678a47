package operators

import "tidemark/operators/data"

// rowAges is how old the rows of a store are, which are put there as they come: by the
// watermark when they came.
type rowAges struct {
	ids   []int32 // the key of each row of the store
	marks ageMarks
}

// add notes that a row of a key, which comes next in the store, came at a watermark.
func (a *rowAges) add(row, id int32, wm int64) {
	a.ids = append(data.Reserved(a.ids, 1), id)
	if a.marks.n == 0 || a.marks.last.wm != wm {
		a.marks.push(ageMark{wm, row})
	}
}

// begin lets all rows so far count from the first watermark on.
func (a *rowAges) begin(wm int64) {
	for first := range a.marks.all() {
		a.marks = ageMarks{}
		a.marks.push(ageMark{wm, first.row})
		return
	}
}

// before takes out the rows that came when the watermark was below wm by more than ttl,
// and returns their extent in the store, and the keys by row. At data.MaxTime it is all rows.
func (a *rowAges) before(wm, ttl int64) (ids []int32, from, to int32) {
	from, to = -1, int32(len(a.ids))
	for ; a.marks.n > 0; a.marks.drop() {
		m, _ := a.marks.first()
		if wm != data.MaxTime && data.AddTime(m.wm, ttl) >= wm {
			to = m.row
			break
		}
		if from < 0 {
			from = m.row
		}
	}
	if from < 0 {
		return nil, 0, 0
	}
	return a.ids, from, to
}

// compact leaves out the rows that are gone.
func (a *rowAges) compact(gone []bool) {
	var kept ageMarks
	n := int32(0)
	keep := func(wm int64, from, to int32) {
		marked := false
		for row := from; row < to; row++ {
			if gone[row] {
				continue
			}
			if !marked {
				kept.push(ageMark{wm, n})
				marked = true
			}
			a.ids[n] = a.ids[row]
			n++
		}
	}
	var m ageMark // what came before the first one is gone
	for next := range a.marks.all() {
		keep(m.wm, m.row, next.row)
		m = next
	}
	keep(m.wm, m.row, int32(len(a.ids)))
	a.ids, a.marks = data.Fitted(a.ids[:n]), kept
}

// renumber gives the keys of the rows that are left other numbers.
func (a *rowAges) renumber(to []int32) {
	for row, id := range a.ids {
		a.ids[row] = max(0, to[id]) // what is gone has no key
	}
}

// save writes the marks. The keys are those of the lists of rows.
func (a *rowAges) save(e *data.Encoder) {
	e.Uvarint(uint64(a.marks.n))
	for m := range a.marks.all() {
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
	for range d.Count(2) {
		wm, row := d.Varint(), d.Uvarint()
		if row >= uint64(rows) || a.marks.n > 0 && (wm < a.marks.last.wm || int32(row) <= a.marks.last.row) {
			d.Fail()
			return
		}
		a.marks.push(ageMark{wm, int32(row)})
	}
}

// bytes returns the memory held.
func (a *rowAges) bytes() int64 { return int64(4*cap(a.ids)) + a.marks.bytes() }
