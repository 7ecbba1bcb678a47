package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"tidemark/connectors"
)

// The times that stand for the ends of a partition.
const (
	timeLatest   = -1
	timeEarliest = -2
)

// offsetsRequest asks a broker which offsets messages have in partitions that it leads.
type offsetsRequest struct {
	toLeader
	committed bool
	millis    int64 // of the message, since 1970, or one of the ends
	parts     []topicPartition
}

type offsetsAnswer struct{ parts []offsetFound }

// offsetFound is the first offset of a message that is not older; -1 for none.
type offsetFound struct {
	topicPartition
	err    kafka.Error // 0 for none
	offset int64
}

// ApiKey implements protocol.Message.
func (*offsetsAnswer) ApiKey() protocol.ApiKey { return protocol.ListOffsets }

// firstOffsets is the first version of these requests that finds one offset.
const firstOffsets = 1

// RawExchange implements protocol.RawExchanger.
func (r *offsetsRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	e, err := r.begin()
	if err != nil {
		return nil, err
	}
	if r.version >= 2 {
		e.bool(r.committed)
	}
	e.int32(int32(len(r.parts)))
	for _, part := range r.parts {
		e.string(part.topic)
		e.int32(1)
		e.int32(part.partition)
		if r.version >= 4 {
			e.int32(-1)
		}
		e.int64(r.millis)
	}
	p := &parser{}
	if p.buf, err = e.exchange(rw, newBytes); err != nil {
		return nil, err
	}
	if r.version >= 2 {
		p.int32()
	}
	answer := &offsetsAnswer{}
	for topics := p.len(6); topics > 0 && p.err == nil; topics-- {
		topic := p.string()
		for parts := p.len(22); parts > 0 && p.err == nil; parts-- {
			f := offsetFound{topicPartition: topicPartition{topic, p.int32()}, err: kafka.Error(p.int16())}
			p.int64() // the message's time
			f.offset = p.int64()
			if r.version >= 4 {
				p.int32()
			}
			answer.parts = append(answer.parts, f)
		}
	}
	return answer, p.err
}

// offsetsAt returns, for each of the partitions, the first offset of a message that is
// not older than a time, or an end of the partition; -1 where there is no such message.
// An error may be Unavailable.
func (c *client) offsetsAt(ctx context.Context, parts []found, millis int64, committed bool) (map[topicPartition]int64, error) {
	byLeader := map[int32][]topicPartition{}
	for _, p := range parts {
		byLeader[p.leader] = append(byLeader[p.leader], p.topicPartition)
	}
	offsets := map[topicPartition]int64{}
	for leader, list := range byLeader {
		res, err := c.ask(ctx, &offsetsRequest{toLeader: toLeader{api: protocol.ListOffsets, first: firstOffsets, client: c.transport.ClientID, broker: leader}, committed: committed, millis: millis, parts: list}, requestTimeout)
		if err != nil {
			return nil, err
		}
		answer, ok := res.(*offsetsAnswer)
		if !ok {
			return nil, errAnswer
		}
		for _, f := range answer.parts {
			if f.err != 0 {
				return nil, c.explainCode(f.String(), f.err)
			}
			offsets[f.topicPartition] = f.offset
		}
	}
	for _, p := range parts {
		if _, ok := offsets[p.topicPartition]; !ok {
			return nil, &connectors.Unavailable{Err: fmt.Errorf("%s: the broker does not answer for this partition", p)}
		}
	}
	return offsets, nil
}

// groupOffsets returns where a consumer group stands in partitions; those without a
// committed offset are left out.
func (c *client) groupOffsets(ctx context.Context, group string, parts []found) (map[topicPartition]int64, error) {
	req := &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{}}
	for _, p := range parts {
		req.Topics[p.topic] = append(req.Topics[p.topic], int(p.partition))
	}
	res, err := c.OffsetFetch(ctx, req)
	if err == nil {
		err = res.Error
	}
	offsets := map[topicPartition]int64{}
	if errors.Is(err, kafka.GroupIdNotFound) {
		return offsets, nil
	}
	if err != nil {
		return nil, c.explain(err)
	}
	for topic, list := range res.Topics {
		for _, p := range list {
			at := topicPartition{topic, int32(p.Partition)}
			if p.Error != nil {
				return nil, c.explain(p.Error)
			}
			if p.CommittedOffset >= 0 {
				offsets[at] = p.CommittedOffset
			}
		}
	}
	return offsets, nil
}

// commit tells the brokers, and so all who ask them, how far a consumer group has come.
func (c *client) commit(ctx context.Context, group string, offsets map[topicPartition]int64) error {
	const noMember = -1
	req := &kafka.OffsetCommitRequest{GroupID: group, GenerationID: noMember, Topics: map[string][]kafka.OffsetCommit{}}
	for at, offset := range offsets {
		req.Topics[at.topic] = append(req.Topics[at.topic], kafka.OffsetCommit{Partition: int(at.partition), Offset: offset})
	}
	res, err := c.OffsetCommit(ctx, req)
	if err != nil {
		return c.explain(err)
	}
	for _, list := range res.Topics {
		for _, p := range list {
			if p.Error != nil {
				return c.explain(p.Error)
			}
		}
	}
	return nil
}
