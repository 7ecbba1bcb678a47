package operators

import (
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// look moves frame f to the row at pos of a partition.
func (w *overRows) look(f *overFrame, part int32, pos int64) {
	p := &w.parts[part]
	f.cover(p, part, w.lower(f, p, pos, f.lo[part]), w.upper(f, p, pos, f.hi[part]))
}

// lookAt moves frame f, which goes by the time that rows are in order of, to an
// instant of a partition.
func (w *overRows) lookAt(f *overFrame, part int32, t int64) {
	p := &w.parts[part]
	times := w.store.cols[w.order[0].Column].Ints
	lo := int64(0)
	if from := shifted(t, &f.Start); f.Start.Kind != FromFirst {
		lo = p.seek(f.lo[part], func(i int64) bool { return times[p.row(i)] < from })
	}
	to := shifted(t, &f.End)
	f.cover(p, part, lo, p.seek(f.hi[part], func(i int64) bool { return times[p.row(i)] <= to }))
}

// shifted returns the time that a bound of the frame of an instant is at.
func shifted(t int64, b *FrameBound) int64 {
	if b.Kind == FromOffset {
		return data.AddTime(t, b.By.Ints[0])
	}
	return t
}

// cover makes [lo, hi) what a frame covers of a partition.
func (f *overFrame) cover(p *overPart, part int32, lo, hi int64) {
	hi = max(lo, hi)
	if f.sums {
		f.move(p, part, lo, hi)
	}
	f.lo[part], f.hi[part] = lo, hi
	f.from, f.to = append(f.from, lo), append(f.to, hi)
}

// move notes the rows that leave the frame when it goes from what it covers to
// [lo, hi), and those that enter it.
func (f *overFrame) move(p *overPart, part int32, lo, hi int64) {
	oldLo, oldHi := f.lo[part], f.hi[part]
	for i := oldLo; i < min(oldHi, lo); i++ {
		f.moves.Take(part, p.row(i))
	}
	for i := max(oldLo, hi); i < oldHi; i++ {
		f.moves.Take(part, p.row(i))
	}
	for i := lo; i < min(hi, oldLo); i++ {
		f.moves.Add(part, p.row(i))
	}
	for i := max(lo, oldHi); i < hi; i++ {
		f.moves.Add(part, p.row(i))
	}
	f.moves.End(part)
}

// lower returns where the frame of the row at pos begins; hint is where that of
// another row did.
func (w *overRows) lower(f *overFrame, p *overPart, pos, hint int64) int64 {
	b := &f.Start
	switch {
	case b.Kind == FromFirst:
		return 0
	case b.Kind == FromLast:
		return p.end()
	case f.Rows:
		return min(max(0, pos+b.Rows), p.end())
	case b.Kind == FromPeers:
		return p.seek(min(hint, pos), func(i int64) bool { return w.comparePeers(p.row(i), p.row(pos)) < 0 })
	}
	if keys, target, ok := w.plainBound(p, pos, b); ok {
		return p.seek(hint, func(i int64) bool { return keys[p.row(i)] < target })
	}
	return p.seek(hint, func(i int64) bool { return w.compareShifted(p.row(i), p.row(pos), b.By) < 0 })
}

// upper returns the end of the frame of the row at pos: the position behind its last
// row.
func (w *overRows) upper(f *overFrame, p *overPart, pos, hint int64) int64 {
	b := &f.End
	switch {
	case b.Kind == FromFirst:
		return 0
	case b.Kind == FromLast:
		return p.end()
	case f.Rows:
		return min(max(0, pos+b.Rows+1), p.end())
	case b.Kind == FromPeers:
		return p.seek(max(hint, pos+1), func(i int64) bool { return w.comparePeers(p.row(i), p.row(pos)) <= 0 })
	}
	if keys, target, ok := w.plainBound(p, pos, b); ok {
		return p.seek(hint, func(i int64) bool { return keys[p.row(i)] <= target })
	}
	return p.seek(hint, func(i int64) bool { return w.compareShifted(p.row(i), p.row(pos), b.By) <= 0 })
}

// near is how many rows are looked at one by one before the rest is halved.
const near = 8

// seek returns the first position for which isBefore is false, which it is for all
// behind. The search begins at hint.
func (p *overPart) seek(hint int64, isBefore func(pos int64) bool) int64 {
	end := p.end()
	i := min(max(hint, p.base), end)
	for range near {
		switch {
		case i < end && isBefore(i):
			i++
		case i > p.base && !isBefore(i-1):
			i--
		default:
			return i
		}
	}
	from, to := p.base, end
	if i < end && isBefore(i) {
		from = i + 1
	} else {
		to = i
	}
	return from + int64(sort.Search(int(to-from), func(k int) bool { return !isBefore(from + int64(k)) }))
}

// plainBound returns the values of the order and the one at a bound of the frame of
// the row at pos, where integers tell it all.
func (w *overRows) plainBound(p *overPart, pos int64, b *FrameBound) (keys []int64, target int64, ok bool) {
	v := w.store.cols[w.order[0].Column]
	if v.Null != nil || w.order[0].Desc || v.Type.Class() != data.ClassInt {
		return nil, 0, false
	}
	return v.Ints, data.AddTime(v.Ints[p.row(pos)], b.By.Ints[0]), true
}

// comparePeers orders two rows by what tells them apart.
func (w *overRows) comparePeers(a, b int32) int {
	return state.CompareRows(w.store.cols, int(a), w.store.cols, int(b), w.order[:w.cfg.Peers])
}

// compareShifted orders row a and what is by behind row b. NULLs are together at
// their end of the order, however far from them one goes.
func (w *overRows) compareShifted(a, b int32, by *data.Vector) int {
	k := &w.order[0]
	v := w.store.cols[k.Column]
	i, j := int(a), int(b)
	if v.IsNull(i) || v.IsNull(j) {
		return k.Compare(w.store.cols, i, w.store.cols, j)
	}
	c := 0
	switch v.Type.Class() {
	case data.ClassInt:
		x, y := v.Ints[i], data.AddTime(v.Ints[j], by.Ints[0])
		switch {
		case x < y:
			c = -1
		case x > y:
			c = 1
		}
	case data.ClassFloat:
		c = data.CompareDoubles(v.Floats[i], v.Floats[j]+by.Floats[0])
	case data.ClassWide:
		y, ok := v.Wides[j].Add(by.Wides[0])
		switch {
		case ok:
			c = v.Wides[i].Cmp(y)
		default: // beyond every number
			c = -by.Wides[0].Sign()
		}
	}
	if k.Desc {
		return -c
	}
	return c
}
