package operators

import "tidemark/operators/data"

// Bytes estimates the memory held.
func (o *TopN) Bytes() int64 {
	total := int64(0)
	for _, p := range o.panes {
		total += p.table.Bytes() + p.rows.bytes() + p.lists.bytes() + p.ages.bytes()
	}
	return total
}

// Snapshot writes the rows.
func (o *TopN) Snapshot(e *data.Encoder) {
	e.Varint(o.wm)
	e.Uvarint(uint64(len(o.panes)))
	for _, p := range o.panes {
		p.tidy(true)
		e.Varint(p.end)
		e.Flag(p.live)
		p.table.Snapshot(e)
		p.rows.save(e)
		p.ages.save(e)
		for part := range p.table.Len() {
			list := p.lists.of(int32(part))
			e.Uvarint(uint64(len(list)))
			for _, id := range list {
				e.Uvarint(uint64(id))
			}
		}
	}
}

// Restore reads the rows.
func (o *TopN) Restore(d *data.Decoder) error {
	o.wm = d.Varint()
	for range d.Count(1) {
		p := o.newPane(d.Varint())
		p.live = d.Flag()
		p.table.Restore(d)
		p.rows.load(d)
		p.ages.load(d)
		if want := p.table.Len(); d.Damaged() || o.cfg.TTL > 0 && len(p.ages.last) != want {
			d.Fail()
			return nil
		}
		p.lists.grow(p.table.Len())
		for part := range p.table.Len() {
			n := d.Count(1)
			if n > o.cfg.N && !o.cfg.Updating {
				d.Fail()
			}
			for i := range n {
				id := d.Uvarint()
				if id >= uint64(p.rows.n) {
					d.Fail()
				}
				if d.Damaged() {
					return nil
				}
				p.lists.insert(int32(part), i, int32(id))
			}
		}
		o.panes = append(o.panes, p)
	}
	return nil
}
