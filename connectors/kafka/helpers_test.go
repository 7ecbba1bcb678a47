package kafka

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tidemark/connectors"
)

// newCluster starts a cluster in this process.
func newCluster(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testContext ends long before the test would be given up, so that what waits for
// ever fails by itself.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// wantError fails the test unless err says all of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("got %q, which lacks %q", err, p)
		}
	}
}

// address returns the brokers of a cluster as the option has them.
func address(c *kfake.Cluster) string { return strings.Join(c.ListenAddrs(), ",") }

// optionsFor returns options for a cluster: those of pairs, name after name and value.
func optionsFor(brokers string, pairs ...string) connectors.Options {
	m := map[string]string{"connector": "kafka", "brokers": brokers}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return connectors.NewOptions(m)
}

// options returns options for a cluster in this process.
func options(c *kfake.Cluster, pairs ...string) connectors.Options {
	return optionsFor(address(c), pairs...)
}

// writer returns a client that writes.
func writer(t testing.TB, brokers string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)
	p, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// write writes numbers from up to before to to a partition, a batch for each call.
func write(ctx context.Context, t testing.TB, p *kgo.Client, topic string, partition int32, from, to int) {
	t.Helper()
	var rs []*kgo.Record
	for n := from; n < to; n++ {
		rs = append(rs, &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(nil, `{"n":%d}`, n)})
	}
	if err := p.ProduceSync(ctx, rs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request to a cluster by a client that writes.
func ask[T kmsg.Response](ctx context.Context, t testing.TB, p *kgo.Client, req kmsg.Request) T {
	t.Helper()
	res, err := p.Request(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	return res.(T)
}

// deleteBefore deletes the messages of a partition before an offset.
func deleteBefore(ctx context.Context, t testing.TB, p *kgo.Client, topic string, partition int32, offset int64) {
	t.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rt.Topic, rp.Partition, rp.Offset = topic, partition, offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	res := ask[*kmsg.DeleteRecordsResponse](ctx, t, p, req)
	if code := res.Topics[0].Partitions[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
}

// recreate deletes a topic and creates it again, with one partition.
func recreate(ctx context.Context, t testing.TB, p *kgo.Client, topic string) {
	t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = &topic
	req.TopicNames, req.Topics = []string{topic}, append(req.Topics, rt)
	if code := ask[*kmsg.DeleteTopicsResponse](ctx, t, p, req).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	create(ctx, t, p, topic, 1)
}

// testPatience is how long a test waits for what takes a real Kafka a while.
const testPatience = 30 * time.Second

// create creates a topic, with settings: name after name and value. It waits until all
// know of it.
func create(ctx context.Context, t testing.TB, p *kgo.Client, topic string, partitions int32, settings ...string) {
	t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, partitions, 1
	for i := 0; i < len(settings); i += 2 {
		s := kmsg.NewCreateTopicsRequestTopicConfig()
		s.Name, s.Value = settings[i], &settings[i+1]
		rt.Configs = append(rt.Configs, s)
	}
	req.Topics = append(req.Topics, rt)
	about := kmsg.NewPtrMetadataRequest()
	of := kmsg.NewMetadataRequestTopic()
	of.Topic = &topic
	about.Topics = append(about.Topics, of)
	created := false
	err := newRetry().DoFor(ctx, testPatience, func() error {
		var err error
		if !created {
			err = kerr.ErrorForCode(ask[*kmsg.CreateTopicsResponse](ctx, t, p, req).Topics[0].ErrorCode)
		}
		if err == nil {
			created = true
			err = kerr.ErrorForCode(ask[*kmsg.MetadataResponse](ctx, t, p, about).Topics[0].ErrorCode)
		}
		if err != nil {
			err = &connectors.Unavailable{Err: err}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// newTopic creates a topic that no other test knows.
func newTopic(ctx context.Context, t testing.TB, brokers string, partitions int32) string {
	t.Helper()
	topic := fmt.Sprintf("source-%d-%d", time.Now().UnixNano(), topics.Add(1))
	create(ctx, t, writer(t, brokers), topic, partitions)
	return topic
}
