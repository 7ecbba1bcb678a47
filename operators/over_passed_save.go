package operators

import "tidemark/operators/data"

// Snapshot writes the rows that wait and those that frames reach.
func (o *Over) Snapshot(e *data.Encoder) {
	e.Varint(o.wm)
	o.over.save(e)
	o.rows.save(e)
	e.Times(o.ready)
	e.Times(o.done)
	line := o.line.all()
	e.Uvarint(uint64(len(line)))
	for i := range line {
		e.Uvarint(uint64(line[i].part))
		e.Varint(line[i].pos)
		e.Varint(line[i].passed)
	}
	open := o.open.all()
	e.Uvarint(uint64(len(open)))
	for _, r := range open {
		e.Varint(r.time)
		e.Varint(r.pos)
		e.Uvarint(uint64(r.part))
	}
}

// Restore reads them.
func (o *Over) Restore(d *data.Decoder) error {
	o.wm = d.Varint()
	if err := o.over.load(d); err != nil {
		return err
	}
	n := len(o.over.parts)
	o.rows.load(d, n)
	o.ready, o.done = d.Times(nil), d.Times(nil)
	if len(o.ready) != n || len(o.done) != n || d.Damaged() {
		d.Fail()
		return nil
	}
	o.counts, o.isTouched = make([]int32, n), make([]bool, n)
	for _, t := range o.rows.line.all() {
		o.counts[t.part]++
	}
	for p := range o.over.parts {
		part := &o.over.parts[p]
		for pos := max(part.base, o.done[p]); pos < part.end(); pos++ {
			if row := o.over.store.cols[o.over.source].Ints[part.row(pos)]; row < 0 || !o.rows.store.has(uint64(row)) {
				d.Fail()
				return nil
			}
		}
	}
	for range d.Count(3) {
		part, pos, passed := d.Uvarint(), d.Varint(), d.Varint()
		if part >= uint64(n) || !o.over.parts[part].has(pos) || pos < o.done[part] {
			d.Fail()
			return nil
		}
		r := o.at(int32(part), pos)
		r.passed = passed
		o.line.items = append(o.line.items, r)
	}
	for range d.Count(3) {
		r := overOpen{time: d.Varint(), pos: d.Varint()}
		part := d.Uvarint()
		if part >= uint64(n) {
			d.Fail()
			return nil
		}
		r.part = int32(part)
		o.open.push(r)
	}
	return nil
}
