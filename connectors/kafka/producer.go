package kafka

import (
	"context"
	"fmt"
	"time"

	"tidemark/connectors"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
)

// asker sends a request to the broker that it is for; client is one. Errors that may
// pass are connectors.Unavailable.
type asker interface {
	ask(ctx context.Context, req kafka.Request, most time.Duration) (kafka.Response, error)
	// refresh has the brokers of the partitions looked up anew.
	refresh(ctx context.Context)
}

const (
	// mostInFlight is how many batches, each of another partition, are on their way at
	// a time.
	mostInFlight = 16
	// mostBuffered bounds the batches being filled, of all partitions together.
	mostBuffered = 64 << 20
)

// producerConfig says what a producer does.
type producerConfig struct {
	topic      string
	partitions int
	codec      compress.Compression
	// batchBytes is how large a batch gets before it is sent, uncompressed.
	batchBytes int
	// mostBytes is the largest batch that the topic takes.
	mostBytes int
	// patience is for how long a batch is sent again and again when the broker is not
	// available; 0 is for ever.
	patience time.Duration
}

// producer sends messages to the partitions of a topic. Each partition has one batch that
// is filled and at most one that is on its way, which is sent again until the broker has
// it; sequence numbers let the broker see one that it has already. So the messages of a
// partition stay in order and none comes twice. One goroutine uses it.
type producer struct {
	producerConfig
	ask   asker
	parts []*partition
	next  int // the partition that gets the messages without a key
	slots chan struct{}

	// ctx is of the batches on their way, which outlive a Write that was interrupted.
	ctx    context.Context
	cancel context.CancelFunc
	*connectors.Retry

	// name is the producer that the brokers know; noProducer until it is asked for.
	name producerID
	// inTransaction is nil or asks for partitions to be part of the transaction at hand.
	inTransaction func(ctx context.Context, parts []*partition) error
	txnID         string
}

// partition is one of a producer's.
type partition struct {
	number   int32
	filling  *recordBatch
	spare    *recordBatch
	sending  chan error // gets the outcome of the batch on its way
	busy     bool       // whether there is one
	name     producerID // by which the batches of sequence are known
	sequence int32
	added    bool // to the transaction at hand
}

func newProducer(ask asker, cfg producerConfig) *producer {
	p := &producer{producerConfig: cfg, ask: ask, name: noProducer, slots: make(chan struct{}, mostInFlight), Retry: newRetry()}
	p.batchBytes = min(p.batchBytes, p.mostBytes, max(16<<10, mostBuffered/max(1, cfg.partitions)))
	p.ctx, p.cancel = context.WithCancel(context.Background())
	for i := range cfg.partitions {
		p.parts = append(p.parts, &partition{number: int32(i), filling: &recordBatch{}, spare: &recordBatch{},
			sending: make(chan error, 1), name: noProducer})
	}
	for _, part := range p.parts {
		part.filling.reset()
	}
	return p
}

// abandon forgets the messages that are not delivered yet, and ends what is on its way.
func (p *producer) abandon() {
	p.cancel()
	for _, part := range p.parts {
		if part.busy {
			<-part.sending
			part.busy = false
		}
		part.filling.reset()
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
}

// restart gives all partitions a new name, whose messages start anew.
func (p *producer) restart(name producerID) {
	p.name = name
	for _, part := range p.parts {
		part.name, part.sequence, part.added = name, 0, false
	}
}

// ended says that the transaction has ended.
func (p *producer) ended() {
	for _, part := range p.parts {
		part.added = false
	}
}

// add adds a message to a partition's batch and sends the batch when it is full. It may
// wait for the one before it.
func (p *producer) add(ctx context.Context, part *partition, time int64, key, value []byte) error {
	b, more := part.filling, recordSize(key, value)
	if b.count > 0 && b.size()+more > p.batchBytes {
		if err := p.send(ctx, part); err != nil {
			return err
		}
		b = part.filling
	}
	if b.count == 0 && b.size()+more > p.mostBytes {
		return fmt.Errorf("a message of %d bytes is too large for topic %s, which takes %d bytes at a time: raise its max.message.bytes, or write less", len(key)+len(value), p.topic, p.mostBytes)
	}
	b.append(time, key, value)
	return nil
}

// keyless returns the partition for a message without a key: the same until its batch is
// full or flushed, so that batches are large, then the next.
func (p *producer) keyless(key, value []byte) *partition {
	part := p.parts[p.next]
	if part.filling.count > 0 && part.filling.size()+recordSize(key, value) > p.batchBytes {
		p.next = (p.next + 1) % len(p.parts)
	}
	return part
}

// send hands the partition's batch to the broker, once it has the one before.
func (p *producer) send(ctx context.Context, part *partition) error {
	if err := p.await(ctx, part); err != nil {
		return err
	}
	if err := p.identify(ctx, part); err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	b := part.filling
	part.filling, part.spare = part.spare, b
	part.filling.reset()
	part.busy = true
	go func() {
		err := p.deliver(part, b)
		<-p.slots
		part.sending <- err
	}()
	return nil
}

// await waits for the batch on its way.
func (p *producer) await(ctx context.Context, part *partition) error {
	if !part.busy {
		return nil
	}
	select {
	case err := <-part.sending:
		part.busy = false
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush sends what there is and waits until the brokers have all of it.
func (p *producer) flush(ctx context.Context) error {
	if p.inTransaction != nil {
		var dirty []*partition
		for _, part := range p.parts {
			if part.filling.count > 0 {
				dirty = append(dirty, part)
			}
		}
		if err := p.inTransaction(ctx, dirty); err != nil {
			return err
		}
	}
	for _, part := range p.parts {
		if part.filling.count == 0 {
			continue
		}
		if err := p.send(ctx, part); err != nil {
			return err
		}
	}
	for _, part := range p.parts {
		if err := p.await(ctx, part); err != nil {
			return err
		}
	}
	p.next = (p.next + 1) % len(p.parts)
	return nil
}

// identify sees to it that the partition's batches have a name and, in a transaction,
// belong to it.
func (p *producer) identify(ctx context.Context, part *partition) error {
	if p.inTransaction != nil {
		if err := p.inTransaction(ctx, []*partition{part}); err != nil {
			return err
		}
	}
	if part.name != noProducer {
		return nil
	}
	if p.name == noProducer {
		err := p.DoFor(ctx, p.patience, func() (err error) {
			p.name, err = p.register(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("topic %s: %w", p.topic, explainProducer(err))
		}
	}
	part.name, part.sequence = p.name, 0
	return nil
}
