package kafka

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors"
)

// TestTransactions reads messages of transactions that were committed, aborted, and are
// under way, one over the other.
func TestTransactions(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	plain := writer(t, c)
	one, two := writer(t, c, kgo.TransactionalID("one")), writer(t, c, kgo.TransactionalID("two"))
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
	bounded := options(c, "topic", "a", "scan.bounded.mode", "latest")
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
	live := openSource(t, options(c, "topic", "a"))
	r := openReader(ctx, t, live)

	write(ctx, t, plain, "a", 0, 0, 2)
	begin(one)
	write(ctx, t, one, "a", 0, 10, 12)
	begin(two)
	write(ctx, t, two, "a", 0, 20, 22)
	write(ctx, t, plain, "a", 0, 2, 4)
	check("0 1", "0 1 10 11 20 21 2 3") // both are under way
	want(ctx, t, live, r, "0 1")
	end(one, kgo.TryAbort)
	check("0 1", "0 1 10 11 20 21 2 3")
	write(ctx, t, two, "a", 0, 22, 24)
	end(two, kgo.TryCommit)
	check("0 1 20 21 2 3 22 23", "0 1 10 11 20 21 2 3 22 23")
	want(ctx, t, live, r, "20 21 2 3 22 23")
	begin(one) // the same producer commits after it has aborted
	write(ctx, t, one, "a", 0, 12, 13)
	end(one, kgo.TryCommit)
	want(ctx, t, live, r, "12")
	for i := range 3 { // nothing but aborted messages at the end
		begin(one)
		write(ctx, t, one, "a", 0, 100+i, 102+i)
		end(one, kgo.TryAbort)
	}
	check("0 1 20 21 2 3 22 23 12", "0 1 10 11 20 21 2 3 22 23 12 100 101 101 102 102 103")

	// The whole log is one hole from here, which the reader must pass without handing
	// anything out.
	o := bounded.With("scan.startup.mode", "specific-offsets").With("scan.startup.specific-offsets", "partition:0,offset:15")
	if rows, err := readAll(ctx, t, o); err != nil || len(rows) > 0 {
		t.Error(rows, err)
	}
	write(ctx, t, plain, "a", 0, 4, 5)
	want(ctx, t, live, r, "4")
}

// TestIdle checks that a partition is at its end once all that can be read was handed out,
// also before a transaction that is under way.
func TestIdle(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(2, "a"))
	one := writer(t, c, kgo.TransactionalID("one"))
	s, err := NewSource(connectors.SourceConfig{Name: "s", Schema: testSchema, Needed: []int{0}, Options: options(c, "topic", "a", "format", "json"),
		Now: func() int64 { return 42 }})
	if err != nil {
		t.Fatal(err)
	}
	r := openReader(ctx, t, s)
	many := r.(connectors.Partitioned)
	write(ctx, t, writer(t, c), "a", 0, 0, 3)
	want(ctx, t, s, r, "0 1 2")
	if err := one.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	write(ctx, t, one, "a", 0, 3, 4)
	write(ctx, t, writer(t, c), "a", 1, 5, 6)
	want(ctx, t, s, r, "5")
	for p := range 2 {
		if since, ok := many.AtEnd(p); !ok || since != 42 {
			t.Error(p, since, ok)
		}
	}
}

// TestCodecs reads batches that are compressed in each way.
func TestCodecs(t *testing.T) {
	ctx := testContext(t)
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
			p := writer(t, c, kgo.ProducerBatchCompression(codec))
			write(ctx, t, p, "a", 0, 0, 5000)
			write(ctx, t, p, "a", 0, 5000, 5001)
			rows, err := readAll(ctx, t, options(c, "topic", "a", "scan.bounded.mode", "latest"))
			if err != nil || len(rows) != 5001 {
				t.Fatal(len(rows), err)
			}
			for i, r := range rows {
				if r.n != int64(i) {
					t.Fatal(i, r)
				}
			}
			_, err = readAll(ctx, t, options(c, "topic", "a", "scan.bounded.mode", "latest", "max_batch_bytes", "1000"))
			if name != "none" {
				wantError(t, err, "a/0 offset 0: the batch is larger than max_batch_bytes = 1000")
			}
		})
	}
}

// TestCompacted reads a log in which newer messages of a key have replaced older ones.
func TestCompacted(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1))
	p := writer(t, c)
	create(ctx, t, p, "a", "cleanup.policy", "compact")
	for round, keys := range []string{"0123", "123", "4", "34", "5"} {
		var rs []*kgo.Record
		for _, key := range keys {
			rs = append(rs, &kgo.Record{Topic: "a", Key: []byte(string(key)), Value: fmt.Appendf(nil, `{"n":%d}`, round*10+int(key-'0'))})
		}
		if err := p.ProduceSync(ctx, rs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	before, err := readAll(ctx, t, options(c, "topic", "a", "scan.bounded.mode", "latest"))
	if got := numbers(before, ""); err != nil || got != "0 1 2 3 11 12 13 24 33 34 45" {
		t.Fatal(got, err)
	}
	c.Compact() // leaves holes at the end of the first batch and of the second, and no third
	for start, want := range map[string]string{"0": "0 11 12 33 34 45", "1": "11 12 33 34 45", "6": "33 34 45", "7": "33 34 45", "10": "45"} {
		rows, err := readAll(ctx, t, options(c, "topic", "a", "scan.bounded.mode", "latest", "scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:0,offset:"+start))
		if got := numbers(rows, ""); err != nil || got != want {
			t.Errorf("from %s: got %s, want %s; %v", start, got, want, err)
		}
	}
}
