package dataflow

import (
	"sync"
	"sync/atomic"

	"tidemark/operators"
	"tidemark/operators/data"
)

// message is what travels over an edge between goroutines: a batch, or word that
// everything before a position is done, or that nothing is to be expected for a while,
// or an error that ends the stream. An
// error with a batch stands at the batch's only row; one without comes after
// everything else.
type message struct {
	batch *data.Batch
	// lanes are the batches of the branches of one stream that come together: of the
	// same rows and moves of the watermark. One that has nothing is left out.
	lanes []lane
	// parts come from first phases, for the worker that gets the message.
	parts []operators.Part
	upTo  int64
	err   error
	// done says that the stream is complete before its input is.
	done bool
	// joined says that what comes goes another way, as a lane.
	joined bool
	// idle says that nobody is to wait for this stream's watermark until more comes.
	idle bool
	// barrier comes behind everything that was sent before it was made.
	barrier *barrier
}

// rows reports whether the message has rows, or moves of the watermark.
func (m *message) rows() bool { return m.batch != nil || m.lanes != nil }

// release gives back what the message carries.
func (m *message) release() {
	if m.batch != nil {
		m.batch.Release()
	}
	for _, l := range m.lanes {
		l.batch.Release()
	}
}

// edgeCapacity is how many messages an edge holds before its writer waits.
const edgeCapacity = 4

// port is the writing end of an edge that crosses goroutines.
type port struct {
	keyed *Keyed
	// to has one channel, or one for each worker of keyed; none where what comes goes
	// by the port of another end.
	to []chan message
	// lanes are the fan's ends that go by this port when they are several, in the order
	// of the union's inputs, which have these numbers.
	lanes  []int
	inputs []int32
	views  *data.Pool
	// producer is who writes. Its reader gives it up when it wants no more.
	producer *demand
	given    sync.Once
}

// send partitions b over the workers, if there are several, and hands it over.
func (p *port) send(b *data.Batch) {
	if p.keyed == nil || len(p.to) == 1 {
		p.to[0] <- message{batch: b}
		return
	}
	for i, v := range p.partition(b) {
		p.to[i] <- message{batch: v}
	}
}

// idle says that nobody is to wait for what comes next.
func (p *port) idle() {
	for _, c := range p.to {
		c <- message{idle: true}
	}
}

// barrier passes a barrier on.
func (p *port) barrier(b *barrier) {
	for _, c := range p.to {
		c <- message{barrier: b}
	}
}

func (p *port) fail(err error) {
	for _, c := range p.to {
		c <- message{err: err}
	}
}

func (p *port) close() {
	for _, c := range p.to {
		close(c)
	}
}

// giveUp says that the reader wants no more. It may be called often.
func (p *port) giveUp() { p.given.Do(p.producer.drop) }

// demand counts the readers of what a producer makes. When the last has given it
// up the producer stops: a source reads no further, an operator gives up its own
// inputs.
type demand struct {
	readers atomic.Int32
	stop    func()
}

func newDemand(readers int, stop func()) *demand {
	d := &demand{stop: stop}
	d.readers.Store(int32(readers))
	return d
}

func (d *demand) drop() {
	if d.readers.Add(-1) == 0 {
		d.stop()
	}
}
