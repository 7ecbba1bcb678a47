package kafka

import (
	"context"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
)

// TestSink runs the tests of the sink against a cluster in this process.
func TestSink(t *testing.T) {
	c := newCluster(t, kfake.NumBrokers(3))
	sinkTests(t, address(c))
}

// sinkTests are the tests of the sink that any cluster must pass.
func sinkTests(t *testing.T, brokers string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, brokers string)
	}{
		{"append", testAppend}, {"key", testKeyOption}, {"upsert", testUpsert}, {"changelog", testChangelog},
		{"codecs", testCodecs}, {"large", testLarge}, {"create", testCreate}, {"no topic", testNoTopic},
		{"commit", testCommit}, {"abort", testAbort}, {"replay", testReplay}, {"taken over", testTakenOver},
		{"timeout", testTransactionTimeout}, {"settled", testSettled}, {"settled by its own", testSettledByItsOwn}, {"plain", testPlainDelivery},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, brokers) })
	}
}

func testAppend(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	s := r.open(r.config(nil))
	r.write(s, rows("+I 1 anna", "+I 2 -"), rows("+I 3 béa"))
	r.want(r.read(0, false))
	r.flush(s)
	want := []string{`-={"id":1,"name":"anna"}`, `-={"id":2,"name":null}`, `-={"id":3,"name":"béa"}`}
	r.want(r.read(0, false), want...)
	r.write(s, rows("+I 4 x"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r.want(r.read(0, false), want...) // what was not flushed is abandoned
	err := r.open(r.config(nil)).Write(testContext(t), rows("-D 1 anna"))
	wantError(t, err, "takes only new rows", "(-D)", "primary key")
}

// Keys go where Kafka's own producers send them: the hashes of the JSON objects and texts
// are those of murmur2, whose own test has Kafka's vectors.
func testKeyOption(t *testing.T, brokers string) {
	r := newRig(t, brokers, 4)
	s := r.open(r.config(nil, "key", "name", "key_format", "raw"))
	r.write(s, rows("+I 1 21", "+I 2 foobar", "+I 3 21", "+I 4 -"))
	r.flush(s)
	r.want(r.read(int(uint32(0x100000000-973932308)&0x7fffffff)%4, false)[:2], `21={"id":1,"name":"21"}`, `21={"id":3,"name":"21"}`)
	if got := strings.Join(r.all(false), " "); !strings.Contains(got, `-={"id":4,"name":null}`) || !strings.Contains(got, `foobar={"id":2`) {
		t.Error(got)
	}
	r = newRig(t, brokers, 1)
	s = r.open(r.config(nil, "key", "name, id"))
	r.write(s, rows("+I 1 a"))
	r.flush(s)
	r.want(r.read(0, false), `{"name":"a","id":1}={"id":1,"name":"a"}`)
}

func testUpsert(t *testing.T, brokers string) {
	r := newRig(t, brokers, 3)
	s := r.open(r.config([]int{0}))
	r.write(s, rows("+I 1 a", "+I 2 b", "-U 1 a", "+U 1 c", "-D 2 b"), rows("+I 2 d"))
	r.flush(s)
	part := func(key string) int { return partitionOf([]byte(key), 3) }
	var of1, of2 []string
	for _, m := range r.read(part(`{"id":1}`), false) {
		if strings.HasPrefix(m, `{"id":1}`) {
			of1 = append(of1, m)
		}
	}
	for _, m := range r.read(part(`{"id":2}`), false) {
		if strings.HasPrefix(m, `{"id":2}`) {
			of2 = append(of2, m)
		}
	}
	r.want(of1, `{"id":1}={"id":1,"name":"a"}`, `{"id":1}={"id":1,"name":"c"}`)
	r.want(of2, `{"id":2}={"id":2,"name":"b"}`, `{"id":2}=-`, `{"id":2}={"id":2,"name":"d"}`)
	err := s.Write(testContext(t), rows("+I - x"))
	wantError(t, err, "column id is NULL", "primary key")
}

func testChangelog(t *testing.T, brokers string) {
	r := newRig(t, brokers, 2)
	s := r.open(r.config(nil, "format", "changelog-json"))
	r.write(s, rows("+I 1 a", "-U 1 a", "+U 1 b", "-D 1 b"))
	r.flush(s)
	r.want(r.read(0, false), `-={"op":"+I","row":{"id":1,"name":"a"}}`, `-={"op":"-U","row":{"id":1,"name":"a"}}`,
		`-={"op":"+U","row":{"id":1,"name":"b"}}`, `-={"op":"-D","row":{"id":1,"name":"b"}}`)
	r = newRig(t, brokers, 1)
	s = r.open(r.config([]int{0}, "format", "changelog-json"))
	r.write(s, rows("-D 1 b"))
	r.flush(s)
	r.want(r.read(0, false), `{"id":1}={"op":"-D","row":{"id":1,"name":"b"}}`)
	r = newRig(t, brokers, 1)
	s = r.open(r.config([]int{0}, "format", "debezium-json"))
	r.write(s, rows("+I 1 a", "-U 1 a", "+U 1 b"), rows("-U 1 b", "+U 1 c", "-D 1 c"))
	r.flush(s)
	r.want(r.read(0, false), `{"id":1}={"before":null,"after":{"id":1,"name":"a"},"op":"c"}`,
		`{"id":1}={"before":{"id":1,"name":"a"},"after":{"id":1,"name":"b"},"op":"u"}`,
		`{"id":1}={"before":{"id":1,"name":"b"},"after":{"id":1,"name":"c"},"op":"u"}`,
		`{"id":1}={"before":{"id":1,"name":"c"},"after":null,"op":"d"}`)
}

func testCodecs(t *testing.T, brokers string) {
	for _, codec := range codecs {
		t.Run(codec, func(t *testing.T) {
			r := newRig(t, brokers, 2)
			s := r.open(r.config(nil, "compression", codec, "batch_size", "4 KB"))
			r.write(s, numbered(0, 500), numbered(500, 500))
			r.flush(s)
			r.want(r.all(false), expect(0, 1000)...)
			for p := range 2 {
				if len(r.read(p, false)) == 0 {
					t.Errorf("partition %d got nothing", p)
				}
			}
		})
	}
}

func testLarge(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1, kafka.ConfigEntry{ConfigName: "max.message.bytes", ConfigValue: "3000"})
	s := r.open(r.config(nil))
	r.write(s, numbered(0, 300)) // in batches that the topic takes
	r.flush(s)
	r.want(r.all(false), expect(0, 300)...)
	err := s.Write(testContext(t), rows("+I 1 "+strings.Repeat("x", 4000)))
	wantError(t, err, "4018 bytes is too large for topic "+r.topic, "3000", "max.message.bytes")
}

func testCreate(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	r.topic += "-new"
	r.partitions = 5
	cfg := r.config([]int{0}, "create_topic", "true", "partitions", "5", "replication_factor", "1")
	s := r.open(cfg)
	r.write(s, rows("+I 1 a"))
	r.flush(s)
	r.connect()
	r.want(r.all(false), `{"id":1}={"id":1,"name":"a"}`)
	if n, err := countPartitions(testContext(t), r.client, r.topic); err != nil || n != 5 {
		t.Errorf("%d partitions, %v", n, err)
	}
	res, err := r.client.DescribeConfigs(testContext(t), &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{
		{ResourceType: kafka.ResourceTypeTopic, ResourceName: r.topic, ConfigNames: []string{"cleanup.policy"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Resources[0].ConfigEntries[0].ConfigValue; got != "compact" {
		t.Errorf("cleanup.policy is %s", got)
	}
	r.open(cfg) // it is there now
}

func testNoTopic(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	is := r.topic
	r.topic += "x"
	_, err := NewSink(r.config(nil))
	wantError(t, err, "has no topic '"+r.topic+"'", "did you mean "+is, "create_topic")
}

func testCommit(t *testing.T, brokers string) {
	r := newRig(t, brokers, 3)
	s, m := r.exact("compression", "lz4")
	if m != (connectors.Mark{}) {
		t.Errorf("a new job has the mark %v", m)
	}
	r.write(s, numbered(0, 50))
	r.want(r.all(true))
	r.commit(s, 1, 50)
	r.committed(expect(0, 50)...)
	r.commit(s, 2, 50) // without rows
	r.write(s, numbered(50, 10))
	r.commit(s, 3, 60)
	r.committed(expect(0, 60)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, m = r.exact(); m != (connectors.Mark{Checkpoint: 3, Rows: 60}) {
		t.Errorf("the mark is %v", m)
	}
}

// What was sent and not committed is not seen, neither when the sink is closed nor when
// its process is gone; readers need not wait for it.
func testAbort(t *testing.T, brokers string) {
	r := newRig(t, brokers, 2)
	s, _ := r.exact("batch_size", "1 KB")
	r.write(s, numbered(0, 200))
	if len(r.all(false)) == 0 {
		t.Fatal("nothing was sent before the commit, so the test shows nothing")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r.want(r.all(true))
	gone, _ := r.exact("batch_size", "1 KB")
	r.write(gone, numbered(200, 200))
	next, m := r.exact()
	if m != (connectors.Mark{}) {
		t.Errorf("the mark is %v", m)
	}
	r.write(next, numbered(400, 10))
	r.commit(next, 1, 10)
	r.committed(expect(400, 10)...)
}

// A process that writes what the mark of its job lacks gives neither gap nor duplicate,
// wherever the one before has ended.
func testReplay(t *testing.T, brokers string) {
	for _, c := range []struct {
		name string
		die  func(s *exactSink) error
		want int64
	}{
		{"before the end", func(s *exactSink) error { return s.out.flush(context.Background()) }, 10},
		{"behind the end", func(s *exactSink) error {
			return s.CommitMarked(context.Background(), connectors.Mark{Checkpoint: 2, Rows: 20})
		}, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, brokers, 2)
			s, _ := r.exact()
			r.write(s, numbered(0, 10))
			r.commit(s, 1, 10)
			r.write(s, numbered(10, 10))
			if err := c.die(s.(*exactSink)); err != nil {
				t.Fatal(err)
			}
			s, m := r.exact()
			if m.Rows != c.want {
				t.Fatalf("the mark is %v, want %d rows", m, c.want)
			}
			if m.Rows < 20 {
				r.write(s, numbered(int(m.Rows), 20-int(m.Rows)))
				r.commit(s, 2, 20)
			}
			r.committed(expect(0, 20)...)
		})
	}
}

// Of two processes of a job, the one that came first finds out and writes nothing more.
func testTakenOver(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	first, _ := r.exact()
	r.write(first, numbered(0, 1))
	r.commit(first, 1, 1)
	second, m := r.exact()
	if m.Rows != 1 {
		t.Fatalf("the mark is %v", m)
	}
	err := first.Write(testContext(t), numbered(100, 1))
	if err == nil {
		err = first.CommitMarked(testContext(t), connectors.Mark{Checkpoint: 2, Rows: 2})
	}
	if connectors.IsUnavailable(err) { // it lost the transaction; the reason shows when it tries again
		_, asked := first.Marked(testContext(t)) // it does not take the job back
		wantError(t, asked, "another process runs this job")
		err = first.Write(testContext(t), numbered(100, 1))
	}
	wantError(t, err, "another process runs this job")
	r.write(second, numbered(1, 1))
	r.commit(second, 2, 2)
	r.committed(expect(0, 2)...)
}

// A transaction that the broker has given up is written again.
func testTransactionTimeout(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	s, _ := r.exact()
	r.write(s, numbered(0, 1))
	r.commit(s, 1, 1)
	r.write(s, numbered(1, 1))
	x := s.(*exactSink)
	if err := x.out.flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := x.txn.end(testContext(t), false); err != nil { // as the broker does after the time
		t.Fatal(err)
	}
	x.out.name.Epoch-- // and it raises the epoch
	err := s.CommitMarked(testContext(t), connectors.Mark{Checkpoint: 2, Rows: 2})
	if !connectors.IsUnavailable(err) {
		t.Fatalf("got %v, want an error that may pass", err)
	}
	wantError(t, err, "given the transaction up", "transaction_timeout")
	r.write(s, numbered(1, 1))
	r.commit(s, 2, 2)
	r.committed(expect(0, 2)...)
}

func testPlainDelivery(t *testing.T, brokers string) {
	r := newRig(t, brokers, 1)
	cfg := r.config(nil, "delivery", "at_least_once")
	cfg.Job = &connectors.Job{ID: "j", Sink: "out"}
	s := r.open(cfg)
	if _, ok := s.(connectors.Transactional); ok {
		t.Error("at least once is transactional")
	}
	r.write(s, numbered(0, 3))
	r.flush(s)
	r.committed(expect(0, 3)...)
	_, err := NewSink(r.config(nil, "delivery", "exactly_once"))
	wantError(t, err, "needs checkpoints", "--checkpoint-dir")
}
