package dataflow

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// retelling emits each move of the watermark as a row, between the others, and stops
// with an error at two that share a position.
type retelling struct {
	pool *data.Pool
	last int64
}

func newRetelling() operators.Operator {
	return &retelling{pool: data.NewPool(schema), last: data.MinTime}
}

func (o *retelling) Process(b *data.Batch, out operators.Output) error {
	defer b.Release()
	told := o.pool.Get()
	tell := func(ts, k, at int64) {
		told.Cols[0].AppendInt(ts)
		told.Cols[1].AppendInt(k)
		told.AddRows(1, data.Insert, at)
	}
	step := 0
	steps := func(upTo int) error {
		for ; step < len(b.Steps) && b.Steps[step].Row <= upTo; step++ {
			at := 2*(b.Seq+int64(b.Steps[step].Row)) - 1
			if at <= o.last {
				return fmt.Errorf("a move at position %d comes after one at %d", at, o.last)
			}
			o.last = at
			tell(b.Steps[step].Time, -1, at)
		}
		return nil
	}
	for k := range b.Rows() {
		r := b.Row(k)
		if err := steps(r); err != nil {
			return err
		}
		tell(b.Cols[0].Ints[b.Cols[0].Index(r)], b.Cols[1].Ints[b.Cols[1].Index(r)], 2*(b.Seq+int64(r)))
	}
	if err := steps(b.N); err != nil {
		return err
	}
	return out(told)
}

// quiet lets nothing but moves of the watermark through, the last of them in two parts.
type quiet struct{ pool *data.Pool }

func (o quiet) Process(b *data.Batch, out operators.Output) error {
	defer b.Release()
	v := o.pool.Get()
	for _, s := range b.Steps {
		if s.Time == data.MaxTime {
			v.AddTriggeredStep(0, s.Time-1, 2*(b.Seq+int64(s.Row))-1)
		}
		v.AddTriggeredStep(0, s.Time, 2*(b.Seq+int64(s.Row))-1)
	}
	return out(v)
}

// Each move of the watermark keeps a place of its own where several inputs or workers
// are merged, whatever rows there are between two of them, and where batches end.
func TestMovesStayApart(t *testing.T) {
	in := randomRows(3, 400)
	var want []string
	wm := int64(data.MinTime)
	tell := func(ts, k int64) { want = append(want, fmt.Sprintf("+I %d %d", ts, k)) }
	for i, ts := range in.ts {
		if in.k[i] < 2 {
			tell(ts, in.k[i])
			if in.k[i] < 1 {
				tell(ts, in.k[i])
			}
		}
		if ts-15 > wm {
			wm = ts - 15
			tell(wm, -1)
		}
	}
	tell(data.MaxTime, -1)
	for _, shape := range laneShapes {
		in.piece = shape.piece
		out := &lines{}
		told := &Edge{Keyed: &Keyed{Workers: 1, Schema: schema, BatchRows: shape.batch, New: newRetelling, Next: &Edge{Sink: &Sink{Name: "out", Sink: out}}}}
		u := &Union{Inputs: 2, Alone: []bool{true, true}, Schema: schema, BatchRows: shape.batch, Next: told}
		edge := func(i int, k keyBelow) *Edge {
			return &Edge{Union: u, Input: i, Operators: func() []operators.Operator { return []operators.Operator{k} }}
		}
		flow := &Flow{Sinks: []*Sink{told.Keyed.Next.Sink}, Sources: []*Source{{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 15},
			Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{edge(0, 2), edge(1, 1)}}}}
		if err := flow.Run(context.Background(), context.Background()); err != nil {
			t.Fatalf("%+v: %v", shape, err)
		}
		if !slices.Equal(out.got, want) {
			t.Fatalf("%+v: got %d lines, want %d:\ngot  %v\nwant %v", shape, len(out.got), len(want), out.got, want)
		}
	}
}

// So they do behind a keyed operator that has nothing to emit between them. What one
// position of its input makes is one move.
func TestMovesStayApartBehindWorkers(t *testing.T) {
	in := randomRows(4, 400)
	var want []string
	wm := int64(data.MinTime)
	for _, ts := range in.ts {
		if ts-15 > wm {
			wm = ts - 15
			want = append(want, fmt.Sprintf("+I %d -1", wm))
		}
	}
	want = append(want, fmt.Sprintf("+I %d -1", int64(data.MaxTime)))
	for _, shape := range laneShapes {
		for _, workers := range []int{1, 3} {
			in.piece = shape.piece
			out := &lines{}
			sink := &Sink{Name: "out", Sink: out}
			told := &Edge{Keyed: &Keyed{Workers: 1, Schema: schema, BatchRows: shape.batch, New: newRetelling, Next: &Edge{Sink: sink}}}
			silent := &Edge{Keyed: &Keyed{Key: []int{1}, Workers: workers, Schema: schema, BatchRows: shape.batch, New: func() operators.Operator { return quiet{data.NewPool(schema)} }, Next: told}}
			flow := &Flow{Sinks: []*Sink{sink}, Sources: []*Source{{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 15},
				Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{silent}}}}
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatalf("%+v: %v", shape, err)
			}
			if !slices.Equal(out.got, want) {
				t.Fatalf("%+v, %d workers: got %d lines, want %d:\ngot  %v\nwant %v", shape, workers, len(out.got), len(want), out.got, want)
			}
		}
	}
}

// The rows of a batch keep their places, changes and selection when gaps are put
// between them.
func TestSpread(t *testing.T) {
	pool := data.NewPool(schema)
	b := pool.Get()
	for i := range int64(4) {
		b.Cols[0].AppendInt(10 * i)
		b.Cols[1].AppendNull()
	}
	b.AddRows(1, data.Insert, 0)
	b.AddRows(1, data.UpdateBefore, 0)
	b.AddRows(1, data.UpdateAfter, 0)
	b.AddRows(1, data.Delete, 0)
	b.Sel = []int32{1, 2, 3}
	b.Origin = numbered{}
	b.Steps = []data.Step{{Row: 0, Time: 1}, {Row: 0, Time: 2}, {Row: 3, Time: 3}, {Row: 4, Time: 4}, {Row: 4, Time: 5}, {Row: 4, Time: 6}}
	o := pool.Get()
	spread(o, b, gapBatch(schema))
	defer o.Release()
	var got []string
	for k := range o.Rows() {
		r := o.Row(k)
		got = append(got, fmt.Sprintf("%d %s %d %v %s", r, o.Change(r), o.Cols[0].Ints[r], o.Cols[1].IsNull(r), o.Where(r)))
	}
	want := []string{"2 -U 10 true row 1", "3 +U 20 true row 2", "4 -D 30 true row 3"}
	if !slices.Equal(got, want) || o.N != 7 || o.Where(0) != "" {
		t.Fatalf("%d rows, %q", o.N, got)
	}
	if steps := []data.Step{{Row: 0, Time: 1}, {Row: 1, Time: 2}, {Row: 4, Time: 3}, {Row: 5, Time: 4}, {Row: 6, Time: 5}, {Row: 7, Time: 6}}; !slices.Equal(o.Steps, steps) {
		t.Fatal(o.Steps)
	}
}

// numbered is where rows come from that are known by their numbers.
type numbered struct{}

func (numbered) Where(i int) string { return fmt.Sprint("row ", i) }
