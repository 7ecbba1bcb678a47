package dataflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// keyBelow lets rows through whose key is below a bound.
type keyBelow int64

func (o keyBelow) Process(b *data.Batch, out operators.Output) error {
	sel := []int32{}
	for k := range b.Rows() {
		if r := b.Row(k); b.Cols[1].Ints[b.Cols[1].Index(r)] < int64(o) {
			sel = append(sel, int32(r))
		}
	}
	b.Sel = sel
	return out(b)
}

// laneShapes are ways to run a flow that must not show in its result.
var laneShapes = []struct{ piece, batch, decoders int }{{1 << 20, 1 << 20, 1}, {1, 1, 1}, {7, 3, 3}, {20, 1000, 2}, {50, 64, 4}}

// The branches of one source come in the order of its rows, with a watermark or
// without, though another input stands between them.
func TestLanesOfOneSource(t *testing.T) {
	for _, column := range []int{-1, 0} {
		var want, all []string
		for _, shape := range laneShapes {
			in, other := randomRows(1, 500), randomRows(2, 300)
			in.piece, other.piece = shape.piece, shape.piece
			out := &lines{}
			sink := &Sink{Name: "out", Sink: out}
			u := &Union{Inputs: 3, Alone: []bool{true, true, true}, Schema: schema, BatchRows: shape.batch, Next: &Edge{Sink: sink}}
			source := func(name string, in *rows, edges ...*Edge) *Source {
				return &Source{Name: name, Input: in, Schema: schema, Time: column, Watermark: watermark.Spec{Delay: 15}, Workers: shape.decoders, BatchRows: shape.batch, Edges: edges}
			}
			few := &Edge{Union: u, Input: 2, Operators: func() []operators.Operator { return []operators.Operator{keyBelow(5)} }}
			flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{source("s", in, few, &Edge{Union: u}), source("t", other, &Edge{Union: u, Input: 1})}}
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				all = out.got
				for i := range in.ts {
					line := fmt.Sprintf("+I %d %d", in.ts[i], in.k[i])
					want = append(want, line)
					if in.k[i] < 5 {
						want = append(want, line)
					}
				}
			}
			if !slices.Equal(out.got, all) {
				t.Fatalf("%+v: the order differs", shape)
			}
			// What the other source has given comes in between, or behind without a watermark.
			i := 0
			for _, line := range out.got {
				if i < len(want) && line == want[i] {
					i++
				}
			}
			if i != len(want) || len(out.got) != len(want)+300 || column < 0 && !slices.Equal(out.got[:len(want)], want) {
				t.Fatalf("%+v, time column %d: %d of %d rows in order, %d in all", shape, column, i, len(want), len(out.got))
			}
		}
	}
}

// The two rows of an update stay together when branches come in turns.
func TestLanesKeepUpdates(t *testing.T) {
	var want []string
	for _, shape := range laneShapes {
		in := randomRows(4, 900)
		in.piece = shape.piece
		out := &lines{}
		sink := &Sink{Name: "out", Sink: out}
		edge := counting(2, shape.batch, sink, &operators.Account{}, 40)
		u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: edge.Keyed.Schema, BatchRows: shape.batch, Next: edge.Keyed.Next}
		edge.Keyed.Next = &Edge{Split: []*Edge{{Union: u}, {Union: u, Input: 1}}}
		flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 5}, Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{edge}})
		flow.Sinks = []*Sink{sink}
		if err := flow.Run(context.Background(), context.Background()); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = out.got
		}
		if !slices.Equal(out.got, want) {
			t.Fatalf("%+v: the order differs", shape)
		}
		updates := 0
		for i, line := range out.got {
			if strings.HasPrefix(line, "-U") {
				updates++
				if !strings.HasPrefix(out.got[i+1], "+U") {
					t.Fatalf("%s is followed by %s", line, out.got[i+1])
				}
			}
		}
		if updates < 20 || updates%2 != 0 {
			t.Fatalf("%d updates", updates)
		}
	}
}

// A row that fails in one branch ends the others at the same row.
func TestLanesFail(t *testing.T) {
	for _, shape := range laneShapes {
		in := randomRows(1, 200)
		in.piece = shape.piece
		out := &lines{}
		sink := &Sink{Name: "out", Sink: out}
		u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: schema, BatchRows: shape.batch, Next: &Edge{Sink: sink}}
		bad := &Edge{Union: u, Input: 1, Operators: func() []operators.Operator { return []operators.Operator{failing{123}} }}
		flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{{Name: "s", Input: in, Schema: schema, Time: -1, Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{{Union: u}, bad}}}}
		err := flow.Run(context.Background(), context.Background())
		if err == nil || err.Error() != "mem:124: division by zero" || len(out.got) != 246 {
			t.Fatalf("%+v: %v after %d rows", shape, err, len(out.got))
		}
	}
}

// The end of the input comes through, also where no row does.
func TestLanesEnd(t *testing.T) {
	for _, below := range []keyBelow{0, 12} {
		for _, hold := range []bool{false, true} {
			in := randomRows(3, 100)
			out := &lines{}
			sink := &Sink{Name: "out", Sink: out}
			u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: schema, BatchRows: 16, Next: counting(1, 16, sink, &operators.Account{}, 0)}
			some := &Edge{Union: u, Input: 1, Operators: func() []operators.Operator { return []operators.Operator{below} }}
			none := &Edge{Union: u, Operators: func() []operators.Operator { return []operators.Operator{keyBelow(0)} }}
			flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{{Name: "s", Input: in, Schema: schema, Time: -1, Hold: hold, Workers: 2, BatchRows: 16, Edges: []*Edge{none, some}}}}
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatal(err)
			}
			if got, want := len(out.got) > 0, below > 0 && !hold; got != want {
				t.Errorf("keys below %d, held: %v: windows close: %v", below, hold, got)
			}
		}
	}
}

// What is to be read first is, though it is of the same source.
func TestLastFirstOfOneSource(t *testing.T) {
	for _, shape := range laneShapes {
		in := randomRows(1, 300)
		in.piece = shape.piece
		out := &lines{}
		sink := &Sink{Name: "out", Sink: out}
		u := &Union{Inputs: 2, LastFirst: true, Alone: []bool{false, false}, Schema: schema, BatchRows: shape.batch, Next: &Edge{Sink: sink}}
		few := &Edge{Union: u, Input: 1, Operators: func() []operators.Operator { return []operators.Operator{keyBelow(5)} }}
		flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{{Name: "s", Input: in, Schema: schema, Time: -1, Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{{Union: u}, few}}}}
		if err := flow.Run(context.Background(), context.Background()); err != nil {
			t.Fatal(err)
		}
		var first, all []string
		for i := range in.ts {
			line := fmt.Sprintf("+I %d %d", in.ts[i], in.k[i])
			if all = append(all, line); in.k[i] < 5 {
				first = append(first, line)
			}
		}
		if !slices.Equal(out.got, append(first, all...)) {
			t.Fatalf("%+v: the order differs", shape)
		}
	}
}
