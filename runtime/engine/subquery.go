package engine

import (
	"context"
	"fmt"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
)

// subquery is a subquery with the flow that works it out.
type subquery struct {
	of      *plan.Subquery
	program *build.Program
	rows    *collector
}

// prepareSubqueries builds the flows of the subqueries.
func prepareSubqueries(list []*plan.Subquery, env build.Env) ([]*subquery, error) {
	var all []*subquery
	env.Hold = false // a subquery is worked out completely
	for _, s := range list {
		rows := &collector{fold: connectors.NewFold(s.Input.Schema(), nil)}
		env.Print = func(*plan.Query) (connectors.Sink, error) { return rows, nil }
		env.Live = func(*plan.Query) bool { return false }
		q := &plan.Query{Root: &plan.Sink{Input: s.Input}, Name: "a subquery", Text: s.Cell.Text, File: s.File, Span: s.Span}
		program, err := build.Build([]*plan.Query{q}, env)
		if err != nil {
			return nil, err
		}
		all = append(all, &subquery{s, program, rows})
	}
	return all, nil
}

// run works the subquery out and puts the result into its cell.
func (s *subquery) run(ctx, hard context.Context) error {
	defer context.AfterFunc(hard, s.program.GiveUp)()
	err := s.program.Flow.Run(ctx, hard)
	if cerr := s.program.Close(hard); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if s.of.Table {
		s.of.Cell.Columns = s.rows.columns()
		return nil
	}
	values := s.rows.columns()[0]
	if s.of.Set {
		s.of.Cell.Value = values
		return nil
	}
	one := data.NewConst(s.of.Type)
	switch n := values.Len(); n {
	case 0:
		one.AppendNull()
	case 1:
		one.AppendFrom(values, 0)
	default:
		return &source.Diagnostic{File: s.of.File, Span: s.of.Span, Message: fmt.Sprintf("the subquery stands for one value, and gives %d rows", n),
			Hint: "aggregate them, as in (SELECT MAX(x) …), or add LIMIT 1"}
	}
	s.of.Cell.Value = one
	return nil
}

// collector is the sink of a subquery: it keeps what its changelog comes to.
type collector struct{ fold *connectors.Fold }

// Write implements connectors.Sink.
func (c *collector) Write(_ context.Context, b *data.Batch) error { return c.fold.Apply(b) }

// columns returns the columns of what is there, as flat vectors.
func (c *collector) columns() []*data.Vector {
	rows := c.fold.Sorted()
	cols := make([]*data.Vector, len(rows.Cols))
	for i, from := range rows.Cols {
		cols[i] = &data.Vector{}
		cols[i].Reset(from.Type)
		for _, r := range rows.Sel {
			cols[i].AppendFrom(from, int(r))
		}
	}
	return cols
}

// Flush implements connectors.Sink.
func (c *collector) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (c *collector) Close() error { return nil }
