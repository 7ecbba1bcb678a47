package operators_test

import (
	"fmt"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/window"
)

// stateful windows tell how much memory their groups take.
type windowOperator interface {
	operators.Operator
	Bytes() int64
}

// windowState are the windows whose state BenchmarkWindowState measures: each row of a
// key is in so many of them.
var windowState = []struct {
	name    string
	windows int
	new     func(cfg operators.AggregateConfig) windowOperator
}{
	{"tumble", 1, func(cfg operators.AggregateConfig) windowOperator { return operators.NewAggregate(cfg, in) }},
	{"hop of 10 slides", 10, func(cfg operators.AggregateConfig) windowOperator {
		s := operators.SlicedConfig{Grid: window.NewHop(30*second, 300*second, 0), Grouping: cfg.Grouping}
		s.Calls = nil
		for _, c := range cfg.Calls {
			f, err := agg.Resolve(agg.Spec{Name: c.Func.Name, Args: c.Func.Args, Sliding: true})
			if err != nil {
				panic(err)
			}
			s.Calls = append(s.Calls, operators.AggregateCall{Func: f, Cols: c.Cols, Filter: -1})
		}
		return operators.NewSliced(s, in)
	}},
}

// BenchmarkWindowState reports how many bytes an open window of a key takes, with SUM
// and COUNT(*), its key included: of many keys in one window and of fewer in many.
func BenchmarkWindowState(b *testing.B) {
	for _, w := range windowState {
		for _, perKey := range []int{1, 20} {
			b.Run(fmt.Sprintf("%s, %d rows a key", w.name, perKey), func(b *testing.B) {
				const n = 1_000_000
				total := int64(0)
				for b.Loop() {
					cfg := config(&testing.T{}, "*", "SUM")
					cfg.BatchRows = 4096
					total = fillWindows(b, w.new(cfg), n, perKey)
				}
				// Of a hop the first and the last row of a key are in windows of their own.
				open := n * w.windows
				if w.windows > 1 {
					open = n / perKey * (perKey + w.windows - 1)
				}
				b.ReportMetric(float64(total)/float64(open), "B/window")
			})
		}
	}
}

// fillWindows opens windows by n rows, each of its own key or window: a key has so many
// of them, as far apart as the slides or sizes are long. It returns the memory that they
// take.
func fillWindows(b testing.TB, op windowOperator, n, perKey int) int64 {
	apart := int64(300 * second)
	if _, hops := op.(*operators.Sliced); hops {
		apart = 30 * second
	}
	pool := data.NewPool(in)
	for i := 0; i < n; {
		batch := pool.Get()
		batch.Seq = int64(i)
		for ; batch.N < 4000 && i < n; i++ {
			batch.Cols[0].AppendInt(int64(i/(n/perKey)) * apart)
			batch.Cols[1].AppendText(fmt.Appendf(nil, "u%d", i%(n/perKey)))
			batch.Cols[2].AppendInt(1)
			batch.AddRows(1, data.Insert, 0)
		}
		batch.Trigger = nil
		if err := op.Process(batch, func(*data.Batch) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	return op.Bytes()
}

// TestWindowStateIsSmall: an open window of a key takes no more than 64 bytes, however
// many keys there are, from 500 on, and windows of each. It looks again and again while tables
// grow, as they are least full when they have just done so.
func TestWindowStateIsSmall(t *testing.T) {
	const n = 500_000
	for _, w := range windowState {
		for _, perKey := range []int{1, 4, 5, 20, 100} {
			cfg := config(t, "*", "SUM")
			cfg.BatchRows = 4096
			op := w.new(cfg)
			worst, at := 0.0, 0
			growWindows(t, op, n, perKey, func(keys int) {
				open := keys * perKey
				if w.windows > 1 {
					open = keys * (perKey + w.windows - 1)
				}
				if each := float64(op.Bytes()) / float64(open); keys >= 500 && each > worst {
					worst, at = each, keys
				}
			})
			t.Logf("%s, %d windows apart of a key: at most %.1f bytes, at %d keys", w.name, perKey, worst, at)
			if worst > 64 {
				t.Errorf("%s, %d windows apart of a key: %.1f bytes for each open window of a key at %d keys", w.name, perKey, worst, at)
			}
		}
	}
}

// growWindows opens windows by n rows, all of a key before the next: it looks in between,
// when all keys so far have all their windows.
func growWindows(t *testing.T, op windowOperator, n, perKey int, look func(keys int)) {
	apart := int64(300 * second)
	if _, hops := op.(*operators.Sliced); hops {
		apart = 30 * second
	}
	pool := data.NewPool(in)
	for i := 0; i < n; {
		batch := pool.Get()
		batch.Seq = int64(i)
		for ; batch.N < 2000 && i < n; i++ {
			batch.Cols[0].AppendInt(int64(i%perKey) * apart)
			batch.Cols[1].AppendText(fmt.Appendf(nil, "u%d", i/perKey))
			batch.Cols[2].AppendInt(1)
			batch.AddRows(1, data.Insert, 0)
		}
		batch.Trigger = nil
		if err := op.Process(batch, func(*data.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
		look(i / perKey)
	}
}
