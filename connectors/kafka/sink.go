package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// startTimeout is for how long a sink tries to find its topic before it gives up.
const startTimeout = 20 * time.Second

// sink writes rows as messages of a topic. What was written is with the brokers once
// Flush returns.
type sink struct {
	set    *sinkSettings
	schema data.Schema
	client *client
	out    *producer

	values *format.MessageEncoder
	keys   *format.Encoder // of the key's columns; nil when messages have none
	column []*data.Vector  // the key's columns of the batch at hand
	key    []byte
}

// exactSink is a sink whose rows become visible by transactions.
type exactSink struct {
	sink
	txn *transactions
}

// NewSink returns a sink that writes to a topic, which is looked for.
//
// A relation without a primary key appends a message for each row. With one, messages
// have the key's columns for their key, and their values are rows: an update is the new
// row, a delete is a message without a value. Under the formats of changes each change is
// a message. The key is a JSON object of the key's columns in the order of the schema.
// Keys go to partitions as by Kafka's own producers. Changes without any key all go to
// partition 0, as their order would be lost otherwise.
func NewSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	o, err := canonical(cfg.Options)
	if err != nil {
		return nil, err
	}
	cfg.Options = o
	set, err := newSinkSettings(&cfg)
	if err != nil {
		return nil, err
	}
	s := sink{set: set, schema: cfg.Schema}
	if s.values, err = format.NewMessageEncoder(context.Background(), cfg); err != nil {
		return nil, err
	}
	if len(set.key) > 0 && !set.rawKey {
		var columns data.Schema
		for _, c := range set.key {
			columns = append(columns, cfg.Schema[c])
		}
		s.keys = format.NewJSONEncoder(columns, "")
	}
	s.column = make([]*data.Vector, len(set.key))
	if s.client, err = newClient(o, cfg.BaseDir, []string{set.topic}); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	topic, err := findTarget(ctx, s.client, set)
	if err != nil {
		s.client.Close()
		return nil, err
	}
	conf := producerConfig{topic: set.topic, partitions: topic.partitions, codec: set.codec, batchBytes: set.batchBytes, mostBytes: topic.mostBytes}
	if set.exactly {
		conf.patience = set.timeout
	}
	s.out = newProducer(s.client, conf)
	if !set.exactly {
		return &s, nil
	}
	id := fmt.Sprintf("tidemark-%s-%s", cfg.Job.ID, cfg.Job.Sink)
	return &exactSink{sink: s, txn: newTransactions(s.out, id, s.client.transport.ClientID, set.timeout)}, nil
}

// Write implements connectors.Sink. It may wait for the brokers.
func (s *sink) Write(ctx context.Context, b *data.Batch) error {
	now := time.Now().UnixMilli()
	for i, c := range s.set.key {
		s.column[i] = b.Cols[c]
	}
	for k, n := 0, b.Rows(); k < n; k++ {
		if err := s.writeRow(ctx, b, b.Row(k), now); err != nil {
			return err
		}
	}
	return nil
}

// writeRow writes row i of b as a message.
func (s *sink) writeRow(ctx context.Context, b *data.Batch, i int, now int64) error {
	change := b.Change(i)
	switch {
	case s.set.upsert && change == data.UpdateBefore:
		return nil // the row that replaces it follows
	case !s.set.upsert && !s.set.changelog && change != data.Insert:
		return fmt.Errorf("topic %s: a stream without a primary key takes only new rows, and this one is a change (%s): declare a primary key, or use format = 'debezium-json'", s.set.topic, change)
	}
	var value []byte
	if !s.set.upsert || change != data.Delete {
		var whole bool
		var err error
		if value, whole, err = s.values.Encode(b.Cols, i, change); err != nil {
			return fmt.Errorf("topic %s: %w", s.set.topic, err)
		}
		if !whole {
			return nil // the message ends with the next row
		}
	}
	key, err := s.keyOf(b, i)
	if err != nil {
		return err
	}
	var part *partition
	switch {
	case key != nil:
		part = s.out.parts[partitionOf(key, len(s.out.parts))]
	case s.set.changelog:
		part = s.out.parts[0]
	default:
		part = s.out.keyless(key, value)
	}
	return s.out.add(ctx, part, now, key, value)
}

// keyOf returns the key of row i's message; nil when it has none.
func (s *sink) keyOf(b *data.Batch, i int) ([]byte, error) {
	if s.set.upsert {
		for c, v := range s.column {
			if v.IsNull(i) {
				return nil, &connectors.NullKeyError{Column: s.schema[s.set.key[c]].Name}
			}
		}
	}
	switch {
	case len(s.column) == 0:
		return nil, nil
	case s.keys != nil:
		s.key = s.keys.AppendRow(s.key[:0], s.column, i, data.Insert)
		return s.key[:len(s.key)-1], nil
	case s.column[0].IsNull(i):
		return nil, nil
	}
	s.key = data.AppendText(s.key[:0], s.column[0], i)
	if s.key == nil {
		s.key = []byte{} // an empty key is one
	}
	return s.key, nil
}

// Flush implements connectors.Sink: it waits until the brokers have all.
func (s *sink) Flush(ctx context.Context) error { return s.out.flush(ctx) }

// Commit implements connectors.Committer.
func (s *sink) Commit(ctx context.Context) error { return s.out.flush(ctx) }

// Trouble implements connectors.Troubled.
func (s *sink) Trouble() (since int64, err error) { return s.out.Trouble() }

// Close implements connectors.Sink.
func (s *sink) Close() error {
	s.out.abandon()
	s.out.cancel()
	s.client.Close()
	return nil
}

// Marked implements connectors.Transactional.
func (s *exactSink) Marked(ctx context.Context) (connectors.Mark, error) { return s.txn.marked(ctx) }

// Write implements connectors.Sink.
func (s *exactSink) Write(ctx context.Context, b *data.Batch) error {
	err := s.txn.ready(ctx)
	if err == nil {
		err = s.sink.Write(ctx, b)
	}
	if err != nil {
		return s.txn.failed(err)
	}
	return nil
}

// CommitMarked implements connectors.Transactional.
func (s *exactSink) CommitMarked(ctx context.Context, m connectors.Mark) error {
	err := s.txn.ready(ctx)
	if err == nil {
		err = s.out.flush(ctx)
	}
	if err != nil {
		return s.txn.failed(err)
	}
	return s.txn.commit(ctx, m)
}

// Close implements connectors.Sink: what was not committed is aborted, and all can read
// what was.
func (s *exactSink) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	s.txn.abort(ctx)
	late := s.txn.settle(context.Background())
	return errors.Join(late, s.sink.Close())
}

const (
	// closeTimeout is for how long a sink tries to abort a transaction before it leaves
	// that to the broker.
	closeTimeout = 5 * time.Second
	// settleTimeout is for how long it waits at its end until what it has committed can be
	// read.
	settleTimeout = 10 * time.Second
)
