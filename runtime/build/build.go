// Package build turns plans into a dataflow. It is the one place that knows both.
package build

import (
	"context"
	"fmt"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// Env is what a build needs of its surroundings.
type Env struct {
	// Source and Sink make the connectors of a relation.
	Source func(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error)
	Sink   func(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error)
	// Print makes the sink of a SELECT.
	Print func(q *plan.Query) (connectors.Sink, error)
	// Live reports whether a query's rows come as they are made.
	Live func(q *plan.Query) bool
	// Relation finds a relation by name: the stream of dead letters.
	Relation func(name string) *catalog.Relation
	// Workers is how many goroutines a source or a keyed operator gets; BatchRows
	// the most rows of a batch.
	Workers, BatchRows int
}

// Statement is a query of the built flow.
type Statement struct {
	Query   *plan.Query
	Source  *dataflow.Source
	Account *operators.Account
	Sink    *dataflow.Sink
}

// Program is a built flow with its statements in order.
type Program struct {
	Flow       *dataflow.Flow
	Statements []*Statement
	letters    []*deadLetters
}

// Close ends what the flow itself does not: the streams of dead letters. It is
// called after the run.
func (p *Program) Close(ctx context.Context) error {
	var first error
	for _, d := range p.letters {
		if err := d.close(ctx); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Build returns the flow of the queries. Queries that read the same relation
// share its source.
func Build(queries []*plan.Query, env Env) (*Program, error) {
	b := &builder{env: env, program: &Program{Flow: &dataflow.Flow{}}}
	if err := b.build(queries); err != nil {
		for _, s := range b.program.Statements {
			s.Sink.Sink.Close()
		}
		return nil, err
	}
	return b.program, nil
}

type builder struct {
	env     Env
	program *Program
}

func (b *builder) build(queries []*plan.Query) error {
	byRelation := map[*catalog.Relation][]*Statement{}
	var order []*catalog.Relation
	for _, q := range queries {
		st := &Statement{Query: q, Account: &operators.Account{}}
		sink, err := b.sink(q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		st.Sink = &dataflow.Sink{Name: q.Name, Sink: sink, Live: b.env.Live(q)}
		b.program.Statements = append(b.program.Statements, st)
		switch leaf := leaf(q.Root).(type) {
		case *plan.Scan:
			if byRelation[leaf.Relation] == nil {
				order = append(order, leaf.Relation)
			}
			byRelation[leaf.Relation] = append(byRelation[leaf.Relation], st)
		case *plan.Values:
			b.values(st, leaf)
		}
	}
	for _, r := range order {
		if err := b.source(r, byRelation[r]); err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return nil
}

// leaf returns the node at the bottom of a plan.
func leaf(n plan.Node) plan.Node {
	for len(n.Inputs()) > 0 {
		n = n.Inputs()[0]
	}
	return n
}

// path returns the nodes from above the leaf up to below the sink.
func path(root *plan.Sink) []plan.Node {
	var nodes []plan.Node
	for n := root.Input; len(n.Inputs()) > 0; n = n.Inputs()[0] {
		nodes = append(nodes, n)
	}
	for i, j := 0, len(nodes)-1; i < j; i, j = i+1, j-1 {
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
	return nodes
}

func (b *builder) sink(q *plan.Query) (connectors.Sink, error) {
	if q.Root.Relation == nil {
		return b.env.Print(q)
	}
	r := q.Root.Relation
	return b.env.Sink(r, connectors.SinkConfig{Name: r.Name, Schema: r.Schema, Key: r.Key})
}

type factory func() operators.Operator

// edge returns the way of a statement's rows through nodes, which begin at the
// leaf's side, to its sink. before are stateless operators to run first.
func (b *builder) edge(st *Statement, nodes []plan.Node, before []factory) (*dataflow.Edge, error) {
	stateless := before
	for i, n := range nodes {
		switch n := n.(type) {
		case *plan.Filter:
			stateless = append(stateless, func() operators.Operator { return operators.NewFilter(n.Pred, st.Account) })
		case *plan.Project:
			stateless = append(stateless, func() operators.Operator { return operators.NewProject(n.Exprs) })
		case *plan.Aggregate:
			// Only the rows of the source are accounted for: not those that a
			// HAVING drops, nor those of a window over a window.
			above := &Statement{Query: st.Query, Account: &operators.Account{}, Sink: st.Sink}
			next, err := b.edge(above, nodes[i+1:], nil)
			if err != nil {
				return nil, err
			}
			return &dataflow.Edge{Operators: set(stateless), Keyed: b.aggregate(st, n, next)}, nil
		default:
			return nil, fmt.Errorf("a plan with %T cannot be run", n)
		}
	}
	root := st.Query.Root
	if exprs := sinkExprs(st.Query); exprs != nil {
		stateless = append(stateless, func() operators.Operator { return operators.NewProject(exprs) })
	}
	if r := root.Relation; r != nil && len(r.Key) > 0 && root.Input.Properties().Updating {
		stateless = append(stateless, func() operators.Operator { return operators.NewRekey(r.Key) })
	}
	return &dataflow.Edge{Operators: set(stateless), Sink: st.Sink}, nil
}

// set returns a maker of operator sets, nil when there are none.
func set(fs []factory) func() []operators.Operator {
	if len(fs) == 0 {
		return nil
	}
	return func() []operators.Operator {
		ops := make([]operators.Operator, len(fs))
		for i, f := range fs {
			ops[i] = f()
		}
		return ops
	}
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

func (b *builder) aggregate(st *Statement, n *plan.Aggregate, next *dataflow.Edge) *dataflow.Keyed {
	cfg := operators.AggregateConfig{
		Window: n.Window, Time: n.Time, Keys: n.Keys,
		Lateness: watermark.Lateness{Allowed: n.Lateness},
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out, Account: st.Account,
	}
	switch n.Emit {
	case plan.EmitFinal:
		cfg.Emit = operators.EmitFinal
	case plan.EmitChanges:
		cfg.Emit = operators.EmitChanges
	default:
		cfg.Emit = operators.EmitClose
	}
	for _, c := range n.Aggs {
		cfg.Calls = append(cfg.Calls, operators.AggregateCall{Func: c.Func, Cols: c.Cols, Filter: c.Filter})
	}
	var order []int
	keysAt := 0
	if n.Window != nil {
		order, keysAt = []int{1}, 2 // the end tells the start
	}
	for k := range n.Keys {
		order = append(order, keysAt+k)
	}
	workers := b.env.Workers
	if len(n.Keys) == 0 {
		workers = 1 // all rows have one key
	}
	in := n.Input.Schema()
	return &dataflow.Keyed{
		Key: n.Keys, Workers: workers, Schema: n.Out, Order: order, BatchRows: b.env.BatchRows, Next: next,
		New: func() operators.Operator { return operators.NewAggregate(cfg, in) },
	}
}
