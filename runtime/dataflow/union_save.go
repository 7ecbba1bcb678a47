package dataflow

import (
	"tidemark/operators/data"
)

// save writes what the union remembers where a barrier passes: with the rows before it
// that have to wait for those of another input that come behind it.
func (r *unionRun) save(e *data.Encoder, b *barrier) {
	e.Varint(r.seq)
	r.wm.Snapshot(e)
	for i := range r.inputs {
		e.Varint(r.turns.Key(i))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range r.inputs {
		waiting := in.queue
		if at := in.barrierAt(); at >= 0 {
			waiting = in.queue[:at]
		}
		if in.busy {
			e.Flag(true)
			in.saveRest(e)
		}
		for i := range waiting {
			m := &waiting[i]
			switch {
			case m.err != nil:
				b.spoiled.Store(true)
			case m.rows():
				e.Flag(true)
				var started unionInput
				started.number = in.number
				started.begin(*m)
				started.saveRest(e)
			}
		}
		e.Flag(false)
	}
}

// saveRest writes what was not taken yet of the batches that an input is at.
func (in *unionInput) saveRest(e *data.Encoder) {
	e.Uvarint(uint64(len(in.lanes)))
	for i := range in.lanes {
		l := &in.lanes[i]
		e.Uvarint(uint64(l.number))
		saveBatch(e, l.batch, l.row, in.step)
	}
}

// restore makes a new union go on where the one that was saved stood.
func (r *unionRun) restore(d *data.Decoder) {
	r.seq = d.Varint()
	r.wm.Restore(d)
	for i := range r.u.Inputs {
		r.turns.Set(i, d.Varint())
	}
	for _, in := range r.inputs {
		for d.Flag() {
			var m message
			for range d.Count(1) {
				number := int32(d.Uvarint())
				m.lanes = append(m.lanes, lane{number: number, batch: r.pool.Get()})
				restoreBatch(d, m.lanes[len(m.lanes)-1].batch, r.u.Schema)
			}
			if len(m.lanes) > 0 {
				in.queue = append(in.queue, m)
			}
		}
	}
}

// saveBatch writes a batch without its first selected rows and steps. Its place in the
// input is lost.
func saveBatch(e *data.Encoder, b *data.Batch, rows, steps int) {
	e.Uvarint(uint64(b.N))
	for _, c := range b.Cols {
		e.Vector(c)
	}
	e.Flag(b.Changes != nil)
	if b.Changes != nil {
		for _, c := range b.Changes[:b.N] {
			e.Uvarint(uint64(c))
		}
	}
	e.Uvarint(uint64(b.Rows() - rows))
	last := 0
	for k := rows; k < b.Rows(); k++ {
		e.Uvarint(uint64(b.Row(k) - last))
		last = b.Row(k)
	}
	e.Uvarint(uint64(len(b.Steps) - steps))
	for _, s := range b.Steps[steps:] {
		e.Uvarint(uint64(s.Row))
		e.Varint(s.Time)
	}
}

// restoreBatch reads what saveBatch has written into an empty batch.
func restoreBatch(d *data.Decoder, b *data.Batch, schema data.Schema) {
	b.N = int(d.Uvarint())
	for i, c := range schema {
		d.Vector(b.Cols[i], c.Type)
		if v := b.Cols[i]; v.Len() < b.N && !v.Const {
			d.Fail()
		}
	}
	if d.Flag() {
		for range b.N {
			b.AddChange(data.Change(d.Uvarint() & 3))
		}
	}
	row := 0
	b.Sel = b.SelBuf(b.N)
	for range d.Count(1) {
		if row += int(d.Uvarint()); row >= b.N {
			d.Fail()
			break
		}
		b.Sel = append(b.Sel, int32(row))
	}
	for range d.Count(2) {
		b.AddStep(int(d.Uvarint()), d.Varint())
	}
	if d.Damaged() {
		b.N, b.Sel, b.Steps, b.Changes = 0, nil, nil, nil
	}
}
