package kafka

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors"
)

// TestIdle checks that a partition is at its end once all that can be read was handed out,
// also before a transaction that is under way.
func TestIdle(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(2, "a"))
	one := writer(t, address(c), kgo.TransactionalID("one"))
	s, err := NewSource(connectors.SourceConfig{Name: "s", Schema: testSchema, Needed: []int{0}, Options: options(c, "topic", "a", "format", "json"),
		Now: func() int64 { return 42 }})
	if err != nil {
		t.Fatal(err)
	}
	r := openReader(ctx, t, s)
	many := r.(connectors.Partitioned)
	write(ctx, t, writer(t, address(c)), "a", 0, 0, 3)
	want(ctx, t, s, r, "0 1 2")
	if err := one.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	write(ctx, t, one, "a", 0, 3, 4)
	write(ctx, t, writer(t, address(c)), "a", 1, 5, 6)
	want(ctx, t, s, r, "5")
	for p := range 2 {
		if since, ok := many.AtEnd(p); !ok || since != 42 {
			t.Error(p, since, ok)
		}
	}
}

// TestCompacted reads a log in which newer messages of a key have replaced older ones.
func TestCompacted(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1))
	p := writer(t, address(c))
	create(ctx, t, p, "a", 1, "cleanup.policy", "compact")
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
