package operators

import "tidemark/operators/data"

// Snapshot writes the panes.
func (a *Aggregate) Snapshot(e *data.Encoder) {
	e.Varint(a.wm)
	e.Uvarint(uint64(len(a.panes)))
	for _, p := range a.panes {
		e.Varint(p.start)
		p.save(e)
	}
}

// Restore reads the panes.
func (a *Aggregate) Restore(d *data.Decoder) error {
	a.wm = d.Varint()
	for range d.Count(1) {
		p := a.pane(d.Varint())
		if err := p.load(d); err != nil {
			return err
		}
	}
	return nil
}

func (p *pane) save(e *data.Encoder) {
	e.Flag(p.closed)
	e.Flag(p.compacted)
	e.Flag(p.shown)
	e.Times(p.counts)
	p.table.Snapshot(e)
	for _, s := range p.aggs {
		e.Append(s.AppendSnapshot)
	}
}

func (p *pane) load(d *data.Decoder) error {
	p.closed, p.compacted, p.shown = d.Flag(), d.Flag(), d.Flag()
	p.counts = d.Times(p.counts[:0])
	p.empty = 0
	for _, n := range p.counts {
		if n == 0 {
			p.empty++
		}
	}
	p.table.Restore(d)
	for _, s := range p.aggs {
		if err := d.Apply(s.LoadSnapshot); err != nil {
			return err
		}
	}
	return nil
}
