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

// Statement is a union: exactly one field besides Node is set. Its first words
// tell which (see readStatement).
type Statement struct {
	Node
	Query    *Query          `parser:"  @@"`
	View     *CreateView     `parser:"| @@"`
	Function *CreateFunction `parser:"| @@"`
	Create   *CreateRelation `parser:"| @@"`
	Drop     *Drop           `parser:"| @@"`
	Insert   *Insert         `parser:"| @@"`
	Explain  *Explain        `parser:"| @@"`
	Set      *Set            `parser:"| @@"`
	Reset    *Reset          `parser:"| @@"`
	Show     *Show           `parser:"| @@"`
	Describe *Describe       `parser:"| @@"`
	Stop     *Stop           `parser:"| @@"`
	Advance  *Advance        `parser:"| @@"`

	// Of test files.
	Load       *Load
	Test       *Test
	Feed       *Feed
	Clock      *AdvanceClock
	Idle       *Idle
	Checkpoint *Checkpoint
	Crash      *Crash
	Finish     *Finish
	Expect     *Expect
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
	OrReplace   bool       `parser:"'CREATE' @('OR' 'REPLACE')?"`
	Temporary   bool       `parser:"@('TEMPORARY' | 'TEMP')?"`
	Kind        string     `parser:"@('STREAM' | 'TABLE' | 'SOURCE' | 'SINK')"` // in upper case
	IfNotExists bool       `parser:"((?= 'IF' 'NOT') @('IF' 'NOT' 'EXISTS'))?"`
	Name        *Name      `parser:"@@"`
	Elements    []*Element `parser:"('(' @@ (',' @@)* ')')?"`
	Options     []*Option  `parser:"('WITH' '(' @@ (',' @@)* ')')?"`
	As          *Query     `parser:"('AS' @@)?"` // nil when the relation starts empty
}

// Element is one item in the parentheses of a CREATE: exactly one field is set.
type Element struct {
	Node
	Watermark  *Watermark
	PrimaryKey *PrimaryKey
	Column     *ColumnDef
}

// ColumnDef is "name TYPE [METADATA [FROM 'key'] [VIRTUAL]] [NOT NULL] [PRIMARY KEY]", or a
// column computed from the others: "name [TYPE] AS expr".
type ColumnDef struct {
	Node
	Name        *Name
	Type        *TypeName // nil when a computed column leaves it to its expression
	Metadata    bool
	MetadataKey string // "" when it is the column's name
	Computed    *Expr
	NotNull     bool
	PrimaryKey  bool
}

// TypeName is a type as written, for example DECIMAL(12,2), TIMESTAMP(3) WITH
// TIME ZONE, ARRAY<INT> (also INT ARRAY and INT[]) or ROW<a INT, b STRING>.
type TypeName struct {
	Node
	// Name is in canonical upper case, its words joined by one space: "DECIMAL",
	// "DOUBLE PRECISION". Arrays, maps and rows are "ARRAY", "MAP" and "ROW",
	// however they are written.
	Name   string
	Params []int
	Args   []*TypeName // of an ARRAY its elements; of a MAP its keys and values
	Fields []*FieldDef // of a ROW
}

// FieldDef is one field of a ROW type.
type FieldDef struct {
	Node
	Name *Name
	Type *TypeName
}

// Watermark is "WATERMARK FOR column AS" and how it is made: an expression such as
// column − INTERVAL or ASCENDING, or PUNCTUATED WHEN condition. One of Expr and
// Punctuated is set.
type Watermark struct {
	Node
	Column     *Name
	Expr       *Expr
	Punctuated *Expr
}

// PrimaryKey is "[CONSTRAINT name] PRIMARY KEY (a, b) [NOT ENFORCED]".
type PrimaryKey struct {
	Node
	Constraint *Name // nil without
	Columns    []*Name
}

// Option is one "key = 'value'" of WITH.
type Option struct {
	Node
	Key   *Name // dotted keys keep their dots: "scan.startup.mode"
	Value *Expr // a literal: string, number, TRUE or FALSE
}

// CreateView is CREATE [MATERIALIZED] VIEW name AS query.
type CreateView struct {
	Node
	OrReplace    bool    `parser:"'CREATE' @('OR' 'REPLACE')?"`
	Temporary    bool    `parser:"@('TEMPORARY' | 'TEMP')?"`
	Materialized bool    `parser:"@'MATERIALIZED'? 'VIEW'"`
	IfNotExists  bool    `parser:"((?= 'IF' 'NOT') @('IF' 'NOT' 'EXISTS'))?"`
	Name         *Name   `parser:"@@"`
	Columns      []*Name `parser:"('(' @@ (',' @@)* ')')?"`
	Query        *Query  `parser:"'AS' @@"`
}

// CreateFunction is CREATE FUNCTION name(x TYPE, …) RETURNS TYPE AS expr.
type CreateFunction struct {
	Node
	OrReplace   bool      `parser:"'CREATE' @('OR' 'REPLACE')?"`
	Temporary   bool      `parser:"@('TEMPORARY' | 'TEMP')? 'FUNCTION'"`
	IfNotExists bool      `parser:"((?= 'IF' 'NOT') @('IF' 'NOT' 'EXISTS'))?"`
	Name        *Name     `parser:"@@"`
	Params      []*Param  `parser:"'(' (@@ (',' @@)*)? ')'"`
	Returns     *TypeName `parser:"'RETURNS' @@"`
	Body        *Expr     `parser:"'AS' @@"`
}

// Param is one parameter of a function.
type Param struct {
	Node
	Name *Name     `parser:"@@"`
	Type *TypeName `parser:"@@"`
}

// Drop is DROP kind [IF EXISTS] name, ….
type Drop struct {
	Node
	Kind     string  `parser:"'DROP' ('TEMPORARY' | 'TEMP')? ( @('STREAM' | 'TABLE' | 'SOURCE' | 'SINK' | 'VIEW' | 'FUNCTION') | 'MATERIALIZED' @'VIEW' )"` // in upper case
	IfExists bool    `parser:"((?= 'IF' 'EXISTS') @('IF' 'EXISTS'))?"`
	Names    []*Name `parser:"@@ (',' @@)*"`
}

// Insert is INSERT INTO name [(columns)] [BY NAME] query.
type Insert struct {
	Node
	Table   *Name   `parser:"'INSERT' 'INTO' @@"`
	Columns []*Name `parser:"((?! '(' ('(' | 'SELECT' | 'VALUES' '(' | 'WITH' (Ident | Quoted | Clause) ('AS' | '('))) '(' @@ (',' @@)* ')')?"`
	ByName  bool    `parser:"@('BY' 'NAME')?"`
	Query   *Query  `parser:"@@"`
}

// Explain is EXPLAIN [mode] query; exactly one of Insert and Query is set.
type Explain struct {
	Node
	// Mode is in upper case; "" when not given.
	Mode   string  `parser:"'EXPLAIN' (@('LOGICAL' | 'PHYSICAL' | 'WATERMARK' | 'STATE' | 'ANALYZE' | 'FLINK' | 'RULES') | 'PLAN' 'FOR')?"`
	Insert *Insert `parser:"( @@"`
	Query  *Query  `parser:"| @@ )"`
}

// Set is SET key = value, also SET key TO value.
type Set struct {
	Node
	Key   *Name // dotted keys keep their dots
	Value *Expr // a literal: string, number, TRUE or FALSE
}

// Reset is RESET key or RESET ALL.
type Reset struct {
	Node
	Key *Name // nil for all
}

// Show is SHOW what [LIKE 'pattern'], or SHOW CREATE name.
type Show struct {
	Node
	What string `parser:"'SHOW' ( @('STREAMS' | 'TABLES' | 'SOURCES' | 'SINKS' | 'VIEWS' | 'FUNCTIONS' | 'QUERIES' | 'SETTINGS')"` // in upper case, or "CREATE"
	Like *Expr  `parser:"  ('LIKE' @@)?"`
	Kind string `parser:"| 'CREATE' @('STREAM' | 'TABLE' | 'SOURCE' | 'SINK' | 'VIEW' | 'FUNCTION')?"` // of SHOW CREATE, in upper case; "" when left out
	Name *Name  `parser:"  @@ )"`                                                                      // of SHOW CREATE
}

// Describe is DESCRIBE of a name, a file or a query: exactly one is set.
type Describe struct {
	Node
	Query *Query  `parser:"('DESCRIBE' | 'DESC') ( (?= '(' | 'SELECT' | 'VALUES' '(' | 'WITH' (Ident | Quoted | Clause) ('AS' | '(')) @@"`
	File  *string `parser:"| @String"` // unquoted
	Name  *Name   `parser:"| ((?= ('STREAM' | 'TABLE' | 'SOURCE' | 'SINK' | 'VIEW' | 'FUNCTION') (Ident | Quoted | Clause)) ('STREAM' | 'TABLE' | 'SOURCE' | 'SINK' | 'VIEW' | 'FUNCTION'))? @@ )"`
}

// Stop is STOP QUERY n.
type Stop struct {
	Node
	ID *Expr `parser:"'STOP' 'QUERY' @@"`
}

// Advance is ADVANCE WATERMARK [FOR stream] TO timestamp.
type Advance struct {
	Node
	For *Name `parser:"'ADVANCE' 'WATERMARK' ('FOR' @@)?"` // nil: every stream
	To  *Expr `parser:"'TO' @@"`
}
