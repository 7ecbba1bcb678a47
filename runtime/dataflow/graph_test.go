package dataflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// first passes n rows on and is done then.
type first struct{ n int }

func (f *first) Process(b *data.Batch, out operators.Output) error {
	if b.N < f.n {
		f.n -= b.N
		return out(b)
	}
	operators.Truncate(b, f.n)
	if err := out(b); err != nil {
		return err
	}
	return operators.Done
}

// inOrder is an edge to an operator that one worker runs.
func inOrder(op func() operators.Operator, next *Edge) *Edge {
	return &Edge{Keyed: &Keyed{Workers: 1, New: op, Schema: schema, BatchRows: 16, Next: next}}
}

func taking(n int, next *Edge) *Edge {
	return inOrder(func() operators.Operator { return &first{n} }, next)
}

// A source whose readers all want no more stops, also one that would never end;
// as long as one of them goes on it gets everything.
func TestNobodyWantsMore(t *testing.T) {
	in := randomRows(1, 400)
	in.piece, in.endless, in.atEnd = 7, true, make(chan struct{})
	a, b := &lines{}, &lines{}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 3, BatchRows: 4, Edges: []*Edge{{Split: []*Edge{
		taking(5, &Edge{Sink: &Sink{Name: "a", Sink: a}}),
		taking(20, taking(9, &Edge{Sink: &Sink{Name: "b", Sink: b}}))}}}})
	if err := flow.Run(context.Background(), context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(a.got) != 5 || len(b.got) != 9 || !a.flushed || !b.flushed {
		t.Fatalf("%d and %d rows", len(a.got), len(b.got))
	}

	in = randomRows(1, 5000)
	in.piece = 7
	a, b = &lines{}, &lines{}
	flow = flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 3, BatchRows: 4, Edges: []*Edge{
		taking(5, &Edge{Sink: &Sink{Name: "a", Sink: a}}), {Sink: &Sink{Name: "b", Sink: b}}}})
	if err := flow.Run(context.Background(), context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(a.got) != 5 || len(b.got) != 5000 {
		t.Fatalf("%d and %d rows", len(a.got), len(b.got))
	}
}

// seen counts the rows that pass it.
type seen struct{ rows *int64 }

func (s seen) Process(b *data.Batch, out operators.Output) error {
	*s.rows += int64(b.Rows())
	return out(b)
}

// What is in front of a split runs once; the earliest failing row stops all
// branches, whichever it is in and wherever the split is.
func TestSplit(t *testing.T) {
	for _, fail := range [][2]int64{{40, 90}, {90, 40}, {41, 41}} {
		for _, behind := range []bool{false, true} {
			var rows int64
			var got [3]*lines
			split := &Edge{Operators: func() []operators.Operator { return []operators.Operator{seen{&rows}} }}
			for i := range got {
				got[i] = &lines{}
				e := &Edge{Sink: &Sink{Name: fmt.Sprint("sink ", i), Sink: got[i]}}
				if i > 0 {
					at := fail[i-1]
					e.Operators = func() []operators.Operator { return []operators.Operator{failing{at}} }
				}
				split.Split = append(split.Split, e)
			}
			in := randomRows(1, 1000)
			in.piece = 13
			edge := split
			if behind {
				edge = taking(500, split)
			}
			flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 1, BatchRows: 8, Edges: []*Edge{edge}})
			err := flow.Run(context.Background(), context.Background())
			least := min(fail[0], fail[1])
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("mem:%d: division by zero", least+1)) {
				t.Fatalf("%v: error %v", fail, err)
			}
			for i := range got {
				if int64(len(got[i].got)) != least || !got[i].flushed {
					t.Errorf("%v, behind a keyed operator %v: sink %d got %d rows", fail, behind, i, len(got[i].got))
				}
			}
			if rows < least || rows > least+13 {
				t.Errorf("%d rows went through the shared operators", rows)
			}
		}
	}
}

// The error of a run is that of its first sink, whatever comes first in time.
func TestFirstError(t *testing.T) {
	for _, swap := range []bool{false, true} {
		a, b := &lines{failFlush: errors.New("disk full")}, &lines{failFlush: errors.New("no route")}
		x, y := &Sink{Name: "a", Sink: a}, &Sink{Name: "b", Sink: b}
		flow := &Flow{Sinks: []*Sink{x, y}, Sources: []*Source{{Name: "s", Input: randomRows(1, 200), Schema: schema, Time: -1, Workers: 2, BatchRows: 4, Edges: []*Edge{{Sink: x}, {Sink: y}}}}}
		want := "a: disk full"
		if swap {
			flow.Sinks[0], flow.Sinks[1], want = y, x, "b: no route"
		}
		if err := flow.Run(context.Background(), context.Background()); err == nil || err.Error() != want {
			t.Fatal(err)
		}
	}
}
