package operators

import (
	"slices"
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// FirstRows emits the first N rows of each partition in order of their event time,
// each once, when the watermark has passed it: all that one move of the watermark
// lets out comes in order of time, then of arrival. Its input only adds rows. One that
// comes when its time has been passed is late: it is counted and not used.
//
// The configuration is that of a TopN without windows, whose order begins with the
// column Time ascending. The output has one more column than Out: the number of each
// row's arrival, by which the rows of several workers are put in order.
//
// Of each partition there are kept the rows that are to come, no more than N, and how
// many there have been.
type FirstRows struct {
	cfg   TopNConfig
	time  int
	width int   // columns of the input
	wm    int64 // before the next row
	table *state.KeyTable
	rows  *rowTable // that wait for the watermark
	line  timeline[timed]
	lists topLists // of these by partition, in order
	done  []int32  // how many rows of a partition have been emitted
	ages  ages
	types []data.Type // of the partition

	keys        []*data.Vector
	hashes      rowHashes
	kept, parts []int32
	one         [1]int32
	fresh       [1]timed
	now         []timed
	out         emitter
}

// NewFirstRows returns an operator over a schema's rows. time is the input column with
// the event time.
func NewFirstRows(cfg TopNConfig, time int, in data.Schema) *FirstRows {
	f := &FirstRows{cfg: cfg, time: time, width: len(in), wm: data.MinTime, rows: newRowTable(types(in)), keys: make([]*data.Vector, len(cfg.Partition))}
	if cfg.N <= mostFlat {
		f.lists.stride = cfg.N
	}
	f.types = columnTypes(in, cfg.Partition)
	f.table = state.NewKeyTable(f.types)
	f.out = newEmitter(append(append(data.Schema(nil), cfg.Out...), data.Column{Name: "arrival", Type: data.Of(data.BigInt)}), cfg.BatchRows)
	return f
}

// Process takes b's rows and emits those that its steps pass.
func (f *FirstRows) Process(b *data.Batch, out Output) error {
	defer b.Release()
	f.out.emit = out
	done := 0 // selected rows taken
	if f.cfg.TTL == 0 {
		done = b.Rows() // what rows do does not hang on what has been emitted before
		if err := f.take(b, 0, done); err != nil {
			return &RowError{Err: err, Seq: b.Seq}
		}
	}
	for _, s := range b.Steps {
		if f.cfg.TTL > 0 {
			upTo := done + sort.Search(b.Rows()-done, func(k int) bool { return b.Row(done+k) >= s.Row })
			if err := f.take(b, done, upTo); err != nil {
				return &RowError{Err: err, Seq: b.Seq}
			}
			done = upTo
		}
		limit := f.cfg.Lateness.PassedBefore(s.Time)
		if err := f.pass(limit, at(b, s)); err != nil {
			return err
		}
		f.wm = s.Time
		f.ages.advance(f.wm)
		if limit > data.MinTime && (f.cfg.PassTime || limit == data.MaxTime) {
			f.out.pass(limit, at(b, s))
		}
	}
	if err := f.take(b, done, b.Rows()); err != nil {
		return &RowError{Err: err, Seq: b.Seq}
	}
	f.forget()
	if f.rows.full() {
		f.tidy()
	}
	return f.out.flush()
}

// take keeps those of the selected rows [from, to) that are not late and may be among
// the first.
func (f *FirstRows) take(b *data.Batch, from, to int) error {
	if from == to {
		return nil
	}
	for i, k := range f.cfg.Partition {
		f.keys[i] = b.Cols[k]
	}
	times := b.Cols[f.time]
	f.kept = f.kept[:0]
	wm, step := f.wm, 0
	limit := f.cfg.Lateness.PassedBefore(wm)
	for k := from; k < to; k++ {
		r := b.Row(k)
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			if b.Steps[step].Time <= f.wm {
				continue // it has been dealt with
			}
			wm = b.Steps[step].Time
			limit = f.cfg.Lateness.PassedBefore(wm)
		}
		if t := times.Ints[times.Index(r)]; t < limit {
			f.cfg.Late.missTime(f.cfg.Account, b, r, t, wm)
			continue
		}
		f.kept = append(f.kept, int32(r))
	}
	if len(f.kept) == 0 {
		return nil
	}
	hashes := f.hashes.of(b, f.keys, f.kept)
	if cap(f.parts) < len(f.kept) {
		f.parts = make([]int32, max(len(f.kept), 2*cap(f.parts)))
	}
	parts := f.parts[:len(f.kept)]
	f.table.FindOrAdd(f.keys, hashes, f.kept, parts)
	f.lists.grow(f.table.Len())
	for len(f.done) < f.table.Len() {
		f.done = append(f.done, 0)
	}
	for k, r := range f.kept {
		if f.cfg.TTL > 0 && f.ages.touch(parts[k], f.wm, f.cfg.TTL) && len(f.lists.of(parts[k])) == 0 {
			f.done[parts[k]] = 0
		}
		if err := f.add(b, r, parts[k], times.Ints[times.Index(int(r))]); err != nil {
			return err
		}
	}
	return nil
}

// add puts row r among those that wait, if it is one of the first so far.
func (f *FirstRows) add(b *data.Batch, r, part int32, time int64) error {
	list, room := f.lists.of(part), f.cfg.N-int(f.done[part])
	pos := len(list)
	for ; pos > 0; pos-- { // nearly always behind all
		c := state.CompareRows(f.rows.cols, int(list[pos-1]), b.Cols, int(r), f.cfg.Order)
		if c < 0 || c == 0 && !f.cfg.ArrivalDesc {
			break
		}
	}
	if pos >= room {
		return nil
	}
	if len(list) == room {
		f.rows.drop(list[room-1])
		f.lists.remove(part, room-1)
	}
	f.one[0] = r
	id, err := f.rows.add(b.Cols, f.one[:])
	if err != nil {
		return err
	}
	f.lists.insert(part, pos, id)
	f.fresh[0] = timed{time: time, arrival: b.Seq + int64(r), row: id, part: part}
	f.line.add(f.fresh[:])
	return nil
}

// pass emits the rows of times before limit, which position at of the input passes.
func (f *FirstRows) pass(limit, at int64) error {
	f.now = f.now[:0]
	for _, t := range f.line.before(limit) {
		if !f.rows.gone[t.row] {
			f.now = append(f.now, t)
		}
	}
	for _, t := range f.now {
		if err := f.out.room(1); err != nil {
			return err
		}
		o := f.out.batch()
		for c, v := range f.rows.cols {
			o.Cols[c].AppendFrom(v, int(t.row))
		}
		if f.cfg.Number {
			place := slices.Index(f.lists.of(t.part), t.row) // those of one move are the first
			o.Cols[f.width].AppendInt(int64(f.done[t.part]) + int64(place) + 1)
		}
		o.Cols[len(o.Cols)-1].AppendInt(t.arrival)
		o.AddRows(1, data.Insert, at)
	}
	for _, t := range f.now {
		f.lists.remove(t.part, 0)
		f.done[t.part]++
		f.rows.drop(t.row)
	}
	return nil
}

// forget drops the partitions that are to be forgotten, when they are many.
func (f *FirstRows) forget() {
	if f.cfg.TTL == 0 || !f.ages.many(f.table.Len(), f.wm, f.cfg.TTL) {
		return
	}
	live := f.ages.live(f.wm, f.cfg.TTL)
	moved := dropKeys(f.table, func(part int) bool { return live(part) || len(f.lists.of(int32(part))) > 0 })
	for from, to := range moved {
		if to >= 0 {
			f.lists.move(int32(from), to)
			f.done[to], f.ages.last[to] = f.done[from], f.ages.last[from]
		}
	}
	n := f.table.Len()
	f.lists.cut(n)
	f.done, f.ages.last = f.done[:n], f.ages.last[:n]
	for all, i := f.line.all(), 0; i < len(all); i++ {
		all[i].part = moved[all[i].part] // whatever it is of a row that is gone
	}
}

// tidy closes the gaps of the store.
func (f *FirstRows) tidy() {
	kept := f.line.all()[:0]
	for _, t := range f.line.all() {
		if !f.rows.gone[t.row] {
			kept = append(kept, t)
		}
	}
	to := f.rows.compact()
	for i := range kept {
		kept[i].row = to[kept[i].row]
	}
	f.line = timeline[timed]{items: kept}
	for part := range f.done {
		list := f.lists.of(int32(part))
		for i, id := range list {
			list[i] = to[id]
		}
	}
}

// Bytes estimates the memory held.
func (f *FirstRows) Bytes() int64 {
	return f.table.Bytes() + f.rows.bytes() + f.lists.bytes() + f.ages.bytes() + int64(32*cap(f.line.items)+4*cap(f.done))
}

// Snapshot writes the rows that wait, and how many there have been.
func (f *FirstRows) Snapshot(e *data.Encoder) {
	if f.rows.dead > 0 {
		f.tidy()
	}
	e.Varint(f.wm)
	f.table.Snapshot(e)
	f.rows.save(e)
	f.ages.save(e)
	for part, done := range f.done {
		e.Uvarint(uint64(done))
		list := f.lists.of(int32(part))
		e.Uvarint(uint64(len(list)))
		for _, id := range list {
			e.Uvarint(uint64(id))
		}
	}
	all := f.line.all()
	e.Uvarint(uint64(len(all)))
	for _, t := range all {
		t.save(e)
	}
}

// Restore reads them.
func (f *FirstRows) Restore(d *data.Decoder) error {
	f.wm = d.Varint()
	f.table.Restore(d)
	f.rows.load(d)
	f.ages.load(d)
	if want := f.table.Len(); d.Damaged() || f.cfg.TTL > 0 && len(f.ages.last) != want {
		d.Fail()
		return nil
	}
	f.lists.grow(f.table.Len())
	for part := range f.table.Len() {
		done := d.Uvarint()
		n := d.Count(1)
		if done > uint64(f.cfg.N) || n > f.cfg.N-int(done) {
			d.Fail()
			return nil
		}
		f.done = append(f.done, int32(done))
		for i := range n {
			id := d.Uvarint()
			if id >= uint64(f.rows.n) {
				d.Fail()
				return nil
			}
			f.lists.insert(int32(part), i, int32(id))
		}
	}
	for range d.Count(11) {
		f.line.items = append(f.line.items, loadTimed(d, f.rows.n, f.table.Len()))
	}
	return nil
}
