// Package expr holds typed, bound expressions over the columns of a batch and
// compiles them to vector kernels. One function table (see Functions) serves the
// binder, constant folding and execution, so the three can never disagree.
//
// Expressions are immutable: rewrites build new ones. They may be shared freely
// between goroutines; a compiled Program may not.
package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Expr is a bound, typed expression over the columns of a batch.
type Expr interface {
	// Type is the SQL type of the value.
	Type() data.Type
	// Span is the place in the query text the expression was written at.
	Span() source.Span
	// String is the expression as canonical SQL text, for EXPLAIN and default
	// column names. Casts that the binder inserted do not show.
	String() string

	// compile builds what computes the value.
	compile() node
}

// Column refers to a column of the batch.
type Column struct {
	Index int    // position in Batch.Cols
	Name  string // as messages and EXPLAIN show it

	of  Expr // what the column holds the value of, if it is shown as that
	typ data.Type
	at  source.Span
}

// Literal is a constant, possibly NULL.
type Literal struct {
	// Value is a constant vector (data.NewConst) that holds the value.
	Value *data.Vector

	// typed is set when a string literal was given its type explicitly, so that
	// it no longer takes on the type its context asks for.
	typed bool
	at    source.Span
}

// Call applies one overload of a function or operator.
type Call struct {
	Func *Function
	Args []Expr

	typ data.Type
	at  source.Span
}

// When is one branch of a Case.
type When struct{ Cond, Then Expr }

// Case is the searched form of CASE: the first branch whose condition is TRUE
// gives the value. Else is never nil.
type Case struct {
	Whens []When
	Else  Expr

	typ data.Type
	at  source.Span
}

// Cast converts a value to another type.
type Cast struct {
	X   Expr
	To  data.Type
	Try bool // TRY_CAST: NULL where the conversion fails
	// Implicit marks a cast that the binder inserted.
	Implicit bool

	at source.Span
}

// In tests membership in a list of constants. List is never empty, and all of
// it has the type of X.
type In struct {
	X    Expr
	List []*Literal
	Not  bool

	at source.Span
}

// NewColumn returns a reference to batch column index.
func NewColumn(index int, name string, t data.Type, at source.Span) *Column {
	return &Column{Index: index, Name: name, typ: t, at: at}
}

// NewComputed returns a reference to batch column index, which holds the value of
// e for every row: it is shown as e.
func NewComputed(index int, e Expr) *Column {
	return &Column{Index: index, Name: e.String(), of: e, typ: e.Type(), at: e.Span()}
}

// NewLiteral returns a constant. v is a constant vector (data.NewConst) that
// holds one value and is not changed afterwards; a NULL of type Unknown is the
// bare NULL, which takes on the type its context asks for, as does a STRING.
func NewLiteral(v *data.Vector, at source.Span) *Literal { return &Literal{Value: v, at: at} }

// NullLiteral returns a NULL of type t.
func NullLiteral(t data.Type, at source.Span) *Literal {
	v := data.NewConst(t)
	v.AppendNull()
	return &Literal{Value: v, typed: true, at: at}
}

// ZeroLiteral returns some value of type t that is not NULL, for a place that
// nobody looks at.
func ZeroLiteral(t data.Type, at source.Span) *Literal {
	return NewLiteral(data.NewZero(t), at)
}

// BoolLiteral returns TRUE or FALSE.
func BoolLiteral(x bool, at source.Span) *Literal {
	v := data.NewConst(data.Of(data.Boolean))
	v.AppendBool(x)
	return &Literal{Value: v, at: at}
}

// IntLiteral returns an INT where x fits into 32 bits, else a BIGINT.
func IntLiteral(x int64, at source.Span) *Literal {
	k := data.Int
	if x != int64(int32(x)) {
		k = data.BigInt
	}
	v := data.NewConst(data.Of(k))
	v.AppendInt(x)
	return &Literal{Value: v, at: at}
}

// StringLiteral returns a string constant, which takes on the type of what it is
// compared or combined with: ts > '2026-01-01'.
func StringLiteral(s string, at source.Span) *Literal {
	v := data.NewConst(data.Of(data.String))
	v.AppendText([]byte(s))
	return &Literal{Value: v, at: at}
}

// IsNull reports whether the constant is NULL.
func (l *Literal) IsNull() bool { return l.Value.IsNull(0) }

// loose reports whether the literal takes on the type of its context.
func (l *Literal) loose() bool {
	return l.Value.Type.Kind == data.Unknown || !l.typed && l.Value.Type.Kind == data.String
}

// Type implements Expr.
func (c *Column) Type() data.Type { return c.typ }

// Type implements Expr.
func (l *Literal) Type() data.Type { return l.Value.Type }

// Type implements Expr.
func (c *Call) Type() data.Type { return c.typ }

// Type implements Expr.
func (c *Case) Type() data.Type { return c.typ }

// Type implements Expr.
func (c *Cast) Type() data.Type { return c.To }

// Type implements Expr.
func (in *In) Type() data.Type { return data.Of(data.Boolean) }

// Span implements Expr.
func (c *Column) Span() source.Span { return c.at }

// Span implements Expr.
func (l *Literal) Span() source.Span { return l.at }

// Span implements Expr.
func (c *Call) Span() source.Span { return c.at }

// Span implements Expr.
func (c *Case) Span() source.Span { return c.at }

// Span implements Expr.
func (c *Cast) Span() source.Span { return c.at }

// Span implements Expr.
func (in *In) Span() source.Span { return in.at }
