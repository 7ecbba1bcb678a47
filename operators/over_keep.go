package operators

import (
	"tidemark/operators/agg"
)

// trim drops the rows of a partition that no function looks at again: those before
// what the next row's frames begin with.
func (w *overRows) trim(part int32) {
	p := &w.parts[part]
	from := p.next - w.lookBack
	for _, f := range w.frames {
		ranges := !f.Rows // its bounds are looked for from where they were
		switch {
		case f.takes || f.values || ranges && f.Start.Kind != FromFirst:
			from = min(from, f.lo[part])
		case f.sums || ranges:
			from = min(from, f.hi[part])
		}
		if f.lasts && (f.Rows || f.Start.Kind == FromFirst) { // else the frame begins no later
			from = min(from, f.hi[part]-1)
		}
	}
	if n := int(from - p.base); n > 0 {
		for _, id := range p.ids.all()[:n] {
			w.store.drop(id)
		}
		p.ids.cut(n)
		p.base = from
	}
	for _, c := range w.calls {
		if c.list != nil {
			c.list.cut(part, w.passed(c, part))
		}
	}
}

// passed returns how many rows of a call's list no row will look at again.
func (w *overRows) passed(c *overEval, part int32) int {
	next := w.parts[part].next
	n := 0
	switch {
	case c.list.most > 0:
		return 0
	case c.Func == OverLag:
		n = c.list.find(part, next) - int(c.N)
	case c.Func == OverLead:
		n = c.list.find(part, next)
	case c.Func != OverLast || c.frame.Start.Kind != FromFirst:
		n = c.list.find(part, c.frame.lo[part])
	default: // the last of all before its frame's end
		n = c.list.find(part, c.frame.hi[part]) - 1
	}
	return max(0, n)
}

// leave takes the first row of a partition, at which no frame of a later row begins,
// out of all frames but those that begin with the first row of all, and returns its
// number. It stays in the store.
func (w *overRows) leave(part int32) (id int32) {
	p := &w.parts[part]
	pos := p.base
	id = *p.ids.at(0)
	for _, f := range w.frames {
		if f.Start.Kind == FromFirst {
			continue
		}
		if f.sums && f.lo[part] <= pos && pos < f.hi[part] {
			f.moves.Take(part, id)
			f.moves.End(part)
		}
		f.lo[part], f.hi[part] = max(f.lo[part], pos+1), max(f.hi[part], pos+1)
	}
	for _, c := range w.calls {
		if c.list != nil {
			c.list.cut(part, c.list.find(part, pos+1))
		}
	}
	p.ids.cut(1)
	p.base++
	return id
}

// reset forgets all partitions.
func (w *overRows) reset() {
	w.table.Reset()
	w.store.reset()
	clear(w.parts)
	w.parts = w.parts[:0]
	for _, f := range w.frames {
		f.lo, f.hi = f.lo[:0], f.hi[:0]
	}
	for _, c := range w.calls {
		if c.state != nil {
			c.state.Reset()
		}
		if c.list != nil {
			c.list.store.reset()
			c.list.parts = c.list.parts[:0]
		}
	}
}

// begin is called before leave is, settle after.
func (w *overRows) begin() {
	for _, f := range w.frames {
		f.moves.Reset()
	}
}

// settle makes the moves of the frames that leave has noted.
func (w *overRows) settle() {
	for _, c := range w.calls {
		if c.state == nil {
			continue
		}
		m := &c.frame.moves
		if c.filter >= 0 {
			c.only.Only(w.store.cols[c.filter], m)
			m = &c.only
		}
		agg.Apply(c.state, m, w.arguments(c))
	}
}

// tidy closes the gaps that dropped rows have left, when they are large or in any
// case, and reports whether rows have other numbers now.
func (w *overRows) tidy(always bool) bool {
	for _, c := range w.calls {
		if c.list != nil {
			c.list.tidy(always)
		}
	}
	if !always && !w.store.full() || w.store.dead == 0 {
		return false
	}
	to := w.store.compact()
	for p := range w.parts {
		ids := w.parts[p].ids.all()
		for i := range ids {
			ids[i] = to[ids[i]]
		}
	}
	return true
}

// keep forgets all partitions but some, which have neither rows nor anything in
// their aggregates. It returns the new number of each that is left.
func (w *overRows) keep(isLeft func(part int) bool) []int32 {
	to := dropKeys(w.table, isLeft)
	for p, id := range to {
		if id < 0 {
			to[p] = 0 // it has nothing to add to partition 0
			continue
		}
		w.parts[id] = w.parts[p]
		for _, f := range w.frames {
			f.lo[id], f.hi[id] = f.lo[p], f.hi[p]
		}
		for _, c := range w.calls {
			if c.list != nil {
				c.list.parts[id] = c.list.parts[p]
			}
		}
	}
	left := w.table.Len()
	clear(w.parts[left:])
	w.parts = w.parts[:left]
	for _, f := range w.frames {
		f.lo, f.hi = f.lo[:left], f.hi[:left]
	}
	for _, c := range w.calls {
		if c.list != nil {
			clear(c.list.parts[left:])
			c.list.parts = c.list.parts[:left]
		}
		if c.state != nil {
			fresh := c.Agg.New()
			fresh.Resize(max(1, left))
			fresh.Merge(to, c.state)
			c.state = fresh
		}
	}
	if w.part >= 0 {
		parts := w.store.cols[w.part].Ints
		for r, p := range parts {
			if !w.store.gone[r] {
				parts[r] = int64(to[p])
			}
		}
	}
	return to
}

// bytes estimates the memory held.
func (w *overRows) bytes() int64 {
	b := w.store.bytes() + w.table.Bytes()
	for p := range w.parts {
		b += 48 + int64(4*cap(w.parts[p].ids.items))
	}
	for _, f := range w.frames {
		b += int64(8 * (cap(f.lo) + cap(f.hi)))
	}
	for _, c := range w.calls {
		if c.state != nil {
			b += c.state.Bytes()
		}
		if c.list != nil {
			b += c.list.store.bytes()
			for _, l := range c.list.parts {
				b += int64(16 * cap(l.items))
			}
		}
	}
	return b
}
