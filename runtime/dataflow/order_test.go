package dataflow

import (
	"context"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

// windows is a keyed edge to windows of a size that pass every move of the
// watermark on. keys are columns of in, time the event time.
func windows(in data.Schema, size, lateness int64, time int, keys []int, workers, batch int, next *Edge) *Edge {
	f, _ := agg.Resolve(agg.Spec{Name: "COUNT", Updating: lateness > 0})
	out := data.Schema{{Name: "s", Type: data.Of(data.Timestamp)}, {Name: "e", Type: data.Of(data.Timestamp)}}
	order := []int{1}
	for i, k := range keys {
		out, order = append(out, in[k]), append(order, 2+i)
	}
	out = append(out, data.Column{Name: "n", Type: data.Of(data.BigInt)})
	cfg := operators.AggregateConfig{Window: &window.Tumble{Size: size}, Grouping: operators.Grouping{Time: time, Keys: keys, BatchRows: batch, PassTime: true,
		Calls: []operators.AggregateCall{{Func: f, Filter: -1}}, Out: out}}
	cfg.Lateness.Allowed, cfg.Updating = lateness, lateness > 0 // the first level corrects itself
	return &Edge{Keyed: &Keyed{Key: keys, Workers: workers, Schema: out, Order: order, BatchRows: batch,
		New: func() operators.Operator { return operators.NewAggregate(cfg, in) }, Next: next}}
}

// Windows over windows: a move of the watermark often has no rows beside it, and
// still what it makes keeps its place.
func TestWindowsOverWindows(t *testing.T) {
	for seed := range uint64(12) {
		var want []string
		for _, shape := range []struct{ piece, batch, decoders, workers int }{
			{1 << 20, 1 << 20, 1, 1}, {1, 1, 1, 1}, {7, 3, 3, 3}, {50, 64, 2, 4}, {13, 1, 4, 2}, {400, 16, 2, 3},
		} {
			in := randomRows(seed, 3000)
			in.piece = shape.piece
			out := &lines{}
			lateness := int64(seed%3) * 4
			second := windows(data.Schema{schema[0], schema[0], schema[1], schema[1]}, 20, lateness, 0, []int{2}, shape.workers, shape.batch, &Edge{Sink: &Sink{Name: "out", Sink: out}})
			first := windows(schema, 5, lateness, 0, []int{1}, shape.workers, shape.batch, second)
			flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 12}, Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{first}})
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = out.got
			}
			if strings.Join(out.got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("seed %d, %+v: the changelog differs", seed, shape)
			}
			if len(want) < 300 {
				t.Fatalf("only %d rows", len(want))
			}
		}
	}
}
