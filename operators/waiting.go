package operators

import (
	"cmp"
	"encoding/binary"

	"tidemark/operators/data"
)

// waiting keeps rows of partitions until the watermark has passed them, in order
// of time and then of arrival.
type waiting struct {
	store    *rowTable
	arrivals []int64 // by row of the store
	line     timeline[awaited]
	fresh    []awaited
}

// awaited is a row of waiting. Those of one time are added in the order of their
// arrival, which is that of their numbers.
type awaited struct {
	time      int64
	row, part int32
}

func (a awaited) due() int64 { return a.time }

func (a awaited) compare(b awaited) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Compare(a.row, b.row)
}

func newWaiting(in data.Schema) *waiting {
	w := &waiting{store: newRowTable(types(in))}
	w.store.thrifty = true
	return w
}

// add takes rows of b, whose partitions are given; times is their event time. The
// first of them comes in the place of a row that arrived as number instead, unless
// that is negative.
func (w *waiting) add(b *data.Batch, rows, parts []int32, times *data.Vector, instead int64) error {
	first, err := w.store.add(b.Cols, rows)
	if err != nil {
		return err
	}
	w.fresh, w.arrivals = w.fresh[:0], data.Reserved(w.arrivals, len(rows))
	for k, r := range rows {
		w.fresh = append(w.fresh, awaited{times.Ints[times.Index(int(r))], first + int32(k), parts[k]})
		w.arrivals = append(w.arrivals, b.Seq+int64(r))
	}
	fresh := w.fresh
	if instead >= 0 {
		w.arrivals[first] = instead
		w.line.insert(w.behind(fresh[0].time, instead), fresh[0])
		fresh = fresh[1:]
	}
	w.line.add(fresh)
	return nil
}

// behind returns the place in the line of a row of a time that has arrived as a number.
func (w *waiting) behind(time, arrival int64) int {
	all := w.line.all()
	i := w.line.first(time)
	for i < len(all) && all[i].time == time && w.arrivals[all[i].row] < arrival {
		i++
	}
	return i
}

// arrival returns as which number a row arrived; it is good until the row is dropped.
func (w *waiting) arrival(row int32) int64 { return w.arrivals[row] }

// before takes out the rows whose time is less than limit; they are good until the
// next add. Their columns stay in the store until they are dropped.
func (w *waiting) before(limit int64) []awaited { return w.line.before(limit) }

// remove takes back the last row to come that is like row r of b, of a partition
// and time, and returns as which number it arrived; -1 when there is none.
func (w *waiting) remove(b *data.Batch, r int, part int32, time int64) (arrival int64) {
	all := w.line.all()
	for i := w.line.first(time+1) - 1; i >= 0 && all[i].time == time; i-- {
		if all[i].part == part && sameValues(b.Cols, r, w.store.cols, int(all[i].row)) {
			arrival = w.arrivals[all[i].row]
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
	n := 0
	for row, gone := range w.store.gone {
		if !gone {
			w.arrivals[n] = w.arrivals[row]
			n++
		}
	}
	w.arrivals = data.Fitted(w.arrivals[:n])
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
	return w.store.bytes() + int64(8*cap(w.arrivals)+16*(cap(w.line.items)+cap(w.fresh)))
}

// awaitedSize is how many bytes an awaited row takes.
const awaitedSize = 16

// save writes the rows.
func (w *waiting) save(e *data.Encoder) {
	w.store.save(e)
	e.Times(w.arrivals)
	all := w.line.all()
	e.Uvarint(uint64(len(all)))
	room := e.Room(awaitedSize * len(all))
	for i, t := range all {
		to := room[awaitedSize*i:][:awaitedSize]
		binary.LittleEndian.PutUint64(to, uint64(t.time))
		binary.LittleEndian.PutUint32(to[8:], uint32(t.row))
		binary.LittleEndian.PutUint32(to[12:], uint32(t.part))
	}
}

// load reads what save wrote, rows of so many partitions.
func (w *waiting) load(d *data.Decoder, parts int) {
	w.store.load(d)
	if w.arrivals = d.Times(nil); len(w.arrivals) != w.store.n {
		d.Fail()
		return
	}
	b := d.Take(awaitedSize * d.Count(awaitedSize))
	for ; len(b) > 0; b = b[awaitedSize:] {
		row, part := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
		if !w.store.has(uint64(row)) || uint64(part) >= uint64(parts) {
			d.Fail()
			return
		}
		w.line.items = append(w.line.items, awaited{int64(binary.LittleEndian.Uint64(b)), int32(row), int32(part)})
	}
}
