package parser

import "tidemark/parser/source"

// Expr is an expression. It parses itself, by precedence climbing, so that long
// and deep expressions cost linear time.
type Expr struct {
	X ExprNode
}

// Span returns the bytes the expression covers.
func (e *Expr) Span() source.Span { return e.X.Span() }

// ExprNode is one of the node types of this file.
type ExprNode interface {
	Span() source.Span
}

// At is embedded by every expression node: where it stands.
type At source.Span

// Span returns the bytes the node covers.
func (a At) Span() source.Span { return source.Span(a) }

// LiteralKind tells the kinds of Literal apart.
type LiteralKind uint8

// The kinds of literals.
const (
	NullLiteral    LiteralKind = iota
	BoolLiteral                // Text is "TRUE" or "FALSE"
	IntegerLiteral             // Text is the digits
	DecimalLiteral             // Text is digits with a point: exact
	DoubleLiteral              // Text has an exponent: 1e3
	StringLiteral              // Text is the value, unquoted
)

// Literal is a constant.
type Literal struct {
	At
	Kind LiteralKind
	Text string
}

// TypedLiteral is TYPE 'text': DATE '2026-01-05', TIMESTAMP '…', TIME '…'.
type TypedLiteral struct {
	At
	Type string // upper case
	Text string
}

// IntervalLiteral is any of the spellings of an interval: INTERVAL '5' MINUTE,
// INTERVAL '5 minutes', INTERVAL 5 MINUTES, 5 MINUTES after a clause keyword.
// The parser works the length out; it is never out of range here.
type IntervalLiteral struct {
	At
	Months int64
	Micros int64
}

// Ref is a column reference: one part, or qualifier.column.
type Ref struct {
	At
	Parts []*Name
}

// Star is the * of COUNT(*).
type Star struct{ At }

// Unary is "-x", "+x" or "NOT x".
type Unary struct {
	At
	Op string // "-", "+", "NOT"
	X  *Expr
}

// Binary is "x op y". Op is one of + - * / % || = <> < <= > >= AND OR, "IS DISTINCT FROM",
// "IS NOT DISTINCT FROM" (!= is canonicalised to <>).
type Binary struct {
	At
	Op   string
	OpAt source.Span
	L, R *Expr
}

// Is is "x IS [NOT] NULL | TRUE | FALSE | UNKNOWN".
type Is struct {
	At
	X    *Expr
	Not  bool
	What string
}

// In is "x [NOT] IN (a, b, …)".
type In struct {
	At
	X    *Expr
	Not  bool
	List []*Expr
}

// Between is "x [NOT] BETWEEN lo AND hi".
type Between struct {
	At
	X, Lo, Hi *Expr
	Not       bool
}

// Like is "x [NOT] LIKE | ILIKE pattern [ESCAPE e]".
type Like struct {
	At
	X, Pattern *Expr
	Escape     *Expr
	Not        bool
	Fold       bool // ILIKE
}

// Case is both forms of CASE; Operand is nil in the searched form.
type Case struct {
	At
	Operand *Expr
	Whens   []When
	Else    *Expr
}

// When is one branch of a CASE.
type When struct{ Cond, Then *Expr }

// Cast is CAST(x AS t), TRY_CAST(x AS t) and x::t.
type Cast struct {
	At
	X    *Expr
	Type *TypeName
	Try  bool
}

// Call is a function call, aggregate and window functions included. EXTRACT(unit
// FROM x), SUBSTRING(x FROM a FOR b), POSITION(a IN b) and TRIM(… FROM x) are
// turned into plain argument lists by the parser (EXTRACT's unit becomes a
// string literal).
type Call struct {
	At
	Name     *Name
	Distinct bool
	Args     []Arg
	Filter   *Expr // FILTER (WHERE …)
}

// Arg is one argument, with the name of "SIZE => INTERVAL …" when it has one.
// AT TIME ZONE, intervals and * (as *Star) are expressions like any other.
type Arg struct {
	Name *Name
	X    *Expr
}

// AtTimeZone is "x AT TIME ZONE zone".
type AtTimeZone struct {
	At
	X, Zone *Expr
}
