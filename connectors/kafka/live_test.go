package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"tidemark/connectors"
)

// stopFetches makes all fetches fail as if the leader were another, until it is undone.
func stopFetches(c *kfake.Cluster) *kfake.FaultHandle {
	return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.NotLeaderForPartition, Count: -1})
}

func TestLiveReading(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(2, "a"))
	p := writer(t, address(c))
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
	for i := range 2 { // brokers go, and their connections with them
		if err := c.RemoveNode(c.LeaderFor("a", 0)); err != nil {
			t.Fatal(err)
		}
		write(ctx, t, p, "a", 0, 20+i, 21+i)
		want(ctx, t, s, r, fmt.Sprint(20+i))
	}
}

// TestTrouble takes the brokers away for a while.
func TestTrouble(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	p := writer(t, address(c))
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

// TestClose checks that a reader leaves nothing behind, while it waits for messages and
// while it cannot have any.
func TestClose(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(4, "a"))
	p := writer(t, address(c))
	write(ctx, t, p, "a", 0, 0, 3)
	p.Close()
	for _, stopped := range []bool{false, true} {
		before := goleak.IgnoreCurrent()
		s := openSource(t, options(c, "topic", "a"))
		r, err := s.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want(ctx, t, s, r, "0 1 2")
		if stopped {
			stopFetches(c).Wait(ctx, 2)
		}
		ended, end := context.WithCancel(ctx)
		end()
		if err := r.Next(ended, &connectors.Chunk{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		goleak.VerifyNone(t, before)
	}
}
