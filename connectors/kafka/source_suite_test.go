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

// sourceTests are tests of the source against any Kafka.
func sourceTests(t *testing.T, brokers string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, brokers string)
	}{
		{"start and end", sourceStartAndEnd}, {"cut by offset", sourceCutByOffset}, {"transactions", sourceTransactions}, {"codecs", sourceCodecs},
		{"resume", sourceResume}, {"group offsets", sourceGroupOffsets}, {"new partitions", sourceNewPartitions},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, brokers) })
	}
}

func TestSource(t *testing.T) { sourceTests(t, address(newCluster(t, kfake.NumBrokers(2)))) }

// sourceStartAndEnd reads ten messages, from 0 to 9, of which each has its number for its
// offset, and five of another partition.
func sourceStartAndEnd(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 2)
	p := writer(t, brokers)
	writeTimed(ctx, t, p, topic, 0, 0, 10)
	writeTimed(ctx, t, p, topic, 1, 100, 105)
	cl, err := newClient(optionsFor(brokers), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := newRetry().DoFor(ctx, testPatience, func() error { return cl.commit(ctx, topic, map[topicPartition]int64{{topic, 0}: 4}) }); err != nil {
		t.Fatal(err)
	}
	ms := func(n int) string { return fmt.Sprint(at(n).UnixMilli()) }
	for _, c2 := range []struct {
		name  string
		pairs []string
		want  string
	}{
		{"earliest", nil, "0 1 2 3 4 5 6 7 8 9 100 101 102 103 104"},
		{"latest", []string{"scan.startup.mode", "latest"}, ""},
		{"timestamp", []string{"scan.startup.mode", "timestamp", "scan.startup.timestamp", ms(7)}, "7 8 9 100 101 102 103 104"},
		{"time as text", []string{"scan.startup.mode", "timestamp", "scan.startup.timestamp", at(103).UTC().Format("2006-01-02 15:04:05")}, "103 104"},
		{"time after all", []string{"scan.startup.mode", "timestamp", "scan.startup.timestamp", ms(1000)}, ""},
		{"specific", []string{"scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:0,offset:8"}, "8 9 100 101 102 103 104"},
		{"specific with topic", []string{"scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "topic:" + topic + ",partition:0,offset:10; partition:1,offset:4"}, "104"},
		{"group", []string{"scan.startup.mode", "group", "group_id", topic}, "4 5 6 7 8 9 100 101 102 103 104"},
		{"end by time", []string{"scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(3)}, "0 1 2"},
		{"end after all", []string{"scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(1000)}, "0 1 2 3 4 5 6 7 8 9 100 101 102 103 104"},
		{"end by offsets", []string{"scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "partition:1,offset:2"}, "100 101"},
		{"both", []string{"scan.startup.mode", "timestamp", "scan.startup.timestamp", ms(2), "scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(102)}, "2 3 4 5 6 7 8 9 100 101"},
		{"pattern", []string{"topic", "", "topic_pattern", "[x-z]?" + topic}, "0 1 2 3 4 5 6 7 8 9 100 101 102 103 104"},
	} {
		t.Run(c2.name, func(t *testing.T) {
			m := map[string]string{"brokers": brokers, "topic": topic, "scan.bounded.mode": "latest"}
			for i := 0; i < len(c2.pairs); i += 2 {
				if m[c2.pairs[i]] = c2.pairs[i+1]; c2.pairs[i+1] == "" {
					delete(m, c2.pairs[i])
				}
			}
			rows, err := readAll(ctx, t, connectors.NewOptions(m))
			if got := numbers(rows, ""); err != nil || got != c2.want {
				t.Errorf("got %s, want %s; %v", got, c2.want, err)
			}
		})
	}
}

// writeTimed writes numbers, each with the time of its number, in batches of one.
func writeTimed(ctx context.Context, t testing.TB, p *kgo.Client, topic string, partition int32, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		r := &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(nil, `{"n":%d}`, n), Timestamp: at(n)}
		if err := p.ProduceSync(ctx, r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// at is a time of the tests' messages.
func at(n int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(n)*1000) }

// sourceCutByOffset ends and starts within a batch.
func sourceCutByOffset(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 1)
	write(ctx, t, writer(t, brokers), topic, 0, 0, 10)
	rows, err := readAll(ctx, t, optionsFor(brokers, "topic", topic, "scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:0,offset:3",
		"scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "partition:0,offset:6"))
	if got := numbers(rows, ""); err != nil || got != "3 4 5" {
		t.Error(got, err)
	}
}

// sourceTransactions reads messages of transactions that were committed, aborted, and are
// under way, one over the other.
func sourceTransactions(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 1)
	plain := writer(t, brokers)
	one, two := writer(t, brokers, kgo.TransactionalID(topic+"-one")), writer(t, brokers, kgo.TransactionalID(topic+"-two"))
	begin := func(p *kgo.Client) {
		if err := p.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
	}
	end := func(p *kgo.Client, how kgo.TransactionEndTry) {
		if err := p.EndTransaction(ctx, how); err != nil {
			t.Fatal(err)
		}
	}
	bounded := optionsFor(brokers, "topic", topic, "scan.bounded.mode", "latest")
	check := func(committed, all string) {
		t.Helper()
		rows, err := readAll(ctx, t, bounded)
		if got := numbers(rows, ""); err != nil || got != committed {
			t.Errorf("committed: got %s, want %s; %v", got, committed, err)
		}
		rows, err = readAll(ctx, t, bounded.With("isolation_level", "read_uncommitted"))
		if got := numbers(rows, ""); err != nil || got != all {
			t.Errorf("uncommitted: got %s, want %s; %v", got, all, err)
		}
	}
	live := openSource(t, optionsFor(brokers, "topic", topic))
	r := openReader(ctx, t, live)

	write(ctx, t, plain, topic, 0, 0, 2)
	begin(one)
	write(ctx, t, one, topic, 0, 10, 12)
	begin(two)
	write(ctx, t, two, topic, 0, 20, 22)
	write(ctx, t, plain, topic, 0, 2, 4)
	check("0 1", "0 1 10 11 20 21 2 3") // both are under way
	want(ctx, t, live, r, "0 1")
	end(one, kgo.TryAbort)
	check("0 1", "0 1 10 11 20 21 2 3")
	write(ctx, t, two, topic, 0, 22, 24)
	end(two, kgo.TryCommit)
	want(ctx, t, live, r, "20 21 2 3 22 23")
	check("0 1 20 21 2 3 22 23", "0 1 10 11 20 21 2 3 22 23")
	begin(one) // the same producer commits after it has aborted
	write(ctx, t, one, topic, 0, 12, 13)
	end(one, kgo.TryCommit)
	want(ctx, t, live, r, "12")
	for i := range 3 { // nothing but aborted messages at the end
		begin(one)
		write(ctx, t, one, topic, 0, 100+i, 102+i)
		end(one, kgo.TryAbort)
	}
	check("0 1 20 21 2 3 22 23 12", "0 1 10 11 20 21 2 3 22 23 12 100 101 101 102 102 103")

	// The whole log is one hole from here, which the reader must pass without handing
	// anything out.
	o := bounded.With("scan.startup.mode", "specific-offsets").With("scan.startup.specific-offsets", "partition:0,offset:15")
	if rows, err := readAll(ctx, t, o); err != nil || len(rows) > 0 {
		t.Error(rows, err)
	}
	write(ctx, t, plain, topic, 0, 4, 5)
	want(ctx, t, live, r, "4")
}

// sourceCodecs reads batches that are compressed in each way.
func sourceCodecs(t *testing.T, brokers string) {
	ctx := testContext(t)
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		t.Run(name, func(t *testing.T) {
			topic := newTopic(ctx, t, brokers, 1)
			p := writer(t, brokers, kgo.ProducerBatchCompression(codec))
			write(ctx, t, p, topic, 0, 0, 5000)
			write(ctx, t, p, topic, 0, 5000, 5001)
			rows, err := readAll(ctx, t, optionsFor(brokers, "topic", topic, "scan.bounded.mode", "latest"))
			if err != nil || len(rows) != 5001 {
				t.Fatal(len(rows), err)
			}
			for i, r := range rows {
				if r.n != int64(i) {
					t.Fatal(i, r)
				}
			}
			_, err = readAll(ctx, t, optionsFor(brokers, "topic", topic, "scan.bounded.mode", "latest", "max_batch_bytes", "1000"))
			if name != "none" {
				wantError(t, err, topic+"/0 offset 0: the batch is larger than max_batch_bytes = 1000")
			}
		})
	}
}

// sourceResume reads on from the positions of another reader.
func sourceResume(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 3)
	p := writer(t, brokers)
	write(ctx, t, p, topic, 0, 0, 3)
	write(ctx, t, p, topic, 1, 10, 12)
	o := optionsFor(brokers, "topic", topic)
	s := openSource(t, o)
	r := openReader(ctx, t, s)
	_, after, err := drain(ctx, t, s, r, 5)
	if err != nil {
		t.Fatal(err)
	}
	write(ctx, t, p, topic, 0, 3, 5)
	write(ctx, t, p, topic, 2, 20, 21)
	resumed := func(o connectors.Options) (connectors.Source, connectors.Reader, error) {
		var at []connectors.Position
		for _, n := range []string{"1", "2", "0"} { // not in order, as when some were found later
			at = append(at, connectors.Position{Partition: topic + "/" + n, At: after[topic+"/"+n]})
		}
		s := openSource(t, o)
		r, err := s.(connectors.Resumable).OpenAt(ctx, at)
		if err == nil {
			t.Cleanup(func() { r.Close() })
		}
		return s, r, err
	}
	s2, r2, err := resumed(o)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r2.(connectors.Partitioned).Partitions(), " "); got != fmt.Sprintf("%[1]s/1 %[1]s/2 %[1]s/0", topic) {
		t.Error(got)
	}
	for i, want := range []int64{2, 0, 3} {
		if pos, err := parsePosition(r2.(interface{ Start(int) []byte }).Start(i)); err != nil || pos.offset != want {
			t.Error(i, pos, err)
		}
	}
	rows, _, err := drain(ctx, t, s2, r2, 3)
	if got := numbers(rows, topic+"/0") + " " + numbers(rows, topic+"/1") + " " + numbers(rows, topic+"/2"); err != nil || got != "3 4  20" {
		t.Error(got, err)
	}

	deleteBefore(ctx, t, p, topic, 0, 4)
	_, _, err = resumed(o)
	wantError(t, err, topic+"/0: offset 3 is gone: the log begins at 4 now", "on_data_loss = 'earliest'")
	s2, r2, err = resumed(o.With("on_data_loss", "earliest"))
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err = drain(ctx, t, s2, r2, 2)
	if got := numbers(rows, topic+"/0") + " " + numbers(rows, topic+"/2"); err != nil || got != "4 20" {
		t.Error(got, err)
	}
	recreate(ctx, t, p, topic)
	_, _, err = resumed(o)
	wantError(t, err, topic+"/0: the messages from offset 3 on are gone: the topic was deleted and created again")
	if _, r, err := resumed(o.With("on_data_loss", "earliest")); err != nil || len(r.(connectors.Partitioned).Partitions()) != 3 {
		t.Error(err)
	}
	delete(after, topic+"/0")
	_, _, err = resumed(o)
	wantError(t, err, topic+"/1: the messages from offset 2 on are gone: the partition is not there any more")
}

func sourceGroupOffsets(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 2)
	p := writer(t, brokers)
	write(ctx, t, p, topic, 0, 0, 3)
	write(ctx, t, p, topic, 1, 3, 5)
	o := optionsFor(brokers, "topic", topic, "group_id", topic, "scan.startup.mode", "group")
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
	if err := newRetry().DoFor(ctx, testPatience, func() error { return r.(connectors.Acknowledged).Acknowledge(ctx, positions) }); err != nil {
		t.Fatal(err)
	}
	write(ctx, t, p, topic, 1, 5, 7)
	again := openSource(t, o)
	want(ctx, t, again, openReader(ctx, t, again), "5 6")

	// A partition that is read apart may be called anything.
	parts, err := connectors.Parts(ctx, openSource(t, o.With("scan.bounded.mode", "latest")))
	if err != nil || len(parts) != 2 {
		t.Fatal(parts, err)
	}
	one := openReader(ctx, t, parts[1].Source)
	rows, after, err := drain(ctx, t, s, one, -1)
	if got := numbers(rows, ""); err != nil || got != "5 6" {
		t.Fatal(got, err)
	}
	positions = []connectors.Position{{Partition: "s", At: after[parts[1].Name]}}
	if err := one.(connectors.Acknowledged).Acknowledge(ctx, append(positions, connectors.Position{Partition: "other"})); err != nil {
		t.Fatal(err)
	}
	rows, err = readAll(ctx, t, o.With("scan.bounded.mode", "latest"))
	if err != nil || len(rows) > 0 {
		t.Error(rows, err)
	}
}

func sourceNewPartitions(t *testing.T, brokers string) {
	ctx := testContext(t)
	topic := newTopic(ctx, t, brokers, 1)
	p := writer(t, brokers)
	s := openSource(t, optionsFor(brokers, "topic_pattern", topic+".*", "discovery_interval", "5ms", "scan.startup.mode", "latest"))
	r := openReader(ctx, t, s)
	req := kmsg.NewPtrCreatePartitionsRequest()
	rt := kmsg.NewCreatePartitionsRequestTopic()
	rt.Topic, rt.Count = topic, 2
	req.Topics = append(req.Topics, rt)
	if code := ask[*kmsg.CreatePartitionsResponse](ctx, t, p, req).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	write(ctx, t, writer(t, brokers), topic, 1, 0, 2)
	want(ctx, t, s, r, "0 1")
	create(ctx, t, p, topic+"-2", 1)
	write(ctx, t, writer(t, brokers), topic+"-2", 0, 2, 4)
	want(ctx, t, s, r, "2 3")
	if got := strings.Join(r.(connectors.Partitioned).Partitions(), " "); got != fmt.Sprintf("%[1]s/0 %[1]s/1 %[1]s-2/0", topic) {
		t.Error(got)
	}
}
