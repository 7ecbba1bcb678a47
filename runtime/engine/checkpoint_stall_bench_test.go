package engine

import (
	"testing"
	"time"
)

// stallCases are queries that remember much when each of their sources has given so many
// rows. The streams a and b count k, whose times are a millisecond apart.
var stallCases = []struct {
	name, query string
	rows        int
}{
	{"interval join", "SELECT a.k, a.v, b.w FROM a JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '1' DAY AND a.ts + INTERVAL '1' DAY", 2_000_000},
	{"interval join, 1000 keys", "SELECT a.k, a.v, b.w FROM a JOIN b ON a.k % 1000 = b.k % 1000 + 1000 AND b.ts BETWEEN a.ts - INTERVAL '1' DAY AND a.ts + INTERVAL '1' DAY", 2_000_000},
	{"left interval join", "SELECT a.k, a.v, b.w FROM a LEFT JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '1' DAY AND a.ts + INTERVAL '1' DAY", 2_000_000},
	{"asof", "SELECT a.k, a.v, b.w FROM a ASOF JOIN b ON a.k = b.k AND b.ts <= a.ts", 2_000_000},
	{"asof, 1000 keys", "SELECT a.k, a.v, b.w FROM a ASOF JOIN b ON a.k % 1000 = b.k % 1000 AND b.ts <= a.ts", 2_000_000},
	{"regular join", "SET state_ttl = '1 day'; SELECT a.k, a.v, b.w FROM a JOIN b ON a.k = b.k", 2_000_000},
	{"over", "SELECT a.k, SUM(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS s FROM a", 2_000_000},
	{"over, 200000 keys", "SELECT a.k, SUM(v) OVER (PARTITION BY k % 200000 ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS s FROM a", 4_000_000},
	{"over, unbounded", "SELECT a.k, COUNT(*) OVER (PARTITION BY k ORDER BY ts) AS s FROM a", 2_000_000},
	{"sessions", "SELECT k, COUNT(*) AS n FROM a GROUP BY SESSION(ts, INTERVAL '1' DAY), k", 2_000_000},
	{"hop", "SELECT k, COUNT(*) AS n FROM (SELECT ts, k % 1000000 AS k FROM a) GROUP BY HOP(ts, INTERVAL '1000' SECOND, INTERVAL '10000' SECOND), k", 10_000_000},
	{"top", "SELECT * FROM (SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS r FROM a) WHERE r <= 3", 2_000_000},
	{"distinct", "SELECT DISTINCT k FROM a", 2_000_000},
}

const streams = `CREATE STREAM a (k BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'datagen', 'fields.k.kind' = 'sequence', 'fields.ts.start' = '2026-01-01T00:00:00Z', 'fields.ts.step' = '1ms');
CREATE STREAM b (k BIGINT, w BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'datagen', 'fields.k.kind' = 'sequence', 'fields.ts.start' = '2026-01-01T00:00:00Z', 'fields.ts.step' = '1ms');
`

// BenchmarkCheckpointStall saves what operators of each kind remember, and reports the
// longest time that this keeps a worker from its rows, and how much they save.
func BenchmarkCheckpointStall(b *testing.B) {
	for _, c := range stallCases {
		b.Run(c.name, func(b *testing.B) {
			job := startBenched(b, streams+c.query+";")
			job.read(c.rows)
			job.stall()
			b.ResetTimer()
			var stall, passes time.Duration
			size := 0
			for range b.N {
				began := time.Now()
				s := job.checkpoint()
				stall, passes, size = max(stall, s.Stall()), max(passes, time.Since(began)), s.Size()
				job.Recycle(s)
			}
			b.StopTimer()
			report(b, stall, "ms-stall")
			report(b, passes, "ms-passing")
			b.ReportMetric(float64(size)/1e6, "MB")
			job.stop()
		})
	}
}
