package operators

import "tidemark/operators/data"

// Snapshot writes the panes.
func (o *OverTable) Snapshot(e *data.Encoder) {
	e.Varint(o.wm)
	e.Uvarint(uint64(len(o.panes)))
	for _, p := range o.panes {
		o.tidy(p, true)
		e.Varint(p.end)
		e.Flag(p.live)
		p.over.save(e)
		p.results.save(e)
		e.Times(p.final)
		for _, list := range [2][]timed{p.line.all(), p.old.all()} {
			e.Uvarint(uint64(len(list)))
			for _, t := range list {
				t.save(e)
			}
		}
	}
}

// Restore reads the panes.
func (o *OverTable) Restore(d *data.Decoder) error {
	o.wm = d.Varint()
	for range d.Count(1) {
		p := o.newPane(d.Varint())
		p.live = d.Flag()
		if err := p.over.load(d); err != nil {
			return err
		}
		p.results.load(d)
		p.final = d.Times(p.final)
		if len(p.final) != len(p.over.parts) {
			d.Fail()
		}
		if d.Damaged() {
			return nil
		}
		source := p.over.store.cols[p.over.source].Ints
		for part := range p.over.parts {
			for _, id := range p.over.parts[part].ids.all() {
				if r := source[id]; p.live && r < 0 || r >= int64(p.results.n) {
					d.Fail()
					return nil
				}
			}
		}
		for range d.Count(11) {
			p.line.items = append(p.line.items, loadTimed(d, p.over.store.n, len(p.over.parts)))
		}
		for range d.Count(11) {
			p.old.push(loadTimed(d, max(1, p.over.store.n), len(p.over.parts)))
		}
		o.panes = append(o.panes, p)
	}
	return nil
}
