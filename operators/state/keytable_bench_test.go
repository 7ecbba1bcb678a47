package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/operators/data"
)

// BenchmarkFindOrAdd looks up the keys of a million rows, of few and of many keys,
// short texts and numbers.
func BenchmarkFindOrAdd(b *testing.B) {
	const rows = 1 << 20
	for _, text := range []bool{true, false} {
		for _, keys := range []int{5000, 50_000, 1_000_000} {
			name, typ := "numbers", data.Of(data.BigInt)
			if text {
				name, typ = "texts", data.Of(data.String)
			}
			b.Run(fmt.Sprintf("%d %s", keys, name), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				var col data.Vector
				col.Reset(typ)
				for range rows {
					if x := r.IntN(keys); text {
						col.AppendText(fmt.Appendf(nil, "u%d", x))
					} else {
						col.AppendInt(int64(x))
					}
				}
				cols, at, ids, hashes := []*data.Vector{&col}, make([]int32, rows), make([]int32, rows), make([]uint64, rows)
				for i := range at {
					at[i] = int32(i)
				}
				HashRows(cols, nil, rows, hashes)
				bytes := int64(0)
				for b.Loop() {
					t := NewKeyTable([]data.Type{typ})
					for k := 0; k < rows; k += 4096 {
						t.FindOrAdd(cols, hashes, at[k:k+4096], ids[k:k+4096])
					}
					bytes = t.Bytes() / int64(t.Len())
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows)/float64(b.N), "ns/row")
				b.ReportMetric(float64(bytes), "B/key")
			})
		}
	}
}
