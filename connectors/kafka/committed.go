package kafka

import (
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// offsetRequest asks for what a group has committed for the first partition of a topic.
// When it is to be stable, an offset of a transaction that has not ended everywhere
// is UnstableOffsetCommit; brokers before Kafka 2.5 answer with the offset before it.
type offsetRequest struct {
	client, group, topic string
	stable               bool
}

// offsetAnswer is what is committed.
type offsetAnswer struct {
	offset   int64 // -1 for none
	metadata string
	err      kafka.Error
}

// ApiKey implements protocol.Message.
func (*offsetRequest) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }

// ApiKey implements protocol.Message.
func (*offsetAnswer) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }

// Group implements protocol.GroupMessage: the request goes to the group's coordinator.
func (r *offsetRequest) Group() string { return r.group }

// Required implements protocol.RawExchanger.
func (*offsetRequest) Required(map[protocol.ApiKey]int16) bool { return true }

// The versions of requests for offsets that are used: the first that can ask for
// stable ones, and what all brokers since Kafka 2.1 know.
const (
	offsetsStable = 7
	offsetsPlain  = 5
)

// RawExchange implements protocol.RawExchanger.
func (r *offsetRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	p, err := exchangeEither(rw, protocol.OffsetFetch, r.client, offsetsStable, r.encode)
	if err != nil {
		return nil, err
	}
	answer := p.offsets()
	return answer, p.err
}

// encode returns the request.
func (r *offsetRequest) encode(flexible bool) *encoder {
	e := &encoder{}
	if !flexible {
		e.header(protocol.OffsetFetch, offsetsPlain, r.client, false)
		e.string(r.group)
		e.int32(1)
		e.string(r.topic)
		e.int32(1)
		e.int32(0)
		return e
	}
	e.header(protocol.OffsetFetch, offsetsStable, r.client, true)
	e.compactString(r.group)
	e.compact(1)
	e.compactString(r.topic)
	e.compact(1)
	e.int32(0)
	e.int8(0) // no tags of the topic
	e.bool(r.stable)
	e.int8(0) // no tags
	return e
}

// offsets reads an answer.
func (p *parser) offsets() *offsetAnswer {
	answer := &offsetAnswer{offset: -1}
	p.tags() // of the header
	p.int32()
	for n := p.len(3); n > 0 && p.err == nil; n-- {
		p.string()
		for m := p.len(19); m > 0 && p.err == nil; m-- {
			p.int32()
			answer.offset = p.int64()
			p.int32() // the leader's epoch
			answer.metadata = p.string()
			answer.err = kafka.Error(p.int16())
			p.tags()
		}
		p.tags()
	}
	if code := kafka.Error(p.int16()); code != 0 {
		answer.err = code
	}
	return answer
}
