package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tidemark/connectors"
)

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
		write(ctx, t, writer(t, address(c)), "a", 0, 0, 3)
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
