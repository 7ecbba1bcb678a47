package kafka

import (
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// fetchRequest asks a broker for messages of partitions that it leads.
type fetchRequest struct {
	toLeader
	wait      int32 // for the first message, ms
	most      int32 // bytes, all partitions together
	committed bool
	parts     []fetchPart
	memory    *buffers // for the answer
}

// fetchPart is what is asked of one partition.
type fetchPart struct {
	topicPartition
	offset int64
	most   int32 // bytes
}

// fetchAnswer is the answer to a fetchRequest. Who gets it releases its memory, which all
// that it refers to is in.
type fetchAnswer struct {
	memory *buffer
	err    kafka.Error // 0 for none
	parts  []fetched
}

// fetched is the answer for one partition.
type fetched struct {
	topicPartition
	err     kafka.Error // 0 for none
	high    int64       // behind the last message that all replicas have
	stable  int64       // before the first of a transaction that is under way
	begin   int64       // the first there is
	aborted []abortedTxn
	records []byte
}

// abortedTxn is a transaction that was aborted: the producer's messages from an offset on,
// up to the mark that ends it, are not to be seen.
type abortedTxn struct{ producer, from int64 }

// ApiKey implements protocol.Message.
func (*fetchAnswer) ApiKey() protocol.ApiKey { return protocol.Fetch }

// firstFetch is the first version of fetch requests with transactions, of Kafka 0.11.
const firstFetch = 4

// RawExchange implements protocol.RawExchanger.
func (r *fetchRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	e, err := r.begin()
	if err != nil {
		return nil, err
	}
	r.encode(e)
	// The answer's memory is known to nobody before it is whole: who has asked may have
	// given up by then.
	var memory *buffer
	buf, err := e.exchange(rw, func(n int) []byte {
		memory = r.memory.get(n)
		return memory.data
	})
	if err != nil {
		return nil, err
	}
	p := &parser{buf: buf}
	answer := p.fetch(r.version, len(r.parts))
	answer.memory = memory
	return answer, p.err
}

// encode puts the rest of the request into bytes.
func (r *fetchRequest) encode(e *encoder) {
	e.int32(r.wait)
	e.int32(1) // byte at least
	e.int32(r.most)
	e.bool(r.committed)
	if r.version >= 7 { // no session
		e.int32(0)
		e.int32(-1)
	}
	e.int32(int32(len(r.parts))) // topics: the same may come again
	for _, part := range r.parts {
		e.string(part.topic)
		e.int32(1)
		e.int32(part.partition)
		if r.version >= 9 {
			e.int32(-1) // any epoch of the leader
		}
		e.int64(part.offset)
		if r.version >= 5 {
			e.int64(-1)
		}
		e.int32(part.most)
	}
	if r.version >= 7 {
		e.int32(0)
	}
	if r.version >= 11 {
		e.string("")
	}
}

// fetch reads an answer for about n partitions.
func (p *parser) fetch(version int16, n int) *fetchAnswer {
	answer := &fetchAnswer{parts: make([]fetched, 0, n)}
	p.int32() // throttling, which the broker has done
	if version >= 7 {
		answer.err = kafka.Error(p.int16())
		p.int32()
	}
	for topics := p.len(6); topics > 0 && p.err == nil; topics-- {
		topic := p.string()
		for parts := p.len(26); parts > 0 && p.err == nil; parts-- {
			f := fetched{topicPartition: topicPartition{topic, p.int32()}, err: kafka.Error(p.int16()), high: p.int64(), stable: p.int64(), begin: -1}
			if version >= 5 {
				f.begin = p.int64()
			}
			if k := p.len(16); k > 0 {
				f.aborted = make([]abortedTxn, k)
				for i := range f.aborted {
					f.aborted[i] = abortedTxn{p.int64(), p.int64()}
				}
			}
			if version >= 11 {
				p.int32() // a replica that is nearer: none was asked for
			}
			f.records = p.bytes()
			answer.parts = append(answer.parts, f)
		}
	}
	return answer
}
