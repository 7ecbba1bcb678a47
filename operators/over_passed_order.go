package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// advance emits what the moves of the watermark in b let out.
func (o *Over) advance(b *data.Batch) error {
	w := b.Steps[len(b.Steps)-1].Time
	limit := o.cfg.Lateness.PassedBefore(w)
	if err := o.sequence(o.rows.before(limit)); err != nil {
		return &RowError{Err: err, Seq: b.Seq + int64(b.N)}
	}
	if limit == data.MaxTime {
		o.endWaiting()
	}
	o.letOut(b.Steps, limit)
	if err := o.emitReady(b); err != nil {
		return err
	}
	o.wm = w
	o.forget(limit)
	return nil
}

// sequence puts rows that the watermark has passed into their places, and finds out
// which of them, and of those before, have all the rows of their frames.
func (o *Over) sequence(rows []awaited) error {
	o.now = o.now[:0]
	if len(rows) == 0 {
		return nil
	}
	o.kept = o.kept[:0]
	for _, t := range rows {
		o.kept = append(o.kept, t.row)
	}
	if len(o.cfg.Order) > 1 {
		rows = o.sortTies(rows)
	}
	w := o.over
	first, err := w.add(o.rows.store.cols, o.kept)
	if err != nil {
		return err
	}
	for k, t := range rows {
		arrival := o.rows.arrival(t.row)
		w.note(t.part, arrival, int64(t.row))
		id := first + int32(k)
		pos := w.parts[t.part].push(id)
		o.counts[t.part]--
		if err := w.list(t.part, pos, id); err != nil {
			return err
		}
		if o.ahead.waits() {
			if o.cfg.PassTime {
				o.open.push(overOpen{t.time, pos, t.part})
			}
			o.becomeReady(t.part, t.time)
			continue
		}
		o.now = append(o.now, overReady{overRow: overRow{t.part, id, pos}, time: t.time, arrival: arrival, row: t.row,
			passed: data.AddTime(t.time, o.ahead.time)})
	}
	return nil
}

// sortTies orders rows, of which o.kept has the numbers, by all of the order, and
// o.kept with them.
func (o *Over) sortTies(rows []awaited) []awaited {
	places := make(map[int32]int, len(rows))
	for i, t := range rows {
		places[t.row] = i
	}
	state.SortRows(o.rows.store.cols, o.cfg.Order, o.kept, &o.scratch)
	sorted := make([]awaited, len(rows))
	for k, r := range o.kept {
		sorted[k] = rows[places[r]]
	}
	return sorted
}

// becomeReady finds the rows of a partition that waited for the row put in place
// last, whose time is given.
func (o *Over) becomeReady(part int32, time int64) {
	p := &o.over.parts[part]
	for ; o.ready[part]+o.ahead.rows < p.end(); o.ready[part]++ {
		pos := o.ready[part]
		for _, c := range o.ahead.leads {
			if int64(c.list.parts[part].len()-c.list.find(part, pos+1)) < c.N {
				return
			}
		}
		r := o.at(part, pos)
		r.passed = max(time, data.AddTime(r.time, o.ahead.time))
		o.now = append(o.now, r)
	}
}

// endWaiting makes all rows ready: none will come any more.
func (o *Over) endWaiting() {
	if !o.ahead.waits() {
		return
	}
	for p := range o.over.parts {
		for ; o.ready[p] < o.over.parts[p].end(); o.ready[p]++ {
			r := o.at(int32(p), o.ready[p])
			r.passed = data.MaxTime
			o.now = append(o.now, r)
		}
	}
}

// at returns the row at pos of a partition.
func (o *Over) at(part int32, pos int64) overReady {
	w := o.over
	id := w.parts[part].row(pos)
	return overReady{
		overRow: overRow{part, id, pos},
		time:    w.store.cols[w.order[0].Column].Ints[id],
		arrival: w.store.cols[w.arrival].Ints[id],
		row:     int32(w.store.cols[w.source].Ints[id]),
	}
}

// letOut leaves in o.now, in their order, the rows that the moves of the watermark
// let out; limit is how far it has come. The others wait.
func (o *Over) letOut(steps []data.Step, limit int64) {
	if o.ahead.time > 0 {
		o.line.add(o.now)
		o.now = append(o.now[:0], o.line.before(limit)...)
	}
	at, sorted := 0, true
	for i := range o.now {
		r := &o.now[i]
		for at > 0 && o.passes(steps[at-1], r.passed) {
			at--
		}
		for !o.passes(steps[at], r.passed) {
			at++
		}
		r.step = int32(at)
		sorted = sorted && (i == 0 || o.now[i-1].compareOut(*r) <= 0)
	}
	if !sorted {
		slices.SortFunc(o.now, overReady.compareOut)
	}
}

// passes reports whether a move of the watermark passes a time; the last one passes
// all.
func (o *Over) passes(s data.Step, t int64) bool {
	return s.Time == data.MaxTime || o.cfg.Lateness.LateRow(t, s.Time)
}

// compareOut orders rows as they are emitted.
func (r overReady) compareOut(s overReady) int {
	switch {
	case r.step != s.step:
		return cmp.Compare(r.step, s.step)
	case r.time != s.time:
		return cmp.Compare(r.time, s.time)
	}
	return cmp.Compare(r.arrival, s.arrival)
}
