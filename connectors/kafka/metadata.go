package kafka

import (
	"context"
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// topicID is what tells a topic from one of the same name that was before it; zero where
// the brokers are older than Kafka 2.8, which has brought them.
type topicID [16]byte

// topicInfo is what the cluster knows of a topic.
type topicInfo struct {
	name       string
	id         topicID
	err        kafka.Error // 0 for none
	internal   bool
	partitions []partitionInfo // in any order
}

type partitionInfo struct {
	number int32
	leader int32 // the broker's number; -1 when there is none at present
}

// topics asks the cluster about topics: those of the names, or all when names is nil.
func (c *client) topics(ctx context.Context, names []string) ([]topicInfo, error) {
	res, err := c.ask(ctx, &metadataRequest{client: c.transport.ClientID, names: names}, requestTimeout)
	if err != nil {
		return nil, err
	}
	answer, ok := res.(*metadataAnswer)
	if !ok {
		return nil, errAnswer
	}
	return answer.topics, nil
}

// metadataRequest asks about topics. It goes to any broker.
type metadataRequest struct {
	client string
	names  []string // nil for all
}

type metadataAnswer struct{ topics []topicInfo }

func (*metadataRequest) ApiKey() protocol.ApiKey { return protocol.Metadata }
func (*metadataAnswer) ApiKey() protocol.ApiKey  { return protocol.Metadata }

// Required implements protocol.RawExchanger.
func (*metadataRequest) Required(map[protocol.ApiKey]int16) bool { return true }

// The versions of metadata requests that are used: the first with ids of topics, and what
// all brokers since Kafka 2.1 know.
const (
	metadataWithIDs = 10
	metadataPlain   = 7
)

// RawExchange implements protocol.RawExchanger.
func (r *metadataRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	p, err := exchangeEither(rw, protocol.Metadata, r.client, metadataWithIDs, r.encode)
	if err != nil {
		return nil, err
	}
	answer := p.metadata()
	return answer, p.err
}

// encode returns the request.
func (r *metadataRequest) encode(flexible bool) *encoder {
	e := &encoder{}
	if !flexible {
		e.header(protocol.Metadata, metadataPlain, r.client, false)
		if r.names == nil {
			e.int32(-1)
		} else {
			e.int32(int32(len(r.names)))
		}
		for _, name := range r.names {
			e.string(name)
		}
		e.int8(0) // create no topics
		return e
	}
	e.header(protocol.Metadata, metadataWithIDs, r.client, true)
	if r.names == nil {
		e.compact(-1)
	} else {
		e.compact(len(r.names))
	}
	for _, name := range r.names {
		e.buf = append(e.buf, make([]byte, len(topicID{}))...)
		e.compactString(name)
		e.int8(0) // no tags
	}
	e.buf = append(e.buf, 0, 0, 0, 0) // create no topics, tell of no rights, no tags
	return e
}

// metadata reads an answer.
func (p *parser) metadata() *metadataAnswer {
	p.tags() // of the header
	p.int32()
	for n := p.len(11); n > 0; n-- { // brokers, which kafka-go knows
		p.int32()
		p.string()
		p.int32()
		p.string()
		p.tags()
	}
	p.string() // the cluster
	p.int32()  // the controller
	answer := &metadataAnswer{}
	for n := p.len(5); n > 0 && p.err == nil; n-- {
		answer.topics = append(answer.topics, p.topic())
	}
	return answer
}

func (p *parser) topic() topicInfo {
	t := topicInfo{err: kafka.Error(p.int16()), name: p.string()}
	if p.flexible {
		copy(t.id[:], p.take(len(t.id)))
	}
	t.internal = p.int8() != 0
	for n := p.len(14); n > 0 && p.err == nil; n-- {
		p.int16()
		part := partitionInfo{number: p.int32(), leader: p.int32()}
		p.int32() // the leader's epoch
		for range 3 {
			p.take(4 * p.len(4)) // replicas, in sync, offline
		}
		p.tags()
		t.partitions = append(t.partitions, part)
	}
	if p.flexible {
		p.int32() // rights
	}
	p.tags()
	return t
}
