package dataflow

import (
	"errors"

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
		e.Batch(l.batch, l.row, in.step)
	}
}

// restore makes a new union go on where the one that was saved stood.
func (r *unionRun) restore(d *data.Decoder) error {
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
				d.Batch(m.lanes[len(m.lanes)-1].batch)
			}
			if len(m.lanes) > 0 {
				in.queue = append(in.queue, m)
			}
		}
	}
	if d.Damaged() {
		return errors.New("the rows that were to be put together cannot be restored: their columns are others now, or the saved state is damaged")
	}
	return nil
}
