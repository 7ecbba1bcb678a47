package planner

import (
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// This file refuses, by name and at its place, what the grammar has and no plan yet.

func (b *binder) later(at source.Span, what string) bool {
	b.errorf(at, "", "%s is not supported yet", what)
	return false
}

func (b *binder) laterStatement(s *parser.Statement) {
	what := "ADVANCE WATERMARK"
	switch {
	case s.Function != nil:
		what = "CREATE FUNCTION"
	case s.Drop != nil:
		what = "DROP"
	case s.Set != nil:
		what = "SET"
	case s.Reset != nil:
		what = "RESET"
	case s.Show != nil:
		what = "SHOW"
	case s.Describe != nil:
		what = "DESCRIBE"
	case s.Stop != nil:
		what = "STOP QUERY"
	}
	b.later(s.Span(), what)
}

// bindQuery binds a query that is one SELECT.
func (b *binder) bindQuery(q *parser.Query) (plan.Node, bool) {
	switch {
	case len(q.With) > 0:
		return nil, b.later(q.With[0].Span(), "WITH (a common table expression)")
	case len(q.Rest) > 0:
		return nil, b.later(q.Rest[0].OpAt, q.Rest[0].Op)
	case len(q.OrderBy) > 0:
		return nil, b.later(q.OrderBy[0].Span(), "ORDER BY")
	case q.Limit != nil:
		return nil, b.later(q.Limit.Span(), "LIMIT")
	case q.Offset != nil:
		return nil, b.later(q.Offset.Span(), "OFFSET")
	case q.First.Values != nil:
		return nil, b.later(q.First.Span(), "VALUES")
	case q.First.Paren != nil:
		return nil, b.later(q.First.Span(), "a query in parentheses")
	}
	return b.selectQuery(q.First.Select)
}

// plainSelect returns the only table of FROM, nil without FROM.
func (b *binder) plainSelect(s *parser.Select) (*parser.TableRef, bool) {
	for _, g := range s.GroupBy {
		if g.Kind != "" {
			return nil, b.later(g.Span(), g.Kind)
		}
	}
	switch {
	case s.Distinct:
		return nil, b.later(s.Span(), "SELECT DISTINCT")
	case len(s.Windows) > 0:
		return nil, b.later(s.Windows[0].Span(), "a WINDOW clause")
	case s.Qualify != nil:
		return nil, b.later(s.Qualify.Span(), "QUALIFY")
	case len(s.From) == 0:
		return nil, true
	case len(s.From) > 1:
		return nil, b.later(s.From[1].Span(), "a comma join (several names in FROM)")
	}
	for _, it := range s.Items {
		if it.Qualifier != nil {
			return nil, b.later(it.Span(), "t.* (every column of one relation)")
		}
	}
	for _, j := range s.From[0].Joins {
		return nil, b.later(j.Span(), j.Kind+" JOIN")
	}
	switch t := s.From[0].First; {
	case t.Query != nil:
		return nil, b.later(t.Span(), "a subquery in FROM")
	case t.Nested != nil:
		return nil, b.later(t.Span(), "a parenthesis in FROM")
	case t.Function != nil:
		return nil, b.later(t.Span(), t.Function.Name.Text+"(…) in FROM")
	case t.AsOf != nil:
		return nil, b.later(t.AsOf.Span(), "FOR SYSTEM_TIME AS OF")
	case t.Columns != nil:
		return nil, b.later(t.Span(), "a list of column names behind an alias")
	case t.Options != nil:
		return nil, b.later(t.Options[0].Span(), "WITH behind a file's name")
	default:
		return t, true
	}
}

// groupExprs returns the expressions of GROUP BY.
func groupExprs(s *parser.Select) []*parser.Expr {
	var list []*parser.Expr
	for _, g := range s.GroupBy {
		list = append(list, g.Expr)
	}
	return list
}

func (b *binder) plainView(c *parser.CreateView) bool {
	switch {
	case c.OrReplace:
		return b.later(c.Name.Span(), "OR REPLACE")
	case c.IfNotExists:
		return b.later(c.Name.Span(), "IF NOT EXISTS")
	case c.Columns != nil:
		return b.later(c.Columns[0].Span(), "a view's list of columns")
	}
	return true
}

func (b *binder) plainCreate(c *parser.CreateRelation) bool {
	switch {
	case c.OrReplace:
		return b.later(c.Name.Span(), "OR REPLACE")
	case c.IfNotExists:
		return b.later(c.Name.Span(), "IF NOT EXISTS")
	case c.As != nil:
		return b.later(c.As.Span(), "CREATE … AS SELECT")
	}
	for _, e := range c.Elements {
		switch {
		case e.Column != nil && e.Column.Computed != nil:
			return b.later(e.Span(), "a computed column")
		case e.Column != nil && e.Column.Metadata:
			return b.later(e.Span(), "a METADATA column")
		case e.Column != nil && e.Column.Type.Args != nil, e.Column != nil && e.Column.Type.Fields != nil:
			return b.later(e.Column.Type.Span(), "the type "+e.Column.Type.Name)
		case e.Watermark != nil && e.Watermark.Punctuated != nil:
			return b.later(e.Watermark.Punctuated.Span(), "a PUNCTUATED watermark")
		}
	}
	return true
}

func (x *scoped) plainCall(c *parser.Call) bool {
	switch {
	case c.Over != nil:
		return x.later(c.Over.Span(), "OVER")
	case c.OrderBy != nil:
		return x.later(c.Span(), "ORDER BY in an aggregate")
	case c.WithinGroup != nil:
		return x.later(c.Span(), "WITHIN GROUP")
	case c.IgnoreNulls:
		return x.later(c.Span(), "IGNORE NULLS")
	}
	return true
}

func laterExpr(e *parser.Expr) string {
	switch e.X.(type) {
	case *parser.Subquery, *parser.Exists:
		return "a subquery"
	case *parser.Quantified:
		return "ANY and ALL"
	case *parser.Array, *parser.Map, *parser.Row:
		return "a value of type ARRAY, MAP or ROW"
	case *parser.Subscript:
		return "a subscript in brackets"
	case *parser.Field:
		return "a field of a ROW"
	}
	return "this expression"
}
