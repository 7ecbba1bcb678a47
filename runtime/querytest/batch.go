package querytest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
	"tidemark/runtime/engine"
)

// planWith plans the scripts of the test with one more behind them.
func (r *run) planWith(more *parser.Script) (*planner.Result, source.List) {
	scripts := slices.Clone(r.file.scripts)
	if len(r.test.declares) > 0 {
		scripts = append(scripts, &parser.Script{File: r.file.source, Statements: r.test.declares})
	}
	return planner.PlanAll(append(scripts, more), catalog.New(), r.bench.conns, planner.Options{Fed: true})
}

// expectedQuery runs the query of an EXPECT … = (query) over what was fed.
func (r *run) expectedQuery(e *parser.Expect, schema data.Schema, name string) (*rows, error) {
	got, problems, err := r.batch(e.Query)
	if problems.HasErrors() {
		return nil, r.problems(problems)
	}
	if err != nil {
		return nil, err
	}
	if len(got.schema) != len(schema) {
		r.wrong(e.Query.Span(), "the columns are "+strings.Join(schema.Names(), ", "), "the query has %s, but %s has %d", count(len(got.schema), "column"), name, len(schema))
		return nil, errWrong
	}
	for i, c := range schema {
		if got.schema[i].Type != c.Type {
			r.wrong(e.Query.Span(), fmt.Sprintf("write CAST(… AS %s)", c.Type), "column %d of the query is %s, but %s of %s is %s", i+1, got.schema[i].Type, c.Name, name, c.Type)
			return nil, errWrong
		}
	}
	return got, nil
}

// batch runs a query over all that was fed, as inputs with an end, and returns what its
// rows come to.
func (r *run) batch(q *parser.Query) (*rows, source.List, error) {
	result, problems := r.planWith(&parser.Script{File: r.file.source, Statements: []*parser.Statement{{Node: parser.Node{Pos: q.Pos, EndPos: q.EndPos}, Query: q}}})
	if problems.HasErrors() {
		return nil, problems, nil
	}
	query := result.Queries[slices.IndexFunc(result.Queries, func(x *plan.Query) bool { return x.File == r.file.source && x.Span.Start == q.Pos.Offset })]
	c := newCapture(query.Name, query.Root.Schema(), nil)
	env := r.bench.env()
	env.Source = func(rel *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
		if rel.Declared == nil {
			return r.bench.engine.Source(rel, cfg)
		}
		f := newFeed(rel.Name, cfg, nil, func() int64 { return 0 })
		for _, in := range r.inputs {
			if strings.EqualFold(in.relation.Name, rel.Name) {
				p, err := r.pieceOf(in, rel, f)
				if err != nil {
					return nil, err
				}
				p.partition = 0
				f.put(p)
			}
		}
		f.finish()
		return boundedFeed{f}, nil
	}
	env.Sink = func(*catalog.Relation, connectors.SinkConfig) (connectors.Sink, error) { return c, nil }
	env.Print = func(*plan.Query) (connectors.Sink, error) { return c, nil }
	env.Watch = nil
	env.Bounded = func(plan.Node) bool { return true }
	ctx := context.Background()
	if err := engine.RunSubqueries(ctx, result.Subqueries, env); err != nil {
		return nil, nil, err
	}
	program, err := build.Build([]*plan.Query{query}, env)
	if err != nil {
		return nil, nil, err
	}
	if err := program.Flow.Run(ctx, ctx); err != nil {
		return nil, nil, err
	}
	return c.content(), nil, nil
}

// boundedFeed is a feed that has come to its end.
type boundedFeed struct{ *feed }

// Bounded implements connectors.Source.
func (boundedFeed) Bounded() bool { return true }
