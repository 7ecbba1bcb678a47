// Package plan holds the plan of a query: a tree of nodes that the binder makes,
// the rewrite rules improve and the builder turns into a dataflow.
package plan

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// Node is one step of a plan. Its output has the columns of Schema.
type Node interface {
	Schema() data.Schema
	Inputs() []Node
	// Properties say what is known of the node's output.
	Properties() Properties
}

// Properties of a node's output, shown by EXPLAIN.
type Properties struct {
	// Updating is true when the output may hold more than inserts; Deletes when
	// rows may leave the result for good.
	Updating, Deletes bool
	// Key lists output columns that identify a row of the result; nil when unknown.
	Key []int
	// Time is the output column that is the event-time attribute, or -1.
	Time int
	// State says in a few words what the node remembers; "" when nothing.
	State string
}

// Scan reads a relation.
type Scan struct {
	Relation *catalog.Relation
	// Columns are the relation's columns that are read, in output order.
	Columns []int
	// Filter holds conjuncts pushed into the source: comparisons of an output
	// column with constants. Rows that fail still move the watermark.
	Filter []expr.Expr
	// Time is the output column that carries the event time, or -1. It is read
	// whenever the relation has a watermark and an operator above needs it.
	Time int
	// Timing and Marks say how the watermark follows from it; Marks, a condition over
	// the columns read, is nil where every row may move it.
	Timing catalog.Timing
	Marks  expr.Expr
	// TimeExpr computes the event time from the columns read when the relation
	// declares it so; then it is one more output column, the last one.
	TimeExpr expr.Expr
	TimeName string
	// Changes is set where the records tell of updates and deletions.
	Changes bool
}

// IsMetadata reports whether output column i tells about the record and is not in it.
func (n *Scan) IsMetadata(i int) bool { return n.Relation.IsMetadata(n.Columns[i]) }

// Filter keeps the rows for which Pred is true.
type Filter struct {
	Input Node
	Pred  expr.Expr
}

// Project computes columns from the input's.
type Project struct {
	Input Node
	Exprs []expr.Expr
	Out   data.Schema
	// Once is set where what is computed is read in several places above; EXPLAIN
	// shows it.
	Once bool
}

// Values produces rows of constants: VALUES, or one row without columns for a
// SELECT without FROM. Expressions are evaluated row by row as the rows are made.
type Values struct {
	Rows [][]expr.Expr
	Out  data.Schema
}

// EmitMode says when an aggregate emits.
type EmitMode uint8

// The emit modes, by their words after EMIT.
const (
	EmitClose   EmitMode = iota // ON WINDOW CLOSE: at the close, corrections if lateness is allowed
	EmitFinal                   // FINAL: once, when nothing can change any more
	EmitChanges                 // CHANGES: one change per input row
)

// String returns the mode as it is written after EMIT.
func (m EmitMode) String() string { return [...]string{"ON WINDOW CLOSE", "FINAL", "CHANGES"}[m] }

// AggCall is one aggregate of an Aggregate.
type AggCall struct {
	Func *agg.Func
	// Cols are the input columns that Func takes: its arguments, its order keys and,
	// if it uses it, the event time.
	Cols []int
	// Filter is the input column of FILTER (WHERE …), or -1.
	Filter int
	Text   string
}

// Aggregate groups its input by Keys, and by window when Window is not nil.
// Its output columns are window_start and window_end (when windowed), the keys
// in order, the aggregates in order. A query without GROUP BY has no keys.
type Aggregate struct {
	Input  Node
	Window *Window // nil: not windowed, EmitChanges only
	Time   int     // input column with the event time; -1 when not windowed
	Keys   []int   // input columns
	Aggs   []AggCall
	// Lateness keeps a closed window for corrections, microseconds.
	Lateness int64
	Emit     EmitMode
	// Every, when it is not 0, adds to EmitClose the open windows that have changed,
	// each time the watermark crosses a multiple of it; microseconds.
	Every int64
	// NeedTime is set when an operator above looks at the watermark, so that every
	// move of it must be passed on exactly.
	NeedTime bool
	// Approximate lets a closed window keep summaries alone of what its aggregates need.
	Approximate bool
	// Late, when not nil, are the rows that LATE DATA TO takes.
	Late *LateRows
	// TwoPhase is set when the workers of the source add up what is on time before it
	// is put in order.
	TwoPhase bool
	Out      data.Schema
}

// Sink writes its input to a relation, or prints it when Relation is nil.
type Sink struct {
	Input    Node
	Relation *catalog.Relation
	// Columns[i] is the input column that fills the relation's column i, or -1
	// for NULL. Nil when printing: all in order.
	Columns []int
	// Key lists output columns that identify a row; nil for an append-only
	// stream or a printed result whose key is unknown.
	Key []int
}

// Query is one INSERT or SELECT of a script.
type Query struct {
	Root *Sink
	Name string // the sink's name, or "query 1" for the first SELECT, …
	Text string // the statement as written
	File *source.File
	Span source.Span
}

// Schema returns the columns read.
func (n *Scan) Schema() data.Schema {
	s := make(data.Schema, len(n.Columns))
	for i, c := range n.Columns {
		s[i] = n.Relation.Schema[c]
		s[i].Time = i == n.Time
	}
	if n.TimeExpr != nil {
		s = append(s, data.Column{Name: n.TimeName, Type: n.TimeExpr.Type(), Time: true})
	}
	return s
}

// Schema returns the input's columns.
func (n *Filter) Schema() data.Schema { return n.Input.Schema() }

// Schema returns the computed columns.
func (n *Project) Schema() data.Schema { return n.Out }

// Schema returns the constants' columns.
func (n *Values) Schema() data.Schema { return n.Out }

// Schema returns the window's, the keys' and the aggregates' columns.
func (n *Aggregate) Schema() data.Schema { return n.Out }

// Schema returns the relation's columns, or the input's when printing.
func (n *Sink) Schema() data.Schema {
	if n.Relation != nil {
		return n.Relation.Schema
	}
	return n.Input.Schema()
}

// Inputs returns nothing: a Scan is a leaf.
func (n *Scan) Inputs() []Node { return nil }

// Inputs returns the one input.
func (n *Filter) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Project) Inputs() []Node { return []Node{n.Input} }

// Inputs returns nothing: Values is a leaf.
func (n *Values) Inputs() []Node { return nil }

// Inputs returns the one input.
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }

// Inputs returns the one input.
func (n *Sink) Inputs() []Node { return []Node{n.Input} }
