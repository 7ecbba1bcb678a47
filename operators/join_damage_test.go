package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// Damaged snapshots of joins are refused, or load as something that can go on; they never
// panic.
func TestJoinDamagedSnapshot(t *testing.T) {
	for _, kind := range joinKinds {
		t.Run(kind.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			pool := data.NewPool(kind.in)
			feed := func(j operators.Operator, from, rows int, wm int64) error {
				b := pool.Get()
				for i := range rows {
					at := int64(from+i) * second / 100
					kind.row(b, r.IntN(2) == 0, at, fmt.Appendf(nil, "key %d", r.IntN(50)), int64(i))
					b.AddRows(1, data.Insert, 0)
				}
				b.Trigger = nil
				b.AddStep(b.N, wm)
				return j.Process(b, func(o *data.Batch) error { o.Release(); return nil })
			}
			j := kind.new(t, 100)
			for round := range 3 {
				if err := feed(j, 500*round, 500, int64(round)*5*second); err != nil {
					t.Fatal(err)
				}
			}
			var e data.Encoder
			j.(operators.Stateful).Snapshot(&e)
			saved := e.Bytes()
			for range 1000 {
				bad := slices.Clone(saved)
				bad[r.IntN(min(len(bad), len(bad)>>r.IntN(10)+1))] ^= byte(1 + r.IntN(255))
				d := data.NewDecoder(bad)
				next := kind.new(t, 100)
				if err := next.(operators.Stateful).Restore(d); err != nil || d.Damaged() {
					continue
				}
				if feed(next, 1500, 50, 16*second) == nil {
					_ = feed(next, 1550, 0, data.MaxTime)
				}
			}
		})
	}
}
