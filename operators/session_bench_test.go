package operators_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// sessionInput makes batches of rows of many keys, two milliseconds apart and out
// of order by up to two seconds, one in a hundred by up to ten minutes, with the
// moves of a watermark that is 603 seconds behind.
func sessionInput(rows, keys int) []*data.Batch {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 8, uint64(keys-1))
	pool := data.NewPool(in)
	var batches []*data.Batch
	now, wm := int64(1_767_607_200_000_000), int64(data.MinTime)
	for seq := 0; seq < rows; {
		b := pool.Get()
		b.Seq = int64(seq)
		for b.N < 4096 {
			now += 2000
			at := now - r.Int64N(2*second)
			if r.IntN(100) == 0 {
				at -= r.Int64N(600 * second)
			}
			b.Cols[0].AppendInt(at)
			b.Cols[1].AppendText(fmt.Appendf(nil, "u%d", zipf.Uint64()))
			b.Cols[2].AppendInt(r.Int64N(50000))
			b.AddRows(1, data.Insert, 0)
			if w := at - 603*second; w > wm {
				wm = w
				b.AddStep(b.N, wm)
			}
		}
		b.Trigger = nil
		seq += b.N
		batches = append(batches, b)
	}
	return batches
}

// BenchmarkSession is COUNT(*) and SUM by sessions of 30 seconds for 5000 keys. It
// reports the time and the allocations of a row.
func BenchmarkSession(b *testing.B) {
	cfg := sessions(&testing.T{}, "*", "SUM")
	cfg.BatchRows = 4096
	batches := sessionInput(1<<20, 5000)
	rows, sessions := 0, 0
	out := func(b *data.Batch) error { sessions += b.N; b.Release(); return nil }
	b.ReportAllocs()
	for b.Loop() {
		op := operators.NewSession(cfg, in)
		rows += 1 << 20
		for _, batch := range batches {
			batch.Retain(1)
			if err := op.Process(batch, out); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
	b.ReportMetric(float64(sessions)/float64(rows), "sessions/row")
}

// BenchmarkSessionState reports how many bytes an open session takes, of one key
// each and of many, with SUM and COUNT(*).
func BenchmarkSessionState(b *testing.B) {
	for _, perKey := range []int{1, 20} {
		b.Run(fmt.Sprintf("%d sessions a key", perKey), func(b *testing.B) {
			const n = 1_000_000
			var total, table int64
			for b.Loop() {
				total, table = sessionBytes(b, n, perKey)
			}
			b.ReportMetric(float64(total-table)/n, "B/session")
			b.ReportMetric(float64(table)/float64(n/perKey), "B/key")
		})
	}
}

// sessionBytes opens n sessions and returns the memory that they take, and that
// part of it which the table of their keys has.
func sessionBytes(b testing.TB, n, perKey int) (total, table int64) {
	cfg := sessions(&testing.T{}, "*", "SUM")
	cfg.BatchRows = 4096
	op := operators.NewSession(cfg, in)
	pool := data.NewPool(in)
	for i := 0; i < n; {
		batch := pool.Get()
		batch.Seq = int64(i)
		for ; batch.N < 4000 && i < n; i++ {
			batch.Cols[0].AppendInt(int64(i%perKey) * 31 * second)
			batch.Cols[1].AppendText(fmt.Appendf(nil, "u%d", i/perKey))
			batch.Cols[2].AppendInt(1)
			batch.AddRows(1, data.Insert, 0)
		}
		batch.Trigger = nil
		if err := op.Process(batch, func(*data.Batch) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	return op.Bytes(), op.KeyBytes()
}
