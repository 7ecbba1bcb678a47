package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/runtime/checkpoint"
	"tidemark/runtime/dataflow"
)

// Checkpoints says where a job keeps what it remembers, so that it goes on there after
// its process has ended, in whatever way.
type Checkpoints struct {
	// Dir is the folder; empty for a job without checkpoints. It is made when it is not
	// there, and belongs to one job.
	Dir string
	// Interval is how much time passes between two of them: defaultInterval unless given.
	Interval time.Duration
	// Retain is how many are kept: checkpoint.Retained unless given.
	Retain int
	// Continue goes on with a job that had come to the end of its inputs, which may have
	// become longer.
	Continue bool
}

// defaultInterval is the time between two checkpoints.
const defaultInterval = 10 * time.Second

// ErrFinished says that the job in a checkpoint folder had come to its end, so that there
// is nothing to do.
var ErrFinished = errors.New("the job had finished before")

// durable is the part of a job that knows its checkpoints.
type durable struct {
	settings Checkpoints
	lock     *os.File
	*checkpoint.Coordinator
	names map[string]int // of sinks, by how many have them
	boxes map[connectors.Sink]*checkpoint.Outbox
	// spread is how many workers the state of operators is spread over.
	spread int
	stall  atomic.Int64 // of the last checkpoint, ns
	warn   func(string)
}

// openDurable finds the job of a checkpoint folder; nil when there is to be none.
func openDurable(opts Options) (*durable, error) {
	s := opts.Checkpoints
	if s.Dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(s.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("the checkpoint folder %s cannot be made: %w", s.Dir, connectors.Reason(err))
	}
	lock, err := checkpoint.Lock(context.Background(), s.Dir, &connectors.Retry{Delay: 50 * time.Millisecond, Times: -1, Limit: checkpoint.LockWait})
	if err != nil {
		return nil, fmt.Errorf("the checkpoint folder %s: %w", s.Dir, err)
	}
	retain := s.Retain
	if retain == 0 {
		retain = checkpoint.Retained
	}
	k, err := checkpoint.Open(checkpoint.NewStore(checkpoint.Dir(s.Dir), retain), opts.clock())
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("the checkpoint folder %s: %w", s.Dir, err)
	}
	if s.Interval <= 0 {
		s.Interval = defaultInterval
	}
	d := &durable{settings: s, lock: lock, Coordinator: k, names: map[string]int{}, boxes: map[connectors.Sink]*checkpoint.Outbox{}, warn: opts.Warn}
	if d.warn == nil {
		d.warn = func(string) {}
	}
	for _, err := range k.Passed() {
		d.warn(fmt.Sprintf("the last checkpoint is left out, and the one before it used: %v", err))
	}
	return d, nil
}

// sink makes a sink of the job: one that is Transactional gets its rows with the
// checkpoints. d may be nil.
func (d *durable) sink(cfg connectors.SinkConfig, open func(connectors.SinkConfig) (connectors.Sink, error)) (connectors.Sink, error) {
	if d == nil {
		return open(cfg)
	}
	name := strings.ToLower(cfg.Name)
	d.names[name]++
	if n := d.names[name]; n > 1 {
		name = fmt.Sprintf("%s %d", name, n)
	}
	cfg.Job = &connectors.Job{ID: d.Job(), Sink: name}
	s, err := open(cfg)
	if err != nil {
		return nil, err
	}
	t, ok := s.(connectors.Transactional)
	if !ok {
		return s, nil
	}
	box, err := d.Outbox(name, t, cfg.Schema)
	if err != nil {
		return nil, err
	}
	d.boxes[box] = box
	return box, nil
}

// check refuses what a job with checkpoints cannot do. d may be nil.
func (d *durable) check(result *planner.Result, opts Options, problems *source.List) {
	if d == nil {
		return
	}
	for _, q := range result.Queries {
		if form := opts.form(); q.Root.Relation == nil && q.Root.Input.Properties().Updating && form != "changelog" && form != "none" {
			problems.Errorf(q.File, q.Span, "use -o changelog, or INSERT INTO a table of a file or a database",
				"with checkpoints a result that is updated cannot be printed as %s: what was printed before a crash would have to be taken back", form)
		}
	}
}

// checkSource refuses an input that cannot be read again. d may be nil.
func (d *durable) checkSource(r *catalog.Relation, s connectors.Source) error {
	if d == nil || connectors.Repeats(s) {
		return nil
	}
	if _, ok := connectors.Resumes(s); ok {
		return nil
	}
	return &source.Diagnostic{File: r.File, Span: r.Span, Message: fmt.Sprintf("with checkpoints %s must be read again after a crash, and this input cannot be", r.Name),
		Hint: "read a file or Kafka, or leave --checkpoint-dir out"}
}

// workersPart is the name of the part of a checkpoint with the number of workers that the
// state of operators is spread over.
const workersPart = "workers"

// workers returns how many workers operators have: as many as their state is spread over,
// for a new job n. d may be nil.
func (d *durable) workers(n int) int {
	if d == nil {
		return n
	}
	d.spread = n
	if c := d.From(); c != nil {
		if saved := data.NewDecoder(c.Parts[workersPart]).Uvarint(); saved > 0 {
			d.spread = int(saved)
		}
	}
	return d.spread
}

// snapshot returns what the flow goes on from; nil for the beginning.
func (d *durable) snapshot() *dataflow.Snapshot {
	c := d.From()
	if c == nil {
		return nil
	}
	parts := map[string][]byte{}
	for name, part := range c.Parts {
		if id, ok := strings.CutPrefix(name, flowPart); ok {
			parts[id] = part
		}
	}
	return dataflow.NewSnapshot(parts)
}

// flowPart begins the names of the parts of checkpoints that the flow remembers.
const flowPart = "flow "

func flowParts(s *dataflow.Snapshot) map[string][]byte {
	parts := map[string][]byte{}
	for id, part := range s.Parts() {
		parts[flowPart+id] = part
	}
	return parts
}

// run runs a flow with checkpoints.
func (d *durable) run(ctx, hard context.Context, flow *dataflow.Flow) error {
	if err := d.Begin(ctx); err != nil {
		flow.Close()
		return err
	}
	if c := d.From(); c != nil && c.Finished && !d.settings.Continue {
		flow.Close()
		return ErrFinished
	}
	flow.KeptOpen = flow.Holds()
	flowCtx, stopFlow := context.WithCancel(context.Background())
	defer stopFlow()
	running, err := flow.Start(flowCtx, hard, d.snapshot())
	if err != nil {
		return err
	}
	d.Started()
	loopCtx, endLoop := context.WithCancel(ctx)
	defer endLoop()
	loop := make(chan error, 1)
	go func() {
		loop <- d.Run(loopCtx, d.settings.Interval, func() error { return d.checkpoint(loopCtx, running) })
	}()
	var failed error
	stopped, drained := false, false
	select {
	case <-running.Over():
	case <-running.Drained():
		drained = true
	case failed = <-loop:
		loop <- nil
	case <-ctx.Done():
		stopped = true
	}
	endLoop()
	d.Stop()
	if err := <-loop; failed == nil && err != nil && ctx.Err() == nil {
		failed = err
	}
	if failed == nil && (stopped || drained) {
		failed = d.last(hard, running, drained)
	}
	running.Stop()
	err = running.Wait()
	switch {
	case failed != nil:
		return failed
	case err != nil || stopped || drained:
		return err
	}
	for _, s := range flow.Sources {
		if s.AtBarrier != nil {
			if _, err := s.AtBarrier(); err != nil {
				return err
			}
		}
	}
	return d.Finish(hard, func(func(*checkpoint.Outbox)) (map[string][]byte, error) { return flowParts(running.Ended()), nil }, false)
}

// checkpoint makes one of a running flow. That the flow ends meanwhile is no error.
func (d *durable) checkpoint(ctx context.Context, running *dataflow.Running) error {
	var state *dataflow.Snapshot
	err := d.Checkpoint(ctx, d.pass(ctx, running, &state))
	switch {
	case errors.Is(err, dataflow.ErrOver), errors.Is(err, dataflow.ErrFailed):
		return nil // the flow itself says what there is to say
	case err != nil && ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	if err := running.Acknowledge(ctx, state); err != nil && ctx.Err() == nil {
		d.warn(fmt.Sprintf("what was read cannot be acknowledged: %v", err))
	}
	running.Recycle(state)
	return nil
}

// pass returns how a barrier passes through the flow; state is what is found then.
func (d *durable) pass(ctx context.Context, running *dataflow.Running, state **dataflow.Snapshot) checkpoint.Pass {
	return func(cut func(*checkpoint.Outbox)) (map[string][]byte, error) {
		s, err := running.Checkpoint(func(s connectors.Sink) error {
			if box := d.boxes[s]; box != nil {
				cut(box)
				return nil
			}
			if c, ok := s.(connectors.Committer); ok {
				return c.Commit(ctx)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		*state = s
		d.stall.Store(int64(s.Stall()))
		parts := flowParts(s)
		parts[workersPart] = binary.AppendUvarint(nil, uint64(d.spread))
		return parts, nil
	}
}

// lastWait is how long a job that is asked to stop tries to reach its sinks.
const lastWait = 10 * time.Second

// last makes the checkpoint of a flow that is about to be stopped: after the end of its
// inputs, or as somebody has asked for it. What the sinks do not take in time they get
// when the job goes on.
func (d *durable) last(hard context.Context, running *dataflow.Running, drained bool) error {
	ctx, cancel := context.WithTimeout(hard, lastWait)
	defer cancel()
	var state *dataflow.Snapshot
	pass := d.pass(hard, running, &state)
	var err error
	if drained {
		err = d.Finish(ctx, pass, true)
	} else {
		err = d.Checkpoint(ctx, pass)
	}
	switch {
	case errors.Is(err, dataflow.ErrOver), errors.Is(err, dataflow.ErrFailed):
		return nil
	case err != nil && ctx.Err() != nil && hard.Err() == nil:
		d.warn(fmt.Sprintf("what a sink has not taken waits in the checkpoint folder until the job goes on: %v", err))
		return nil
	case err != nil:
		return err
	}
	if err := running.Acknowledge(ctx, state); err != nil {
		d.warn(fmt.Sprintf("what was read cannot be acknowledged: %v", err))
	}
	return nil
}

// close closes the sinks and lets others have the folder. d may be nil.
func (d *durable) close() error {
	if d == nil {
		return nil
	}
	err := d.Coordinator.Close()
	d.lock.Close()
	return err
}
