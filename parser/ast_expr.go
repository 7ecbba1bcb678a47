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

// Ref is a column reference: a name, or names joined by points, which may be a
// table's, a column's and the fields' of its value.
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

// Binary is "x op y". Op is one of + - * / % ^ || = <> < <= > >= AND OR, of JSON's
// -> ->> #> #>>, of the bits' << >> & | #, of the regular expressions' ~ ~* !~ !~*,
// or "IS DISTINCT FROM", "IS NOT DISTINCT FROM" (!= is canonicalised to <>).
type Binary struct {
	At
	Op   string
	OpAt source.Span
	L, R *Expr
}

// Is is "x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON [VALUE | SCALAR | ARRAY | OBJECT]".
type Is struct {
	At
	X    *Expr
	Not  bool
	What string
}

// In is "x [NOT] IN (a, b, …)" or "x [NOT] IN (query)": one of List and Query is set.
type In struct {
	At
	X     *Expr
	Not   bool
	List  []*Expr
	Query *Query
}

// Between is "x [NOT] BETWEEN lo AND hi".
type Between struct {
	At
	X, Lo, Hi *Expr
	Not       bool
}

// Like is "x [NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE e]".
type Like struct {
	At
	X, Pattern *Expr
	Escape     *Expr
	Not        bool
	Kind       string // "LIKE", "ILIKE" or "SIMILAR TO"
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

// Call is a function call, aggregate and window functions included. What the
// standard separates by words is turned into plain arguments by the parser:
// EXTRACT(unit FROM x), SUBSTRING(x FROM a FOR b), OVERLAY(x PLACING y FROM a FOR b),
// POSITION(a IN b), TRIM(… FROM x), FLOOR(x TO unit), TIMESTAMPDIFF(unit, a, b),
// JSON_OBJECT(KEY k VALUE v). Units of time become string literals.
type Call struct {
	At
	Name        *Name
	Distinct    bool
	Args        []Arg
	OrderBy     []*SortKey // inside the parentheses
	WithinGroup []*SortKey // WITHIN GROUP (ORDER BY …)
	Filter      *Expr      // FILTER (WHERE …)
	IgnoreNulls bool
	JSON        *JSONClauses // behind the arguments of a JSON function; nil without any
	Over        *WindowSpec  // nil when it is no window function
}

// JSONClauses say what the result of a JSON function is made into. What is not
// written is nil or "".
type JSONClauses struct {
	At        // from the first to the last of them
	Returning *TypeName
	OnEmpty   *JSONBehavior // nothing is at the path
	OnError   *JSONBehavior
	Wrapper   string // WITHOUT, WITH or CONDITIONAL
	Nulls     string // NULL or ABSENT ON NULL
}

// Behaviors returns what is written for ON EMPTY and ON ERROR; nothing of a nil c.
func (c *JSONClauses) Behaviors() []*JSONBehavior {
	var list []*JSONBehavior
	if c != nil && c.OnEmpty != nil {
		list = append(list, c.OnEmpty)
	}
	if c != nil && c.OnError != nil {
		list = append(list, c.OnError)
	}
	return list
}

// JSONBehavior is one of NULL, ERROR, TRUE, FALSE, UNKNOWN, EMPTY ARRAY, EMPTY
// OBJECT and DEFAULT, which has a value.
type JSONBehavior struct {
	At
	Kind    string
	Default *Expr
}

// Arg is one argument, with the name of "SIZE => INTERVAL …" when it has one.
// AT TIME ZONE, intervals and * (as *Star) are expressions like any other.
type Arg struct {
	Name *Name
	X    *Expr
}

// WindowSpec is what stands behind OVER, or in the WINDOW clause. "OVER name" has
// Base only.
type WindowSpec struct {
	Node
	Base        *Name // the named window that this one extends; nil without
	PartitionBy []*Expr
	OrderBy     []*SortKey
	Frame       *Frame // nil when it is left out
}

// Frame is the rows around the current one that a window function sees. When End
// is not written it is CURRENT ROW.
type Frame struct {
	Node
	Unit       string // "ROWS", "RANGE" or "GROUPS"
	Start, End Bound
}

// Bound is one end of a Frame.
type Bound struct {
	Kind   string // "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING" or "UNBOUNDED FOLLOWING"
	Offset *Expr  // of PRECEDING and FOLLOWING
}

// Subquery is a query in parentheses as a value.
type Subquery struct {
	At
	Query *Query
}

// Exists is EXISTS (query).
type Exists struct {
	At
	Query *Query
}

// Quantified is "x op ANY | ALL (…)": over the values of an array or of a query,
// one of which is set. SOME is ANY.
type Quantified struct {
	At
	X     *Expr
	Op    string // a comparison, as of Binary
	All   bool
	Array *Expr
	Query *Query
}

// Array is ARRAY[a, b, …].
type Array struct {
	At
	Elems []*Expr
}

// Map is MAP[key, value, …]: Elems has keys and values by turns.
type Map struct {
	At
	Elems []*Expr
}

// Row is ROW(a, b, …) or (a, b, …).
type Row struct {
	At
	Elems []*Expr
}

// Subscript is "x[index]", or the slice "x[index:to]", in which either may be nil.
type Subscript struct {
	At
	X, Index, To *Expr
	Slice        bool
}

// Field is ".name" behind an expression that is no plain column: (expr).name,
// x[1].name, f(x).name.
type Field struct {
	At
	X    *Expr
	Name *Name
}

// AtTimeZone is "x AT TIME ZONE zone".
type AtTimeZone struct {
	At
	X, Zone *Expr
}
