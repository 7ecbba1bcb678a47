package operators

import (
	"slices"

	"tidemark/operators/data"
)

// change is a row of a batch that comes, one that goes, or one that takes the place
// of another; -1 where there is none.
type change struct{ old, new int }

// change makes a change of a partition, and emits what it changes where the rows have
// been emitted.
func (o *OverTable) change(p *overPane, part int32, b *data.Batch, c change) error {
	if !p.live {
		return o.gather(p, part, b, c)
	}
	w := p.over
	rows := &w.parts[part]
	last := max(c.old, c.new)
	at := 2 * (b.Seq + int64(last))
	was, gone := int64(-1), int32(-1) // where the old row was, and its number
	touched := extent{rows.end(), rows.base}
	pos := int64(-1) // where the new row is
	if c.old >= 0 {
		if was = w.position(part, b.Cols, c.old); was >= 0 {
			touched = w.touched(part, was)
			touched.to--
			if gone = w.remove(part, was); was < p.final[part] {
				p.final[part]--
			}
		}
	}
	if c.new >= 0 {
		pos = w.behind(part, b.Cols, c.new)
		arrival := b.Seq + int64(c.new)
		if gone >= 0 && o.sameOrder(p, b, c.new, gone) { // it keeps its place
			pos, arrival = was, w.store.cols[w.arrival].Ints[gone]
		}
		id, err := o.store(p, part, b, c.new, arrival)
		if err == nil {
			err = w.insert(part, pos, id)
		}
		if err != nil {
			return &RowError{Where: b.Where(c.new), Err: err, Seq: b.Seq + int64(c.new)}
		}
		if touched.from > pos {
			touched.from++
		}
		if touched.to > pos {
			touched.to++
		}
		touched = touched.and(w.touched(part, pos))
	}
	o.look = o.look[:0]
	for i := touched.from; i < touched.to; i++ {
		o.look = append(o.look, overRow{part, rows.row(i), i})
	}
	rows.next = rows.end()
	for i, v := range o.results {
		v.Reset(o.cfg.Out[o.width+i].Type)
	}
	if failed := w.evaluate(o.look, o.results); len(failed) > 0 {
		first := slices.MinFunc(failed, func(x, y overError) int { return x.row - y.row })
		return o.fail(b.Where(last), p, o.look[first.row].id, data.UpdateAfter, at, first)
	}
	if err := o.emitTouched(p, touched, was, gone, pos, at); err != nil {
		return err
	}
	if gone >= 0 {
		o.drop(p, gone)
	}
	if o.cfg.MostRank > 0 {
		o.dropBeyond(p, part)
	}
	return nil
}

// dropBeyond forgets the last rows of a partition, whose ranks nobody looks at any more. They
// have been emitted as such.
func (o *OverTable) dropBeyond(p *overPane, part int32) {
	w := p.over
	rows := &w.parts[part]
	for rows.ids.len() > 0 {
		last := rows.end() - 1
		result := w.store.cols[w.source].Ints[rows.row(last)]
		if p.results.cols[0].Ints[result] <= o.cfg.MostRank {
			return
		}
		o.drop(p, w.remove(part, last))
		rows.next = rows.end()
	}
}

// emitTouched emits how the rows of o.look, which are those touched, have changed:
// row gone, which was at was, is no more, and that at pos is new.
func (o *OverTable) emitTouched(p *overPane, touched extent, was int64, gone int32, pos, at int64) error {
	source := p.over.store.cols[p.over.source].Ints
	deleted := gone >= 0 && pos < 0
	for k, r := range o.look {
		if err := o.room(3); err != nil { // what belongs together stays in one batch
			return err
		}
		if deleted && r.pos == was {
			o.put(p, gone, p.results.cols, int(source[gone]), data.Delete, at)
		}
		switch before := source[r.id]; {
		case r.pos == pos && gone < 0:
			o.put(p, r.id, o.results, k, data.Insert, at)
		case r.pos == pos:
			if !o.sameOut(p, r.id, k, gone) {
				o.put(p, gone, p.results.cols, int(source[gone]), data.UpdateBefore, at)
				o.put(p, r.id, o.results, k, data.UpdateAfter, at)
			}
		case sameValues(o.results, k, p.results.cols, int(before)):
			continue
		default:
			o.put(p, r.id, p.results.cols, int(before), data.UpdateBefore, at)
			o.put(p, r.id, o.results, k, data.UpdateAfter, at)
			p.results.drop(int32(before))
		}
		o.one[0] = int32(k)
		id, err := p.results.add(o.results, o.one[:])
		if err != nil {
			return &RowError{Err: err}
		}
		source[r.id] = int64(id)
	}
	if deleted && was >= touched.to {
		if err := o.room(1); err != nil {
			return err
		}
		o.put(p, gone, p.results.cols, int(source[gone]), data.Delete, at)
	}
	return nil
}

// put emits row id with the results that are row k of some columns. There must be
// room for it.
func (o *OverTable) put(p *overPane, id int32, results []*data.Vector, k int, c data.Change, at int64) {
	for col := range o.width {
		o.out.Cols[col].AppendFrom(p.over.store.cols[col], int(id))
	}
	for i, v := range results {
		o.out.Cols[o.width+i].AppendFrom(v, k)
	}
	o.out.AddRows(1, c, at)
}

// sameOut reports whether row id with results k looks as row gone did.
func (o *OverTable) sameOut(p *overPane, id int32, k int, gone int32) bool {
	w := p.over
	return sameValues(w.store.cols[:o.width], int(gone), w.store.cols, int(id)) &&
		sameValues(o.results, k, p.results.cols, int(w.store.cols[w.source].Ints[gone]))
}

// gather makes a change of a partition whose rows have not been emitted.
func (o *OverTable) gather(p *overPane, part int32, b *data.Batch, c change) error {
	w := p.over
	rows := &w.parts[part]
	arrival, pos := b.Seq+int64(c.new), int64(-1)
	if c.old >= 0 {
		if was := w.position(part, b.Cols, c.old); was >= 0 {
			id := rows.row(was)
			if c.new >= 0 && o.sameOrder(p, b, c.new, id) { // it keeps its place
				pos, arrival = was, w.store.cols[w.arrival].Ints[id]
			}
			rows.ids.remove(int(was - rows.base))
			w.store.drop(id)
		}
	}
	switch {
	case c.new < 0:
		return nil
	case pos >= 0:
	case o.cfg.Updating:
		pos = w.behind(part, b.Cols, c.new)
	default: // they are put in order later
		pos = rows.end()
	}
	id, err := o.store(p, part, b, c.new, arrival)
	if err != nil {
		return &RowError{Where: b.Where(c.new), Err: err, Seq: b.Seq + int64(c.new)}
	}
	rows.ids.insert(int(pos-rows.base), id)
	if o.cfg.MostRank > 0 {
		o.forgetBeyond(p, part)
	}
	return nil
}

// store keeps row r of b.
func (o *OverTable) store(p *overPane, part int32, b *data.Batch, r int, arrival int64) (int32, error) {
	o.one[0] = int32(r)
	id, err := p.over.add(b.Cols, o.one[:])
	if err != nil {
		return 0, err
	}
	p.over.note(part, arrival, -1)
	if o.inTime() {
		v := b.Cols[o.cfg.Time]
		p.line.add([]timed{{time: v.Ints[v.Index(r)], arrival: arrival, row: id, part: part}})
	}
	return id, nil
}

// drop forgets a row that has been emitted.
func (o *OverTable) drop(p *overPane, id int32) {
	if r := p.over.store.cols[p.over.source].Ints[id]; r >= 0 {
		p.results.drop(int32(r))
	}
	p.over.store.drop(id)
}

// sameOrder reports whether row r of b has the place in the order that row id has.
func (o *OverTable) sameOrder(p *overPane, b *data.Batch, r int, id int32) bool {
	for _, k := range o.cfg.Order {
		if !data.Equal(b.Cols[k.Column], r, p.over.store.cols[k.Column], int(id)) {
			return false
		}
	}
	return true
}
