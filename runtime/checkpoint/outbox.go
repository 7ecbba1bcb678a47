package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
)

// Outbox is the sink of a job with checkpoints. It takes rows into logs, one for each
// epoch, and gives those of an epoch to a Transactional sink when the checkpoint that
// ends it is safe. Write, Cut, Flush and Close are called by who feeds the sink; the
// other methods by the Coordinator.
type Outbox struct {
	// Name is the sink's name in the job.
	Name string

	number int // of the sink in the job, for names of files
	sink   connectors.Transactional
	store  *Store
	pool   *data.Pool
	clock  clock.Clock
	full   chan<- struct{} // told when a log has become large

	mu      sync.Mutex
	room    *sync.Cond // epochs have been given to the sink, or ended
	log     *logFile   // of the present epoch; nil while it has no rows
	next    int64      // the checkpoint that ends the present epoch
	rows    int64      // taken since the job began
	waiting []epoch    // that the sink has not made visible, in order
	loose   []*logFile // of epochs that have ended, not yet safe
	mark    connectors.Mark
	given   bool            // the sink has made rows of this process visible
	unsure  bool            // rows were written, and whether they are visible is not known
	tried   connectors.Mark // with which they were to become visible
	whole   bool            // the sink has no marks: it is given all rows that wait again and again
	trouble error           // what is wrong with the other side at present
	since   int64           // since when, µs
	stopped bool
}

// epoch is the rows between two checkpoints.
type epoch struct {
	number int64  // of the checkpoint that ends it
	log    string // the file; empty when there are no rows
	first  int64  // rows before it
	rows   int64  // rows up to its end
	bytes  int64
	at     int64 // when it ended, µs
}

// Patient is a Transactional sink that does not make rows visible at every checkpoint.
type Patient interface {
	// Due reports whether it is to be given the rows that wait, which take so many bytes
	// and whose first is so old. At the end of the job they are given to it in any case.
	Due(bytes int64, age time.Duration) bool
}

const (
	// largeLog is how many bytes a log has when a checkpoint is made for it.
	largeLog = 256 << 20
	// mostWaiting is how many bytes may wait for a sink before no more are taken.
	mostWaiting = 1 << 30
)

// Write implements connectors.Sink. It waits while too much is waiting for the sink.
func (o *Outbox) Write(ctx context.Context, b *data.Batch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.stopped && o.backlog() > mostWaiting && o.trouble != nil {
		o.room.Wait()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.log == nil {
		l, err := o.store.createLog(o.number, o.next)
		if err != nil {
			return err
		}
		o.log = l
	}
	if b.Rows() < b.N { // the others need no room
		dense := o.pool.Get()
		defer dense.Release()
		b = compact(dense, b)
	}
	if err := o.log.add(b); err != nil {
		return err
	}
	o.rows += int64(b.Rows())
	if o.log.bytes > largeLog {
		select {
		case o.full <- struct{}{}:
		default:
		}
	}
	return nil
}

// compact makes to the selected rows of b.
func compact(to, b *data.Batch) *data.Batch {
	for k := range b.Rows() {
		i := b.Row(k)
		for c, v := range to.Cols {
			v.AppendFrom(b.Cols[c], i)
		}
		if b.Changes != nil {
			to.AddChange(b.Changes[i])
		}
	}
	to.N = b.Rows()
	return to
}

// backlog returns how many bytes wait for the sink. The mutex is held.
func (o *Outbox) backlog() (n int64) {
	for _, e := range o.waiting {
		n += e.bytes
	}
	return n
}

// Flush implements connectors.Sink: rows become visible with a checkpoint.
func (o *Outbox) Flush(context.Context) error { return nil }

// Close implements connectors.Sink. Rows that are not part of a checkpoint are given up.
func (o *Outbox) Close() error { return nil }

// Cut ends the epoch that a checkpoint ends, if that has not been done.
func (o *Outbox) Cut(number int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next > number {
		return
	}
	e := epoch{number: number, first: o.rows, rows: o.rows, at: clock.Micros(o.clock)}
	if o.log != nil {
		e.log, e.bytes = o.log.name, o.log.bytes
		e.first -= o.log.rows
		o.loose = append(o.loose, o.log)
		o.log = nil
	}
	o.waiting = append(o.waiting, e)
	o.next = number + 1
}

// secure makes the rows of the epochs that have ended safe, but for the names of their
// logs. It returns whether there are any.
func (o *Outbox) secure() (bool, error) {
	o.mu.Lock()
	loose := o.loose
	o.loose = nil
	o.mu.Unlock()
	for _, l := range loose {
		if err := l.sync(); err != nil {
			return true, err
		}
	}
	return len(loose) > 0, nil
}

// save returns what is to be remembered of the rows of the epochs that have ended.
func (o *Outbox) save() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := data.NewEncoder(nil)
	e.Uvarint(uint64(len(o.waiting)))
	for _, w := range o.waiting {
		e.Varint(w.number)
		e.Text([]byte(w.log))
		e.Varint(w.first)
		e.Varint(w.rows)
		e.Varint(w.bytes)
		e.Varint(w.at)
	}
	rows := o.rows
	if o.log != nil {
		rows -= o.log.rows
	}
	e.Varint(rows)
	return e.Bytes()
}

// restore makes a new outbox go on where the one that was saved stood.
func (o *Outbox) restore(part []byte) error {
	d := data.NewDecoder(part)
	for range d.Count(6) {
		w := epoch{number: d.Varint(), log: string(d.Text()), first: d.Varint(), rows: d.Varint(), bytes: d.Varint(), at: d.Varint()}
		o.waiting = append(o.waiting, w)
	}
	o.rows = d.Varint()
	if d.Damaged() {
		return fmt.Errorf("what is known of the rows for %s is damaged", o.Name)
	}
	return nil
}

// begin asks the sink how far it has come, and leaves of the epochs that wait those that
// it does not have. next is the number of the next checkpoint.
func (o *Outbox) begin(ctx context.Context, next int64) error {
	o.next = next
	if err := o.patiently(ctx, func() error { return o.look(ctx) }); err != nil {
		return err
	}
	return o.lost()
}

// look asks the sink for its mark, and leaves of the epochs that wait those that it does
// not have.
func (o *Outbox) look(ctx context.Context) error {
	m, err := o.sink.Marked(ctx)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mark, o.whole, o.unsure = m, m.Rows < 0, false
	for len(o.waiting) > 0 && o.waiting[0].rows <= o.mark.Rows {
		o.waiting = o.waiting[1:]
	}
	return nil
}

// lost reports rows that the sink had and does not have any more: its mark is behind what
// the logs begin with.
func (o *Outbox) lost() error {
	from := o.rows
	if len(o.waiting) > 0 {
		from = o.waiting[0].first
	}
	if o.whole || o.mark.Rows >= from {
		return nil
	}
	return fmt.Errorf("%s had %d rows of this job when its checkpoint was made, and now its mark says %d: the rows between the two are gone, or the mark is; put the sink back as it was, or begin anew with another --checkpoint-dir and empty sinks", o.Name, from, o.mark.Rows)
}

// mostOvertaken is how often the mark may move before the first rows of this process are
// there: what the one before it had sent may have been done meanwhile.
const mostOvertaken = 3

// deliver gives the sink the rows of the epochs up to a checkpoint, which is safe, and has
// it make them visible. last says that the job has come to its end.
func (o *Outbox) deliver(ctx context.Context, number int64, last bool) error {
	for tries := 0; ; tries++ {
		err := o.give(ctx, number, last)
		var overtaken *connectors.Overtaken
		if !errors.As(err, &overtaken) || o.given || tries == mostOvertaken {
			return err
		}
		if err := o.begin(ctx, o.next); err != nil {
			return err
		}
	}
}

// give is deliver when nobody else has moved the mark.
func (o *Outbox) give(ctx context.Context, number int64, last bool) error {
	var due []epoch
	var m connectors.Mark
	err := o.patiently(ctx, func() error {
		if o.unsure { // the rows may be there, for all that is known
			before := o.mark
			if err := o.look(ctx); err != nil {
				return err
			}
			if now := o.mark; o.given && !o.whole && now != before && now != o.tried {
				o.mark = before
				return connectors.CheckMark("the mark has moved", now, before)
			}
		}
		if due = o.due(number, last); len(due) == 0 {
			return nil
		}
		m = connectors.Mark{Checkpoint: max(number, o.mark.Checkpoint), Rows: max(due[len(due)-1].rows, o.mark.Rows)}
		o.unsure, o.tried = true, m
		for _, e := range due {
			if e.log == "" {
				continue
			}
			if err := o.store.replay(ctx, e.log, o.pool, e.rows-e.first, o.mark.Rows-e.first, o.sink.Write); err != nil {
				return err
			}
		}
		err := o.sink.CommitMarked(ctx, m)
		o.unsure = err != nil
		return err
	})
	if err != nil || len(due) == 0 {
		return err
	}
	o.mu.Lock()
	o.mark, o.given = m, true
	o.waiting = o.waiting[len(due):]
	o.room.Broadcast()
	o.mu.Unlock()
	if o.whole {
		return nil // its logs stay until a checkpoint says that they are not needed
	}
	for _, e := range due {
		if e.log != "" {
			o.store.fs.Remove(e.log) // one that stays is removed when the job begins again
		}
	}
	return nil
}

// due returns the epochs that the sink is to be given.
func (o *Outbox) due(number int64, last bool) (due []epoch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	bytes := int64(0)
	for _, e := range o.waiting {
		if e.number > number {
			break
		}
		bytes += e.bytes
		due = append(due, e)
	}
	if p, ok := o.sink.(Patient); ok && !last && len(due) > 0 {
		age := time.Duration(clock.Micros(o.clock)-due[0].at) * time.Microsecond
		if !p.Due(bytes, age) {
			return nil
		}
	}
	return due
}

const (
	firstPause = 100 * time.Millisecond
	mostPause  = 10 * time.Second
)

// patiently does something with the sink, again and again while the other side is not
// available, with pauses that become longer.
func (o *Outbox) patiently(ctx context.Context, f func() error) error {
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		err := f()
		if !connectors.IsUnavailable(err) {
			o.setTrouble(nil)
			if err != nil {
				err = fmt.Errorf("%s: %w", o.Name, err)
			}
			return err
		}
		o.setTrouble(err)
		rings, stop := o.clock.Alarm(o.clock.Now().Add(pause))
		select {
		case <-rings:
		case <-ctx.Done():
			stop()
			return fmt.Errorf("%s: %w", o.Name, err)
		}
		stop()
	}
}

func (o *Outbox) setTrouble(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trouble == nil && err != nil {
		o.since = clock.Micros(o.clock)
	}
	o.trouble = err
	o.room.Broadcast()
}

// Trouble implements connectors.Troubled.
func (o *Outbox) Trouble() (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.since, o.trouble
}

// stop makes a Write that waits return.
func (o *Outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopped = true
	o.room.Broadcast()
}
