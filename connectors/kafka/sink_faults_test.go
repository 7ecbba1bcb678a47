package kafka

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"tidemark/connectors"
)

// faulty returns a topic of a cluster in which requests fail.
func faulty(t *testing.T, partitions int) (*kfake.Cluster, *rig) {
	t.Helper()
	c := newCluster(t, kfake.NumBrokers(3))
	return c, newRig(t, address(c), partitions)
}

// A batch is sent again until the broker has it, and is there once.
func TestSinkSendsAgain(t *testing.T) {
	for _, e := range []*kerr.Error{kerr.NotLeaderForPartition, kerr.RequestTimedOut, kerr.NotEnoughReplicas,
		kerr.NotEnoughReplicasAfterAppend, kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID} {
		t.Run(e.Message, func(t *testing.T) {
			c, r := faulty(t, 1)
			s := r.open(r.config(nil))
			r.write(s, numbered(0, 3))
			r.flush(s)
			h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: e})
			r.write(s, numbered(3, 3))
			r.flush(s)
			r.write(s, numbered(6, 3))
			r.flush(s)
			if h.Hits() != 1 {
				t.Fatalf("the fault was met %d times", h.Hits())
			}
			r.want(r.read(0, false), expect(0, 9)...)
			if _, err := s.(connectors.Troubled).Trouble(); err != nil {
				t.Errorf("still in trouble: %v", err)
			}
		})
	}
}

// What does not pass is said in words that help.
func TestSinkRefusals(t *testing.T) {
	for _, c := range []struct {
		key  kmsg.Key
		err  *kerr.Error
		want []string
	}{
		{kmsg.Produce, kerr.TopicAuthorizationFailed, []string{"may not be written", "WRITE"}},
		{kmsg.Produce, kerr.MessageTooLarge, []string{"does not take a batch of", "max.message.bytes"}},
		{kmsg.Produce, kerr.InvalidRecord, []string{"partition 0", "compacted", "key"}},
		{kmsg.Produce, kerr.UnsupportedCompressionType, []string{"compression = 'gzip'"}},
		{kmsg.Produce, kerr.UnknownServerError, []string{"partition 0", "error -1"}},
		{kmsg.InitProducerID, kerr.ClusterAuthorizationFailed, []string{"IDEMPOTENT_WRITE"}},
	} {
		t.Run(c.err.Message, func(t *testing.T) {
			cluster, r := faulty(t, 1)
			s := r.open(r.config(nil, "compression", "gzip"))
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{c.key}, Err: c.err}, kfake.Fault{Keys: []kmsg.Key{c.key}, Err: c.err, TopLevel: true})
			r.write(s, numbered(0, 3))
			err := s.Flush(testContext(t))
			wantError(t, err, c.want...)
			if connectors.IsUnavailable(err) {
				t.Error("it is said that it may pass")
			}
		})
	}
}

func TestSinkTransactionRefusals(t *testing.T) {
	for _, c := range []struct {
		key  kmsg.Key
		err  *kerr.Error
		want string
	}{
		{kmsg.InitProducerID, kerr.TransactionalIDAuthorizationFailed, "transactional ids that begin with tidemark-"},
		{kmsg.OffsetFetch, kerr.GroupAuthorizationFailed, "groups that begin with tidemark-"},
		{kmsg.AddOffsetsToTxn, kerr.GroupAuthorizationFailed, "at_least_once"},
		{kmsg.InitProducerID, kerr.InvalidTransactionTimeout, "transaction.max.timeout.ms"},
	} {
		t.Run(c.key.Name()+" "+c.err.Message, func(t *testing.T) {
			cluster, r := faulty(t, 1)
			cfg := r.config(nil)
			cfg.Job = &connectors.Job{ID: "j", Sink: "out"}
			s := r.open(cfg).(connectors.Transactional)
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{c.key}, Err: c.err}, kfake.Fault{Keys: []kmsg.Key{c.key}, Err: c.err, TopLevel: true})
			_, err := s.Marked(testContext(t))
			wantError(t, err, c.want, r.topic)
		})
	}
}

// Each request of a transaction may fail once, before or after the broker has done it,
// and the rows are there once.
func TestSinkTransactionFaults(t *testing.T) {
	for _, c := range []struct {
		key kmsg.Key
		err *kerr.Error
		top bool
	}{
		{kmsg.Produce, kerr.RequestTimedOut, false},
		{kmsg.Produce, kerr.NotLeaderForPartition, false},
		{kmsg.Produce, kerr.OutOfOrderSequenceNumber, false},
		{kmsg.Produce, kerr.InvalidProducerEpoch, false},
		{kmsg.AddPartitionsToTxn, kerr.ConcurrentTransactions, false},
		{kmsg.AddPartitionsToTxn, kerr.NotCoordinator, false},
		{kmsg.AddOffsetsToTxn, kerr.CoordinatorLoadInProgress, true},
		{kmsg.TxnOffsetCommit, kerr.NotCoordinator, false},
		{kmsg.TxnOffsetCommit, kerr.InvalidProducerEpoch, false},
		{kmsg.EndTxn, kerr.ConcurrentTransactions, true},
		{kmsg.EndTxn, kerr.RequestTimedOut, true},
		{kmsg.EndTxn, kerr.CoordinatorNotAvailable, true},
		{kmsg.EndTxn, kerr.InvalidProducerEpoch, true},
		{kmsg.EndTxn, kerr.ProducerFenced, true},
		{kmsg.EndTxn, kerr.InvalidTxnState, true},
	} {
		t.Run(c.key.Name()+" "+c.err.Message, func(t *testing.T) {
			cluster, r := faulty(t, 2)
			s, _ := r.exact()
			r.write(s, numbered(0, 5))
			r.commit(s, 1, 5)
			h := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{c.key}, Err: c.err, TopLevel: c.top})
			mark := connectors.Mark{Checkpoint: 2, Rows: 10}
			for {
				err := s.Write(testContext(t), numbered(5, 5))
				if err == nil {
					err = s.CommitMarked(testContext(t), mark)
				}
				if err == nil {
					break
				}
				if !connectors.IsUnavailable(err) {
					t.Fatal(err)
				}
			}
			if h.Hits() != 1 {
				t.Fatalf("the fault was met %d times", h.Hits())
			}
			r.write(s, numbered(10, 5))
			r.commit(s, 3, 15)
			r.committed(expect(0, 15)...)
			if _, m := r.exact(); m != (connectors.Mark{Checkpoint: 3, Rows: 15}) {
				t.Errorf("the mark is %v", m)
			}
		})
	}
}

// A commit whose answer was lost, and which the broker does not know any more, is found
// to have been done by its mark.
func TestSinkResolvesCommit(t *testing.T) {
	_, r := faulty(t, 1)
	s, _ := r.exact()
	r.write(s, numbered(0, 5))
	r.commit(s, 1, 5)
	x := s.(*exactSink)
	if err := x.txn.resolve(testContext(t), connectors.Mark{Checkpoint: 1, Rows: 5}); err != nil {
		t.Errorf("it was done: %v", err)
	}
	if err := x.txn.resolve(testContext(t), connectors.Mark{Checkpoint: 2, Rows: 9}); !connectors.IsUnavailable(err) {
		t.Errorf("it was not done: %v", err)
	}
	r.write(s, numbered(5, 5))
	r.commit(s, 2, 10)
	r.committed(expect(0, 10)...)
}

// A mark whose transaction is still about to end is waited for.
func TestSinkAwaitsMark(t *testing.T) {
	c, r := faulty(t, 1)
	s, _ := r.exact()
	r.write(s, numbered(0, 1))
	r.commit(s, 1, 1)
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.UnstableOffsetCommit,
		When: func(req kmsg.Request) bool { return req.(*kmsg.OffsetFetchRequest).RequireStable }})
	if _, m := r.exact(); m.Rows != 1 || h.Hits() != 1 {
		t.Errorf("the mark is %v, and was unstable %d times", m, h.Hits())
	}
}

// Brokers as old as those that are said to do have their own forms of requests.
func TestSinkOldBrokers(t *testing.T) {
	c := newCluster(t, kfake.NumBrokers(1), kfake.MaxVersions(kversion.V2_1_0()))
	testCommit(t, address(c))
	testUpsert(t, address(c))
}

// A broker may take a moment to know of a topic that was created.
func TestSinkAwaitsTopic(t *testing.T) {
	c, r := faulty(t, 1)
	r.topic += "-new"
	// The first answer is from before the creation, the others from after it.
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: r.topic, Err: kerr.UnknownTopicOrPartition, Count: 3})
	s := r.open(r.config(nil, "create_topic", "true"))
	if h.Hits() != 3 {
		t.Errorf("the topic was asked for %d times before it was there", h.Hits())
	}
	r.write(s, numbered(0, 1))
	r.flush(s)
}

// Without its mark a job does not go on: it cannot know what is there.
func TestSinkMarkGone(t *testing.T) {
	c, r := faulty(t, 1)
	s, _ := r.exact()
	r.write(s, numbered(0, 5))
	r.commit(s, 1, 5)
	if err := c.DeleteTopic(r.topic); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateTopic(r.topic, 1, nil); err != nil {
		t.Fatal(err)
	}
	x := s.(*exactSink)
	x.txn.lost = true
	wantError(t, s.Write(testContext(t), numbered(5, 5)), "is gone", "made anew")
}

// A topic that is deleted is what the sink says it waits for.
func TestSinkTopicGone(t *testing.T) {
	c, r := faulty(t, 1)
	s := r.open(r.config(nil))
	r.write(s, numbered(0, 1))
	r.flush(s)
	if err := c.DeleteTopic(r.topic); err != nil {
		t.Fatal(err)
	}
	r.write(s, numbered(1, 1))
	awaitTrouble(t, s, "not there any more")
}

// awaitTrouble flushes a sink, and ends that once the sink says that it is in trouble
// with the text.
func awaitTrouble(t *testing.T, s connectors.Sink, text ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	done := make(chan error)
	go func() { done <- s.Flush(ctx) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		<-tick.C
		since, err := s.(connectors.Troubled).Trouble()
		if err == nil || !strings.Contains(err.Error(), text[0]) {
			continue
		}
		wantError(t, err, text...)
		if since == 0 {
			t.Error("there is no time since which")
		}
		cancel()
	}
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A batch follows its partition to another broker.
func TestSinkLeaderMoves(t *testing.T) {
	c, r := faulty(t, 1)
	s := r.open(r.config(nil))
	for i := range 3 {
		r.write(s, numbered(3*i, 3))
		r.flush(s)
		if err := c.MoveTopicPartition(r.topic, 0, (c.LeaderFor(r.topic, 0)+1)%3); err != nil {
			t.Fatal(err)
		}
	}
	r.connect()
	r.want(r.read(0, false), expect(0, 9)...)
}

// A sink waits for brokers that are gone, says so, and ends when it is told to; one that
// is opened then says what it cannot reach.
func TestSinkUnreachable(t *testing.T) {
	c, r := faulty(t, 1)
	s := r.open(r.config(nil))
	r.write(s, numbered(0, 1))
	r.flush(s)
	c.Close()
	r.write(s, numbered(1, 1))
	awaitTrouble(t, s, "cannot be reached", "Kafka at 127.0.0.1")
	_, err := NewSink(r.config(nil))
	wantError(t, err, "Kafka at 127.0.0.1", "cannot be reached")
	if !connectors.IsUnavailable(err) {
		t.Error("it is not said that it may pass")
	}
}
