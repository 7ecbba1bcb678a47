package dataflow

import (
	"math"
	"slices"

	"tidemark/operators/data"
)

// merge takes rows from the input whose turn it is; its error ends the output.
func (r *unionRun) merge() error {
	for {
		in, limit := r.next()
		if in == nil {
			return nil
		}
		if !in.busy {
			m, ok := r.take(&in)
			switch {
			case !ok:
				return nil // nobody wants more
			case m.err != nil:
				return m.err
			case m.idle:
				if err := r.goIdle(in); err != nil {
					return err
				}
				continue
			case m.joined: // it holds nothing up
				in.ended = true
				r.turns.Leave(int(in.number), true)
				r.moved(r.wm.Advance(int(in.number), data.MaxTime))
				continue
			case m.barrier != nil:
				if err := r.flush(); err != nil {
					return err
				}
				r.pass(m.barrier)
				r.mu.Lock()
				r.drop(m.barrier)
				r.mu.Unlock()
				continue
			case !m.rows(): // the input is closed
				in.ended = true
				r.turns.Leave(int(in.number), true)
				r.moved(r.wm.Finish(int(in.number)))
				continue
			}
			in.begin(m)
			r.moved(r.wm.Wake(int(in.number)))
		}
		if err := r.consume(in, limit); err != nil {
			return err
		}
	}
}

// goIdle leaves an input out until it gives more.
func (r *unionRun) goIdle(in *unionInput) error {
	r.moved(r.wm.Idle(int(in.number)))
	if r.wm.Holder() >= 0 {
		return nil
	}
	err := r.flush()
	r.idle()
	return err
}

// next returns the input whose turn it is, nil when all have ended, and the
// watermark up to which it stays so.
func (r *unionRun) next() (*unionInput, int64) {
	if r.leads() {
		return r.inputs[len(r.inputs)-1], data.MaxTime
	}
	first := r.turns.First()
	if first < 0 {
		return nil, 0
	}
	limit := int64(data.MaxTime)
	if second := r.turns.FirstBut(first); second >= 0 {
		limit = r.turns.Key(second)
		if second < first {
			limit-- // it comes first when they are equal
		}
	}
	return r.inputs[first], limit
}

// leads reports whether the last input comes before all others, until it has ended.
// Between two barriers it does no more than come first: the barrier waits for all that
// has been sent before it.
func (r *unionRun) leads() bool {
	return r.u.LastFirst && !r.steps && !r.inputs[len(r.inputs)-1].ended
}

// lastFirst returns the inputs, the last of them first.
func (r *unionRun) lastFirst() []*unionInput {
	last := len(r.inputs) - 1
	return append([]*unionInput{r.inputs[last]}, r.inputs[:last]...)
}

// take returns the next message of an input; by arrival, of any that has one.
// Without an error or batch it means that the input has ended. The error may be of
// a row that was passed on before.
func (r *unionRun) take(in **unionInput) (m message, ok bool) {
	if r.flushNeeded(*in) {
		if err := r.flush(); err != nil {
			return message{err: err}, true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.over {
		candidates := []*unionInput{*in}
		switch {
		case r.leads():
		case r.u.LastFirst && r.steps:
			candidates = r.lastFirst()
		case r.u.Arrival:
			candidates = r.inputs
		}
		if r.steps && !r.stepComplete() {
			candidates = nil
		}
		for _, c := range candidates {
			if c.ended || c.busy {
				continue
			}
			for len(c.queue) > 0 && c.queue[0].barrier == nil {
				m := c.queue[0]
				c.queue = c.queue[1:]
				r.came.Broadcast() // there is room
				if m.rows() || m.err != nil || m.idle || m.joined {
					*in = c
					return m, true
				}
			}
			if c.closed && len(c.queue) == 0 {
				*in = c
				return message{}, true
			}
		}
		if b := r.allHeld(); b != nil {
			return message{barrier: b}, true
		}
		r.came.Wait()
	}
	return message{}, false
}

// allHeld returns the barrier that has come on all inputs whose rows have not ended, nil
// when there is none. It is asked when no more can be taken, or none of what came before:
// rows that stay in the queues have to wait for those of another input that come behind
// the barrier. The mutex is held.
func (r *unionRun) allHeld() *barrier {
	var b *barrier
	for _, in := range r.inputs {
		at := in.barrierAt()
		switch {
		case at >= 0:
			b = in.queue[at].barrier
		case !in.ended && !in.closed:
			return nil
		}
	}
	return b
}

// drop takes a barrier from the queues. The mutex is held.
func (r *unionRun) drop(b *barrier) {
	for _, in := range r.inputs {
		if at := in.barrierAt(); at >= 0 {
			in.queue = slices.Delete(in.queue, at, at+1)
		}
	}
	r.came.Broadcast() // there is room
}

// barrierAt returns the place of a barrier in the queue, -1 when there is none. The
// union's mutex is held.
func (in *unionInput) barrierAt() int {
	return slices.IndexFunc(in.queue, func(m message) bool { return m.barrier != nil })
}

// stepComplete reports whether a barrier, or the end, stands behind what has come of
// each input. The mutex is held.
func (r *unionRun) stepComplete() bool {
	for _, in := range r.inputs {
		if !in.ended && !in.closed && in.barrierAt() < 0 {
			return false
		}
	}
	return true
}

// flushNeeded reports whether rows would be sat on while waiting for an input.
func (r *unionRun) flushNeeded(in *unionInput) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out != nil && len(in.queue) == 0 && !in.closed
}

// consume takes rows and moves of the watermark from an input's batches for as long
// as it is the input's turn.
func (r *unionRun) consume(in *unionInput, limit int64) error {
	steps := in.steps()
	for {
		upTo := math.MaxInt // rows before the next move
		if in.step < len(steps) {
			upTo = steps[in.step].Row
		}
		if err := r.add(in, upTo); err != nil {
			return err
		}
		if in.step == len(steps) {
			break
		}
		wm := steps[in.step].Time
		in.step++
		r.turns.Set(int(in.number), wm)
		r.moved(r.wm.Advance(int(in.number), wm))
		if r.rows() >= r.u.BatchRows {
			if err := r.flush(); err != nil {
				return err
			}
		}
		if wm > limit && !r.u.Arrival && wm != data.MaxTime && (in.step < len(steps) || in.left()) {
			return nil // another's turn
		}
	}
	r.gather() // the picks point into it
	in.drop()
	return nil
}

// add picks the selected rows before upTo of an input's batches for the output. They
// are copied later, many at a time: the inputs take turns every few rows.
func (r *unionRun) add(in *unionInput, upTo int) error {
	for {
		l, end := in.next(upTo)
		if l == nil {
			return nil
		}
		b := l.batch
		for ; l.row < b.Rows() && b.Row(l.row) < end; l.row++ {
			r.picks = append(r.picks, pick{l.number, int32(b.Row(l.row))})
		}
		if b.Change(b.Row(l.row-1)) == data.UpdateBefore {
			if l.row == b.Rows() {
				continue // what comes behind it is not in this batch
			}
			r.picks = append(r.picks, pick{l.number, int32(b.Row(l.row))}) // the pair stays together
			l.row++
		}
		if r.rows() >= r.u.BatchRows {
			if err := r.flush(); err != nil {
				return err
			}
		}
	}
}

// rows returns how many rows the output has, gaps and those that are only picked included.
func (r *unionRun) rows() int { return r.output().N + len(r.picks) }

// gather copies the picked rows to the output.
func (r *unionRun) gather() {
	if len(r.picks) == 0 {
		return
	}
	batches := make([]*data.Batch, len(r.inputs)+1)
	batches[len(r.inputs)] = r.gap
	for _, in := range r.inputs {
		for _, l := range in.lanes {
			batches[l.number] = l.batch
		}
	}
	o := r.output()
	r.places.add(o.N, batches, r.picks)
	gatherPicks(o, batches, r.picks)
	r.picks = r.picks[:0]
}

// moved passes the watermark on when it has moved, as a move of its own.
func (r *unionRun) moved(has bool) {
	if !has {
		return
	}
	o, row := r.output(), r.rows()
	if k := len(o.Steps); k > 0 && o.Steps[k-1].Row == row {
		r.gaps.add(row)
		r.picks = append(r.picks, pick{input: int32(len(r.inputs))})
		row++
	}
	o.AddStep(row, r.wm.Now())
}

func (r *unionRun) output() *data.Batch {
	if r.out == nil {
		r.out = r.pool.Get()
		if r.places = r.placesOf[r.out]; r.places == nil {
			r.places = &places{}
			r.placesOf[r.out] = r.places
		}
		r.places.reset()
	}
	return r.out
}

// flush emits what has been gathered.
func (r *unionRun) flush() error {
	if r.out == nil {
		return nil
	}
	r.gather()
	o := r.out
	r.out = nil
	o.Trigger = nil
	r.gaps.leaveOut(o)
	if len(r.places.runs) > 0 {
		o.Origin = r.places
	}
	o.Seq = r.seq
	r.seq += int64(o.N)
	if k := len(o.Steps); k > 0 && o.Steps[k-1].Row == o.N {
		r.seq++ // as merge.number has it
	}
	return r.emit(o)
}
