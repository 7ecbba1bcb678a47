package planner

import (
	"fmt"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// Constants evaluates constants that stand in a file outside of queries: the rows of a
// test.
type Constants struct{ b *binder }

// NewConstants returns an evaluator for a file. Expressions may call the functions that
// cat declares.
func NewConstants(f *source.File, cat *catalog.Catalog) *Constants {
	return &Constants{newBinder(f, cat, nil)}
}

// Problems returns what has been wrong so far.
func (c *Constants) Problems() source.List { return *c.b.errs }

// Append evaluates a constant, converts it to the type of a column and appends it to
// the column's values. Texts are read as values of the type. of says whose column it
// is, for messages. It returns false after a problem.
func (c *Constants) Append(to *data.Vector, e *parser.Expr, column data.Column, of string) bool {
	return c.append(to, e, column.Type, fmt.Sprintf("column %s of %s is %s", column.Name, of, column.Type))
}

// append is Append; wants says what is wanted, for messages.
func (c *Constants) append(to *data.Vector, e *parser.Expr, t data.Type, wants string) bool {
	x := (&scoped{binder: c.b, scope: &scope{}, clause: "VALUES"}).bind(e)
	if x == nil {
		return false
	}
	l, isLiteral := x.(*expr.Literal)
	switch {
	case x.Type() == t, isLiteral && l.IsNull():
	case isLiteral && l.Type().Kind == data.String, assignable(x.Type(), t):
		cast, err := expr.NewCast(x, t, false, e.Span())
		if x = c.b.check(cast, err, e.Span()); x == nil {
			return false
		}
	default:
		c.b.errorf(e.Span(), "convert it: CAST("+x.String()+" AS "+t.String()+")", "%s, but this value is %s", wants, describeType(x.Type()))
		return false
	}
	x, err := expr.Fold(x)
	if err != nil {
		c.b.report(err, e.Span())
		return false
	}
	if l, isLiteral = x.(*expr.Literal); !isLiteral {
		c.b.errorf(e.Span(), "write its value", "%s is not a constant", x)
		return false
	}
	if l.IsNull() {
		to.AppendNull()
	} else {
		to.AppendFrom(l.Value, 0)
	}
	return true
}

// One evaluates a constant of a type: what names it in messages.
func (c *Constants) One(e *parser.Expr, t data.Type, what string) (*data.Vector, bool) {
	v := data.NewConst(t)
	return v, c.append(v, e, t, fmt.Sprintf("%s needs a value of type %s", what, t)) && !v.IsNull(0)
}
