package kafka

import (
	"context"
	"math"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/initproducerid"
	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/segmentio/kafka-go/protocol/rawproduce"

	"tidemark/connectors"
)

// register asks for a name for a producer without transactions.
func (p *producer) register(ctx context.Context) (producerID, error) {
	res, err := p.ask.ask(ctx, &initproducerid.Request{ProducerID: -1, ProducerEpoch: -1}, requestTimeout)
	if err != nil {
		return noProducer, err
	}
	r := res.(*initproducerid.Response)
	if err := answer(r.ErrorCode); err != nil {
		return noProducer, err
	}
	return producerID{r.ProducerID, r.ProducerEpoch}, nil
}

// deliver sends a batch until the broker has it.
func (p *producer) deliver(part *partition, b *recordBatch) error {
	if err := b.seal(p.codec); err != nil {
		return err
	}
	err := p.DoFor(p.ctx, p.patience, func() error {
		b.stamp(part.name, part.sequence, p.txnID != "")
		err := p.produce(part, b)
		if p.txnID != "" || !forgotten(err) {
			return err
		}
		// The broker no longer knows the batches before this one, all of which it has.
		name, err := p.register(p.ctx)
		if err != nil {
			return err
		}
		part.name, part.sequence = name, 0
		b.stamp(part.name, part.sequence, false)
		return p.produce(part, b)
	})
	if err != nil {
		return p.explain(part, b, err)
	}
	part.sequence = int32((int64(part.sequence) + int64(b.count)) & math.MaxInt32)
	return nil
}

// produce sends a batch once. When the broker is not there or does not have the partition
// any more, it has the client look where that is now.
func (p *producer) produce(part *partition, b *recordBatch) error {
	err := p.produceTo(part, b)
	if connectors.IsUnavailable(err) {
		p.ask.refresh(p.ctx)
	}
	return err
}

func (p *producer) produceTo(part *partition, b *recordBatch) error {
	res, err := p.ask.ask(p.ctx, &rawproduce.Request{TransactionalID: p.txnID, Acks: -1, Timeout: int32(requestTimeout.Milliseconds()),
		Topics: []rawproduce.RequestTopic{{Topic: p.topic, Partitions: []rawproduce.RequestPartition{
			{Partition: part.number, RecordSet: protocol.RawRecordSet{Reader: b.reader()}}}}}}, requestTimeout)
	if err != nil {
		return err
	}
	topics := res.(*produce.Response).Topics
	if len(topics) == 0 || len(topics[0].Partitions) == 0 {
		return answer(int16(kafka.RequestTimedOut)) // no word about the batch
	}
	code := topics[0].Partitions[0].ErrorCode
	if kafka.Error(code) == kafka.DuplicateSequenceNumber {
		return nil // it has the batch already
	}
	return answer(code)
}
