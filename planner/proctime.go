package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/catalog"
)

// ingestTime is the metadata that has the time at which a record was read.
const ingestTime = "ingest_time"

// isProcTime reports whether an expression is PROCTIME().
func isProcTime(e *parser.Expr) bool {
	if e == nil {
		return false
	}
	c, ok := e.X.(*parser.Call)
	return ok && strings.EqualFold(c.Name.Text, "PROCTIME") && len(c.Args) == 0
}

// procTime binds "name AS PROCTIME()" as the last column so far: it has the time at
// which the row was read, which is when it is processed.
func (b *binder) procTime(d *parser.ColumnDef, r *catalog.Relation) bool {
	i := len(r.Schema) - 1
	r.Schema[i].Type = data.Of(data.Timestamp)
	if r.InMemory() { // of a row of INSERT … VALUES it is when that was executed
		r.SetMetadata(i, ingestTime)
		return true
	}
	for _, m := range b.conns.Metadata(r) {
		if strings.EqualFold(m.Key, ingestTime) {
			r.SetMetadata(i, m.Key)
			return true
		}
	}
	b.errorf(d.Span(), "read it through another connector, or by its event time", "the connector of %s does not tell when it has read a row", r.Name)
	return false
}

// insertedAt lays the time at which an INSERT was executed out as the column of a stream in
// memory that has it.
func (b *binder) insertedAt(at place) expr.Expr {
	v := &data.Vector{}
	v.Reset(timestamp)
	v.AppendInt(b.conns.Executed(at.file, at.span))
	v.Const = true
	return expr.NewLiteral(v, at.span)
}

// listsRows reports, where a stream in memory has a PROCTIME() column and is filled by
// something else than VALUES, that its rows are not inserted at a known time.
func (b *binder) listsRows(ins *parser.Insert, r *catalog.Relation) bool {
	if !r.InMemory() || r.Metadata == nil || ins.Query.First.Values != nil && len(ins.Query.Rest) == 0 {
		return true
	}
	b.errorf(ins.Table.Span(), "declare the PROCTIME() column in the stream that the query reads, and insert that",
		"%s has a PROCTIME() column, which tells when rows of INSERT … VALUES are inserted, and this query makes rows at any time", r.Name)
	return false
}

// clockTime lets the watermark of a relation go on with the clock where it is for the
// time at which rows were read, as it is when none is declared and there is such a column.
func (b *binder) clockTime(r *catalog.Relation) {
	isClock := func(i int) bool { return r.IsMetadata(i) && strings.EqualFold(r.Metadata[i], ingestTime) }
	if w := r.Watermark; w != nil {
		w.Clock = w.Generator == catalog.Bounded && w.Marks == nil && isClock(w.Column)
		return
	}
	for i := range r.Schema {
		if isClock(i) {
			r.Watermark = &catalog.Watermark{Column: i, Timing: catalog.Timing{Clock: true}, Span: r.Span}
			return
		}
	}
}
