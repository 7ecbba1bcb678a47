package operators

import "tidemark/operators/data"

// forget drops what no frame reaches any more; the watermark has passed all that is
// before limit.
func (o *Over) forget(limit int64) {
	for _, p := range o.touched {
		o.over.trim(p)
		o.isTouched[p] = false
	}
	o.touched = o.touched[:0]
	if o.ahead.back >= 0 && limit != data.MaxTime {
		o.expire(data.AddTime(limit, -data.AddTime(o.ahead.time, o.ahead.back)))
	}
	o.tidy()
	if n := len(o.over.parts); o.ahead.back >= 0 && n > manyParts {
		dead := 0
		for p := range n {
			if o.isDead(p) {
				dead++
			}
		}
		if dead > n/2 {
			o.dropParts()
		}
	}
}

// manyParts is how many partitions are kept in any case.
const manyParts = 1024

// expire drops the rows of quiet partitions that are before a time at which no frame
// will begin again. Rows are in the store in order of time.
func (o *Over) expire(before int64) {
	w := o.over
	times, parts := w.store.cols[w.order[0].Column].Ints, w.store.cols[w.part].Ints
	w.begin()
	found := false
	for ; o.oldest < w.store.n && times[o.oldest] < before; o.oldest++ {
		if w.store.gone[o.oldest] {
			continue
		}
		part := int32(parts[o.oldest])
		if p := &w.parts[part]; p.next < p.end() {
			break // the frames of those that wait may reach it
		}
		w.store.drop(w.leave(part))
		found = true
	}
	if found {
		w.settle()
	}
}

// isDead reports whether there is nothing to remember of a partition.
func (o *Over) isDead(p int) bool { return o.over.parts[p].ids.len() == 0 && o.counts[p] == 0 }

// dropParts forgets the partitions that are dead.
func (o *Over) dropParts() {
	n := len(o.over.parts)
	alive := make([]bool, n)
	for p := range alive {
		alive[p] = !o.isDead(p)
	}
	to := o.over.keep(func(p int) bool { return alive[p] })
	o.rows.renumber(to)
	left := 0
	for p, is := range alive {
		if is { // ids are given in order
			o.counts[left], o.ready[left], o.done[left] = o.counts[p], o.ready[p], o.done[p]
			left++
		}
	}
	o.counts, o.ready, o.done, o.isTouched = o.counts[:left], o.ready[:left], o.done[:left], o.isTouched[:left]
	for all, i := o.line.all(), 0; i < len(all); i++ {
		all[i].part = to[all[i].part]
	}
	kept := queue[overOpen]{}
	for _, r := range o.open.all() {
		if alive[r.part] { // the others have been emitted
			r.part = to[r.part]
			kept.push(r)
		}
	}
	o.open = kept
}

// tidy closes the gaps of the stores when they are large.
func (o *Over) tidy() {
	if to := o.rows.tidy(false); to != nil {
		source := o.over.store.cols[o.over.source].Ints
		for p := range o.over.parts {
			part := &o.over.parts[p]
			for pos := max(o.done[p], part.base); pos < part.end(); pos++ {
				id := part.row(pos)
				source[id] = int64(to[source[id]])
			}
		}
		for all, i := o.line.all(), 0; i < len(all); i++ {
			all[i].row = to[all[i].row]
		}
	}
	if o.over.tidy(false) {
		for all, i := o.line.all(), 0; i < len(all); i++ {
			all[i].id = o.over.parts[all[i].part].row(all[i].pos)
		}
		o.oldest = 0
	}
}

// Bytes estimates the memory held.
func (o *Over) Bytes() int64 { return o.rows.bytes() + o.over.bytes() }
