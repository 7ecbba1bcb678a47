package kafka

import (
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// toLeader is what requests to the leader of partitions, who was found before, have in
// common.
type toLeader struct {
	api    protocol.ApiKey
	first  int16 // the version that is needed at least
	client string
	broker int32

	version int16 // what the broker knows; set by Required
}

// ApiKey implements protocol.Message.
func (r *toLeader) ApiKey() protocol.ApiKey { return r.api }

// Broker implements protocol.BrokerMessage.
func (r *toLeader) Broker(protocol.Cluster) (protocol.Broker, error) {
	return protocol.Broker{ID: r.broker}, nil
}

// Required implements protocol.RawExchanger. It is told which versions the broker knows.
func (r *toLeader) Required(versions map[protocol.ApiKey]int16) bool {
	r.version = versions[r.api]
	return true
}

// begin begins the request.
func (r *toLeader) begin() (*encoder, error) {
	if r.version < r.first {
		return nil, kafka.UnsupportedVersion
	}
	e := &encoder{}
	e.header(r.api, r.version, r.client, false)
	e.int32(-1) // no replica
	return e, nil
}
