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
	"tidemark/runtime/checkpoint"
	"tidemark/runtime/dataflow"
)

// benched is a job that goes on while its checkpoints are measured.
type benched struct {
	b *testing.B
	*dataflow.Running
	sources []*dataflow.Source
}

// startCounting starts a job that counts and sums by an expression over the numbers from 0.
func startCounting(b *testing.B, key string) *benched {
	return startBenched(b, fmt.Sprintf(`CREATE STREAM d (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'datagen', 'fields.k.kind' = 'sequence', 'fields.ts.start' = '2026-01-01T00:00:00Z', 'fields.ts.step' = '1ms');
SELECT k, COUNT(*) AS n, SUM(k) AS s FROM (SELECT ts, %s AS k FROM d) GROUP BY TUMBLE(ts, INTERVAL '1000' DAY), k;`, key))
}

func startBenched(b *testing.B, script string) *benched {
	job, problems, err := New(builtin.Registry()).Prepare(source.NewFile("bench.sql", script), Options{Output: "none"})
	if problems.HasErrors() || err != nil {
		b.Fatal(problems.Render(), err)
	}
	flow := job.program.Flow
	running, err := flow.Start(context.Background(), context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	return &benched{b, running, flow.Sources}
}

// read lets the job read so many rows of each source, without a checkpoint.
func (c *benched) read(rows int) {
	for _, s := range c.sources {
		for s.Stats().Read < int64(rows) {
			c.Quiet(nil)
		}
	}
	c.Quiet(nil)
}

func (c *benched) checkpoint() *dataflow.Snapshot {
	s, err := c.Checkpoint(nil)
	if err != nil {
		c.b.Fatal(err)
	}
	return s
}

// stall makes a checkpoint, and returns how long it kept a worker from its rows.
func (c *benched) stall() time.Duration {
	s := c.checkpoint()
	defer c.Recycle(s)
	return s.Stall()
}

func (c *benched) stop() {
	c.Stop()
	if err := c.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		c.b.Fatal(err)
	}
	runtime.GC()
}

func report(b *testing.B, d time.Duration, unit string) {
	b.ReportMetric(float64(d.Microseconds())/1000, unit)
}

// BenchmarkCheckpoint saves what a window of many keys remembers while rows go on, and
// reports how long that keeps a worker from its rows at most: by the first checkpoint, by
// one before which the keys have become twice as many, and by the others.
func BenchmarkCheckpoint(b *testing.B) {
	for _, keys := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("%d keys", keys), func(b *testing.B) {
			key := fmt.Sprintf("k %% %d", keys)
			c := startCounting(b, key)
			c.read(keys / 2)
			c.stall()
			c.read(keys)
			doubled := c.stall()
			c.stop()
			c = startCounting(b, key)
			c.read(keys)
			first := c.stall()
			b.ResetTimer()
			var stall time.Duration
			size := 0
			for range b.N {
				s := c.checkpoint()
				stall, size = max(stall, s.Stall()), s.Size()
				c.Recycle(s)
			}
			b.StopTimer()
			report(b, first, "ms-first")
			report(b, doubled, "ms-doubled")
			report(b, stall, "ms-stall")
			b.ReportMetric(float64(size)/float64(keys), "bytes/key")
			c.stop()
		})
	}
}

// BenchmarkCheckpointWritten writes checkpoints of a window of many keys, of which few or
// all have got rows since the one before, and reports how many bytes of the state each
// writes to the disk, in percent.
func BenchmarkCheckpointWritten(b *testing.B) {
	const keys = 10_000_000
	for _, touched := range []int{1, 1000, 10_000, 100_000, keys} {
		b.Run(fmt.Sprintf("%d keys of 10 million", touched), func(b *testing.B) {
			// All keys at first, then some that are spread over them evenly.
			c := startCounting(b, fmt.Sprintf("CASE WHEN k < %d THEN k ELSE k %% %d * %d END", keys, touched, keys/touched))
			c.read(keys)
			store := checkpoint.NewStore(checkpoint.Dir(b.TempDir()), checkpoint.Retained)
			number := int64(0)
			save := func() (written int64, size int) {
				s := c.checkpoint()
				number++
				written, err := store.Save(&checkpoint.Checkpoint{Number: number, Job: "bench", Parts: s.Parts()})
				if err != nil {
					b.Fatal(err)
				}
				size = s.Size()
				c.Recycle(s)
				return written, size
			}
			first, size := save()
			b.ResetTimer()
			b.ReportMetric(100*float64(first)/float64(size), "%-first")
			written, whole := int64(0), 0
			for range b.N {
				rows := c.sources[0].Stats().Read
				c.read(int(rows) + touched)
				n, size := save()
				written, whole = written+n, whole+size
			}
			b.StopTimer()
			b.ReportMetric(100*float64(written)/float64(whole), "%-written")
			c.stop()
		})
	}
}
