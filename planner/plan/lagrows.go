package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// LagQuery reads rows for advice: of each its time, which is a column of theirs, and the
// greatest time of the stream before it. It is nil for rows that are not those of a stream
// one by one.
func LagQuery(like *Query, rows Node, time int) *Query {
	if rows = undelayed(rows); rows == nil {
		return nil
	}
	stamp := &Stamp{Input: rows}
	out := &Project{Input: stamp}
	schema := stamp.Schema()
	for _, c := range []int{time, len(schema) - 1} {
		out.Exprs = append(out.Exprs, expr.NewColumn(c, schema[c].Name, schema[c].Type, source.Span{}))
		out.Out = append(out.Out, data.Column{Name: schema[c].Name, Type: schema[c].Type})
	}
	return &Query{Root: &Sink{Input: out}, Name: like.Name, File: like.File, Span: like.Span}
}

// undelayed returns steps like n whose watermark is the greatest time so far, however it
// is declared; nil where they are not steps that pass on each row of a stream.
func undelayed(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Timing, c.Marks = catalog.Timing{Clock: n.Timing.Clock}, nil
		return &c
	case *Shared:
		return undelayed(n.Input)
	case *Filter:
		if in := undelayed(n.Input); in != nil {
			return &Filter{Input: in, Pred: n.Pred}
		}
	case *Project:
		if in := undelayed(n.Input); in != nil {
			c := *n
			c.Input = in
			return &c
		}
	case *Unnest:
		if in := undelayed(n.Input); in != nil {
			c := *n
			c.Input = in
			return &c
		}
	}
	return nil
}
