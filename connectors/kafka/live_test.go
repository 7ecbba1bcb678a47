package kafka

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tidemark/connectors"
)

// openReader opens a source and closes its reader with the test.
func openReader(ctx context.Context, t testing.TB, s connectors.Source) connectors.Reader {
	t.Helper()
	r, err := s.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// want fails the test unless the next rows of a live reader, so many as want has, are
// those, apart from the order of partitions.
func want(ctx context.Context, t testing.TB, s connectors.Source, r connectors.Reader, want string) {
	t.Helper()
	rows, _, err := drain(ctx, t, s, r, len(strings.Fields(want)))
	if got := numbers(rows, ""); err != nil || got != want {
		t.Fatalf("got %s, want %s; %v", got, want, err)
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

// recreate deletes a topic and creates it again.
func recreate(ctx context.Context, t testing.TB, p *kgo.Client, topic string) {
	t.Helper()
	del := kmsg.NewPtrDeleteTopicsRequest()
	dt := kmsg.NewDeleteTopicsRequestTopic()
	dt.Topic = &topic
	del.TopicNames, del.Topics = []string{topic}, append(del.Topics, dt)
	if code := ask[*kmsg.DeleteTopicsResponse](ctx, t, p, del).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	create(ctx, t, p, topic)
}

// create creates a topic of one partition, with settings: name after name and value.
func create(ctx context.Context, t testing.TB, p *kgo.Client, topic string, settings ...string) {
	t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	ct := kmsg.NewCreateTopicsRequestTopic()
	ct.Topic, ct.NumPartitions, ct.ReplicationFactor = topic, 1, 1
	for i := 0; i < len(settings); i += 2 {
		s := kmsg.NewCreateTopicsRequestTopicConfig()
		s.Name, s.Value = settings[i], &settings[i+1]
		ct.Configs = append(ct.Configs, s)
	}
	req.Topics = append(req.Topics, ct)
	if code := ask[*kmsg.CreateTopicsResponse](ctx, t, p, req).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
}

// stopFetches makes all fetches fail as if the leader were another, until it is undone.
func stopFetches(c *kfake.Cluster) *kfake.FaultHandle {
	return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.NotLeaderForPartition, Count: -1})
}

func TestLiveReading(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(2, "a"))
	p := writer(t, c)
	s := openSource(t, options(c, "topic", "a"))
	if s.Bounded() {
		t.Error("it has an end")
	}
	r := openReader(ctx, t, s)
	if got := strings.Join(r.(connectors.Partitioned).Partitions(), " "); got != "a/0 a/1" {
		t.Error(got)
	}
	write(ctx, t, p, "a", 0, 0, 3)
	want(ctx, t, s, r, "0 1 2")
	write(ctx, t, p, "a", 1, 3, 5)
	want(ctx, t, s, r, "3 4")
	c.MoveTopicPartition("a", 0, (c.LeaderFor("a", 0)+1)%3)
	write(ctx, t, p, "a", 0, 5, 8)
	want(ctx, t, s, r, "5 6 7")
	for i := range 10 {
		c.ShufflePartitionLeaders()
		write(ctx, t, p, "a", int32(i%2), 10+i, 11+i)
		want(ctx, t, s, r, fmt.Sprint(10+i))
	}
}

// TestTrouble takes the brokers away for a while.
func TestTrouble(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	p := writer(t, c)
	s := openSource(t, options(c, "topic", "a"))
	r := openReader(ctx, t, s)
	write(ctx, t, p, "a", 0, 0, 3)
	want(ctx, t, s, r, "0 1 2")
	stopped := stopFetches(c)
	stopped.Wait(ctx, 3)
	since, err := r.(connectors.Troubled).Trouble()
	wantError(t, err, "a/0")
	if _, ok := r.(connectors.Partitioned).AtEnd(0); since == 0 || ok {
		t.Error(since, ok)
	}
	write(ctx, t, p, "a", 0, 3, 5)
	stopped.Remove()
	want(ctx, t, s, r, "3 4")
	if _, err := r.(connectors.Troubled).Trouble(); err != nil {
		t.Error(err)
	}
}

// TestForGood checks errors that do not pass.
func TestForGood(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.TopicAuthorizationFailed})
	s := openSource(t, options(c, "topic", "a"))
	r := openReader(ctx, t, s)
	_, _, err := drain(ctx, t, s, r, 1)
	wantError(t, err, "a/0: Topic Authorization Failed")
}

func TestNewPartitions(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(1, "a-1"))
	p := writer(t, c)
	s := openSource(t, options(c, "topic_pattern", "a-.*", "discovery_interval", "5ms", "scan.startup.mode", "latest"))
	r := openReader(ctx, t, s)
	req := kmsg.NewPtrCreatePartitionsRequest()
	rt := kmsg.NewCreatePartitionsRequestTopic()
	rt.Topic, rt.Count = "a-1", 2
	req.Topics = append(req.Topics, rt)
	if code := ask[*kmsg.CreatePartitionsResponse](ctx, t, p, req).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	write(ctx, t, writer(t, c), "a-1", 1, 0, 2)
	want(ctx, t, s, r, "0 1")
	create(ctx, t, p, "a-2")
	write(ctx, t, writer(t, c), "a-2", 0, 2, 4)
	want(ctx, t, s, r, "2 3")
	if got := strings.Join(r.(connectors.Partitioned).Partitions(), " "); got != "a-1/0 a-1/1 a-2/0" {
		t.Error(got)
	}
}

func TestGroupOffsets(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(2, "a"))
	p := writer(t, c)
	write(ctx, t, p, "a", 0, 0, 3)
	write(ctx, t, p, "a", 1, 3, 5)
	o := options(c, "topic", "a", "group_id", "g", "scan.startup.mode", "group")
	s := openSource(t, o)
	r := openReader(ctx, t, s)
	_, after, err := drain(ctx, t, s, r, 5)
	if err != nil {
		t.Fatal(err)
	}
	var positions []connectors.Position
	for name, at := range after {
		positions = append(positions, connectors.Position{Partition: name, At: at})
	}
	if err := new(retrier).again(ctx, patience, func() error { return r.(connectors.Acknowledged).Acknowledge(ctx, positions) }); err != nil {
		t.Fatal(err)
	}
	write(ctx, t, p, "a", 1, 5, 7)
	again := openSource(t, o)
	want(ctx, t, again, openReader(ctx, t, again), "5 6")
}
