package checkpoint

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
)

// Coordinator makes the checkpoints of a job.
type Coordinator struct {
	store *Store
	clock clock.Clock
	boxes []*Outbox
	full  chan struct{}
	found *Found
	job   string
	last  int64 // the number of the last checkpoint

	mu     sync.Mutex
	status Status
}

// Status is what can be said of a job's checkpoints.
type Status struct {
	// Number is that of the last checkpoint, 0 before there is one; At when it was
	// safe, Took how long it was on its way through the flow and to the disk, Bytes the
	// size of what is remembered, and Written how much of it was written to the disk, as
	// the rest lay there; both without the logs of sinks.
	Number         int64
	At             time.Time
	Took           time.Duration
	Bytes, Written int64
}

// Open looks into a store for the last checkpoint of its job. Without one the job is new.
func Open(store *Store, c clock.Clock) (*Coordinator, error) {
	found, err := store.Load()
	if err != nil {
		return nil, err
	}
	k := &Coordinator{store: store, clock: c, found: found, last: found.Last, full: make(chan struct{}, 1)}
	if found.Checkpoint != nil {
		k.job = found.Checkpoint.Job
		return k, nil
	}
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("no ID for the job can be made: %w", err)
	}
	k.job = hex.EncodeToString(id)
	return k, nil
}

// Job returns the job's ID.
func (k *Coordinator) Job() string { return k.job }

// From returns the checkpoint that the job goes on from, nil for a new one.
func (k *Coordinator) From() *Checkpoint { return k.found.Checkpoint }

// Started lets go of what the checkpoint remembers that the job has gone on from.
func (k *Coordinator) Started() {
	if c := k.From(); c != nil {
		c.Parts = nil
	}
}

// Passed lists the checkpoints after it that are of no use, with what is wrong with each.
func (k *Coordinator) Passed() []error { return k.found.Passed }

// boxPart is the name of an outbox's part of a checkpoint.
func boxPart(name string) string { return "sink " + name }

// Outbox returns an outbox in front of a sink; its name must be the only one of its kind
// in the job, and the same in each run of it. schema are the columns of the batches.
func (k *Coordinator) Outbox(name string, sink connectors.Transactional, schema data.Schema) (*Outbox, error) {
	o := &Outbox{Name: name, number: len(k.boxes), sink: sink, store: k.store, pool: data.NewPool(schema), clock: k.clock, full: k.full}
	o.room = sync.NewCond(&o.mu)
	k.boxes = append(k.boxes, o)
	if c := k.From(); c != nil {
		if part, ok := c.Parts[boxPart(name)]; ok {
			return o, o.restore(part)
		}
	}
	return o, nil
}

// Begin brings the sinks to where the job goes on: those that a crash has kept from
// having the rows of the last checkpoint get them now. It must be called before any
// row flows.
func (k *Coordinator) Begin(ctx context.Context) error {
	needed := map[string]bool{}
	for _, o := range k.boxes {
		if err := o.begin(ctx, k.last+1); err != nil {
			return err
		}
		for _, e := range o.waiting {
			needed[e.log] = true
		}
		k.last = max(k.last, o.mark.Checkpoint)
	}
	if err := k.store.Tidy(needed); err != nil {
		return fmt.Errorf("the checkpoint folder cannot be tidied up: %w", err)
	}
	for _, o := range k.boxes {
		o.next = k.last + 1
	}
	c := k.From()
	if c == nil {
		return nil
	}
	if err := k.deliver(ctx, c.Number, c.Finished); err != nil || !c.Finished || c.Open || len(needed) == 0 {
		return err
	}
	parts := map[string][]byte{}
	for name, part := range c.Parts {
		if !strings.HasPrefix(name, boxPart("")) {
			parts[name] = part
		}
	}
	return k.settle(parts)
}

// Pass lets a barrier pass through the job's flow and returns what it remembers there. cut
// is to be called for each outbox where the barrier comes to it.
type Pass func(cut func(*Outbox)) (map[string][]byte, error)

// Checkpoint makes a checkpoint, and shows the rows before it. Calls must not overlap.
func (k *Coordinator) Checkpoint(ctx context.Context, pass Pass) error {
	number, began := k.last+1, k.clock.Now()
	parts, err := pass(func(o *Outbox) { o.Cut(number) })
	if err != nil {
		return err
	}
	k.cut(number)
	if err := k.save(&Checkpoint{Number: number, Parts: parts}, began); err != nil {
		return err
	}
	return k.deliver(ctx, number, false)
}

// Finish makes the last checkpoint of a job whose inputs have come to their ends, and shows
// all rows. open says that the job can be continued: then its flow still runs.
func (k *Coordinator) Finish(ctx context.Context, pass Pass, open bool) error {
	number, began := k.last+1, k.clock.Now()
	parts, err := pass(func(o *Outbox) { o.Cut(number) })
	if err != nil {
		return err
	}
	k.cut(number)
	if err := k.save(&Checkpoint{Number: number, Finished: true, Open: open, Parts: parts}, began); err != nil {
		return err
	}
	if err := k.deliver(ctx, k.last, true); err != nil || open {
		return err
	}
	return k.settle(parts)
}

// cut ends the epoch of those sinks that no barrier has come to, as they have ended.
func (k *Coordinator) cut(number int64) {
	for _, o := range k.boxes {
		o.Cut(number)
	}
}

// settle makes one more checkpoint of a job that has come to its end, in which no rows
// wait, and removes the logs of those that did; unless no sink needs them until then.
func (k *Coordinator) settle(parts map[string][]byte) error {
	if !slices.ContainsFunc(k.boxes, func(o *Outbox) bool { return o.whole }) {
		return nil
	}
	if err := k.save(&Checkpoint{Number: k.last + 1, Finished: true, Parts: parts}, k.clock.Now()); err != nil {
		return err
	}
	return k.store.Tidy(nil)
}

// save makes a checkpoint safe, with the rows that wait for sinks.
func (k *Coordinator) save(c *Checkpoint, began time.Time) error {
	all := make(map[string][]byte, len(c.Parts)+len(k.boxes))
	bytes := int64(0)
	for name, part := range c.Parts {
		all[name] = part
		bytes += int64(len(part))
	}
	logs := false
	for _, o := range k.boxes {
		more, err := o.secure()
		if err != nil {
			return err
		}
		logs = logs || more
		all[boxPart(o.Name)] = o.save()
	}
	if logs { // a checkpoint must not be there before the names of its logs are
		if err := k.store.fs.SyncDir(); err != nil {
			return fmt.Errorf("a log of rows cannot be written: %w", connectors.Reason(err))
		}
	}
	c.Job, c.Parts = k.job, all
	written, err := k.store.Save(c)
	if err != nil {
		return err
	}
	k.last = c.Number
	now := k.clock.Now()
	k.mu.Lock()
	k.status = Status{Number: c.Number, At: now, Took: now.Sub(began), Bytes: bytes, Written: written}
	k.mu.Unlock()
	return nil
}

// deliver gives all sinks the rows up to a checkpoint, side by side.
func (k *Coordinator) deliver(ctx context.Context, number int64, last bool) error {
	errs := make([]error, len(k.boxes))
	var all sync.WaitGroup
	for i, o := range k.boxes {
		all.Go(func() { errs[i] = o.deliver(ctx, number, last) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Run makes a checkpoint every interval, and when much is waiting for one, until ctx is
// done. It returns the error of the first that fails.
func (k *Coordinator) Run(ctx context.Context, interval time.Duration, checkpoint func() error) error {
	for {
		rings, stop := k.clock.Alarm(k.clock.Now().Add(interval))
		select {
		case <-rings:
		case <-k.full:
		case <-ctx.Done():
			stop()
			return nil
		}
		stop()
		if err := checkpoint(); err != nil {
			return err
		}
	}
}

// Stop makes sinks that wait for room return.
func (k *Coordinator) Stop() {
	for _, o := range k.boxes {
		o.stop()
	}
}

// Close closes the sinks.
func (k *Coordinator) Close() error {
	var first error
	for _, o := range k.boxes {
		if err := o.sink.Close(); err != nil && first == nil {
			first = fmt.Errorf("%s: %w", o.Name, err)
		}
	}
	return first
}

// Status returns what can be said of the checkpoints at present.
func (k *Coordinator) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}
