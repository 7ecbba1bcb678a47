package operators

import (
	"cmp"
	"maps"
	"slices"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// Bytes estimates the memory held by slices and what has been put together from
// them.
func (s *Sliced) Bytes() int64 {
	total := s.table.Bytes() + s.order.Bytes() + int64(4*cap(s.uses)) + s.cells.bytes() + s.run.bytes() + s.tree.bytes()
	for _, p := range s.slices {
		total += 160 + p.bytes() + int64(4*cap(p.dirty)+cap(p.changed))
	}
	for _, r := range s.early.shown {
		total += r.bytes()
		for k := range r.values {
			total += vectorBytes(&r.values[k])
		}
	}
	return total
}

// vectorBytes estimates the memory held by a vector.
func vectorBytes(v *data.Vector) int64 {
	return int64(8*cap(v.Ints) + 8*cap(v.Floats) + cap(v.Bools) + 16*cap(v.Wides) + 4*cap(v.Offsets) + cap(v.Bytes) + cap(v.Null))
}

// compact moves what there is to new memory when most of the old is unused.
func (s *Sliced) compact() {
	if s.unused > max(s.fewUnused, s.table.Len()/2) {
		s.moveKeys()
	}
	if free := len(s.cells.free); free > max(s.fewUnused, s.cells.n/4*3) {
		s.moveCells()
	}
}

// moveKeys forgets the keys that no slice has.
func (s *Sliced) moveKeys() {
	to := dropKeys(s.table, func(key int) bool { return s.uses[key] > 0 })
	s.order = state.NewKeyOrder(s.table)
	s.uses, s.unused = slices.DeleteFunc(s.uses, func(n int32) bool { return n == 0 }), 0
	for _, p := range s.slices {
		p.rename(to)
	}
	for _, node := range s.tree.nodes {
		node.rename(to)
	}
	for _, r := range s.early.shown {
		r.rename(to)
	}
	s.early.seen = nil
	s.run.rename(to, s.table.Len())
}

// rename gives the keys new numbers.
func (m *keyCells) rename(to []int32) {
	for k, key := range m.keys {
		m.keys[k] = to[key]
	}
	if len(m.keys) > 0 {
		m.index(len(m.slots))
	}
}

// rename gives the keys of the run, which has n from now on, new numbers.
func (r *run) rename(to []int32, n int) {
	old := *r
	r.has, r.cell, r.listed = nil, nil, nil
	r.grow(n)
	for _, list := range [2]*[]int32{&r.order, &r.fresh} {
		kept := (*list)[:0]
		for _, key := range *list {
			if old.has[key] == 0 {
				continue // it has left
			}
			k := to[key]
			r.has[k], r.cell[k], r.listed[k] = old.has[key], old.cell[key], true
			kept = append(kept, k)
		}
		*list = kept
	}
}

// moveCells forgets the cells that are free.
func (s *Sliced) moveCells() {
	old := s.cells
	free := make([]bool, old.n)
	for _, id := range old.free {
		free[id] = true
	}
	s.cells = newCells(old.calls, old.counts != nil)
	to := make([]int32, old.n) // free cells are empty, and have nothing to add to cell 0
	for id := 1; id < old.n; id++ {
		if free[id] {
			continue
		}
		to[id] = s.cells.alloc()
		if old.counts != nil {
			s.cells.counts[to[id]] = old.counts[id]
		}
	}
	for i, a := range s.cells.aggs {
		a.Resize(s.cells.n)
		a.Merge(to, agg.State(old.aggs[i]))
	}
	for _, p := range s.slices {
		p.renumber(to)
	}
	for _, node := range s.tree.nodes {
		node.renumber(to)
	}
	for key, id := range s.run.cell {
		s.run.cell[key] = to[id]
	}
}

// renumber gives the cells new numbers.
func (m *keyCells) renumber(to []int32) {
	for k, id := range m.cells {
		m.cells[k] = to[id]
	}
}

// Snapshot writes the slices. What has been put together from them is put together
// anew when it is wanted.
func (s *Sliced) Snapshot(e *data.Encoder) {
	e.Varint(s.wm)
	s.table.Snapshot(e)
	e.Uvarint(uint64(len(s.slices)))
	for _, p := range s.slices {
		e.Varint(p.Start)
		e.Int32s(p.keys)
		e.Int32s(p.cells)
		e.Uvarint(uint64(len(p.dirty)))
		for _, place := range p.dirty {
			e.Uvarint(uint64(place))
		}
	}
	e.Uvarint(uint64(s.cells.n))
	for _, a := range s.cells.aggs {
		a.Resize(s.cells.n)
		e.Append(a.AppendSnapshot)
	}
	if s.cells.counts != nil {
		e.Times(s.cells.counts)
	}
	s.saveShown(e)
}

// Restore reads the slices.
func (s *Sliced) Restore(d *data.Decoder) error {
	s.wm = d.Varint()
	s.table.Restore(d)
	n := s.table.Len()
	s.uses, s.unused = make([]int32, n), n
	s.run.grow(n)
	most := int32(0) // cell
	for range d.Count(2) {
		most = max(most, s.loadSlice(d))
	}
	s.cells.n = int(d.Uvarint())
	if d.Damaged() || int(most) >= s.cells.n {
		d.Fail()
		return nil
	}
	for _, a := range s.cells.aggs {
		if err := d.Apply(a.LoadSnapshot); err != nil {
			return err
		}
	}
	if s.cells.counts != nil {
		s.cells.counts = d.Times(s.cells.counts[:0])
		if len(s.cells.counts) != s.cells.n {
			d.Fail()
			return nil
		}
	}
	s.loadShown(d)
	s.freeOthers(d)
	return nil
}

// loadSlice reads a slice and returns its greatest cell.
func (s *Sliced) loadSlice(d *data.Decoder) (most int32) {
	start := d.Varint()
	w := standing{Pane: s.cfg.Grid.Pane(start)}
	w.first, w.last = s.cfg.Grid.NextEnd(w.End-1), s.cfg.Grid.LastEnd(w.Pane)
	if k := len(s.slices); w.Start != start || k > 0 && s.slices[k-1].Start >= start {
		d.Fail()
		return 0
	}
	p := s.open(&w)
	keys, cells := d.Int32s(nil), d.Int32s(nil)
	if len(keys) != len(cells) {
		d.Fail()
		return 0
	}
	for k, key := range keys {
		cell := cells[k]
		if key < 0 || int(key) >= len(s.uses) || cell <= 0 || cell > 1<<31-2 || p.place(key) >= 0 {
			d.Fail()
			return 0
		}
		if s.uses[key]++; s.uses[key] == 1 {
			s.unused--
		}
		p.add(key, cell)
		most = max(most, cell)
	}
	for range d.Count(1) {
		place := d.Uvarint()
		if place >= uint64(len(p.keys)) {
			d.Fail()
			return 0
		}
		p.mark(int(place))
	}
	return most
}

// freeOthers empties the cells that no slice has.
func (s *Sliced) freeOthers(d *data.Decoder) {
	taken := make([]bool, s.cells.n)
	for _, p := range s.slices {
		for _, id := range p.cells {
			if taken[id] {
				d.Fail()
				return
			}
			taken[id] = true
		}
	}
	var free []int32
	for id := s.cells.n - 1; id > 0; id-- {
		if !taken[id] {
			free = append(free, int32(id))
		}
	}
	s.cells.release(free)
}

// saveShown writes the rows that open windows have in the result.
func (s *Sliced) saveShown(e *data.Encoder) {
	ends := slices.SortedFunc(maps.Keys(s.early.shown), cmp.Compare[int64])
	e.Uvarint(uint64(len(ends)))
	for _, end := range ends {
		r := s.early.shown[end]
		e.Varint(end)
		rows := s.newShown()
		for p, row := range r.cells {
			if row != 0 {
				rows.set(r.keys[p], r.values, int(row-1))
			}
		}
		e.Uvarint(uint64(rows.n))
		for _, key := range rows.keys {
			e.Uvarint(uint64(key))
		}
		for k := range rows.values {
			e.Vector(&rows.values[k])
		}
	}
}

func (s *Sliced) loadShown(d *data.Decoder) {
	for range d.Count(2) {
		end := d.Varint()
		r := s.newShown()
		for range d.Count(1) {
			key := d.Uvarint()
			if key >= uint64(s.table.Len()) || r.place(int32(key)) >= 0 {
				d.Fail()
				return
			}
			r.n++
			r.add(int32(key), int32(r.n))
		}
		for k := range r.values {
			d.Vector(&r.values[k], s.cfg.Calls[k].Func.Result)
			if r.values[k].Len() != r.n || r.values[k].Const {
				d.Fail()
				return
			}
		}
		s.setShown(end, r)
	}
}
