package dataflow

import (
	"context"
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
	// Name describes in snapshots what is put together.
	Name   string
	Inputs int
	// Arrival takes rows as they come instead, for inputs without an end: none waits
	// for another.
	Arrival bool
	// LastFirst takes all rows of the last input before those of the others; in a flow
	// that is fed in steps, those of a step.
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
	places *places // of the rows of out
	// placesOf are those of each batch that was out before and comes again.
	placesOf map[*data.Batch]*places
	picks    []pick             // rows of the inputs' batches that belong behind those of out
	gap      *data.Batch        // beside those of the inputs, for gaps
	gaps     gaps               // of out
	turns    *watermark.Ranking // the inputs that have not ended, by whose turn it is
	wm       *watermark.Merger
	seq      int64
	emit     func(*data.Batch) error
	idle     func() // passes on that nothing is to be expected
	pass     func(*barrier)
	broken   error // it could not be restored

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
	// aligns says that a barrier is on its way and has not come yet: the queue grows until
	// it has, as the rows before it may have to wait for those of another input. Those
	// behind it wait as ever, else each barrier would have more rows to pass than the one
	// before. Guarded by unionRun.mu.
	aligns bool

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
	r := &unionRun{u: u, pool: data.NewPool(u.Schema), gap: gapBatch(u.Schema), placesOf: map[*data.Batch]*places{}, turns: watermark.NewRanking(u.Inputs, data.MinTime), wm: watermark.NewMerger(u.Inputs)}
	r.came = sync.NewCond(&r.mu)
	r.id, r.steps = g.node("union "+u.Name), g.stepped && u.Arrival
	for i := range u.Inputs {
		r.inputs = append(r.inputs, &unionInput{number: int32(i), in: make(chan message, edgeCapacity)})
	}
	if d := g.from.part(r.id); d != nil {
		r.broken = r.restore(d)
	}
	g.unions[u] = r
	for i, in := range r.inputs {
		g.wg.Go(func() {
			r.receive(in, u.Alone[i])
		})
	}
	next := []*Edge{u.Next}
	ports := g.start(next, r.giveUp, hard)
	g.wg.Go(func() {
		r.run(next, ports)
	})
	return r
}

// receive moves what comes into the input's queue.
func (r *unionRun) receive(in *unionInput, alone bool) {
	for m := range in.in {
		r.mu.Lock()
		for alone && !r.steps && len(in.queue) >= edgeCapacity && !r.over && !in.aligns {
			r.came.Wait()
		}
		if r.over {
			m.release()
		} else {
			in.queue = append(in.queue, m)
			in.aligns = in.aligns && m.barrier == nil
			r.came.Broadcast()
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	in.closed = true
	r.came.Broadcast()
	r.mu.Unlock()
}

// align notes that a barrier is on its way, or that it is not any more.
func (r *unionRun) align(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range r.inputs {
		in.aligns = on
	}
	r.came.Broadcast()
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
func (r *unionRun) run(next []*Edge, ports []*port) {
	f := newFan(next)
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
			b.saved.save(r.id, func(e *data.Encoder) { r.save(e, b) })
			b.saved.saveAccounts(accountsOf(next))
		}
		for _, out := range ports {
			out.barrier(b)
		}
	}
	err := r.broken
	if err == nil {
		err = r.merge()
	}
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
