package expr

import (
	"fmt"
	"testing"

	"tidemark/operators/data"
)

// eventBatch has timestamps a minute apart and JSON documents, as JSON and as text.
func eventBatch() (*data.Batch, data.Schema) {
	schema := data.Schema{{Name: "t", Type: data.Of(data.Timestamp)}, {Name: "j", Type: data.Of(data.JSON)}, {Name: "s", Type: data.Of(data.String)}, {Name: "w", Type: data.Of(data.String)}, {Name: "n", Type: data.DecimalType(12, 2)}, {Name: "v", Type: data.Of(data.Interval)}}
	b := &data.Batch{N: 1000}
	for _, c := range schema {
		v := &data.Vector{}
		v.Reset(c.Type)
		b.Cols = append(b.Cols, v)
	}
	for i := range b.N {
		us := 1_774_700_000_000_000 + int64(i)*data.Minute
		b.Cols[0].AppendInt(us)
		doc := fmt.Appendf(nil, `{"id":%d,"tags":["a","b\u00e4"],"user":{"name":"u%d","score":%d.50},"ok":true}`, i, i%7, i)
		b.Cols[1].AppendText(doc)
		b.Cols[2].AppendText(doc)
		b.Cols[3].AppendText(fmt.Appendf(nil, "%02d/Mar/2026:%02d:%02d:%02d +0100", i%28+1, i%24, i%60, i%60))
		b.Cols[4].AppendInt(int64(i) * 12345)
		b.Cols[5].AppendWide(data.NewInterval(int64(i%3), int64(i)*data.Second))
	}
	return b, schema
}

var warmTexts = []string{
	"t AT TIME ZONE 'Europe/Berlin'", "FROM_LOCAL_TIME(t, 'America/New_York')", "DATE_TRUNC('day', t, 'Europe/Berlin')", "DATE_TRUNC('month', t)", "DATE_BIN(INTERVAL '15' MINUTE, t)", "EXTRACT(WEEK FROM t)", "TIMESTAMPDIFF('month', t, TIMESTAMP '2030-01-01 00:00:00')", "AGE(t, TIMESTAMP '2000-01-01 00:00:00')",
	"TO_CHAR(t, 'FMDay, DD Month YYYY HH24:MI:SS.US')", "DATE_FORMAT(t, 'yyyy-MM-dd HH:mm:ss')", "TO_TIMESTAMP(w, 'dd/MMM/yyyy:HH:mm:ss Z')", "TO_TIMESTAMP(w, 'DD/Mon/YYYY:HH24:MI:SS TZH')", "TO_CHAR(n, 'FM999,999,999.00')", "EPOCH_MS(t)", "CEIL(t, 'hour')", "t + v",
	"j -> 'user' ->> 'name'", "j -> 'tags' -> -1", "s ->> 'ok'", "JSON_VALUE(j, '$.user.score')", "JSON_VALUE(s, '$.user.score')", "JSON_QUERY(j, '$.tags[*]')", "JSON_EXISTS(j, '$.user.none')", "JSON_TYPEOF(s)", "JSON_OBJECT('t', t, 'n', n, 'j', j)", "JSON_ARRAY(n, t)", "JSON_ARRAY_LENGTH(j -> 'tags')", "s IS JSON", "TRY_PARSE_JSON(s)",
}

// A program that has seen a batch allocates nothing for the next.
func TestWarmTimeAndJSONAllocateNothing(t *testing.T) {
	b, schema := eventBatch()
	for _, text := range warmTexts {
		p := Compile(mustBind(t, text, schema))
		var v data.Vector
		if got := testing.AllocsPerRun(5, func() {
			if err := p.Eval(b, nil, &v); err != nil {
				t.Fatal(text, err)
			}
		}); got > 0 {
			t.Errorf("%s allocates %v times a batch", text, got)
		}
	}
}

func BenchmarkTimeAndJSON(b *testing.B) {
	batch, schema := eventBatch()
	for _, text := range warmTexts {
		b.Run(text, func(b *testing.B) {
			p := Compile(mustBind(b, text, schema))
			var v data.Vector
			for b.Loop() {
				if err := p.Eval(batch, nil, &v); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.N), "ns/row")
		})
	}
}
