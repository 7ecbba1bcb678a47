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
	Create  *CreateRelation
	View    *CreateView
	Insert  *Insert
	Explain *Explain
	Select  *Select
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
	Kind     string // "STREAM", "TABLE", "SOURCE" or "SINK"
	Name     *Name
	Elements []*Element
	Options  []*Option
}

// Element is one item in the parentheses of a CREATE: exactly one field is set.
type Element struct {
	Node
	Watermark  *Watermark
	PrimaryKey *PrimaryKey
	Column     *ColumnDef
}

// ColumnDef is "name TYPE [NOT NULL] [PRIMARY KEY]".
type ColumnDef struct {
	Node
	Name       *Name
	Type       *TypeName
	NotNull    bool
	PrimaryKey bool
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
	Column *Name
	Expr   *Expr
}

// PrimaryKey is "PRIMARY KEY (a, b) [NOT ENFORCED]".
type PrimaryKey struct {
	Node
	Columns []*Name
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
	Name   *Name
	Select *Select
}

// Insert is INSERT INTO name [(columns)] SELECT.
type Insert struct {
	Node
	Table   *Name
	Columns []*Name
	Select  *Select
}

// Explain is EXPLAIN [LOGICAL | PHYSICAL] query.
type Explain struct {
	Node
	Mode   string // upper case; "" when not given
	Insert *Insert
	Select *Select
}

// Select is a query.
type Select struct {
	Node
	Items    []*SelectItem
	From     *TableRef
	Where    *Expr
	GroupBy  []*Expr // window calls such as TUMBLE(ts, INTERVAL …) are Calls here
	Having   *Expr
	Lateness *Lateness
	Emit     *Emit
}

// SelectItem is "*", or "expr [AS alias]".
type SelectItem struct {
	Node
	Star  bool
	Expr  *Expr
	Alias *Name
}

// TableRef is what FROM names: a relation, or a file as a string.
type TableRef struct {
	Node
	Name  *Name
	File  *string // FROM 'clicks.csv': the unquoted text
	Alias *Name
}

// Lateness is ALLOWED LATENESS interval [ON LATE RECOMPUTE | APPROXIMATE] [LATE DATA TO name].
// Interval is nil when LATE DATA TO stands alone.
type Lateness struct {
	Node
	Interval *Expr
	OnLate   string // "RECOMPUTE", "APPROXIMATE" or ""
	DataTo   *Name
}

// Emit is EMIT ON WINDOW CLOSE | FINAL | CHANGES | EVERY interval.
type Emit struct {
	Node
	Mode  string // "ON WINDOW CLOSE", "FINAL", "CHANGES" or "EVERY"
	Every *Expr
}
