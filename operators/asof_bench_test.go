package operators_test

import (
	"strconv"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// BenchmarkAsofJoin joins rows of both sides, out of order by up to a second, of a thousand
// keys with twenty rows each in that time.
func BenchmarkAsofJoin(b *testing.B) {
	for _, c := range []struct {
		name      string
		versioned bool
	}{{"asof", false}, {"temporal", true}} {
		b.Run(c.name, func(b *testing.B) {
			cfg := wideAsof(-1)
			cfg.Versioned = c.versioned
			j, pool := operators.NewAsofJoin(cfg, joinIn), data.NewPool(joinIn)
			out := func(o *data.Batch) error { o.Release(); return nil }
			const rate = 40_000 // rows of both sides in a second
			var key []byte
			b.ReportAllocs()
			for from := 0; from < b.N; {
				in := pool.Get()
				in.Seq = int64(from)
				for range 1024 {
					now := int64(from) * second / rate
					key = strconv.AppendInt(key[:0], int64(10_000+from/2*31%1000), 10)
					joinRowOf(in, from%2 == 1, max(0, now-int64(from*7919%1000)*1000), key, int64(from))
					in.AddRows(1, data.Insert, 0)
					if from%64 == 0 {
						in.AddStep(in.N, now-second)
					}
					from++
				}
				in.Trigger = nil
				if err := j.Process(in, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
