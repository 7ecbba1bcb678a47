package dataflow

import (
	"context"
	"errors"
	"sync"

	"tidemark/connectors"
	"tidemark/operators"
)

// Running is a flow at work.
type Running struct {
	flow *Flow
	g    *graph
	all  [][]*sourceRun
	over chan struct{} // closed when everybody has ended
}

// Run runs the flow until its inputs end, ctx is done or a row fails. When ctx
// is done the sources stop reading, what was read goes through, the sinks are
// flushed and Run returns nil: an interrupted run keeps what it did, but its
// windows do not close as they would at the end of the input.
//
// When a row fails, everything before it is emitted and flushed, and its error
// is returned. hard ends waits inside sinks; it is for a user who asks twice.
func (f *Flow) Run(ctx, hard context.Context) error {
	r, err := f.Start(ctx, hard, nil)
	if err != nil {
		return err
	}
	return r.Wait()
}

// Start begins to run the flow: where the one that the snapshot is of stood, or at
// the beginning where that is nil. Its sources go on behind the rows that came before
// the snapshot's barrier; those that had ended give nothing more. Wait must be called
// in the end.
func (f *Flow) Start(ctx, hard context.Context, from *Snapshot) (*Running, error) {
	g := &graph{reports: map[*Sink]func(error){}, unions: map[*Union]*unionRun{}, open: map[*Sink]bool{}, stepped: f.Stepped, from: from, sinks: f.Sinks,
		nodes: map[string]int{}, rooms: newRooms(from)}
	for _, s := range f.Sinks {
		g.reports[s] = g.slot()
		g.open[s] = true
	}
	g.stop, g.quit = context.WithCancel(ctx)
	r := &Running{flow: f, g: g, over: make(chan struct{})}
	for _, s := range f.Sources {
		runs, err := s.open(g.stop, f.clock(), g.node("source "+s.Name), from)
		if err == nil {
			for _, run := range runs {
				run.keptOpen = f.KeptOpen
			}
			r.all = append(r.all, runs)
			err = restoreRuns(runs, from)
		}
		if err != nil {
			r.close()
			f.Close()
			return nil, err
		}
	}
	r.restoreCounts(from)
	align(r.all)
	for i, s := range f.Sources {
		g.startSource(s, r.all[i], hard)
	}
	g.from = nil // as large as all that the flow remembers
	go func() {
		g.wg.Wait()
		close(r.over)
	}()
	return r, nil
}

// close gives up the inputs.
func (r *Running) close() {
	r.g.quit()
	for _, runs := range r.all {
		closeRuns(runs)
	}
}

// Wait returns when the flow has ended, with the error that ended it.
func (r *Running) Wait() error {
	<-r.over
	r.close()
	return r.g.first()
}

// Drained returns a channel that is closed when all inputs of a flow that is KeptOpen have
// come to their ends; one that has inputs without an end never does.
func (r *Running) Drained() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for _, runs := range r.all {
			for _, run := range runs {
				select {
				case <-run.drained:
				case <-r.over:
					return
				}
			}
		}
		close(done)
	}()
	return done
}

// Acknowledge tells the sources that want to know it that the rows before the barrier of a
// checkpoint will not be read again.
func (r *Running) Acknowledge(ctx context.Context, s *Snapshot) error {
	var all []error
	for _, runs := range r.all {
		for _, run := range runs {
			a, ok := run.reader.(connectors.Acknowledged)
			if d := s.part(run.id); ok && d != nil {
				all = append(all, a.Acknowledge(ctx, positions(d)))
			}
		}
	}
	return errors.Join(all...)
}

// Stop makes the flow end: as at the end of its context.
func (r *Running) Stop() { r.g.quit() }

// ErrOver says that a flow has ended, so that nothing can pass through it.
var ErrOver = errors.New("the flow has ended")

// Quiet returns when everything that follows from the rows handed on so far has
// reached the sinks: of inputs that have an end, from all of them. Those without one
// must wait for more. visit, when not nil, is shown the operators; it is called by
// several goroutines at a time. After the end of the flow Quiet returns at once.
func (r *Running) Quiet(visit func(k *Keyed, op operators.Operator)) {
	for _, runs := range r.all {
		for _, run := range runs {
			if !run.live {
				<-run.finished
			}
		}
	}
	r.pass(&barrier{visit: visit})
}

// ErrFailed says that a row has failed, so that what a flow remembers is of no use: who
// went on from it would never see that row.
var ErrFailed = errors.New("a row has failed")

// Checkpoint lets a barrier pass through the flow, between the rows that its sources
// have read and those that they will read, and returns what the flow remembers there. It
// may be called at any time, by one at a time; the flow goes on meanwhile. After the end
// of the flow there is nothing, and ErrOver; ErrFailed when an error is on its way that
// will end it. atSink is called for each sink that has not ended, by the goroutine that
// feeds it, where the barrier comes to it, and so for those of bad records; nil for nothing.
func (r *Running) Checkpoint(atSink func(connectors.Sink) error) (*Snapshot, error) {
	b := &barrier{saved: newSnapshot(), atSink: atSink, meetings: map[*Keyed]*meeting{}, clock: r.flow.clock()}
	b.saved.accounts, b.saved.rooms = r.flow.Accounts, r.g.rooms
	b.saved.rooms.prepare()
	if !r.pass(b) {
		return nil, ErrOver
	}
	r.complete(b.saved)
	r.g.rooms.sized(b.saved)
	switch {
	case b.err != nil:
		return nil, b.err
	case b.spoiled.Load() || r.failed():
		return nil, ErrFailed
	}
	return b.saved, nil
}

// Recycle gives back the memory of a snapshot, for the next one. Nobody may use it, nor
// what its Parts have returned, any more.
func (r *Running) Recycle(s *Snapshot) {
	r.g.rooms.give(s.parts)
	s.parts = nil
}

// failed reports whether an error has ended a part of the flow.
func (r *Running) failed() bool {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return r.g.first() != nil
}

// pass sends a barrier through the flow and returns when it has reached all sinks. The
// sources hand it on side by side: one may have to wait for the rows of another.
func (r *Running) pass(b *barrier) bool {
	b.done = make(chan struct{})
	if !r.g.announce(b) {
		<-r.over
		return false
	}
	var sources sync.WaitGroup
	for _, runs := range r.all {
		together := newMeeting(len(runs))
		for _, run := range runs {
			sources.Go(func() { run.barrier(b, together) })
		}
	}
	sources.Wait()
	select {
	case <-b.done:
	case <-r.over:
	}
	r.g.announce(nil)
	return true
}

// Tick does what is due by the flow's clock: it marks partitions as idle that have
// been silent for too long, and moves the watermarks that go with the clock. Only a flow that is Stepped needs it.
func (r *Running) Tick() {
	for _, runs := range r.all {
		for _, run := range runs {
			switch {
			case run.Clock:
				run.tock()
			case run.watched():
				run.sweep()
			}
		}
	}
}

// announce makes b the barrier that is under way, nil for none. It returns false when
// no sink is left.
func (g *graph) announce(b *barrier) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b != nil {
		b.left = map[*Sink]bool{}
		for s := range g.open {
			b.left[s] = true
		}
		if len(b.left) == 0 {
			return false
		}
	}
	g.passing = b
	for _, u := range g.unions {
		u.align(b != nil)
	}
	return true
}

// ended notes that a sink takes no more.
func (g *graph) ended(s *Sink) {
	g.mu.Lock()
	b := g.passing
	delete(g.open, s)
	g.mu.Unlock()
	if b != nil {
		b.reached(s)
	}
}

// Over returns a channel that is closed when the flow has ended.
func (r *Running) Over() <-chan struct{} { return r.over }

// Err returns the error that has ended the flow, nil while it goes on.
func (r *Running) Err() error {
	select {
	case <-r.over:
		return r.g.first()
	default:
		return nil
	}
}

// Merges reports whether several streams are merged somewhere, so that it matters which
// rows come in one step. The branches of one stream are in the order of its rows.
func (r *Running) Merges() bool {
	for u, run := range r.g.unions {
		if u.Inputs-run.joined > 1 {
			return true
		}
	}
	return false
}
