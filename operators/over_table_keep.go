package operators

import "tidemark/operators/data"

// forget drops what is not needed any more.
func (o *OverTable) forget() {
	for _, p := range o.panes {
		if o.inTime() && o.wm != data.MaxTime && o.expires(p.over) {
			o.expire(p)
			o.dropParts(p)
		}
		o.tidy(p, false)
	}
}

// expires reports whether the functions leave rows behind: none looks at the first
// rows of a partition for ever, or as far back as there is a value.
func (o *OverTable) expires(w *overRows) bool {
	for _, c := range w.calls {
		switch {
		case c.list != nil, c.Func == OverPercentRank, c.Func == OverCumeDist, c.Func == OverNtile:
			return false
		case c.Func == OverAggregate || c.Func >= OverFirst:
			if c.Frame.End.Kind == FromLast || c.Func != OverAggregate && c.Frame.Start.Kind == FromFirst {
				return false
			}
		}
	}
	return true
}

// expire drops rows that the watermark has passed, and that no row which may be
// looked at again needs.
func (o *OverTable) expire(p *overPane) {
	w := p.over
	limit := data.AddTime(o.cfg.Lateness.PassedBefore(o.wm), -o.ahead.time)
	before := data.AddTime(limit, -o.ahead.span)
	o.ids = o.ids[:0] // partitions to look at
	for _, t := range p.line.before(limit) {
		if !w.store.gone[t.row] {
			p.final[t.part]++
			t.row = 0 // its number is not kept up to date
			p.old.push(t)
			o.ids = append(o.ids, t.part)
		}
	}
	n := 0
	for _, t := range p.old.all() {
		if t.time >= before {
			break
		}
		o.ids = append(o.ids, t.part)
		n++
	}
	p.old.cut(n)
	w.begin()
	for _, part := range o.ids {
		o.cutFinal(p, part, before)
	}
	w.settle()
	for _, id := range o.left {
		o.drop(p, id)
	}
	o.left = o.left[:0]
}

// cutFinal takes the first rows of a partition out that are before a time and that no
// row needs which is not final.
func (o *OverTable) cutFinal(p *overPane, part int32, before int64) {
	w := p.over
	rows := &w.parts[part]
	next := p.final[part] - o.ahead.rows // the first row that may be looked at again
	need := next - w.lookBack
	for _, f := range w.frames {
		switch {
		case f.Rows && f.Start.Kind == FromOffset:
			need = min(need, next+f.Start.Rows)
		case f.Start.Kind != FromFirst && rows.has(next):
			need = min(need, w.lower(f, rows, next, next))
		case f.Start.Kind == FromFirst && f.sums:
			need = min(need, f.hi[part]) // what it has not taken in yet
		}
	}
	times := w.store.cols[o.cfg.Time].Ints
	for rows.base < need && rows.ids.len() > 0 && times[rows.row(rows.base)] < before {
		o.left = append(o.left, w.leave(part))
	}
}

// dropParts forgets the partitions that have no rows, when they are many and nothing
// else is known of them.
func (o *OverTable) dropParts(p *overPane) {
	n := len(p.over.parts)
	if o.ahead.back < 0 || n <= manyParts {
		return
	}
	alive := make([]bool, n)
	var final []int64
	for i := range alive {
		if alive[i] = p.over.parts[i].ids.len() > 0; alive[i] {
			final = append(final, p.final[i])
		}
	}
	if len(final) > n/2 {
		return
	}
	p.final = final
	to := p.over.keep(func(i int) bool { return alive[i] })
	renumber := func(list []timed) []timed {
		kept := list[:0]
		for _, t := range list {
			if alive[t.part] {
				t.part = to[t.part]
				kept = append(kept, t)
			}
		}
		return kept
	}
	p.line = timeline[timed]{items: renumber(p.line.all())}
	p.old = queue[timed]{items: renumber(p.old.all())}
}

// tidy closes the gaps of a pane's stores when they are large, or in any case.
func (o *OverTable) tidy(p *overPane, always bool) {
	w := p.over
	if always && w.store.dead > 0 || w.store.full() {
		kept := p.line.all()[:0]
		for _, t := range p.line.all() {
			if !w.store.gone[t.row] {
				kept = append(kept, t)
			}
		}
		p.line = timeline[timed]{items: kept}
		w.tidy(true)
		for i := range kept {
			kept[i].row = w.store.moved[kept[i].row]
		}
	} else {
		w.tidy(false)
	}
	if always && p.results.dead > 0 || p.results.full() {
		to := p.results.compact()
		source := w.store.cols[w.source].Ints
		for part := range w.parts {
			for _, id := range w.parts[part].ids.all() {
				if source[id] >= 0 {
					source[id] = int64(to[source[id]])
				}
			}
		}
	}
}

// Bytes estimates the memory held.
func (o *OverTable) Bytes() int64 {
	total := int64(0)
	for _, p := range o.panes {
		total += p.over.bytes() + p.results.bytes() + int64(24*(cap(p.line.items)+cap(p.old.items))+8*cap(p.final)+4*cap(p.crowds))
	}
	return total
}
