package parser

import "tidemark/parser/source"

// Query is SELECTs and VALUES, combined by set operations, with what stands
// before and behind them.
type Query struct {
	Node
	Recursive bool       `parser:"( 'WITH' ((?= 'RECURSIVE' (Ident | Quoted | Clause)) @'RECURSIVE')?"`
	With      []*CTE     `parser:"  @@ (',' @@)* )?"`
	First     *Term      `parser:"@@"`
	Rest      []*SetOp   `parser:"@@*"` // they group from the left; an INTERSECT, which binds tighter, has become a Term of its own
	OrderBy   []*SortKey `parser:"('ORDER' 'BY' @@ (',' @@)*)?"`
	Cuts      []*Cut     `parser:"@@*"` // as written; Limit and Offset are taken from it
	Limit     *Expr      // nil: all rows
	Offset    *Expr      // nil: from the first
	Closing   []*Closing `parser:"@@*"` // of the only SELECT, which they are handed to
}

// CTE is one "name [(columns)] AS (query)" of WITH.
type CTE struct {
	Node
	Name    *Name   `parser:"@@"`
	Columns []*Name `parser:"('(' @@ (',' @@)* ')')?"`
	Query   *Query  `parser:"'AS' ('NOT'? 'MATERIALIZED')? '(' @@ ')'"`
}

// Term is one operand of the set operations: exactly one field is set.
type Term struct {
	Node
	Select *Select `parser:"  @@"`
	Values *Values `parser:"| @@"`
	Paren  *Query  `parser:"| '(' @@ ')'"`
}

// SetOp is a set operation and its right operand.
type SetOp struct {
	Node
	Op   string `parser:"( @('UNION' 'ALL'?) 'DISTINCT'? | @('INTERSECT' | 'EXCEPT') 'DISTINCT'? )"` // "UNION ALL", "UNION", "INTERSECT" or "EXCEPT"
	OpAt source.Span
	Term *Term `parser:"@@"`
}

// Values is VALUES (…), (…).
type Values struct {
	Node
	Rows []*ValuesRow `parser:"'VALUES' @@ (',' @@)*"`
}

// ValuesRow is one row of VALUES.
type ValuesRow struct {
	Node
	Exprs []*Expr
}

// SortKey is "expr [ASC | DESC] [NULLS FIRST | LAST]".
type SortKey struct {
	Node
	Expr  *Expr
	Desc  bool
	Nulls string // "FIRST", "LAST" or ""
}

// Cut is LIMIT, OFFSET or FETCH FIRST: one field is set, but none for LIMIT ALL
// and for FETCH FIRST ROW ONLY.
type Cut struct {
	Node
	All    bool  `parser:"  'LIMIT' ( @'ALL'"`
	Limit  *Expr `parser:"          | @@ )"`
	Offset *Expr `parser:"| 'OFFSET' @@ ('ROWS' | 'ROW')?"`
	Fetch  *Expr `parser:"| 'FETCH' ('FIRST' | 'NEXT') ((?! ('ROWS' | 'ROW') 'ONLY') @@)? ('ROWS' | 'ROW') 'ONLY'"`
}

// Select is SELECT … FROM … and its clauses.
type Select struct {
	Node
	Distinct   bool           `parser:"'SELECT' ( (?= 'ALL' (Ident | Quoted | Number | String | '*')) 'ALL' | @'DISTINCT'"`
	DistinctOn []*Expr        `parser:"    ('ON' '(' @@ (',' @@)* ')')? )?"` // DISTINCT ON (…); Distinct is set too
	Items      []*SelectItem  `parser:"@@ (',' @@)*"`
	From       []*TableExpr   `parser:"('FROM' @@ (',' @@)*)?"` // empty without FROM
	Where      *Expr          `parser:"('WHERE' @@)?"`
	GroupBy    []*GroupItem   `parser:"('GROUP' 'BY' @@ (',' @@)*)?"` // window calls such as TUMBLE(ts, INTERVAL …) are Calls here
	Having     *Expr          `parser:"('HAVING' @@)?"`
	Windows    []*NamedWindow `parser:"((?= 'WINDOW' (Ident | Quoted | Clause) 'AS') 'WINDOW' @@ (',' @@)*)?"`
	Qualify    *Expr          `parser:"('QUALIFY' @@)?"`
	Closing    []*Closing     `parser:"@@*"` // as written; Lateness and Emit are taken from it
	Lateness   *Lateness
	Emit       *Emit
}

// SelectItem is "*", "t.*", or "expr [AS alias]". Qualifier is set for t.* only.
type SelectItem struct {
	Node
	Star      bool
	Qualifier *Name
	Expr      *Expr
	Alias     *Name
}

// GroupItem is one item of GROUP BY: an expression, or the grouping sets of
// GROUPING SETS (…), ROLLUP(…) and CUBE(…). "()" is GROUPING SETS with one empty set.
type GroupItem struct {
	Node
	Expr *Expr
	Kind string    // "GROUPING SETS", "ROLLUP", "CUBE", or "" for an expression
	Sets [][]*Expr // as written: of ROLLUP(a, (b, c)) they are (a) and (b, c)
}

// NamedWindow is one "name AS (…)" of the WINDOW clause.
type NamedWindow struct {
	Node
	Name *Name       `parser:"@@"`
	Spec *WindowSpec `parser:"'AS' @@"`
}

// Closing is one of the clauses that close a SELECT, which come in any order:
// exactly one field is set.
type Closing struct {
	Node
	Lateness *Lateness `parser:"  @@"`
	Emit     *Emit     `parser:"| @@"`
}

// TableExpr is one item of FROM: a table and what is joined to it, from the left.
type TableExpr struct {
	Node
	First *TableRef `parser:"@@"`
	Joins []*Join   `parser:"@@*"`
}

// TableRef is one table of FROM: exactly one of Name, File, Query, Nested and
// Function is set.
type TableRef struct {
	Node
	Lateral  bool // LATERAL: it may refer to the tables before it
	Name     *Name
	File     *string   // FROM 'clicks.csv': the unquoted text
	Options  []*Option // FROM 'clicks.csv' WITH (…)
	Query    *Query
	Nested   *TableExpr // joins in parentheses
	Function *TableFunction
	AsOf     *Expr // FOR SYSTEM_TIME AS OF x
	Alias    *Name
	Columns  []*Name // AS alias (a, b)
}

// TableFunction is a function called in FROM: TUMBLE, HOP, CUMULATE, SESSION,
// UNNEST, GENERATE_SERIES.
type TableFunction struct {
	Node
	Name       *Name
	Args       []*TableArg
	Ordinality bool // WITH ORDINALITY
	Table      bool // written inside TABLE( … )
}

// TableArg is one argument of a TableFunction: exactly one of Expr, Table,
// Descriptor and Query is set.
type TableArg struct {
	Node
	Name        *Name // of "name => …"; nil without
	Expr        *Expr
	Table       *Name   // TABLE name
	Query       *Query  // [TABLE] (query)
	Descriptor  []*Name // DESCRIPTOR(a, b)
	PartitionBy []*Expr // TABLE name PARTITION BY …
}

// Join is a join and its right side.
type Join struct {
	Node
	Asof      bool      `parser:"@'ASOF'?"`
	Kind      string    `parser:"@('INNER' | 'CROSS' | 'SEMI' | 'ANTI' | ('LEFT' | 'RIGHT' | 'FULL') ('OUTER' | 'SEMI' | 'ANTI' | 'ASOF')?)? 'JOIN'"` // INNER LEFT RIGHT FULL CROSS SEMI ANTI
	Right     *TableRef `parser:"@@"`
	Within    []*Expr   `parser:"('WITHIN' ('(' @@ (',' @@)? ')' | @@))?"` // one interval, or those before and after
	Grace     *Expr     `parser:"('GRACE' 'PERIOD' @@)?"`
	On        *Expr     `parser:"( 'ON' @@"`
	Using     []*Name   `parser:"| 'USING' '(' @@ (',' @@)* ')' )?"`
	Tolerance *Expr     `parser:"('TOLERANCE' @@)?"`
	Lateness  *Lateness `parser:"@@?"`
}

// Lateness is ALLOWED LATENESS interval [ON LATE RECOMPUTE | APPROXIMATE] [LATE DATA TO name].
// Interval is nil when LATE DATA TO stands alone.
type Lateness struct {
	Node
	Interval *Expr  `parser:"( ('ALLOWED' 'LATENESS' | 'ALLOW' 'LATENESS' | 'LATENESS') @@"`
	OnLate   string `parser:"  ('ON' 'LATE' @('RECOMPUTE' | 'APPROXIMATE'))?"` // "RECOMPUTE", "APPROXIMATE" or ""
	DataTo   *Name  `parser:"  ('LATE' 'DATA' 'TO' @@)? | 'LATE' 'DATA' 'TO' @@ )"`
}

// Emit is EMIT ON WINDOW CLOSE | FINAL | CHANGES | EVERY interval.
type Emit struct {
	Node
	Mode  string `parser:"'EMIT' ( @('ON' 'WINDOW' 'CLOSE' | 'FINAL' | 'CHANGES') | @'EVERY'"` // "ON WINDOW CLOSE", "FINAL", "CHANGES" or "EVERY"
	Every *Expr  `parser:"@@ )"`
}
