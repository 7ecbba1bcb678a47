package dataflow

import (
	"context"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// Sessions that are shown before they close take back rows with other bounds, which
// go before all others, and are followed by windows: whatever the number of workers
// and the size of batches.
func TestSessionsEveryWhile(t *testing.T) {
	for seed := range uint64(6) {
		var want []string
		for _, shape := range []struct{ piece, batch, workers int }{{1 << 20, 1 << 20, 1}, {1, 1, 1}, {7, 3, 3}, {50, 64, 4}, {400, 16, 2}} {
			in := randomRows(seed, 2000)
			in.piece = shape.piece
			sink := &lines{}
			lateness := int64(seed%3) * 4
			f, _ := agg.Resolve(agg.Spec{Name: "COUNT", Regrouping: true})
			out := data.Schema{schema[0], schema[0], schema[1], {Name: "n", Type: data.Of(data.BigInt)}}
			cfg := operators.SessionConfig{Gap: 3, Grouping: operators.Grouping{Keys: []int{1}, BatchRows: shape.batch, PassTime: true, Every: 5,
				Lateness: watermark.Lateness{Allowed: lateness, Inclusive: true},
				Calls:    []operators.AggregateCall{{Func: f, Filter: -1}}, Out: out}}
			next := &Edge{Sink: &Sink{Name: "out", Sink: sink}}
			if seed%2 == 0 {
				next = windows(out, 20, lateness+1, 1, []int{2}, shape.workers, shape.batch, next)
			}
			first := &Edge{Keyed: &Keyed{Key: []int{1}, Workers: shape.workers, Schema: out, Order: []int{1, 0, 2}, DeletesFirst: true, BatchRows: shape.batch,
				New: func() operators.Operator { return operators.NewSession(cfg, schema) }, Next: next}}
			flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 12}, Workers: 2, BatchRows: shape.batch, Edges: []*Edge{first}})
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = sink.got
			}
			if strings.Join(sink.got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("seed %d, %+v: the changelog differs", seed, shape)
			}
			if len(want) < 100 || seed%2 == 1 && !strings.Contains(strings.Join(want, "\n"), "-D") {
				t.Fatalf("seed %d: only %d rows", seed, len(want))
			}
		}
	}
}
