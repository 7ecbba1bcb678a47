// Package parser turns query text into a syntax tree. The tree's nodes are the
// grammar: the struct tags say how each is written.
package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// Node is embedded by every statement and clause: participle fills in where it
// begins and ends.
type Node struct {
	Pos    lexer.Position
	EndPos lexer.Position
}

// Span returns the bytes the node covers.
func (n Node) Span() source.Span { return source.Span{Start: n.Pos.Offset, End: n.EndPos.Offset} }

// Script is a parsed query text: the statements that could be parsed, in order.
type Script struct {
	File       *source.File
	Statements []*Statement
}

// Statement is a union: exactly one field besides Node is set.
type Statement struct {
	Node
	View    *CreateView     `parser:"  @@"`
	Create  *CreateRelation `parser:"| @@"`
	Insert  *Insert         `parser:"| @@"`
	Explain *Explain        `parser:"| @@"`
	Select  *Select         `parser:"| @@"`
}

// Name is an identifier as written: Text is without quotes; an unquoted name
// matches without regard to case.
type Name struct {
	Node
	Text   string
	Quoted bool
}

// CreateRelation is CREATE STREAM | TABLE | SOURCE | SINK.
type CreateRelation struct {
	Node
	Kind     string     `parser:"'CREATE' @('STREAM' | 'TABLE' | 'SOURCE' | 'SINK')"` // in upper case
	Name     *Name      `parser:"@@"`
	Elements []*Element `parser:"('(' @@ (',' @@)* ')')?"`
	Options  []*Option  `parser:"('WITH' '(' @@ (',' @@)* ')')?"`
}

// Element is one item in the parentheses of a CREATE: exactly one field is set.
type Element struct {
	Node
	Watermark  *Watermark  `parser:"  @@"`
	PrimaryKey *PrimaryKey `parser:"| @@"`
	Column     *ColumnDef  `parser:"| @@"`
}

// ColumnDef is "name TYPE [NOT NULL] [PRIMARY KEY]".
type ColumnDef struct {
	Node
	Name       *Name     `parser:"@@"`
	Type       *TypeName `parser:"@@"`
	NotNull    bool      `parser:"( @('NOT' 'NULL') | 'NULL'"`
	PrimaryKey bool      `parser:"| @('PRIMARY' 'KEY') ((?= 'NOT' 'ENFORCED') 'NOT' 'ENFORCED')? )*"`
}

// TypeName is a type as written, for example DECIMAL(12,2) or TIMESTAMP(3) WITH TIME ZONE.
type TypeName struct {
	Node
	Name   string // canonical upper case, words joined by one space: "DECIMAL", "TIMESTAMP", "DOUBLE PRECISION"
	Params []int
}

// Watermark is "WATERMARK FOR column AS expr": column, column − INTERVAL.
type Watermark struct {
	Node
	Column *Name `parser:"(?= 'WATERMARK' 'FOR') 'WATERMARK' 'FOR' @@"`
	Expr   *Expr `parser:"'AS' @@"`
}

// PrimaryKey is "PRIMARY KEY (a, b) [NOT ENFORCED]".
type PrimaryKey struct {
	Node
	Columns []*Name `parser:"(?= 'PRIMARY' 'KEY') 'PRIMARY' 'KEY' '(' @@ (',' @@)* ')' ('NOT' 'ENFORCED')?"`
}

// Option is one "key = 'value'" of WITH.
type Option struct {
	Node
	Key   *Name // dotted keys keep their dots: "scan.startup.mode"
	Value *Expr // a literal: string, number, TRUE or FALSE
}

// CreateView is CREATE VIEW name AS SELECT.
type CreateView struct {
	Node
	Name   *Name   `parser:"(?= 'CREATE' 'VIEW') 'CREATE' 'VIEW' @@"`
	Select *Select `parser:"'AS' @@"`
}

// Insert is INSERT INTO name [(columns)] SELECT.
type Insert struct {
	Node
	Table   *Name   `parser:"'INSERT' 'INTO' @@"`
	Columns []*Name `parser:"('(' @@ (',' @@)* ')')?"`
	Select  *Select `parser:"@@"`
}

// Explain is EXPLAIN [LOGICAL | PHYSICAL] query.
type Explain struct {
	Node
	Mode   string  `parser:"'EXPLAIN' @('LOGICAL' | 'PHYSICAL')?"` // upper case; "" when not given
	Insert *Insert `parser:"( @@"`
	Select *Select `parser:"| @@ )"`
}

// Select is a query.
type Select struct {
	Node
	Items    []*SelectItem `parser:"'SELECT' @@ (',' @@)*"`
	From     *TableRef     `parser:"('FROM' @@)?"`
	Where    *Expr         `parser:"('WHERE' @@)?"`
	GroupBy  []*Expr       `parser:"('GROUP' 'BY' @@ (',' @@)*)?"` // window calls such as TUMBLE(ts, INTERVAL …) are Calls here
	Having   *Expr         `parser:"('HAVING' @@)?"`
	Closing  []*Closing    `parser:"@@*"` // as written; Lateness and Emit are taken from it
	Lateness *Lateness
	Emit     *Emit
}

// Closing is one of the clauses that close a SELECT, which come in any order:
// exactly one field is set.
type Closing struct {
	Node
	Lateness *Lateness `parser:"  @@"`
	Emit     *Emit     `parser:"| @@"`
}

// SelectItem is "*", or "expr [AS alias]".
type SelectItem struct {
	Node
	Star  bool  `parser:"  @'*'"`
	Expr  *Expr `parser:"| @@"`
	Alias *Name `parser:"  ('AS' @@ | (?! Clause) @@ | (?= Clause (',' | 'FROM')) @@)?"`
}

// TableRef is what FROM names: a relation, or a file as a string.
type TableRef struct {
	Node
	Name  *Name   `parser:"( @@"`
	File  *string `parser:"| @String )"` // FROM 'clicks.csv': the unquoted text
	Alias *Name   `parser:"('AS' @@ | (?! Clause) @@ | (?= Clause ('WHERE' | 'GROUP' | 'HAVING')) @@)?"`
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
