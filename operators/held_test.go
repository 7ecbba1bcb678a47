package operators_test

import (
	"fmt"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

// TestHeld checks what windowed operators say of their state, as rows come and windows
// close.
func TestHeld(t *testing.T) {
	in := data.Schema{{Name: "ts", Type: data.Of(data.Timestamp), Time: true}, {Name: "k", Type: data.Of(data.BigInt)}}
	out := data.Schema{{Name: "window_start", Type: data.Of(data.Timestamp)}, {Name: "window_end", Type: data.Of(data.Timestamp)}, {Name: "k", Type: data.Of(data.BigInt)}}
	for name, op := range map[string]operators.Operator{
		"tumble":  operators.NewAggregate(operators.AggregateConfig{Window: window.Tumble{Size: 10}, Grouping: operators.Grouping{Keys: []int{1}, Out: out, BatchRows: 10}}, in),
		"session": operators.NewSession(operators.SessionConfig{Gap: 10, Grouping: operators.Grouping{Keys: []int{1}, Lateness: watermark.Lateness{Inclusive: true}, Out: out, BatchRows: 10}}, in),
	} {
		t.Run(name, func(t *testing.T) {
			seq := int64(0)
			step := func(wm int64, rows ...[2]int64) string {
				b := data.NewPool(in).Get()
				b.Seq = seq
				for _, r := range rows {
					b.Cols[0].AppendInt(r[0])
					b.Cols[1].AppendInt(r[1])
					b.N++
				}
				b.AddStep(b.N, wm)
				seq += int64(b.N) + 1
				if err := op.Process(b, func(b *data.Batch) error { b.Release(); return nil }); err != nil {
					t.Fatal(err)
				}
				return fmt.Sprint(op.(operators.Holder).Held(), op.(operators.WindowHolder).Open())
			}
			want := map[string][]string{
				"tumble":  {"3 [{0 10 10 2} {10 20 20 1}]", "1 [{10 20 20 1}]", "0 []"},
				"session": {"2 [{1 22 23 1} {2 12 13 1}]", "1 [{12 22 23 1}]", "0 []"},
			}[name]
			for i, got := range []string{step(3, [2]int64{1, 7}, [2]int64{2, 8}, [2]int64{12, 7}), step(15), step(data.MaxTime)} {
				if name == "session" && i == 0 {
					continue // in any order
				}
				if got != want[i] {
					t.Errorf("step %d: got %s, want %s", i, got, want[i])
				}
			}
		})
	}
}
