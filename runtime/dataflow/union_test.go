package dataflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"tidemark/operators"
	"tidemark/operators/watermark"
)

// unionFlow is a flow of sources into one union, whose rows go on to windows.
func unionFlow(inputs []*rows, alone bool, piece, batch, decoders, workers int, out *Sink) *Flow {
	u := &Union{Inputs: len(inputs), Schema: schema, BatchRows: batch, Next: counting(workers, batch, out, nil, 0)}
	f := &Flow{Sinks: []*Sink{out}}
	for i, in := range inputs {
		in.piece = piece
		u.Alone = append(u.Alone, alone)
		f.Sources = append(f.Sources, &Source{Name: fmt.Sprint("s", i), Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 15 + int64(i)}, Workers: decoders, BatchRows: batch,
			Edges: []*Edge{{Union: u, Input: i}}})
	}
	return f
}

// The order of a union is that of watermarks, whatever the pieces and workers are.
func TestUnionOrder(t *testing.T) {
	for seed := range uint64(6) {
		var want []string
		for _, shape := range []struct{ piece, batch, decoders, workers int }{
			{1 << 20, 1 << 20, 1, 1}, {1, 1, 1, 1}, {7, 3, 3, 1}, {7, 3, 3, 3}, {50, 64, 2, 4},
		} {
			for _, alone := range []bool{false, true} {
				inputs := []*rows{randomRows(seed, 900), randomRows(seed+100, 600), randomRows(seed+200, 0)}
				out := &lines{}
				flow := unionFlow(inputs, alone, shape.piece, shape.batch, shape.decoders, shape.workers, &Sink{Name: "out", Sink: out})
				if err := flow.Run(context.Background(), context.Background()); err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = out.got
				}
				if !slices.Equal(out.got, want) || len(want) < 100 {
					t.Fatalf("seed %d, %+v: the changelog differs, or is too short: %d rows", seed, shape, len(out.got))
				}
			}
		}
	}
}

// What comes before a failing row, in the order of the union, is emitted.
func TestUnionFails(t *testing.T) {
	for _, batch := range []int{1, 16} {
		a, b := randomRows(1, 100), randomRows(2, 100)
		out := &lines{}
		sink := &Sink{Name: "out", Sink: out}
		u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: schema, BatchRows: batch, Next: &Edge{Sink: sink}}
		source := func(name string, in *rows, i int) *Source {
			in.piece = 9
			return &Source{Name: name, Input: in, Schema: schema, Time: -1, Workers: 2, BatchRows: batch, Edges: []*Edge{{Union: u, Input: i}}}
		}
		second := source("b", b, 1)
		second.Edges[0].Operators = func() []operators.Operator { return []operators.Operator{failing{30}} }
		flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{source("a", a, 0), second}}
		err := flow.Run(context.Background(), context.Background())
		if err == nil || !strings.Contains(err.Error(), "division by zero") || len(out.got) != 130 {
			t.Fatalf("%v after %d rows", err, len(out.got))
		}
	}
}

// A row that fails behind the union fails the run, also when the union has passed
// it on only because it waits for more.
func TestFailingRowAfterUnion(t *testing.T) {
	for _, batch := range []int{1, 16, 1000} {
		out := &lines{}
		sink := &Sink{Name: "out", Sink: out}
		next := &Edge{Sink: sink, Operators: func() []operators.Operator { return []operators.Operator{failing{150}} }}
		u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: schema, BatchRows: batch, Next: next}
		flow := &Flow{Sinks: []*Sink{sink}}
		for i := range uint64(2) {
			in := randomRows(i, 100)
			in.piece = 9
			flow.Sources = append(flow.Sources, &Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 2, BatchRows: batch, Edges: []*Edge{{Union: u, Input: int(i)}}})
		}
		err := flow.Run(context.Background(), context.Background())
		if err == nil || !strings.Contains(err.Error(), "division by zero") || len(out.got) != 150 {
			t.Fatalf("batches of %d: %v after %d rows", batch, err, len(out.got))
		}
	}
}

// A union whose reader wants no more stops its sources.
func TestUnionDone(t *testing.T) {
	a, b := randomRows(1, 100000), randomRows(2, 100000)
	out := &lines{}
	sink := &Sink{Name: "out", Sink: out}
	limit := &Edge{Keyed: &Keyed{Workers: 1, Schema: schema, BatchRows: 8, New: func() operators.Operator { return operators.NewLimit(3, 1) }, Next: &Edge{Sink: sink}}}
	flow := unionFlow([]*rows{a, b}, true, 10, 8, 2, 1, sink)
	for _, s := range flow.Sources {
		s.Edges[0].Union.Next = limit
	}
	if err := flow.Run(context.Background(), context.Background()); err != nil {
		t.Fatal(err)
	}
	if read := flow.Sources[0].Stats().Read + flow.Sources[1].Stats().Read; len(out.got) != 3 || read > 50000 {
		t.Fatalf("%d rows, %d read", len(out.got), read)
	}
}

// While a barrier is on its way, an input whose rows may have to wait takes all that
// comes before it; behind it no more than at other times.
func TestUnionQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &unionInput{in: make(chan message)}
		r := &unionRun{u: &Union{Alone: []bool{true}}, inputs: []*unionInput{in}}
		r.came = sync.NewCond(&r.mu)
		go r.receive(in, true)
		defer func() {
			r.giveUp()
			close(in.in)
		}()
		send := func(m message, n int) (sent int) {
			for synctest.Wait(); sent < n; synctest.Wait() {
				select {
				case in.in <- m:
					sent++
				default:
					return sent
				}
			}
			return sent
		}
		const many = 10 * edgeCapacity
		few := send(message{}, many)
		if few >= many {
			t.Fatalf("without a barrier it takes %d", few)
		}
		r.align(true)
		if n := send(message{}, many); n < many {
			t.Fatalf("before the barrier it takes %d of %d", n, many)
		}
		send(message{barrier: &barrier{}}, 1)
		if n := send(message{}, many); n > few {
			t.Fatalf("behind the barrier it takes %d, and %d at other times", n, few)
		}
	})
}
