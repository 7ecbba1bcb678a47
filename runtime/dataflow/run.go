package dataflow

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// graph is a flow at work.
type graph struct {
	stop context.Context
	quit context.CancelFunc // asks the sources to stop
	wg   sync.WaitGroup

	mu   sync.Mutex
	errs []error // in the order of the sinks, then the others
}

// Run runs the flow until its inputs end, ctx is done or a row fails. When ctx
// is done the sources stop reading, what was read goes through, the sinks are
// flushed and Run returns nil: an interrupted run keeps what it did, but its
// windows do not close as they would at the end of the input.
//
// When a row fails, everything before it is emitted and flushed, and its error
// is returned. hard ends waits inside sinks; it is for a user who asks twice.
func (f *Flow) Run(ctx, hard context.Context) error {
	g := &graph{}
	g.stop, g.quit = context.WithCancel(ctx)
	defer g.quit()
	readers := make([]connectors.Reader, 0, len(f.Sources))
	defer func() {
		for _, r := range readers {
			r.Close()
		}
	}()
	for _, s := range f.Sources {
		r, err := s.Input.Open(g.stop)
		if err != nil {
			f.abandon()
			return err
		}
		readers = append(readers, r)
	}
	for i, s := range f.Sources {
		g.startSource(s, readers[i], hard)
	}
	g.wg.Wait()
	return g.first()
}

// abandon closes the sinks of a flow that never started.
func (f *Flow) abandon() {
	for _, s := range f.Sources {
		for _, e := range s.Edges {
			for e.Keyed != nil {
				e = e.Keyed.Next
			}
			e.Sink.Sink.Close()
		}
	}
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

func (g *graph) startSource(s *Source, r connectors.Reader, hard context.Context) {
	ports := make([]*port, len(s.Edges))
	for i, e := range s.Edges {
		ports[i] = g.startTarget(e, hard)
	}
	run := newSourceRun(s, r, ports)
	var workers sync.WaitGroup
	for range max(1, s.Workers) {
		report := g.slot()
		workers.Add(1)
		g.wg.Add(1)
		go func() {
			defer g.wg.Done()
			defer workers.Done()
			if err := run.work(g.stop); err != nil {
				report(err)
				g.quit()
			}
		}()
	}
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		workers.Wait()
		for _, p := range ports {
			p.close()
		}
	}()
}

// startTarget starts what an edge leads to and returns the way in.
func (g *graph) startTarget(e *Edge, hard context.Context) *port {
	if e.Keyed == nil {
		in := make(chan message, edgeCapacity)
		g.startSink(e.Sink, in, hard)
		return &port{to: []chan message{in}}
	}
	k := e.Keyed
	p := &port{keyed: k, views: data.NewPool(nil)}
	n := max(1, k.Workers)
	from := make([]chan message, n)
	for w := range n {
		in, out := make(chan message, edgeCapacity), make(chan message, edgeCapacity)
		p.to, from[w] = append(p.to, in), out
		g.wg.Add(1)
		go func() {
			defer g.wg.Done()
			k.work(in, out)
		}()
	}
	next := g.startTarget(k.Next, hard)
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		g.collect(k, from, next)
	}()
	return p
}

// collect merges the outputs of a keyed operator's workers, runs the stateless
// operators that follow and hands the result on.
func (g *graph) collect(k *Keyed, from []chan message, next *port) {
	defer next.close()
	var failed error
	send := chained(k.Next, func(b *data.Batch) error {
		next.send(b)
		return nil
	})
	m := newMerge(k, from, func(b *data.Batch) {
		if failed != nil {
			b.Release()
			return
		}
		if failed = send(b); failed != nil {
			g.quit()
		}
	})
	err := m.run()
	if failed != nil {
		err = failed // of an earlier row
	}
	if err != nil {
		next.fail(err)
		g.quit()
	}
	m.drain()
}

// startSink starts the goroutine that feeds a sink. A sink flushes what came
// before an error in the stream; after an error of its own it takes no more.
func (g *graph) startSink(s *Sink, in <-chan message, hard context.Context) {
	report := g.slot()
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		var ended, broken error
		for m := range in {
			switch {
			case m.err != nil:
				if ended == nil {
					ended = m.err
				}
			case broken != nil || ended != nil:
				m.batch.Release()
			default:
				s.Rows.Add(int64(m.batch.Rows()))
				broken = s.Sink.Write(hard, m.batch)
				m.batch.Release()
				if c, ok := s.Sink.(connectors.Committer); ok && s.Live && len(in) == 0 && broken == nil {
					broken = c.Commit(hard)
				}
				if broken != nil {
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
	}()
}
