package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// required sees to it that columns which must have a value get one: that none is
// left out or filled with NULL, and that the rows are checked for the others.
func (b *binder) required(ins *parser.Insert, r *catalog.Relation, sink *plan.Sink) bool {
	check := &plan.Require{Input: sink.Input, Relation: r}
	ok := true
	for i, c := range sink.Columns {
		if !r.Required[i] || r.IsComputed(i) {
			continue
		}
		name := r.Schema[i].Name
		if c < 0 {
			b.errorf(ins.Table.Span(), "add "+display(name)+" to the list of columns", "column %s of %s must have a value, and this INSERT leaves it out", name, r.Name)
			return false
		}
		switch null, known := nullness(sink.Input, c); {
		case null != nil:
			b.errorf(null.Span(), "give it a value", "column %s of %s must have a value, and this is NULL", name, r.Name)
			ok = false
		case !known:
			check.Columns, check.Of = append(check.Columns, c), append(check.Of, i)
		}
	}
	if len(check.Columns) > 0 {
		sink.Input = check
	}
	return ok
}

// nullness looks for NULLs in column k of a node: it returns the constant NULL that
// fills it, if one does, and whether it is known to have a value in every row.
func nullness(n plan.Node, k int) (null expr.Expr, never bool) {
	switch n := n.(type) {
	case *plan.Scan:
		return nil, k < len(n.Columns) && n.Relation.Required[n.Columns[k]]
	case *plan.Filter:
		return nullness(n.Input, k)
	case *plan.Windowed:
		if k >= len(n.Input.Schema()) { // the window of a row has what its time has
			k = n.Time
		}
		return nullness(n.Input, k)
	case *plan.Shared:
		return nullness(n.Input, k)
	case *plan.Project:
		return nullOf(n.Exprs[k], n.Input)
	case *plan.Values:
		never = true
		for _, row := range n.Rows {
			item, known := nullOf(row[k], nil)
			if item != nil {
				return item, false
			}
			never = never && known
		}
		return nil, never
	case *plan.Aggregate:
		first := 0
		if n.Window != nil {
			first = 2
		}
		switch call := k - first - len(n.Keys); {
		case k < first:
			return nil, true
		case call < 0:
			_, never = nullness(n.Input, n.Keys[k-first])
			return nil, never
		default:
			return nil, n.Aggs[call].Func.Name == "COUNT"
		}
	}
	return nil, false
}

// nullOf is nullness for an expression over the columns of a node.
func nullOf(e expr.Expr, in plan.Node) (null expr.Expr, never bool) {
	switch e := fold(e).(type) {
	case *expr.Literal:
		if e.IsNull() {
			return e, false
		}
		return nil, true
	case *expr.Column:
		return nullness(in, e.Index)
	case *expr.Cast:
		if from := e.X.Type(); e.Try || from.Nested() || from.Kind == data.JSON {
			return nil, false
		}
		return nullOf(e.X, in)
	case *expr.Call: // window_time
		if (e.Func.Name == "-" || e.Func.Name == "+") && len(e.Args) == 2 {
			_, left := nullOf(e.Args[0], in)
			_, right := nullOf(e.Args[1], in)
			return nil, left && right
		}
	}
	return nil, false
}
