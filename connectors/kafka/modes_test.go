package kafka

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tidemark/connectors"
)

// at is a time of the tests' messages.
func at(n int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(n)*1000) }

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

// TestStartAndEnd reads ten messages, from 0 to 9, of which each has its number for its
// offset, and five of another partition.
func TestStartAndEnd(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(2, "a"))
	p := writer(t, c)
	writeTimed(ctx, t, p, "a", 0, 0, 10)
	writeTimed(ctx, t, p, "a", 1, 100, 105)
	cl, err := newClient(options(c), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := new(retrier).again(ctx, patience, func() error { return cl.commit(ctx, "g", map[topicPartition]int64{{"a", 0}: 4}) }); err != nil {
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
		{"specific with topic", []string{"scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "topic:a,partition:0,offset:10; partition:1,offset:4"}, "104"},
		{"group", []string{"scan.startup.mode", "group", "group_id", "g"}, "4 5 6 7 8 9 100 101 102 103 104"},
		{"end by time", []string{"scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(3)}, "0 1 2"},
		{"end after all", []string{"scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(1000)}, "0 1 2 3 4 5 6 7 8 9 100 101 102 103 104"},
		{"end by offsets", []string{"scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "partition:1,offset:2"}, "100 101"},
		{"both", []string{"scan.startup.mode", "timestamp", "scan.startup.timestamp", ms(2), "scan.bounded.mode", "timestamp", "scan.bounded.timestamp", ms(102)}, "2 3 4 5 6 7 8 9 100 101"},
		{"pattern", []string{"topic", "", "topic_pattern", "[a-c]"}, "0 1 2 3 4 5 6 7 8 9 100 101 102 103 104"},
	} {
		t.Run(c2.name, func(t *testing.T) {
			m := map[string]string{"brokers": address(c), "topic": "a", "scan.bounded.mode": "latest"}
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

// TestCutByOffset ends and starts within a batch.
func TestCutByOffset(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
	write(ctx, t, writer(t, c), "a", 0, 0, 10)
	rows, err := readAll(ctx, t, options(c, "topic", "a", "scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:0,offset:3",
		"scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "partition:0,offset:6"))
	if got := numbers(rows, ""); err != nil || got != "3 4 5" {
		t.Error(got, err)
	}
}

func TestWrongOptions(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "clicks", "orders"))
	for _, c2 := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"topic", "clikcs"}, "no topic 'clikcs' (did you mean clicks?)"},
		{[]string{"topic", "payments"}, "there are: clicks, orders"},
		{[]string{"topic_pattern", "x.*"}, "no topic that topic_pattern matches (there are: clicks, orders)"},
		{[]string{"topic", "clicks", "scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:7,offset:1"}, "there is no partition clicks/7"},
		{[]string{"topic", "clicks", "scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets", "partition:0,offset:5"}, "clicks/0: offsets 0 to 4 are gone: the log ends at 0 now"},
	} {
		o := options(c, append(c2.pairs, "format", "json")...)
		s := openSource(t, o)
		_, err := s.Open(ctx)
		wantError(t, err, c2.want)
	}
	for _, c2 := range []struct {
		pairs []string
		want  string
	}{
		{nil, "needs the option topic"},
		{[]string{"topic", "a,a"}, "named twice"},
		{[]string{"topic", "a", "topic_pattern", "b"}, "both name topics"},
		{[]string{"topic_pattern", "("}, "not a regular expression"},
		{[]string{"topic", "a", "scan.startup.mode", "late"}, "did you mean latest?"},
		{[]string{"topic", "a", "scan.startup.mode", "group"}, "needs the option group_id"},
		{[]string{"topic", "a", "scan.startup.mode", "timestamp"}, "needs the option scan.startup.timestamp"},
		{[]string{"topic", "a", "scan.startup.timestamp", "1"}, "does nothing under scan.startup.mode = 'earliest'"},
		{[]string{"topic", "a", "scan.bounded.mode", "timestamp", "scan.bounded.timestamp", "soon"}, "is not a time"},
		{[]string{"topic", "a", "scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "0:1"}, "is none of topic:name, partition:number and offset:number"},
		{[]string{"topic", "a,b", "scan.bounded.mode", "offsets", "scan.bounded.specific-offsets", "partition:0,offset:1"}, "lacks a topic"},
	} {
		_, err := NewSource(connectors.SourceConfig{Name: "s", Schema: testSchema, Needed: []int{0}, Options: options(c, append(c2.pairs, "format", "json")...)})
		wantError(t, err, c2.want)
	}
}

// TestVersions reads from brokers that know only older requests.
func TestVersions(t *testing.T) {
	ctx := testContext(t)
	for _, most := range []map[int16]int16{
		{int16(kmsg.Metadata): 7, int16(kmsg.Fetch): 4, int16(kmsg.ListOffsets): 1},
		{int16(kmsg.Fetch): 7, int16(kmsg.ListOffsets): 3},
		{int16(kmsg.Fetch): 10},
	} {
		c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "a"))
		write(ctx, t, writer(t, c), "a", 0, 0, 3)
		c.ControlKey(int16(kmsg.ApiVersions), func(req kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			res := req.ResponseKind().(*kmsg.ApiVersionsResponse)
			for key := int16(0); key < 50; key++ {
				k := kmsg.NewApiVersionsResponseApiKey()
				k.ApiKey, k.MaxVersion = key, 30
				if m, ok := most[key]; ok {
					k.MaxVersion = m
				}
				res.ApiKeys = append(res.ApiKeys, k)
			}
			return res, nil, true
		})
		rows, err := readAll(ctx, t, options(c, "topic", "a", "scan.bounded.mode", "latest"))
		if got := numbers(rows, ""); err != nil || got != "0 1 2" {
			t.Error(most, got, err)
		}
	}
}
