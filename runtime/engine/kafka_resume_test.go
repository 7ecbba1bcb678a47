package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tidemark/connectors"
	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/dataflow"
)

// resumeTopic writes a topic of three partitions in small batches, some of transactions
// that are aborted, and declares it: as s with a watermark and an end, as n without a
// watermark, as l without an end. It returns the number of rows.
func resumeTopic(t *testing.T) (script string, rows int) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(3, "rows"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client := func(opts ...kgo.Opt) *kgo.Client {
		c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	ctx, random := context.Background(), rand.New(rand.NewPCG(3, 4))
	plain, aborting := client(), client(kgo.TransactionalID("aborting"))
	write := func(p *kgo.Client, batch int) {
		var records []*kgo.Record
		for i := range 50 {
			at := time.Date(2026, 1, 5, 10, 0, batch-random.IntN(4), i*1e6, time.UTC)
			value := fmt.Sprintf(`{"ts":"%s","k":"k%d","x":%d}`, at.Format(time.RFC3339Nano), random.IntN(5), random.IntN(10))
			records = append(records, &kgo.Record{Topic: "rows", Partition: int32(batch % 3), Value: []byte(value)})
		}
		if err := p.ProduceSync(ctx, records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for batch := range 120 {
		if batch%10 == 5 {
			if err := aborting.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			write(aborting, batch)
			if err := aborting.EndTransaction(ctx, kgo.TryAbort); err != nil {
				t.Fatal(err)
			}
		}
		write(plain, batch)
		rows += 50
	}
	with := fmt.Sprintf("WITH (connector = 'kafka', brokers = '%s', topic = 'rows', format = 'json', fetch_memory = '64 KB'", strings.Join(cluster.ListenAddrs(), ","))
	return fmt.Sprintf(`CREATE STREAM s (k STRING, x INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) %[1]s, scan.bounded.mode = 'latest');
CREATE STREAM n (k STRING, x INT, at BIGINT METADATA FROM 'offset') %[1]s, scan.bounded.mode = 'latest');
CREATE STREAM l (k STRING, x INT, part BIGINT METADATA FROM 'partition', at BIGINT METADATA FROM 'offset') %[1]s);
`, with), rows
}

// TestResumeKafka is TestResume over a topic.
func TestResumeKafka(t *testing.T) {
	world, _ := resumeTopic(t)
	for name, query := range map[string]string{
		"tumble": "SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND",
		"plain":  "SELECT k, x, at FROM n WHERE x > 2",
	} {
		t.Run(name, func(t *testing.T) {
			script, random := world+query+";", rand.New(rand.NewPCG(5, 7))
			want, _ := runRecorded(t, script, 1, random, nil, 0)
			if len(want) < 10 {
				t.Fatalf("only %d changes", len(want))
			}
			for round := range 3 {
				workers := 1 + round
				lines, points := runRecorded(t, script, workers, random, nil, 30)
				compareLines(t, fmt.Sprintf("round %d", round), want, lines)
				for _, p := range points {
					rest, _ := runRecorded(t, script, workers, random, p.state, 0)
					compareLines(t, fmt.Sprintf("round %d, behind %d rows", round, len(p.lines)), want, append(slices.Clone(p.lines), rest...))
				}
			}
		})
	}
}

// TestResumeLiveKafka goes on from a checkpoint of an input without an end: every message
// is there once.
func TestResumeLiveKafka(t *testing.T) {
	script, rows := resumeTopic(t)
	script += "SELECT part, at, k, x FROM l;"
	run := func(from *dataflow.Snapshot, until int) (points []saved) {
		job, problems, err := New(builtin.Registry()).Prepare(source.NewFile("resume.sql", script), Options{Output: "changelog", Workers: 2})
		if problems.HasErrors() || err != nil {
			t.Fatal(problems.Render(), err)
		}
		rec := &record{}
		job.program.Statements[0].Sink.Sink = rec
		stop, end := context.WithCancel(context.Background())
		defer end()
		running, err := job.program.Flow.Start(stop, context.Background(), from)
		if err != nil {
			t.Fatal(err)
		}
		for len(points) == 0 || len(points[len(points)-1].lines) < until {
			var at []string
			state, err := running.Checkpoint(func(connectors.Sink) error {
				at = slices.Clone(rec.lines)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			points = append(points, saved{state, at})
		}
		end()
		if err := running.Wait(); err != nil {
			t.Fatal(err)
		}
		return points
	}
	points := run(nil, rows)
	want := points[len(points)-1].lines
	slices.Sort(want)
	if n := len(slices.Compact(slices.Clone(want))); n != rows || len(want) != rows {
		t.Fatalf("%d rows, %d of them different, want %d", len(want), n, rows)
	}
	for _, i := range []int{0, len(points) / 3, len(points) / 2} {
		p := points[i]
		rest := run(p.state, rows-len(p.lines))
		got := append(slices.Clone(p.lines), rest[len(rest)-1].lines...)
		slices.Sort(got)
		compareLines(t, fmt.Sprintf("behind %d rows", len(p.lines)), want, got)
	}
}
