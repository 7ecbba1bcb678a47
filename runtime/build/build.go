// Package build turns plans into a dataflow. It is the one place that knows both.
package build

import (
	"context"
	"io"
	"slices"
	"sync/atomic"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/expr"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// Env is what a build needs of its surroundings.
type Env struct {
	// Source and Sink make the connectors of a relation.
	Source func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error)
	Sink   func(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error)
	// Lookup makes what finds rows of a relation; nil where none are looked up.
	Lookup func(r *catalog.Relation, cfg connectors.LookupConfig) (connectors.Lookup, error)
	// Now returns the time in microseconds since 1970.
	Now func() int64
	// Print makes the sink of a SELECT.
	Print func(q *plan.Query) (connectors.Sink, error)
	// Live reports whether a query's rows come as they are made.
	Live func(q *plan.Query) bool
	// Bounded reports whether all inputs of a plan come to an end.
	Bounded func(n plan.Node) bool
	// Relation finds a relation by name: the stream of dead letters.
	Relation func(name string) *catalog.Relation
	// Readers is how many goroutines a source gets, Workers how many an operator gets
	// whose state is by key, BatchRows the most rows of a batch.
	Readers, Workers, BatchRows int
	// Watch, when not nil, returns where the rows that a node makes are counted; nil for
	// nodes that are not watched.
	Watch func(n plan.Node) *operators.ProbeCounts
	// Hold keeps the time of inputs from ending with them.
	Hold bool
}

// Statement is a query of the built flow.
type Statement struct {
	Query *plan.Query
	Sink  *dataflow.Sink
	*Tally
}

// Program is a built flow with its statements in order.
type Program struct {
	Flow       *dataflow.Flow
	Statements []*Statement
	// Shared are the parts that are computed once for several uses.
	Shared []*SharedPart
	// keyed has the operators that keep state by key, by their nodes.
	keyed   map[plan.Node]*dataflow.Keyed
	letters []*deadLetters
	closers []io.Closer
	ctx     context.Context // of waits for foreign tables; nil without
	cancel  context.CancelFunc
}

// InputWatermark returns how far time has come at the input of a node; known is false where
// that is not watched, or has not begun. It may be called at any time.
func (p *Program) InputWatermark(n plan.Node) (w int64, known bool) {
	if k := p.keyed[n]; k != nil {
		return k.Watermark()
	}
	return 0, false
}

// SharedPart is a part of the plans that is computed once, such as a view.
type SharedPart struct {
	Name string
	Uses int          // how many parts of the flow get its rows
	Rows atomic.Int64 // changelog rows that it made
}

// Close ends what the flow itself does not: the streams of dead letters and foreign
// tables. It is
// called after the run.
func (p *Program) Close(ctx context.Context) error {
	var first error
	for _, d := range p.letters {
		if err := d.close(ctx); err != nil && first == nil {
			first = err
		}
	}
	p.GiveUp()
	for _, c := range p.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Build returns the flow of the queries. Queries that read the same relation
// share its source, and what is a plan.Shared is computed once.
func Build(queries []*plan.Query, env Env) (*Program, error) {
	if slices.ContainsFunc(queries, joins) {
		env.BatchRows = min(env.BatchRows, joinedRows)
	}
	b := newBuilder(env)
	b.program.Flow.Conditions = plan.Conditions(queries)
	if err := b.build(queries); err != nil {
		b.program.Flow.Close()
		return nil, err
	}
	return b.program, nil
}

// joinedRows is the most rows of a batch in scripts with joins: these hold batches of
// several inputs at once, and are no faster with larger ones.
const joinedRows = 2048

// joins reports whether a query joins.
func joins(q *plan.Query) bool {
	found := false
	plan.Walk(q.Root, func(n plan.Node) {
		switch n.(type) {
		case *plan.IntervalJoin, *plan.Join, *plan.FrameJoin:
			found = true
		}
	})
	return found
}

func (b *builder) sink(q *plan.Query) (connectors.Sink, error) {
	if q.Root.Relation == nil {
		return b.env.Print(q)
	}
	r := q.Root.Relation
	return b.env.Sink(r, connectors.SinkConfig{Name: r.Name, Schema: r.Schema, Key: r.Key})
}

// sinkExprs maps a query's columns to those of the relation it fills, nil when
// they are the same.
func sinkExprs(q *plan.Query) []expr.Expr {
	s := q.Root
	if s.Columns == nil {
		return nil
	}
	in, out := s.Input.Schema(), s.Schema()
	same := len(in) == len(out)
	exprs := make([]expr.Expr, len(out))
	for i, c := range s.Columns {
		same = same && c == i
		if c < 0 {
			exprs[i] = expr.NullLiteral(out[i].Type, q.Span)
			continue
		}
		exprs[i] = expr.NewColumn(c, in[c].Name, in[c].Type, q.Span)
	}
	if same {
		return nil
	}
	return exprs
}
