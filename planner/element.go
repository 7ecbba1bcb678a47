package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
)

// fields takes fields of a value, one out of the other.
func (x *scoped) fields(v expr.Expr, names []*parser.Name) expr.Expr {
	for _, n := range names {
		at := source.Span{Start: v.Span().Start, End: n.Span().End}
		f, err := expr.NewField(v, n.Text, at)
		if v = x.check(f, err, n.Span()); v == nil {
			return nil
		}
	}
	return v
}

// subscript binds x[i] and the slice x[i:j].
func (x *scoped) subscript(n *parser.Subscript) expr.Expr {
	v := x.bind(n.X)
	if v == nil {
		return nil
	}
	switch t := v.Type(); t.Kind {
	case data.Array, data.Map, data.JSON, data.Unknown:
	case data.Row:
		x.errorf(n.Span(), "take a field by its name, as in "+v.String()+"."+t.Fields()[0].Name, "%s is a ROW, whose parts have names and no numbers", v)
		return nil
	default:
		x.errorf(n.Span(), "[…] is for arrays, maps and JSON", "%s is %s, which has no elements", v, t)
		return nil
	}
	if !n.Slice {
		i := x.bind(n.Index)
		if i == nil {
			return nil
		}
		e, err := expr.NewCall("SUBSCRIPT", []expr.Expr{v, i}, n.Span())
		return x.check(e, err, n.Span())
	}
	first, last := n.Index, n.To
	if first == nil {
		first = &parser.Expr{X: &parser.Literal{At: n.At, Kind: parser.IntegerLiteral, Text: "1"}}
	}
	if last == nil {
		last = &parser.Expr{X: &parser.Literal{At: n.At, Kind: parser.IntegerLiteral, Text: "2147483647"}}
	}
	return x.call("ARRAY_SLICE", n.Span(), n.X, first, last)
}
