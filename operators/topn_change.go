package operators

import (
	"sort"

	"tidemark/operators/data"
	"tidemark/operators/state"
)

// change makes a change of a partition, and emits what it changes where the rows have
// been emitted.
func (o *TopN) change(p *topPane, part int32, b *data.Batch, c change) error {
	list := p.lists.of(part)
	was, gone := -1, int32(-1) // where the old row was, and its number
	o.before = append(o.before[:0], o.first(list)...)
	if c.old >= 0 {
		if was = o.position(p, list, b.Cols, c.old); was >= 0 {
			gone = list[was]
			list = p.lists.remove(part, was)
		}
	}
	pos, fresh, evicted := -1, int32(-1), int32(-1)
	if c.new >= 0 {
		if pos = was; was < 0 || !o.sameOrder(p, b, c.new, gone) { // else it keeps its place
			pos = o.behind(p, list, b.Cols, c.new)
		}
		if pos >= o.cfg.N && !o.cfg.Updating {
			return nil
		}
		o.one[0] = int32(c.new)
		var err error
		if fresh, err = p.rows.add(b.Cols, o.one[:]); err != nil {
			return err
		}
		if len(list) == o.cfg.N && !o.cfg.Updating {
			evicted = list[len(list)-1]
			p.lists.remove(part, len(list)-1)
		}
		list = p.lists.insert(part, pos, fresh)
	}
	if p.live {
		at := 2 * (b.Seq + int64(max(c.old, c.new)))
		var err error
		if o.cfg.Number {
			err = o.emitPlaces(p, o.first(list), at)
		} else {
			err = o.emitRows(p, o.first(list), was, pos, at)
		}
		if err != nil {
			return err
		}
	}
	if gone >= 0 {
		p.rows.drop(gone)
	}
	if evicted >= 0 {
		p.rows.drop(evicted)
	}
	return nil
}

// emitPlaces emits at which places other rows stand than before.
func (o *TopN) emitPlaces(p *topPane, now []int32, at int64) error {
	for i := range max(len(now), len(o.before)) {
		if err := o.out.room(2); err != nil { // what belongs together stays in one batch
			return err
		}
		switch {
		case i >= len(o.before):
			o.put(p, now[i], i, data.Insert, at)
		case i >= len(now):
			o.put(p, o.before[i], i, data.Delete, at)
		case !p.same(o.before[i], now[i]):
			o.put(p, o.before[i], i, data.UpdateBefore, at)
			o.put(p, now[i], i, data.UpdateAfter, at)
		}
	}
	return nil
}

// emitRows emits which row has left the first ones, and which has come: of the old
// row that was at was, and the new one at pos, -1 where there is none, and of those
// that make room for one or take the place of the other.
func (o *TopN) emitRows(p *topPane, now []int32, was, pos int, at int64) error {
	left, come := int32(-1), int32(-1)
	updated := was >= 0 && was < len(o.before) && pos >= 0 && pos < len(now)
	switch {
	case was >= 0 && was < len(o.before):
		left = o.before[was]
	case pos >= 0 && pos < len(now) && len(now) == len(o.before):
		left = o.before[len(o.before)-1]
	}
	switch {
	case pos >= 0 && pos < len(now):
		come = now[pos]
	case was >= 0 && was < len(o.before) && len(now) == len(o.before):
		come = now[len(now)-1]
	}
	if left >= 0 && come >= 0 && p.same(left, come) {
		return nil
	}
	if err := o.out.room(2); err != nil {
		return err
	}
	out, in := data.Delete, data.Insert
	if left >= 0 && come >= 0 && (updated || o.cfg.Replaces) {
		out, in = data.UpdateBefore, data.UpdateAfter
	}
	if left >= 0 {
		o.put(p, left, 0, out, at)
	}
	if come >= 0 {
		o.put(p, come, 0, in, at)
	}
	return nil
}

// behind returns the place in a list at which row r of cols belongs when it is the
// last to have arrived.
func (o *TopN) behind(p *topPane, list []int32, cols []*data.Vector, r int) int {
	isBefore := func(id int32) bool {
		c := state.CompareRows(p.rows.cols, int(id), cols, r, o.cfg.Order)
		return c < 0 || c == 0 && !o.cfg.ArrivalDesc
	}
	if n := len(list); n == 0 || isBefore(list[n-1]) { // most rows are not among the first
		return n
	}
	return sort.Search(len(list), func(i int) bool { return !isBefore(list[i]) })
}

// position returns where in a list a row is that is like row r of cols, the last of
// them to have arrived; -1 when there is none.
func (o *TopN) position(p *topPane, list []int32, cols []*data.Vector, r int) int {
	pos := o.behind(p, list, cols, r)
	step := -1
	if o.cfg.ArrivalDesc {
		step = 1
	} else {
		pos--
	}
	for ; pos >= 0 && pos < len(list); pos += step {
		if state.CompareRows(p.rows.cols, int(list[pos]), cols, r, o.cfg.Order) != 0 {
			return -1
		}
		if sameValues(cols, r, p.rows.cols, int(list[pos])) {
			return pos
		}
	}
	return -1
}

// sameOrder reports whether row r of b has the place in the order that row id has.
func (o *TopN) sameOrder(p *topPane, b *data.Batch, r int, id int32) bool {
	for _, k := range o.cfg.Order {
		if !data.Equal(b.Cols[k.Column], r, p.rows.cols[k.Column], int(id)) {
			return false
		}
	}
	return true
}

// same reports whether two rows are the same, to the last byte.
func (p *topPane) same(i, j int32) bool {
	return i == j || sameValues(p.rows.cols, int(i), p.rows.cols, int(j))
}

// tidy closes the gaps that dropped rows have left, when they are large or in any
// case.
func (p *topPane) tidy(always bool) {
	if !always && !p.rows.full() || p.rows.dead == 0 {
		return
	}
	to := p.rows.compact()
	for part := range p.table.Len() {
		list := p.lists.of(int32(part))
		for i, id := range list {
			list[i] = to[id]
		}
	}
}

// clear forgets the rows of a partition.
func (p *topPane) clear(part int32) {
	for n := len(p.lists.of(part)); n > 0; n-- {
		p.rows.drop(p.lists.of(part)[n-1])
		p.lists.remove(part, n-1)
	}
}

// forget drops the partitions of a pane that are to be forgotten, when they are many.
func (o *TopN) forget(p *topPane) {
	if o.cfg.TTL == 0 || !p.ages.many(p.table.Len(), o.wm, o.cfg.TTL) {
		return
	}
	left := p.ages.live(o.wm, o.cfg.TTL)
	for part := range p.table.Len() {
		if !left(part) {
			p.clear(int32(part))
		}
	}
	for from, to := range dropKeys(p.table, left) {
		if to >= 0 {
			p.lists.move(int32(from), to)
			p.ages.last[to] = p.ages.last[from]
		}
	}
	p.lists.cut(p.table.Len())
	p.ages.last = p.ages.last[:p.table.Len()]
}
