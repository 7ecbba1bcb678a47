package dataflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// graph is a flow at work.
type graph struct {
	stop context.Context
	quit context.CancelFunc // asks the sources to stop
	wg   sync.WaitGroup

	reports map[*Sink]func(error) // where a sink's error goes
	unions  map[*Union]*unionRun

	stepped bool           // see Flow.Stepped
	from    *Snapshot      // that it goes on from, nil at the beginning
	rooms   *rooms         // for the parts of snapshots
	nodes   map[string]int // operators and unions started so far, by their names

	mu      sync.Mutex
	errs    []error        // in the order of the sinks, then the others
	open    map[*Sink]bool // the sinks that have not ended
	passing *barrier       // that is under way, nil when none is
	sinks   []*Sink
}

// node names the next operator or union of the graph in snapshots. Those of the same kind
// are started in the same order each time.
func (g *graph) node(kind string) string {
	g.nodes[kind]++
	return fmt.Sprintf("%s #%d", kind, g.nodes[kind])
}

// first returns the run's error: the first in order of the sinks.
func (g *graph) first() error {
	for _, err := range g.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// slot reserves a place for an error, so that the order of errors is that of the
// plan and not of time.
func (g *graph) slot() func(error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := len(g.errs)
	g.errs = append(g.errs, nil)
	return func(err error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.errs[i] = err
	}
}

// startSource starts the runs of a source. Several are merged before anything else
// sees their rows.
func (g *graph) startSource(s *Source, runs []*sourceRun, hard context.Context) {
	defer s.stats.runs.Store(&runs) // others may move their watermarks from then on
	if len(runs) == 1 {
		g.startRun(runs[0], max(1, s.Workers), s.Edges, hard)
		return
	}
	u := &Union{Inputs: len(runs), Alone: slices.Repeat([]bool{true}, len(runs)), Schema: s.Schema, BatchRows: s.BatchRows, Next: &Edge{Split: s.Edges}}
	for i, r := range runs {
		g.startRun(r, max(1, s.Workers/len(runs)), []*Edge{{Union: u, Input: i}}, hard)
	}
}

// startRun starts a run whose rows go over edges.
func (g *graph) startRun(run *sourceRun, n int, edges []*Edge, hard context.Context) {
	stop, quit := context.WithCancel(g.stop)
	run.edges, run.phases = edges, newPhases(edges)
	run.ports = g.start(edges, quit, hard)
	var workers sync.WaitGroup
	for range n {
		report := g.slot()
		workers.Add(1)
		g.wg.Go(func() {
			defer workers.Done()
			if err := run.work(stop); err != nil {
				report(err)
				g.quit()
			}
		})
	}
	switch {
	case g.stepped:
	case run.Clock:
		g.wg.Go(func() { run.tick(stop) })
	case run.watched():
		g.wg.Go(func() { run.watch(stop) })
	}
	g.wg.Go(func() {
		defer quit()
		workers.Wait()
		close(run.finished)
		for _, p := range run.ports {
			p.close()
		}
	})
}

// start starts what edges lead to and returns the ways in, in the order of a
// fan's ends. stop is called when none of them wants more.
func (g *graph) start(edges []*Edge, stop func(), hard context.Context) []*port {
	ends := terminals(edges)
	producer := newDemand(len(ends), stop)
	ports := make([]*port, len(ends))
	for i, e := range ends {
		p := &port{keyed: e.Keyed, producer: producer}
		switch {
		case e.Keyed != nil:
			g.startKeyed(p, hard)
		case e.Union != nil:
			r := g.unionOf(e.Union, hard)
			r.attach(p)
			lanes := lanesOf(ends, i)
			if lanes[0] != i {
				break // it goes by the port of the first
			}
			p.to = []chan message{r.inputs[e.Input].in}
			if len(lanes) > 1 {
				p.join(lanes, ends, r)
			}
		default:
			in := make(chan message, edgeCapacity)
			p.to = []chan message{in}
			g.startSink(e.Sink, in, hard)
		}
		ports[i] = p
	}
	return ports
}

// startKeyed starts the workers and the collector of the operator that p leads to.
func (g *graph) startKeyed(p *port, hard context.Context) {
	k := p.keyed
	p.views = data.NewPool(nil)
	node := g.node("operator " + k.Name)
	n := max(1, k.Workers)
	from, late := make([]chan message, n), make([]chan message, n)
	for w := range n {
		in, out := make(chan message, edgeCapacity), make(chan message, edgeCapacity)
		p.to, from[w] = append(p.to, in), out
		id := workerID(node, w)
		op, broken := k.restored(g.from.part(id))
		if size := g.rooms.sizes[id]; size > 0 {
			g.rooms.took(id, op, size)
		}
		held := g.rooms.watch(id, op)
		side := newLateSide(k, op)
		late[w] = side.out
		g.wg.Go(func() {
			k.work(op, broken, in, out, side, id, held)
		})
	}
	if k.Late == nil {
		g.startCollector(k, from, p.giveUp, hard)
		return
	}
	both := newDemand(2, p.giveUp)
	g.startCollector(k, from, sync.OnceFunc(both.drop), hard)
	g.startCollector(&Keyed{Name: "late rows of " + k.Name, Schema: k.Late.Schema, BatchRows: k.BatchRows, Next: k.Late.Next}, late, sync.OnceFunc(both.drop), hard)
}

// startCollector starts what merges the outputs of k's workers; giveUp says that it
// wants no more.
func (g *graph) startCollector(k *Keyed, from []chan message, giveUp func(), hard context.Context) {
	next := []*Edge{k.Next}
	id := g.node("merge " + k.Name)
	ports := g.start(next, giveUp, hard)
	saved := g.from.part(id)
	g.wg.Go(func() {
		collect(k, from, giveUp, next, ports, id, saved)
	})
}

// collect merges the outputs of k's workers, runs the stateless operators that follow
// and hands the result on. id names it in snapshots; saved, when not nil, is what it
// goes on from.
func collect(k *Keyed, from []chan message, giveUp func(), next []*Edge, ports []*port, id string, saved *data.Decoder) {
	f := newFan(next)
	m := newMerge(k, from, func(b *data.Batch) error {
		f.push(b)
		err := f.settle()
		f.deliver(ports)
		return err
	})
	m.idle = func() {
		for _, out := range ports {
			out.idle()
		}
	}
	m.barrier = func(b *barrier) {
		if b.saved != nil {
			b.saved.save(id, m.save)
			b.saved.saveAccounts(accountsOf(next))
		}
		for _, out := range ports {
			out.barrier(b)
		}
	}
	if saved != nil {
		m.restore(saved)
	}
	err := m.run()
	giveUp()
	for _, out := range ports {
		if err != nil {
			out.fail(err)
		}
		out.close()
	}
	m.drain()
}

// startSink starts the goroutine that feeds a sink. A sink flushes what came
// before an error in the stream; after an error of its own it takes no more.
// Either ends the run: what came before is on its way, as an error has its place
// in the stream.
func (g *graph) startSink(s *Sink, in <-chan message, hard context.Context) {
	report := g.reports[s]
	g.wg.Go(func() {
		var ended, broken error
		for m := range in {
			switch {
			case m.idle:
			case m.barrier != nil:
				if broken == nil && ended == nil {
					if broken = m.barrier.at(s.Sink); broken != nil {
						g.quit()
					}
				}
				if broken != nil || ended != nil {
					m.barrier.spoiled.Store(true)
				}
				if saved := m.barrier.saved; saved != nil {
					saved.save(g.sinkID(s), func(e *data.Encoder) { e.Varint(s.Rows.Load()) })
				}
				m.barrier.reached(s)
			case m.err != nil:
				if ended == nil {
					ended = m.err
					g.quit()
				}
			case broken != nil || ended != nil:
				m.batch.Release()
			default:
				if broken = s.take(hard, m.batch, len(in) == 0); broken != nil {
					g.quit()
				}
			}
		}
		if broken == nil {
			broken = s.Sink.Flush(hard)
		}
		if err := s.Sink.Close(); broken == nil {
			broken = err
		}
		if broken != nil {
			broken = fmt.Errorf("%s: %w", s.Name, broken)
		}
		report(errors.Join(ended, broken))
		g.ended(s)
	})
}

// take writes a batch. idle says that nothing more is waiting.
func (s *Sink) take(hard context.Context, b *data.Batch, idle bool) error {
	defer b.Release()
	if n := b.Rows(); n > 0 {
		s.Rows.Add(int64(n))
		if err := s.Sink.Write(hard, b); err != nil {
			return err
		}
	}
	if c, ok := s.Sink.(connectors.Committer); ok && s.Live && idle {
		return c.Commit(hard)
	}
	return nil
}
