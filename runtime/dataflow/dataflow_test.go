package dataflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/operators/window"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var schema = data.Schema{{Name: "ts", Type: data.Of(data.Timestamp), Time: true}, {Name: "k", Type: data.Of(data.BigInt)}}

// rows is an input in memory: pairs of time and key, handed out in pieces.
type rows struct {
	ts, k []int64
	piece int
	// badAt is a row that cannot be decoded, -1 for none; skip goes on after it.
	badAt int
	skip  bool
	// endless makes Next wait at the end for its context.
	endless bool
	atEnd   chan struct{}
	readErr error
}

func (r *rows) Open(context.Context) (connectors.Reader, error) { return &rowsReader{rows: r}, nil }
func (r *rows) NewDecoder() (connectors.Decoder, error)         { return &rowsDecoder{rows: r}, nil }
func (r *rows) Bounded() bool                                   { return !r.endless }

type rowsReader struct {
	*rows
	at int
}

func (r *rowsReader) Next(ctx context.Context, c *connectors.Chunk) error {
	c.Reset()
	if r.at >= len(r.ts) {
		switch {
		case r.readErr != nil:
			return r.readErr
		case r.endless:
			close(r.atEnd)
			<-ctx.Done()
			return ctx.Err()
		}
		return io.EOF
	}
	c.Name, c.NewFile = "mem", r.at == 0
	c.First, c.Count = int64(r.at), int64(min(r.piece, len(r.ts)-r.at))
	r.at += int(c.Count)
	return nil
}

func (r *rowsReader) Progress() (int64, int64) { return 0, -1 }
func (r *rowsReader) Close() error             { return nil }

type rowsDecoder struct{ *rows }

func (d *rowsDecoder) Decode(c *connectors.Chunk, b *data.Batch, p *connectors.Place, most int) bool {
	p.FirstLine = c.Lines
	for b.N < most && c.Lines < c.Count {
		i := int(c.First + c.Lines)
		if i == d.badAt {
			if b.N > 0 && d.skip { // so that the lines of a batch are consecutive
				return false
			}
			c.AddBad(c.Lines, "k", "column k: 'x' is not a valid BIGINT", []byte("x"))
			c.Records++
			c.Lines++
			p.FirstLine = c.Lines
			if !d.skip {
				return true
			}
			continue
		}
		b.Cols[0].AppendInt(d.ts[i])
		b.Cols[1].AppendInt(d.k[i])
		b.N++
		c.Records++
		c.Lines++
	}
	return c.Lines == c.Count
}

// lines is a sink that remembers what it got as text.
type lines struct {
	mu             sync.Mutex
	got            []string
	flushed, ended bool
	fail           error
	failFlush      error
}

func (s *lines) Write(_ context.Context, b *data.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	for k := range b.Rows() {
		i := b.Row(k)
		line := b.Change(i).String()
		for _, v := range b.Cols {
			line += " " + fmt.Sprint(v.Ints[v.Index(i)])
		}
		s.got = append(s.got, line)
	}
	return nil
}

func (s *lines) Flush(context.Context) error { s.flushed = true; return s.failFlush }
func (s *lines) Close() error                { s.ended = true; return nil }

// flowOf returns the flow of the sources, with the sinks that they lead to.
func flowOf(sources ...*Source) *Flow {
	f := &Flow{Sources: sources}
	var walk func(edges []*Edge)
	walk = func(edges []*Edge) {
		for _, e := range terminals(edges) {
			if e.Keyed != nil {
				walk([]*Edge{e.Keyed.Next})
			} else {
				f.Sinks = append(f.Sinks, e.Sink)
			}
		}
	}
	for _, s := range sources {
		walk(s.Edges)
	}
	return f
}

// counting is an edge to a keyed count by tumbling windows of ten microseconds.
func counting(workers, batch int, out *Sink, account *operators.Account, lateness int64) *Edge {
	f, _ := agg.Resolve(agg.Spec{Name: "COUNT"})
	types := data.Of(data.BigInt)
	cfg := operators.AggregateConfig{Window: &window.Tumble{Size: 10}, Grouping: operators.Grouping{Keys: []int{1}, BatchRows: batch, Account: account,
		Calls: []operators.AggregateCall{{Func: f, Filter: -1}},
		Out:   data.Schema{{Name: "s", Type: types}, {Name: "e", Type: types}, {Name: "k", Type: types}, {Name: "n", Type: types}}}}
	cfg.Lateness.Allowed = lateness
	return &Edge{Keyed: &Keyed{Key: []int{1}, Workers: workers, Schema: cfg.Out, Order: []int{1, 0, 2}, BatchRows: batch,
		New: func() operators.Operator { return operators.NewAggregate(cfg, schema) }, Next: &Edge{Sink: out}}}
}

func randomRows(seed uint64, n int) *rows {
	r := rand.New(rand.NewPCG(seed, 1))
	in := &rows{piece: 1 + r.IntN(50), badAt: -1}
	for i := range n {
		in.ts = append(in.ts, int64(i)/2-r.Int64N(30))
		in.k = append(in.k, r.Int64N(12))
	}
	return in
}

// The pieces, the batches, the workers that decode and those that count: none of
// them shows in what the sink gets.
func TestOneOrder(t *testing.T) {
	for seed := range uint64(8) {
		var want []string
		for _, shape := range []struct{ piece, batch, decoders, workers int }{
			{1 << 20, 1 << 20, 1, 1}, {1, 1, 1, 1}, {7, 3, 3, 1}, {7, 3, 3, 3}, {50, 64, 2, 4}, {13, 1, 4, 2},
		} {
			in := randomRows(seed, 2000)
			in.piece = shape.piece
			out, account := &lines{}, &operators.Account{}
			sink := &Sink{Name: "out", Sink: out}
			flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 15},
				Workers: shape.decoders, BatchRows: shape.batch, Edges: []*Edge{counting(shape.workers, 1+shape.batch, sink, account, int64(seed%3)*6)}})
			if err := flow.Run(context.Background(), context.Background()); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = out.got
			}
			if strings.Join(out.got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("seed %d, %+v: the changelog differs", seed, shape)
			}
			if !out.flushed || !out.ended || sink.Rows.Load() != int64(len(want)) || len(want) < 100 {
				t.Fatalf("seed %d: flushed %v, closed %v, %d rows counted of %d", seed, out.flushed, out.ended, sink.Rows.Load(), len(want))
			}
			if st := flow.Sources[0].Stats(); st.Read != 2000 || st.Watermark != in.ts[0] && st.Watermark < 900 {
				t.Fatalf("%+v", st)
			}
		}
	}
}

// Two statements that read one source each get all of it.
func TestTwoStatements(t *testing.T) {
	in := randomRows(3, 500)
	a, b := &lines{}, &lines{}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Workers: 2, BatchRows: 16, Edges: []*Edge{
		{Sink: &Sink{Name: "a", Sink: a}}, counting(2, 16, &Sink{Name: "b", Sink: b}, nil, 0)}})
	if err := flow.Run(context.Background(), context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, line := range a.got {
		if want := fmt.Sprintf("+I %d %d", in.ts[i], in.k[i]); line != want {
			t.Fatalf("row %d: %s, want %s", i, line, want)
		}
	}
	if len(a.got) != 500 || len(b.got) == 0 {
		t.Fatalf("%d and %d rows", len(a.got), len(b.got))
	}
}

// A bad record ends the run after everything before it, or is counted and told.
func TestBadRecord(t *testing.T) {
	for _, workers := range []int{1, 3} {
		in := randomRows(1, 300)
		in.badAt, in.piece = 200, 9
		out := &lines{}
		src := &Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: workers, BatchRows: 4, Edges: []*Edge{{Sink: &Sink{Name: "out", Sink: out}}}}
		err := flowOf(src).Run(context.Background(), context.Background())
		if err == nil || err.Error() != "mem:201: column k: 'x' is not a valid BIGINT" {
			t.Fatalf("error %v", err)
		}
		if len(out.got) != 200 || !out.flushed {
			t.Fatalf("%d rows before the error, flushed %v", len(out.got), out.flushed)
		}

		in = randomRows(1, 300)
		in.badAt, in.piece, in.skip = 200, 9, true
		out = &lines{}
		var told []string
		src = &Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: workers, BatchRows: 4, SkipBad: true,
			OnBad: func(b BadRecord) error {
				told = append(told, fmt.Sprintf("%s %s:%d %s %s", b.Source, b.Input, b.Line, b.Reason, b.Record))
				return nil
			},
			Edges: []*Edge{{Sink: &Sink{Name: "out", Sink: out}}}}
		if err := flowOf(src).Run(context.Background(), context.Background()); err != nil {
			t.Fatal(err)
		}
		if st := src.Stats(); len(out.got) != 299 || st.Rejected != 1 || st.Read != 300 {
			t.Fatalf("%d rows, %+v", len(out.got), st)
		}
		if want := "s mem:201 column k: 'x' is not a valid BIGINT x"; len(told) != 1 || told[0] != want {
			t.Fatalf("told %q", told)
		}
	}
}

// failing is an operator whose error stands at a row.
type failing struct{ at int64 }

func (f failing) Process(b *data.Batch, out operators.Output) error {
	for i := range b.N {
		if b.Seq+int64(i) == f.at {
			where := b.Where(i)
			operators.Truncate(b, i)
			if err := out(b); err != nil {
				return err
			}
			return &operators.RowError{Where: where, Err: errors.New("division by zero"), Seq: f.at}
		}
	}
	return out(b)
}

func TestFailingRow(t *testing.T) {
	in := randomRows(1, 300)
	in.piece = 11
	out := &lines{}
	edge := &Edge{Operators: func() []operators.Operator { return []operators.Operator{failing{123}} }, Sink: &Sink{Name: "out", Sink: out}}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 3, BatchRows: 4, Edges: []*Edge{edge}})
	err := flow.Run(context.Background(), context.Background())
	if err == nil || err.Error() != "mem:124: division by zero" || len(out.got) != 123 || !out.flushed {
		t.Fatalf("error %v after %d rows", err, len(out.got))
	}
}

// The same after a keyed operator, where the collector runs the operators.
func TestFailingRowAfterKeyed(t *testing.T) {
	var want []string
	for _, workers := range []int{1, 2, 4} {
		out := &lines{}
		edge := counting(workers, 8, &Sink{Name: "out", Sink: out}, nil, 0)
		edge.Keyed.Next.Operators = func() []operators.Operator { return []operators.Operator{failing{40}} }
		flow := flowOf(&Source{Name: "s", Input: randomRows(5, 2000), Schema: schema, Time: 0, Workers: 2, BatchRows: 32, Edges: []*Edge{edge}})
		err := flow.Run(context.Background(), context.Background())
		if err == nil || !strings.Contains(err.Error(), "division by zero") || len(out.got) != 40 {
			t.Fatalf("error %v after %d rows", err, len(out.got))
		}
		if want == nil {
			want = out.got
		}
		if strings.Join(want, "\n") != strings.Join(out.got, "\n") {
			t.Fatalf("%d workers: other rows before the error", workers)
		}
	}
}

func TestSinkError(t *testing.T) {
	in := randomRows(1, 5000)
	in.endless, in.atEnd = true, make(chan struct{})
	out := &lines{fail: errors.New("disk full")}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 2, BatchRows: 4, Edges: []*Edge{{Sink: &Sink{Name: "out", Sink: out}}}})
	err := flow.Run(context.Background(), context.Background())
	if err == nil || err.Error() != "out: disk full" || out.flushed || !out.ended {
		t.Fatalf("error %v, flushed %v, closed %v", err, out.flushed, out.ended)
	}
}

func TestReadError(t *testing.T) {
	in := randomRows(1, 100)
	in.readErr = errors.New("mem: unexpected end of the compressed data")
	out := &lines{}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: -1, Workers: 2, BatchRows: 4, Edges: []*Edge{{Sink: &Sink{Name: "out", Sink: out}}}})
	if err := flow.Run(context.Background(), context.Background()); !errors.Is(err, in.readErr) || len(out.got) != 100 {
		t.Fatalf("error %v after %d rows", err, len(out.got))
	}
}

// Asked to stop, a flow keeps what it read but closes no window.
func TestStop(t *testing.T) {
	in := randomRows(1, 100)
	in.endless, in.atEnd = true, make(chan struct{})
	out, raw := &lines{}, &lines{}
	flow := flowOf(&Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: 1000}, Workers: 2, BatchRows: 4, Edges: []*Edge{
		counting(2, 8, &Sink{Name: "out", Sink: out}, nil, 0), {Sink: &Sink{Name: "raw", Sink: raw}}}})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		<-in.atEnd
		stop()
	}()
	if err := flow.Run(ctx, context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(raw.got) != 100 || len(out.got) != 0 || !out.flushed {
		t.Fatalf("%d rows read, %d emitted, flushed %v", len(raw.got), len(out.got), out.flushed)
	}
}
