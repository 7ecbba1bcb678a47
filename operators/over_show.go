package operators

import (
	"cmp"
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// show emits all rows of a pane, made by position at of the input: in order of the
// partitions and of their rows, or of arrival at the end of the input.
func (o *OverTable) show(p *overPane, at int64) error {
	w := p.over
	o.order = w.table.Order(o.order, &o.scratch)
	var failed []overError
	o.look = o.look[:0]
	for _, part := range o.order {
		if err := o.arrange(p, part); err != nil {
			return err
		}
		rows := &w.parts[part]
		for i, id := range rows.ids.all() {
			o.look = append(o.look, overRow{part, id, rows.base + int64(i)})
		}
		rows.next = rows.end()
	}
	failed = w.evaluate(o.look, p.results.cols)
	if err := p.results.extend(len(o.look)); err != nil {
		return &RowError{Err: err}
	}
	o.places = o.places[:0] // of the results, in the order in which rows are emitted
	for k, r := range o.look {
		w.store.cols[w.source].Ints[r.id] = int64(k)
		o.places = append(o.places, int32(k))
	}
	arrivals := w.store.cols[w.arrival].Ints
	if o.cfg.When == OverAtTheEnd {
		slices.SortFunc(o.places, func(i, j int32) int { return cmp.Compare(arrivals[o.look[i].id], arrivals[o.look[j].id]) })
	}
	bad := -1
	for k, i := range o.places {
		if len(failed) == 0 {
			break
		}
		if slices.ContainsFunc(failed, func(f overError) bool { return f.row == int(i) }) {
			bad = k
			break
		}
	}
	shown := o.places
	if bad >= 0 {
		shown = o.places[:bad]
	}
	for len(shown) > 0 {
		if err := o.room(1); err != nil {
			return err
		}
		n := min(len(shown), o.cfg.BatchRows-o.out.N)
		o.ids = o.ids[:0]
		for _, i := range shown[:n] {
			o.ids = append(o.ids, o.look[i].id)
		}
		for c := range o.width {
			Gather(o.out.Cols[c], w.store.cols[c], o.ids)
		}
		for c, v := range p.results.cols {
			Gather(o.out.Cols[o.width+c], v, shown[:n])
		}
		if o.cfg.When == OverAtTheEnd {
			Gather(o.out.Cols[len(o.out.Cols)-1], w.store.cols[w.arrival], o.ids)
		}
		o.out.AddRows(n, data.Insert, at)
		shown = shown[n:]
	}
	if bad >= 0 {
		row := int(o.places[bad])
		first := failed[slices.IndexFunc(failed, func(f overError) bool { return f.row == row })]
		return o.fail("", p, o.look[row].id, data.Insert, at, first)
	}
	return nil
}

// arrange puts the rows of a partition in order, which have been gathered as they
// came unless the input takes rows back, and tells the calls of them.
func (o *OverTable) arrange(p *overPane, part int32) error {
	w := p.over
	ids := w.parts[part].ids.all()
	switch {
	case o.cfg.MostRank > 0:
		o.cutBeyond(p, part)
		return nil // ranks look at no list
	case !o.cfg.Updating:
		if o.cfg.ArrivalDesc {
			slices.Reverse(ids)
		}
		state.SortRows(w.store.cols, w.order, ids, &o.scratch)
	}
	for i, id := range ids {
		if err := w.list(part, int64(i), id); err != nil {
			return &RowError{Err: err}
		}
	}
	return nil
}

// fail is the error of a call that has no result for row id, after all that was to be
// emitted before it.
func (o *OverTable) fail(where string, p *overPane, id int32, c data.Change, at int64, f overError) error {
	if err := o.flush(); err != nil {
		return err
	}
	marker := o.pool.Get()
	for col := range o.width {
		marker.Cols[col].AppendFrom(p.over.store.cols[col], int(id))
	}
	for col := o.width; col < len(marker.Cols); col++ {
		marker.Cols[col].AppendNull()
	}
	if o.cfg.When == OverAtTheEnd {
		last := marker.Cols[len(marker.Cols)-1]
		last.Reset(last.Type)
		last.AppendFrom(p.over.store.cols[p.over.arrival], int(id))
	}
	marker.AddRows(1, c, at)
	return &RowError{Where: where, Err: o.cfg.callError(marker, f), Marker: marker}
}
