package build

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// input is a relation in memory: rows as text, split by spaces, NULL for a null.
type input struct {
	schema data.Schema
	rows   []string
	// opened counts how often it was read.
	opened int
	// live never ends.
	live bool
	// given is how many rows were handed out.
	given int
}

func (in *input) relation(name string) *catalog.Relation {
	return &catalog.Relation{Name: name, Schema: in.schema}
}

// shape is what must never change a result.
type shape struct{ workers, batch, piece int }

var shapes = []shape{{1, 1024, 1024}, {1, 1, 1}, {2, 3, 5}, {4, 2, 3}, {3, 64, 7}}

// world runs plans over inputs and keeps what comes out, by the sink's name.
type world struct {
	inputs map[string]*input
	shape  shape
	got    map[string]*lines
}

func (w *world) env() Env {
	return Env{
		Source: func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
			in := w.inputs[r.Name]
			if in == nil {
				return nil, fmt.Errorf("there is no input %s", r.Name)
			}
			return &textSource{input: in, cfg: cfg, piece: w.shape.piece}, nil
		},
		Sink: func(r *catalog.Relation, _ connectors.SinkConfig) (connectors.Sink, error) {
			return w.sink(r.Name), nil
		},
		Print: func(q *plan.Query) (connectors.Sink, error) {
			return w.sink(q.Name), nil
		},
		Live:     func(*plan.Query) bool { return false },
		Relation: func(string) *catalog.Relation { return nil },
		Workers:  w.shape.workers, BatchRows: w.shape.batch,
	}
}

func (w *world) sink(name string) *lines {
	l := &lines{}
	w.got[name] = l
	return l
}

// run builds and runs the queries in one shape.
func run(t *testing.T, inputs map[string]*input, s shape, queries []*plan.Query) (*world, *Program, error) {
	t.Helper()
	w := &world{inputs: inputs, shape: s, got: map[string]*lines{}}
	for _, in := range inputs {
		in.opened, in.given = 0, 0
	}
	p, err := Build(queries, w.env())
	if err != nil {
		t.Fatal(err)
	}
	err = p.Flow.Run(context.Background(), context.Background())
	for name, l := range w.got {
		if !l.closed {
			t.Fatalf("%+v: sink %s was not closed", s, name)
		}
	}
	return w, p, err
}

// check runs the queries in every shape and compares what each gives, and the
// error, "" for none.
func check(t *testing.T, inputs map[string]*input, queries []*plan.Query, want map[string]string, wantErr string) {
	t.Helper()
	for _, s := range shapes {
		w, _, err := run(t, inputs, s, queries)
		if text := fmt.Sprint(err); err == nil && wantErr != "" || err != nil && (wantErr == "" || !strings.Contains(text, wantErr)) {
			t.Fatalf("%+v: error %v, want one with %q", s, err, wantErr)
		}
		for name, lines := range want {
			if d := cmp.Diff(clean(lines), strings.Join(w.got[name].got, "\n")); d != "" {
				t.Fatalf("%+v, %s (-want +got)\n%s", s, name, d)
			}
		}
	}
}

func clean(text string) string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// query makes a query of a plan.
func query(name string, n plan.Node) *plan.Query {
	return &plan.Query{Name: name, Root: &plan.Sink{Input: n}}
}

// textSource reads an input.
type textSource struct {
	*input
	cfg   connectors.SourceConfig
	piece int
}

func (s *textSource) Open(context.Context) (connectors.Reader, error) {
	s.opened++
	return &textReader{textSource: s}, nil
}
func (s *textSource) Bounded() bool { return !s.live }
func (s *textSource) NewDecoder() (connectors.Decoder, error) {
	d := &textDecoder{textSource: s}
	for _, c := range s.cfg.Needed {
		d.parsers = append(d.parsers, data.NewTextParser(s.schema[c].Type, nil))
	}
	return d, nil
}

type textReader struct {
	*textSource
	at int
}

func (r *textReader) Next(ctx context.Context, c *connectors.Chunk) error {
	c.Reset()
	runtime.Gosched() // as a reader does that waits for its input
	if r.at == len(r.rows) {
		if r.live {
			<-ctx.Done()
			return ctx.Err()
		}
		return io.EOF
	}
	c.Name, c.NewFile = r.cfg.Name, r.at == 0
	c.First, c.Count = int64(r.at), int64(min(r.piece, len(r.rows)-r.at))
	r.at += int(c.Count)
	r.given = r.at
	return nil
}
func (r *textReader) Progress() (int64, int64) { return 0, -1 }
func (r *textReader) Close() error             { return nil }

type textDecoder struct {
	*textSource
	parsers []*data.TextParser
}

func (d *textDecoder) Decode(c *connectors.Chunk, b *data.Batch, p *connectors.Place, most int) bool {
	p.FirstLine = c.Lines
	for ; b.N < most && c.Lines < c.Count; b.N++ {
		cells := strings.Fields(d.rows[c.First+c.Lines])
		for i, col := range d.cfg.Needed {
			if cells[col] == "NULL" {
				b.Cols[i].AppendNull()
			} else if err := d.parsers[i].Append(b.Cols[i], []byte(cells[col])); err != nil {
				panic(err)
			}
		}
		c.Lines++
	}
	c.Records = c.Lines
	return c.Lines == c.Count
}

// lines is a sink that keeps rows as text.
type lines struct {
	got             []string
	flushed, closed bool
}

func (l *lines) Write(_ context.Context, b *data.Batch) error {
	for k := range b.Rows() {
		i := b.Row(k)
		line := []string{b.Change(i).String()}
		for _, v := range b.Cols {
			text := "NULL"
			if !v.IsNull(i) {
				text = string(data.AppendText(nil, v, i))
			}
			line = append(line, text)
		}
		l.got = append(l.got, strings.Join(line, " "))
	}
	return nil
}
func (l *lines) Flush(context.Context) error { l.flushed = true; return nil }
func (l *lines) Close() error                { l.closed = true; return nil }

// Small parts of plans.

var nowhere source.Span

var (
	bigint    = data.Of(data.BigInt)
	text      = data.Of(data.String)
	timestamp = data.Of(data.Timestamp)
)

func schemaOf(cols ...any) data.Schema {
	var s data.Schema
	for i := 0; i < len(cols); i += 2 {
		s = append(s, data.Column{Name: cols[i].(string), Type: cols[i+1].(data.Type)})
	}
	return s
}

// scan reads all columns of a relation; time is the event time, -1 for none.
func scan(r *catalog.Relation, time int, delay int64) *plan.Scan {
	s := &plan.Scan{Relation: r, Time: time, Timing: catalog.Timing{Delay: delay}}
	for i := range r.Schema {
		s.Columns = append(s.Columns, i)
	}
	return s
}

func col(n plan.Node, i int) expr.Expr {
	c := n.Schema()[i]
	return expr.NewColumn(i, c.Name, c.Type, nowhere)
}

func number(x int64) expr.Expr {
	v := data.NewConst(bigint)
	v.AppendInt(x)
	return expr.NewLiteral(v, nowhere)
}

func call(name string, args ...expr.Expr) expr.Expr {
	e, err := expr.NewCall(name, args, nowhere)
	if err != nil {
		panic(err)
	}
	return e
}

func where(in plan.Node, pred expr.Expr) *plan.Filter { return &plan.Filter{Input: in, Pred: pred} }

func project(in plan.Node, exprs ...expr.Expr) *plan.Project {
	p := &plan.Project{Input: in, Exprs: exprs}
	for _, e := range exprs {
		p.Out = append(p.Out, data.Column{Name: e.String(), Type: e.Type()})
	}
	return p
}
