package operators

import (
	"cmp"

	"tidemark/operators/data"
)

// waiting keeps rows of partitions until the watermark has passed them, in order
// of time and then of arrival.
type waiting struct {
	store *rowTable
	line  timeline[timed]
	fresh []timed
}

// timed is a row that waits.
type timed struct {
	time, arrival int64
	row, part     int32
}

func (a timed) due() int64 { return a.time }

func (a timed) compare(b timed) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Compare(a.arrival, b.arrival)
}

func newWaiting(in data.Schema) *waiting { return &waiting{store: newRowTable(types(in))} }

// add takes rows of b, whose partitions are given; times is their event time. The
// first of them comes in the place of a row that arrived as number instead, unless
// that is negative.
func (w *waiting) add(b *data.Batch, rows, parts []int32, times *data.Vector, instead int64) error {
	first, err := w.store.add(b.Cols, rows)
	if err != nil {
		return err
	}
	w.fresh = w.fresh[:0]
	for k, r := range rows {
		w.fresh = append(w.fresh, timed{times.Ints[times.Index(int(r))], b.Seq + int64(r), first + int32(k), parts[k]})
	}
	if instead >= 0 {
		w.fresh[0].arrival = instead
	}
	w.line.add(w.fresh)
	return nil
}

// before takes out the rows whose time is less than limit; they are good until the
// next add. Their columns stay in the store until they are dropped.
func (w *waiting) before(limit int64) []timed { return w.line.before(limit) }

// remove takes back the last row to come that is like row r of b, of a partition
// and time, and returns as which number it arrived; -1 when there is none.
func (w *waiting) remove(b *data.Batch, r int, part int32, time int64) (arrival int64) {
	all := w.line.all()
	for i := w.line.first(time+1) - 1; i >= 0 && all[i].time == time; i-- {
		if all[i].part == part && sameValues(b.Cols, r, w.store.cols, int(all[i].row)) {
			arrival = all[i].arrival
			w.store.drop(all[i].row)
			w.line.remove(i)
			return arrival
		}
	}
	return -1
}

// tidy closes the gaps of the store when they are large, or in any case. It returns
// the new numbers of the rows, nil when they are as they were.
func (w *waiting) tidy(always bool) []int32 {
	if !always && !w.store.full() || w.store.dead == 0 {
		return nil
	}
	to := w.store.compact()
	for all, i := w.line.all(), 0; i < len(all); i++ {
		all[i].row = to[all[i].row]
	}
	return to
}

// renumber gives the partitions other numbers.
func (w *waiting) renumber(parts []int32) {
	for all, i := w.line.all(), 0; i < len(all); i++ {
		all[i].part = parts[all[i].part]
	}
}

func (w *waiting) bytes() int64 {
	return w.store.bytes() + int64(24*(cap(w.line.items)+cap(w.fresh)))
}

// save writes the rows; tidy has closed all gaps.
func (w *waiting) save(e *data.Encoder) {
	w.store.save(e)
	all := w.line.all()
	e.Uvarint(uint64(len(all)))
	for _, t := range all {
		t.save(e)
	}
}

// load reads what save wrote, rows of so many partitions.
func (w *waiting) load(d *data.Decoder, parts int) {
	w.store.load(d)
	for range d.Count(11) {
		w.line.items = append(w.line.items, loadTimed(d, w.store.n, parts))
	}
}

func (a timed) save(e *data.Encoder) {
	e.Word(uint64(a.time))
	e.Varint(a.arrival)
	e.Uvarint(uint64(a.row))
	e.Uvarint(uint64(a.part))
}

// loadTimed reads a row of a store with so many rows, of one of so many partitions.
func loadTimed(d *data.Decoder, rows, parts int) timed {
	t := timed{time: int64(d.Word()), arrival: d.Varint()}
	row, part := d.Uvarint(), d.Uvarint()
	if row >= uint64(rows) || part >= uint64(parts) {
		d.Fail()
		return timed{}
	}
	t.row, t.part = int32(row), int32(part)
	return t
}
