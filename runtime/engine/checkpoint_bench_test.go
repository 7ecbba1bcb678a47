package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/dataflow"
)

// BenchmarkCheckpoint saves what a window of many keys remembers while rows go on, and
// reports how long that keeps a worker from its rows at most.
func BenchmarkCheckpoint(b *testing.B) {
	for _, keys := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("%d keys", keys), func(b *testing.B) {
			script := fmt.Sprintf(`CREATE STREAM d (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'datagen', 'fields.k.kind' = 'sequence', 'fields.ts.start' = '2026-01-01T00:00:00Z', 'fields.ts.step' = '1ms');
SELECT k, COUNT(*) AS n, SUM(k) AS s FROM (SELECT ts, k %% %d AS k FROM d) GROUP BY TUMBLE(ts, INTERVAL '1000' DAY), k;`, keys)
			job, problems, err := New(builtin.Registry()).Prepare(source.NewFile("bench.sql", script), Options{Output: "none"})
			if problems.HasErrors() || err != nil {
				b.Fatal(problems.Render(), err)
			}
			flow := job.program.Flow
			running, err := flow.Start(context.Background(), context.Background(), nil)
			if err != nil {
				b.Fatal(err)
			}
			checkpoint := func() *dataflow.Snapshot {
				s, err := running.Checkpoint(nil)
				if err != nil {
					b.Fatal(err)
				}
				return s
			}
			for flow.Sources[0].Stats().Read < int64(keys) {
				running.Recycle(checkpoint())
			}
			running.Recycle(checkpoint())
			running.Recycle(checkpoint())
			runtime.GC()
			b.ResetTimer()
			var stall time.Duration
			size := 0
			for range b.N {
				s := checkpoint()
				stall, size = max(stall, s.Stall()), s.Size()
				running.Recycle(s)
			}
			b.StopTimer()
			b.ReportMetric(float64(stall.Microseconds())/1000, "ms-stall")
			b.ReportMetric(float64(size)/float64(keys), "bytes/key")
			running.Stop()
			if err := running.Wait(); err != nil && !errors.Is(err, context.Canceled) {
				b.Fatal(err)
			}
		})
	}
}
