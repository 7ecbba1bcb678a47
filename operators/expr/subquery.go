package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Cell receives the result of a subquery: one value (a constant vector), the values
// of a set (a flat vector), or the columns of a table (flat vectors). It is filled
// after planning and before any expression that uses it is compiled, and is not
// changed then.
type Cell struct {
	Value   *data.Vector
	Columns []*data.Vector
	// Text is the subquery as written, for EXPLAIN and messages.
	Text string
}

// Scalar is the value of a subquery, which stands for every row.
type Scalar struct {
	Cell *Cell

	typ data.Type
	at  source.Span
}

// InSet tests membership in the values of a subquery, which have the type of X.
type InSet struct {
	X    Expr
	Cell *Cell
	Not  bool

	at source.Span
}

// NewScalar returns the value of type t that a cell will hold.
func NewScalar(c *Cell, t data.Type, at source.Span) *Scalar { return &Scalar{Cell: c, typ: t, at: at} }

// NewInSet tests x for membership in the values of type t that a cell will hold.
// Where x must be cast to t, it is; values returns what the set's values must be
// cast to, which the caller sees to.
func NewInSet(x Expr, c *Cell, t data.Type, not bool, at source.Span) (e Expr, values data.Type, err error) {
	if _, ok := commonType(x.Type(), t); !ok {
		if l, isLiteral := x.(*Literal); !isLiteral || !l.loose() {
			return nil, t, errorf(x.Span(), castHint(x, t), "%s is %s, but the subquery gives %s", x, x.Type(), t)
		}
	}
	set := NullLiteral(t, at)
	if !haveRoom([]Expr{x, set}) {
		return nil, t, errorf(x.Span(), "cast one to the type of the other", "%s is %s, but the subquery gives %s, and no DECIMAL has room for the digits of both", x, x.Type(), t)
	}
	all, common, err := unify([]Expr{x, set}, "the operands of IN")
	if err != nil {
		return nil, t, err
	}
	return &InSet{X: all[0], Cell: c, Not: not, at: at}, common, nil
}

// Type implements Expr.
func (s *Scalar) Type() data.Type { return s.typ }

// Type implements Expr.
func (s *InSet) Type() data.Type { return data.Of(data.Boolean) }

// Span implements Expr.
func (s *Scalar) Span() source.Span { return s.at }

// Span implements Expr.
func (s *InSet) Span() source.Span { return s.at }

// String returns the subquery in parentheses.
func (s *Scalar) String() string { return "(" + s.Cell.Text + ")" }

// String returns "x IN (subquery)".
func (s *InSet) String() string {
	not := ""
	if s.Not {
		not = "NOT "
	}
	return s.X.String() + " " + not + "IN (" + s.Cell.Text + ")"
}

// UsesSubquery reports whether e cannot be evaluated before a subquery was.
func UsesSubquery(e Expr) bool {
	found := false
	Walk(e, func(x Expr) bool {
		switch x.(type) {
		case *Scalar, *InSet, *Related:
			found = true
		}
		return !found
	})
	return found
}

func (s *InSet) compile() node {
	values := &data.Vector{}
	values.Reset(s.X.Type())
	hasNull := false
	for i := range s.Cell.Value.Len() {
		if s.Cell.Value.IsNull(i) {
			hasNull = true
		} else {
			values.AppendFrom(s.Cell.Value, i)
		}
	}
	return memberNode(s.X, values, hasNull, s.Not, s)
}

// memberNode tests x for membership in values, a flat vector of its type without
// NULLs; hasNull says that NULL is one of them too.
func memberNode(x Expr, values *data.Vector, hasNull, not bool, e Expr) node {
	run := inKernel(x.Type(), values, hasNull, not)
	if values.Len() == 0 && !hasNull { // nothing is in it, not even NULL perhaps
		run = func(f *frame) error {
			for i := range f.n {
				f.out.Bools[i] = not
			}
			return nil
		}
	}
	return newCallNode(run, data.Of(data.Boolean), inFunc, []node{x.compile()}, e)
}
