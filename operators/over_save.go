package operators

import (
	"math"

	"tidemark/operators/data"
)

// save writes the partitions with their rows.
func (w *overRows) save(e *data.Encoder) {
	w.table.Snapshot(e)
	w.store.save(e)
	for p := range w.parts {
		part := &w.parts[p]
		e.Varint(part.base)
		e.Varint(part.next)
		ids := part.ids.all()
		e.Uvarint(uint64(len(ids)))
		for _, id := range ids {
			e.Uvarint(uint64(id))
		}
	}
	for _, f := range w.frames {
		e.Times(f.lo)
		e.Times(f.hi)
	}
	for _, c := range w.calls {
		if c.state != nil {
			e.Append(c.state.AppendSnapshot)
		}
		if c.list != nil {
			c.list.save(e)
		}
	}
}

// load reads what save wrote into fresh rows.
func (w *overRows) load(d *data.Decoder) error {
	w.table.Restore(d)
	w.store.load(d)
	n := w.table.Len()
	if d.Damaged() {
		return nil
	}
	w.parts = make([]overPart, n)
	seen := make([]bool, w.store.n)
	for p := range w.parts {
		part := &w.parts[p]
		part.base, part.next = d.Varint(), d.Varint()
		for range d.Count(1) {
			id := d.Uvarint()
			if !w.store.has(id) || seen[id] {
				d.Fail()
				return nil
			}
			seen[id] = true
			part.ids.push(int32(id))
		}
		if part.base < 0 || part.base > math.MaxInt64/2 || part.next < part.base || part.next > part.end() {
			d.Fail()
			return nil
		}
	}
	for _, f := range w.frames {
		f.lo, f.hi = d.Times(nil), d.Times(nil)
		if len(f.lo) != n || len(f.hi) != n {
			d.Fail()
			return nil
		}
		for p := range f.lo {
			part := &w.parts[p]
			inside := f.lo[p] >= part.base || f.Start.Kind == FromFirst || f.Rows && !f.takes && !f.values
			if f.lo[p] < 0 || f.lo[p] > f.hi[p] || f.hi[p] > part.end() || f.sums && f.hi[p] < part.base || !inside {
				d.Fail()
				return nil
			}
		}
	}
	for _, c := range w.calls {
		if c.state != nil {
			if err := d.Apply(c.state.LoadSnapshot); err != nil {
				return err
			}
		}
		if c.list != nil {
			c.list.load(d, n)
		}
	}
	w.grow(n)
	return nil
}
