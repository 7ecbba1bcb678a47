//go:build integration

package main

import (
	"context"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// BenchmarkIntegrationSQL writes a checkpoint of 200 000 rows, of a million keys at
// random, with its mark.
func BenchmarkIntegrationSQL(b *testing.B) {
	for name, bed := range map[string]func(testing.TB) *sinkBed{"sqlite": sqliteBed, "postgres": postgresBed} {
		b.Run(name, func(b *testing.B) {
			s, ctx := bed(b).sink(b, "bench", sinkSchema, []int{0}, suiteJob("bench")).(connectors.Transactional), context.Background()
			if _, err := s.Marked(ctx); err != nil {
				b.Fatal(err)
			}
			const rows, batchRows = 200_000, 4096
			batch, key, m := data.NewPool(sinkSchema).Get(), uint64(1), connectors.Mark{}
			for b.Loop() {
				for n := 0; n < rows; n += batchRows {
					for i, c := range sinkSchema {
						batch.Cols[i].Reset(c.Type)
					}
					for batch.N = 0; batch.N < batchRows; batch.N++ {
						key = key*6364136223846793005 + 1442695040888963407
						batch.Cols[0].AppendInt(int64(key >> 44 % 1_000_000))
						batch.Cols[1].AppendText([]byte("name of it"))
						batch.Cols[2].AppendInt(int64(batch.N))
					}
					mustWrite(b, s, batch)
				}
				m.Checkpoint, m.Rows = m.Checkpoint+1, m.Rows+rows
				if err := s.CommitMarked(ctx, m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
