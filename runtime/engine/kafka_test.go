package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// topics starts a cluster in this process and returns its address and what writes to it.
func topics(t *testing.T, partitions int32, names ...string) (string, *kgo.Client) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(partitions, names...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	p, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(20_000))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return strings.Join(c.ListenAddrs(), ","), p
}

// TestKafkaAsFiles runs queries over the partitions of a topic and over files with the same
// rows, one for each partition, in several shapes: the changelogs are the same bytes.
func TestKafkaAsFiles(t *testing.T) {
	const partitions = 4
	brokers, p := topics(t, partitions, "rows")
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	var files [partitions]bytes.Buffer
	var records []*kgo.Record
	for i := range 20_000 {
		of := r.IntN(partitions)
		line := fmt.Sprintf(`{"ts":"%s","k":"%c","v":%d}`, stamp(int64(i/40)-r.Int64N(4)), 'a'+r.IntN(5), r.IntN(100))
		fmt.Fprintln(&files[of], line)
		records = append(records, &kgo.Record{Topic: "rows", Partition: int32(of), Value: []byte(line)})
	}
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("part-%d.ndjson", i)), files[i].Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	const script = `CREATE STREAM rows (ts TIMESTAMP, k STRING, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (%s);
SELECT window_start, k, COUNT(*) AS n, SUM(v) AS total FROM rows GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k;`
	fromFiles := fmt.Sprintf(script, fmt.Sprintf("path = '%s/part-*.ndjson', partitioned = 'true'", dir))
	fromKafka := fmt.Sprintf(script, fmt.Sprintf("connector = 'kafka', brokers = '%s', topic = 'rows', format = 'json', scan.bounded.mode = 'latest', fetch_memory = '64 KB'", brokers))
	want, _ := run(t, fromFiles, engine.Options{Output: "changelog", Workers: 1})
	if strings.Count(want, "\n") < 200 {
		t.Fatal("too few rows to tell anything")
	}
	for _, shape := range []engine.Options{{Workers: 1}, {Workers: 2}, {Workers: 3, BatchRows: 7}} {
		shape.Output = "changelog"
		got, report := run(t, fromKafka, shape)
		if got != want {
			t.Errorf("workers %d, batches of %d: the changelogs differ", shape.Workers, shape.BatchRows)
		}
		if n := report.Sources[0].Read; n != 20_000 {
			t.Errorf("%d rows were read", n)
		}
	}
}

// TestKafkaMetadata reads what is told of messages, and how bad ones are named.
func TestKafkaMetadata(t *testing.T) {
	brokers, p := topics(t, 1, "rows")
	for _, r := range []*kgo.Record{
		{Key: []byte("k1"), Value: []byte(`{"v":1}`), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("x")}}},
		{Value: nil, Key: []byte("gone")},
		{Value: []byte(`{"v":2}`)},
		{Value: []byte(`{"v":"x"}`)},
		{Value: []byte(`{"v":0}`)},
	} {
		r.Topic = "rows"
		if err := p.ProduceSync(context.Background(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	const script = `CREATE STREAM rows (v BIGINT, topic STRING METADATA, partition BIGINT METADATA, off BIGINT METADATA FROM 'offset', key STRING METADATA, headers JSON METADATA)
WITH (connector = 'kafka', brokers = '%s', topic = 'rows', format = 'json', scan.bounded.mode = 'latest', on_error = '%s');
%s`
	got, report := run(t, fmt.Sprintf(script, brokers, "skip", "SELECT * FROM rows;"), engine.Options{Output: "csv"})
	want := `v,topic,partition,off,key,headers
1,rows,0,0,k1,"{""h"":""x""}"
2,rows,0,2,,{}
0,rows,0,4,,{}
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if s := report.Sources[0]; s.Read != 4 || s.Rejected != 1 || s.Skipped != 1 {
		t.Errorf("%d read, %d rejected, %d skipped", s.Read, s.Rejected, s.Skipped)
	}
	dead := filepath.Join(t.TempDir(), "dead.csv")
	run(t, fmt.Sprintf(script, brokers, "dead_letter', dead_letter = 'dead", fmt.Sprintf("CREATE STREAM dead (input STRING, line BIGINT, record STRING) WITH (path = '%s');\nSELECT v FROM rows;", dead)), engine.Options{})
	if text, err := os.ReadFile(dead); err != nil || string(text) != "input,line,record\nrows/0,3,\"{\"\"v\"\":\"\"x\"\"}\"\n" {
		t.Errorf("%q, %v", text, err)
	}
	for query, want := range map[string]string{
		"SELECT v FROM rows;":                 "rows/0 offset 3: column v: ",
		"SELECT 1 / v FROM rows WHERE v < 5;": "rows/0 offset 3: column v: ",
	} {
		if err := failing(t, fmt.Sprintf(script, brokers, "fail", query)); !strings.Contains(err, want) {
			t.Errorf("got %q, want %q", err, want)
		}
	}
	if err := failing(t, fmt.Sprintf(script, brokers, "skip", "SELECT 1 / v FROM rows;")); !strings.Contains(err, "rows/0 offset 4") {
		t.Errorf("got %q", err)
	}
}

// failing runs a script and returns what it fails with.
func failing(t *testing.T, sql string) string {
	t.Helper()
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("test.sql", sql), engine.Options{Stdout: &bytes.Buffer{}})
	if err != nil || problems.HasErrors() {
		t.Fatal(problems.Render(), err)
	}
	_, err = job.Run(context.Background(), context.Background())
	if err == nil {
		t.Fatal("it does not fail")
	}
	return err.Error()
}
