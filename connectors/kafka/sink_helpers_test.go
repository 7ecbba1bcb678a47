package kafka

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var sinkSchema = data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "name", Type: data.Of(data.String)}}

// rows makes a batch from "op id name"; "-" is NULL.
func rows(lines ...string) *data.Batch {
	b := data.NewPool(sinkSchema).Get()
	for _, line := range lines {
		f := strings.Fields(line)
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		for c := range sinkSchema {
			if f[c+1] == "-" {
				b.Cols[c].AppendNull()
			} else if err := data.NewTextParser(sinkSchema[c].Type, nil).Append(b.Cols[c], []byte(f[c+1])); err != nil {
				panic(err)
			}
		}
		b.N++
	}
	return b
}

// numbered makes n rows of their own from a number on.
func numbered(from, n int) *data.Batch {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("+I %d row-%d", from+i, from+i)
	}
	return rows(lines...)
}

// rig is a topic of a cluster and a client that looks at it.
type rig struct {
	t          *testing.T
	brokers    string
	topic      string
	partitions int
	client     *client
}

var topics atomic.Int64

// newRig creates a topic.
func newRig(t *testing.T, brokers string, partitions int, config ...kafka.ConfigEntry) *rig {
	t.Helper()
	r := &rig{t: t, brokers: brokers, partitions: partitions, topic: fmt.Sprintf("sink-%d-%d", time.Now().UnixNano(), topics.Add(1))}
	r.connect()
	res, err := r.client.CreateTopics(testContext(t), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{
		{Topic: r.topic, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: config}}})
	if err == nil {
		err = res.Errors[r.topic]
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// connect makes a client that knows of all topics.
func (r *rig) connect() {
	r.t.Helper()
	c, err := newClient(connectors.NewOptions(map[string]string{"brokers": r.brokers}), "", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	r.client = c
}

// config is what a sink of the topic gets, with options name after name and value.
func (r *rig) config(key []int, pairs ...string) connectors.SinkConfig {
	m := map[string]string{"connector": "kafka", "brokers": r.brokers, "topic": r.topic, "format": "json"}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return connectors.SinkConfig{Name: "out", Schema: sinkSchema, Key: key, Options: connectors.NewOptions(m)}
}

// open opens a sink.
func (r *rig) open(cfg connectors.SinkConfig) connectors.Sink {
	r.t.Helper()
	s, err := NewSink(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { s.Close() })
	return s
}

// exact opens a sink of a job as a new process of it does, and returns it with its mark.
func (r *rig) exact(pairs ...string) (connectors.Transactional, connectors.Mark) {
	r.t.Helper()
	cfg := r.config(nil, pairs...)
	cfg.Job = &connectors.Job{ID: r.topic, Sink: "out"}
	s := r.open(cfg).(connectors.Transactional)
	m, err := s.Marked(testContext(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	return s, m
}

func (r *rig) write(s connectors.Sink, batches ...*data.Batch) {
	r.t.Helper()
	for _, b := range batches {
		if err := s.Write(testContext(r.t), b); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) flush(s connectors.Sink) {
	r.t.Helper()
	if err := s.Flush(testContext(r.t)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) commit(s connectors.Transactional, checkpoint, rows int64) {
	r.t.Helper()
	if err := s.CommitMarked(testContext(r.t), connectors.Mark{Checkpoint: checkpoint, Rows: rows}); err != nil {
		r.t.Fatal(err)
	}
}

// read returns the messages of a partition as "key=value", in order, those that are
// committed or all of them; batches are decoded by kafka-go.
func (r *rig) read(partition int, committed bool) []string {
	r.t.Helper()
	out := []string{}
	for offset := int64(0); ; {
		next, done := r.fetch(partition, offset, committed, &out)
		if done {
			return out
		}
		offset = next
	}
}

// fetch appends the messages of one request.
func (r *rig) fetch(partition int, offset int64, committed bool, out *[]string) (next int64, done bool) {
	r.t.Helper()
	isolation := int8(0)
	if committed {
		isolation = 1
	}
	req := &fetch.Request{ReplicaID: -1, MaxWaitTime: 1, MinBytes: 1, MaxBytes: 32 << 20, IsolationLevel: isolation,
		Topics: []fetch.RequestTopic{{Topic: r.topic, Partitions: []fetch.RequestPartition{
			{Partition: int32(partition), FetchOffset: offset, PartitionMaxBytes: 32 << 20, CurrentLeaderEpoch: -1}}}}}
	var p fetch.ResponsePartition
	err := newRetry().DoFor(testContext(r.t), 0, func() error {
		res, err := r.client.ask(testContext(r.t), req, 10*time.Second)
		if err != nil {
			return err
		}
		p = res.(*fetch.Response).Topics[0].Partitions[0]
		return answer(p.ErrorCode)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	end := p.HighWatermark
	if committed {
		end = p.LastStableOffset
	}
	next = offset
	if p.RecordSet.Records == nil {
		return next, next >= end
	}
	aborted := map[int64][]int64{} // where the transactions of a producer begin
	for _, a := range p.AbortedTransactions {
		aborted[a.ProducerID] = append(aborted[a.ProducerID], a.FirstOffset)
	}
	for _, first := range aborted {
		slices.Sort(first)
	}
	for _, batch := range p.RecordSet.Records.(*protocol.RecordStream).Records {
		next = r.decode(batch, aborted, offset, out)
	}
	return next, next >= end
}

// decode appends the messages of a batch, unless its transaction was aborted.
func (r *rig) decode(batch protocol.RecordReader, aborted map[int64][]int64, from int64, out *[]string) (next int64) {
	r.t.Helper()
	if c, ok := batch.(*protocol.ControlBatch); ok {
		const abort = 0
		for {
			record, err := c.ReadControlRecord()
			if err != nil {
				return next
			}
			next = record.Offset + 1
			if first := aborted[c.ProducerID]; record.Type == abort && len(first) > 0 && first[0] <= record.Offset {
				aborted[c.ProducerID] = first[1:]
			}
		}
	}
	b := batch.(*protocol.RecordBatch)
	first := aborted[b.ProducerID]
	for {
		record, err := b.ReadRecord()
		if errors.Is(err, io.EOF) {
			return next
		}
		if err != nil {
			r.t.Fatal(err)
		}
		next = record.Offset + 1
		if record.Offset >= from && (len(first) == 0 || record.Offset < first[0] || !b.Attributes.Transactional()) {
			*out = append(*out, r.text(record))
		}
	}
}

// text shows a message; what is not there as "-".
func (r *rig) text(record *protocol.Record) string {
	parts := []string{"-", "-"}
	for i, b := range []protocol.Bytes{record.Key, record.Value} {
		if b == nil {
			continue
		}
		text, err := protocol.ReadAll(b)
		if err != nil {
			r.t.Fatal(err)
		}
		parts[i] = string(text)
	}
	return strings.Join(parts, "=")
}

// all returns the messages of all partitions, sorted.
func (r *rig) all(committed bool) []string {
	r.t.Helper()
	var out []string
	for p := range r.partitions {
		out = append(out, r.read(p, committed)...)
	}
	sort.Strings(out)
	return out
}

// committed compares the committed messages of all partitions. Brokers take a moment
// after a commit until readers see it.
func (r *rig) committed(want ...string) {
	r.t.Helper()
	ctx := testContext(r.t)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		got := r.all(true)
		if cmp.Equal(want, got, cmpopts.EquateEmpty()) {
			return
		}
		if len(got) >= len(want) {
			r.want(got, want...)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.want(got, want...)
			return
		}
	}
}

// want compares messages.
func (r *rig) want(got []string, want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		r.t.Errorf("messages differ (-want +got):\n%s", diff)
	}
}

// expect returns the messages of numbered rows without keys, sorted.
func expect(from, n int) []string {
	out := []string{}
	for i := range n {
		out = append(out, fmt.Sprintf(`-={"id":%d,"name":"row-%d"}`, from+i, from+i))
	}
	sort.Strings(out)
	return out
}
