package build

import (
	"context"
	"io"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// values builds the source of rows of constants: it only counts rows, from which
// the operator makes those of the plan.
func (b *builder) values(n *plan.Values, w *way) {
	w.before(func() operators.Operator { return operators.NewValues(n.Rows, n.Out) })
	name := ""
	if len(n.Rows) > 1 {
		name = "VALUES" // an error names the row
	}
	b.leaf(n, w, &dataflow.Source{Input: &counter{name: name, rows: int64(len(n.Rows))}, Workers: b.env.Readers})
}

// leaf makes a source that belongs to one place of a plan alone.
func (b *builder) leaf(n plan.Node, w *way, src *dataflow.Source) {
	src.Name, src.Time, src.BatchRows, src.Edges = b.query.Name, -1, b.env.BatchRows, []*dataflow.Edge{w.edge}
	src.Hold = b.env.Hold
	b.leaves[n] = src
	b.program.Flow.Sources = append(b.program.Flow.Sources, src)
}

// counterPiece is how many rows a piece of a counter has.
const counterPiece = 8192

// counter is an input of rows that have no columns.
type counter struct {
	name string
	rows int64
}

func (c *counter) Open(context.Context) (connectors.Reader, error) {
	return &counterReader{counter: c}, nil
}
func (c *counter) NewDecoder() (connectors.Decoder, error) { return c, nil }
func (c *counter) Bounded() bool                           { return true }
func (c *counter) Repeatable() bool                        { return true }

func (c *counter) Decode(from *connectors.Chunk, b *data.Batch, p *connectors.Place, most int) bool {
	p.FirstLine = from.Lines
	b.N = int(min(int64(most), from.Count-from.Lines))
	from.Lines += int64(b.N)
	from.Records = from.Lines
	return from.Lines == from.Count
}

type counterReader struct {
	*counter
	next int64
}

func (r *counterReader) Next(_ context.Context, c *connectors.Chunk) error {
	if r.next == r.rows {
		return io.EOF
	}
	c.Reset()
	c.Name, c.NewFile = r.name, r.next == 0
	c.First, c.Count = r.next, min(r.rows-r.next, counterPiece)
	r.next += c.Count
	return nil
}

func (r *counterReader) Progress() (read, total int64) { return r.rows, r.rows }
func (r *counterReader) Close() error                  { return nil }
