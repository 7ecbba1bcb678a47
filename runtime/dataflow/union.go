package dataflow

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// Union puts the rows of several inputs, which have the same columns, into one
// order: the input with the lowest watermark is next, the first of several. So
// the order depends on the rows alone. The output's watermark is the least of
// the inputs'; those that have ended are left out, and so are those that are idle.
//
// Inputs that branch off one stream, with stateless operators alone in between, are
// lanes of one input, the first of them: what they make of a row comes together, in
// the order of the stream's rows.
type Union struct {
	Inputs int
	// Arrival takes rows as they come instead, for inputs without an end: none waits
	// for another.
	Arrival bool
	// LastFirst takes all rows of the last input before those of the others.
	LastFirst bool
	// Alone says of each input that its sources lead nowhere else, but to lanes of the
	// same input. Then it may have to wait; the rows of others are kept as long as need
	// be, for their source must get rid of the rows of all its branches to go on.
	Alone     []bool
	Schema    data.Schema
	BatchRows int
	Next      *Edge
}

// unionRun is a union at work.
type unionRun struct {
	u  *Union
	id string // in snapshots
	// steps says that the rows between two barriers are taken when all have come, in
	// order of the inputs.
	steps  bool
	joined int // inputs whose rows come by another as lanes
	inputs []*unionInput
	pool   *data.Pool
	out    *data.Batch
	places *places            // of the rows of out
	picks  []pick             // rows of the inputs' batches that belong behind those of out
	turns  *watermark.Ranking // the inputs that have not ended, by whose turn it is
	wm     *watermark.Merger
	seq    int64
	emit   func(*data.Batch) error
	idle   func() // passes on that nothing is to be expected
	pass   func(*barrier)

	mu    sync.Mutex
	came  *sync.Cond // a queue has changed, or an input has ended
	ports []*port
	over  bool // nobody wants more
}

// unionInput is what one input has sent and the union not yet taken.
type unionInput struct {
	number int32
	in     chan message
	queue  []message // guarded by unionRun.mu
	closed bool      // guarded by unionRun.mu: nothing comes behind the queue

	lanes []lane // at work on the batches of one message
	busy  bool   // some are not done
	step  int    // of the steps, which are the same in all lanes
	ended bool
}

// unionOf returns the run of a union, which the first of its inputs starts.
func (g *graph) unionOf(u *Union, hard context.Context) *unionRun {
	if r := g.unions[u]; r != nil {
		return r
	}
	r := &unionRun{u: u, pool: data.NewPool(u.Schema), turns: watermark.NewRanking(u.Inputs, data.MinTime), wm: watermark.NewMerger(u.Inputs)}
	r.came = sync.NewCond(&r.mu)
	r.id, r.steps = fmt.Sprintf("union %d", g.node()), g.stepped && u.Arrival
	if d := g.from.part(r.id); d != nil {
		r.restore(d)
	}
	for i := range u.Inputs {
		r.inputs = append(r.inputs, &unionInput{number: int32(i), in: make(chan message, edgeCapacity)})
	}
	g.unions[u] = r
	for i, in := range r.inputs {
		g.wg.Add(1)
		go func() {
			defer g.wg.Done()
			r.receive(in, u.Alone[i])
		}()
	}
	next := []*Edge{u.Next}
	ports := g.start(next, r.giveUp, hard)
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		r.run(newFan(next), ports)
	}()
	return r
}

// receive moves what comes into the input's queue.
func (r *unionRun) receive(in *unionInput, alone bool) {
	for m := range in.in {
		r.mu.Lock()
		for alone && !r.steps && len(in.queue) >= edgeCapacity && !r.over {
			r.came.Wait()
		}
		if r.over {
			m.release()
		} else {
			in.queue = append(in.queue, m)
			r.came.Broadcast()
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	in.closed = true
	r.came.Broadcast()
	r.mu.Unlock()
}

// attach tells the union of the port that leads to one of its inputs.
func (r *unionRun) attach(p *port) {
	r.mu.Lock()
	r.ports = append(r.ports, p)
	over := r.over
	r.mu.Unlock()
	if over {
		p.giveUp()
	}
}

// giveUp says that nobody wants more.
func (r *unionRun) giveUp() {
	r.mu.Lock()
	r.over = true
	ports := append([]*port(nil), r.ports...)
	for _, in := range r.inputs {
		for _, m := range in.queue {
			m.release()
		}
		in.queue = nil
	}
	r.came.Broadcast()
	r.mu.Unlock()
	for _, p := range ports {
		p.giveUp()
	}
}

// run merges the inputs until they end.
func (r *unionRun) run(f *fan, ports []*port) {
	r.emit = func(b *data.Batch) error {
		f.push(b)
		err := f.settle()
		f.deliver(ports)
		return err
	}
	r.idle = func() {
		for _, out := range ports {
			out.idle()
		}
	}
	r.pass = func(b *barrier) {
		if b.saved != nil {
			b.saved.save(r.id, r.save)
		}
		for _, out := range ports {
			out.barrier(b)
		}
	}
	err := r.merge()
	if flushed := r.flush(); err == nil {
		err = flushed
	}
	r.giveUp()
	for _, out := range ports {
		if err != nil && err != operators.Done {
			out.fail(err)
		}
		out.close()
	}
	for _, in := range r.inputs {
		in.drop()
	}
}

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
	if last := r.inputs[len(r.inputs)-1]; r.u.LastFirst && !last.ended {
		return last, data.MaxTime
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
		if r.u.Arrival && !(r.u.LastFirst && *in == r.inputs[len(r.inputs)-1]) {
			candidates = r.inputs
		}
		if b := r.allHeld(); b != nil {
			return message{barrier: b}, true
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
		r.came.Wait()
	}
	return message{}, false
}

// allHeld returns the barrier that all inputs have come to that have not ended, and
// takes it from them; nil when there is none. The mutex is held.
func (r *unionRun) allHeld() *barrier {
	var b *barrier
	for _, in := range r.inputs {
		switch {
		case in.ended:
		case len(in.queue) == 0 || in.queue[0].barrier == nil:
			return nil
		default:
			b = in.queue[0].barrier
		}
	}
	if b != nil {
		for _, in := range r.inputs {
			if !in.ended {
				in.queue = in.queue[1:]
			}
		}
		r.came.Broadcast() // there is room
	}
	return b
}

// stepComplete reports whether a barrier, or the end, stands behind what has come of
// each input. The mutex is held.
func (r *unionRun) stepComplete() bool {
	for _, in := range r.inputs {
		if !in.ended && !in.closed && !slices.ContainsFunc(in.queue, func(m message) bool { return m.barrier != nil }) {
			return false
		}
	}
	return true
}

// save writes what the union remembers between messages.
func (r *unionRun) save(e *data.Encoder) {
	e.Varint(r.seq)
	r.wm.Snapshot(e)
	for i := range r.inputs {
		e.Varint(r.turns.Key(i))
	}
}

// restore makes a new union go on where the one that was saved stood.
func (r *unionRun) restore(d *data.Decoder) {
	r.seq = d.Varint()
	r.wm.Restore(d)
	for i := range r.u.Inputs {
		r.turns.Set(i, d.Varint())
	}
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

// rows returns how many rows the output has, those that are only picked included.
func (r *unionRun) rows() int { return r.output().N + len(r.picks) }

// gather copies the picked rows to the output.
func (r *unionRun) gather() {
	if len(r.picks) == 0 {
		return
	}
	batches := make([]*data.Batch, len(r.inputs))
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

// moved passes the watermark on when it has moved.
func (r *unionRun) moved(has bool) {
	if !has {
		return
	}
	o, row := r.output(), r.rows()
	if k := len(o.Steps); k > 0 && o.Steps[k-1].Row == row {
		o.Steps[k-1].Time = r.wm.Now()
		return
	}
	o.AddStep(row, r.wm.Now())
}

func (r *unionRun) output() *data.Batch {
	if r.out == nil {
		r.out, r.places = r.pool.Get(), &places{}
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
