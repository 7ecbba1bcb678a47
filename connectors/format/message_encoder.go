package format

import (
	"context"
	"encoding/binary"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// MessageEncoder makes the values of messages from rows. One goroutine at a time.
type MessageEncoder struct {
	enc   *Encoder
	value []byte
	half  bool // value is the first half of a message
}

// NewMessageEncoder returns the encoder of messages that a sink's options ask for. It may
// ask a schema registry for the number of the schema.
func NewMessageEncoder(ctx context.Context, cfg connectors.SinkConfig) (*MessageEncoder, error) {
	switch connectors.InferFormat(cfg.Options) {
	case "avro":
		a, err := newAvroMessages(cfg.Schema)
		if err != nil {
			return nil, err
		}
		registry, err := newAvroRegistry(cfg.Options, cfg.BaseDir)
		if err != nil {
			return nil, err
		}
		if registry != nil {
			id, err := registry.register(ctx, cfg.Options.Text("schema_registry.subject", cfg.Options.Text("topic", cfg.Name)+"-value"), a.text)
			if err != nil {
				return nil, err
			}
			a.prefix = binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
		}
		return &MessageEncoder{enc: &Encoder{form: formBinary, binary: a}}, nil
	case "protobuf":
		p, err := newProtoEncoder(cfg.Schema, cfg.Options, cfg.BaseDir, false)
		return &MessageEncoder{enc: &Encoder{form: formBinary, binary: p}}, err
	}
	enc, err := NewEncoder(cfg.Schema, cfg.Options)
	return &MessageEncoder{enc: enc}, err
}

// Encode returns the message for row i of the columns, which belongs to the encoder until
// the next call. It is not whole when the next row, the new one of an update, completes it.
// An error is of the row: the format has no place for one of its values.
func (m *MessageEncoder) Encode(cols []*data.Vector, i int, change data.Change) (value []byte, whole bool, err error) {
	if !m.half {
		m.value = m.value[:0]
	}
	m.value = m.enc.AppendRow(m.value, cols, i, change)
	if m.half = m.enc.Halves(change); m.half {
		return nil, false, nil
	}
	if m.enc.binary == nil {
		m.value = m.value[:len(m.value)-1] // without the line end
	}
	return m.value, true, m.enc.Err()
}
