package dataflow

import (
	"errors"
	"math"

	"tidemark/operators"
	"tidemark/operators/data"
)

// fan is a goroutine's own copy of the stateless operators behind a producer: a
// tree that branches where a result is used more than once, with a port at each
// end. It keeps what a batch has become at the ends until it is delivered, so
// that an error in one branch stops the others at the same row.
type fan struct {
	in   operators.Output
	ends [][]*data.Batch
	// locals are the first phases before the ends, nil where there is none; wm is the
	// watermark before the batch that comes in.
	locals []Local
	wm     int64
	err    error
	at     int64 // sequence number of the row that failed
}

func newFan(edges []*Edge) *fan { return newFanOf(edges, nil) }

// newFanOf returns a fan with first phases before some of its ends.
func newFanOf(edges []*Edge, locals []Local) *fan {
	f := &fan{locals: locals}
	f.in = f.branch(edges)
	return f
}

// branch returns the way into several edges.
func (f *fan) branch(edges []*Edge) operators.Output {
	ways := make([]operators.Output, len(edges))
	for i, e := range edges {
		ways[i] = f.way(e)
	}
	switch len(ways) {
	case 0: // the operator is there for the rows that it does not use
		return func(b *data.Batch) error {
			b.Release()
			return nil
		}
	case 1:
		return ways[0]
	}
	views := data.NewPool(nil)
	return func(b *data.Batch) error {
		b.Retain(len(ways) - 1)
		for _, way := range ways {
			if err := way(views.View(b)); err != nil {
				f.fail(err)
			}
		}
		return nil
	}
}

// way returns the way into one edge.
func (f *fan) way(e *Edge) operators.Output {
	var ops []operators.Operator
	if e.Operators != nil {
		ops = e.Operators()
	}
	if e.Split != nil {
		next := f.branch(e.Split)
		if e.Rows == nil {
			return operators.Chain(ops, next)
		}
		return operators.Chain(ops, func(b *data.Batch) error {
			e.Rows.Add(int64(b.Rows()))
			return next(b)
		})
	}
	k := len(f.ends)
	f.ends = append(f.ends, nil)
	return operators.Chain(ops, func(b *data.Batch) error {
		if k < len(f.locals) && f.locals[k] != nil {
			f.locals[k].Take(b, f.wm)
		}
		f.ends[k] = append(f.ends[k], b)
		return nil
	})
}

// push runs b, which comes after all batches before, through the operators.
// After a batch in which a row has failed it takes no more.
func (f *fan) push(b *data.Batch) {
	if f.err != nil {
		b.Release()
		return
	}
	if err := f.in(b); err != nil {
		f.fail(err)
	}
}

// fail keeps the error of the earliest row.
func (f *fan) fail(err error) {
	at := int64(math.MaxInt64)
	var row *operators.RowError
	if errors.As(err, &row) {
		at = row.Seq
	}
	if f.err == nil || at < f.at {
		f.err, f.at = err, at
	}
}

// settle makes all ends stop where the first row has failed, and returns the
// error.
func (f *fan) settle() error {
	if f.err == nil {
		return nil
	}
	for _, batches := range f.ends {
		for _, b := range batches {
			if n := f.at - b.Seq; n < int64(b.N) {
				operators.Truncate(b, int(max(0, n)))
			}
		}
	}
	return f.err
}

// deliver hands what the ends have to their ports, in order of the batches, so
// that none of the readers is far ahead of the others.
func (f *fan) deliver(ports []*port) {
	n := 0
	for _, batches := range f.ends {
		n = max(n, len(batches))
	}
	for i := range n {
		for k, p := range ports {
			if p.lanes != nil {
				f.deliverLanes(p, i)
			} else if len(p.to) > 0 {
				if b := f.take(k, i); b != nil {
					p.send(b)
				}
			}
		}
	}
	f.clear()
}

// deliverLanes hands over the i-th batches of the ends that go by one port.
func (f *fan) deliverLanes(p *port, i int) {
	var lanes []lane
	for l, k := range p.lanes {
		if b := f.take(k, i); b != nil {
			lanes = append(lanes, lane{number: p.inputs[l], batch: b})
		}
	}
	if len(lanes) > 0 {
		p.to[0] <- message{lanes: lanes}
	}
}

// take returns the i-th batch of an end, nil where it says nothing.
func (f *fan) take(end, i int) *data.Batch {
	if i >= len(f.ends[end]) {
		return nil
	}
	b := f.ends[end][i]
	if b.Rows() == 0 && len(b.Steps) == 0 {
		b.Release()
		return nil
	}
	return b
}

// discard gives back what the ends have.
func (f *fan) discard() {
	for _, batches := range f.ends {
		for _, b := range batches {
			b.Release()
		}
	}
	f.clear()
}

func (f *fan) clear() {
	for k := range f.ends {
		f.ends[k] = f.ends[k][:0]
	}
	f.err = nil
}

// terminals returns the edges at the ends of a fan, in the order of its ends.
func terminals(edges []*Edge) []*Edge {
	var ends []*Edge
	for _, e := range edges {
		if e.Split != nil {
			ends = append(ends, terminals(e.Split)...)
		} else {
			ends = append(ends, e)
		}
	}
	return ends
}
