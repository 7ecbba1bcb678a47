package planner

import (
	"fmt"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// setOperations binds UNION [ALL], INTERSECT and EXCEPT, which group from the left.
// A run of unions is one operation of many operands.
func (b *binder) setOperations(q *parser.Query) (plan.Node, bool) {
	node, ok := b.term(q.First)
	all := []plan.Node{node} // of one run
	var ops []*parser.SetOp  // those between them
	deep := 0
	for i, op := range q.Rest {
		right, good := b.term(op.Term)
		if ok = ok && good; !ok {
			continue
		}
		all, ops = append(all, right), append(ops, op)
		if i+1 < len(q.Rest) && joins(op.Op, q.Rest[i+1].Op) {
			continue
		}
		if deep++; deep > maxQueryDepth {
			b.errorf(op.Span(), "make views of the first ones", "set operations follow one another more than %d deep", maxQueryDepth)
			return nil, false
		}
		if node, ok = b.combine(ops, all); ok {
			all, ops = []plan.Node{node}, nil
		}
	}
	return node, ok
}

// joins reports whether a set operation and the next one are of one run: rows that
// are to be distinct in the end need not be so before.
func joins(op, next string) bool {
	return op == "UNION ALL" && (next == "UNION ALL" || next == "UNION") || op == "UNION" && next == "UNION"
}

// combine makes one node of the operands of a run of set operations.
func (b *binder) combine(ops []*parser.SetOp, operands []plan.Node) (plan.Node, bool) {
	operands, out, ok := b.aligned(ops, operands)
	if !ok {
		return nil, false
	}
	switch op := ops[len(ops)-1]; op.Op {
	case "UNION ALL":
		return &plan.Union{Branches: operands, Out: out}, true
	case "UNION":
		return distinct(&plan.Union{Branches: operands, Out: out}), true
	default:
		return membership(op, operands, out)
	}
}

// aligned casts the columns of the operands to common types.
func (b *binder) aligned(ops []*parser.SetOp, operands []plan.Node) ([]plan.Node, data.Schema, bool) {
	out := append(data.Schema(nil), operands[0].Schema()...)
	nulls := make([]bool, len(out)) // columns that are NULL in all operands so far
	for i := range nulls {
		nulls[i] = isNull(operands[0], i)
	}
	for k, n := range operands[1:] {
		s, op := n.Schema(), ops[k]
		if len(s) != len(out) {
			b.errorf(op.Term.Span(), "let both have the same columns", "%s needs queries with as many columns: this one has %d, the one before it %d", op.Op, len(s), len(out))
			return nil, nil, false
		}
		for i, c := range s {
			t, ok := expr.Common(out[i].Type, c.Type)
			null := isNull(n, i)
			switch {
			case !ok && null:
				t, ok = out[i].Type, true
			case !ok && nulls[i]:
				t, ok = c.Type, true
			}
			if !ok {
				b.errorf(op.Term.Span(), fmt.Sprintf("convert it: CAST(%s AS %s)", c.Name, out[i].Type), "%s: column %d is %s here, and %s (%s) in the query before it", op.Op, i+1, c.Type, out[i].Type, out[i].Name)
				return nil, nil, false
			}
			out[i].Type = t
			out[i].Time = out[i].Time && c.Time
			nulls[i] = nulls[i] && null
		}
	}
	op := ops[len(ops)-1]
	for k, n := range operands {
		s := n.Schema()
		p := &plan.Project{Input: n, Out: append(data.Schema(nil), out...)}
		same := true
		for i, c := range s {
			p.Out[i].Time = c.Time && c.Type == out[i].Type
			e := expr.Expr(expr.NewColumn(i, c.Name, c.Type, op.Term.Span()))
			if c.Type != out[i].Type {
				same = false
				var err error
				if isNull(n, i) {
					e = expr.NullLiteral(out[i].Type, op.Term.Span())
				} else if e, err = expr.NewCast(e, out[i].Type, false, op.Term.Span()); err != nil {
					b.report(err, op.Term.Span())
					return nil, nil, false
				}
			}
			p.Exprs = append(p.Exprs, e)
		}
		if !same {
			operands[k] = p
		}
	}
	return operands, out, true
}

// isNull reports whether column i of a node is the constant NULL.
func isNull(n plan.Node, i int) bool {
	switch n := n.(type) {
	case *plan.Project:
		l, ok := n.Exprs[i].(*expr.Literal)
		if c, isCast := n.Exprs[i].(*expr.Cast); isCast {
			l, ok = c.X.(*expr.Literal)
		}
		return ok && l.IsNull()
	case *plan.Values:
		for _, row := range n.Rows {
			if l, ok := row[i].(*expr.Literal); !ok || !l.IsNull() {
				return false
			}
		}
		return true
	}
	return false
}

// distinct keeps one of equal rows: it groups by all columns.
func distinct(n plan.Node) plan.Node {
	a := &plan.Aggregate{Input: n, Time: -1, Emit: plan.EmitChanges, Out: append(data.Schema(nil), n.Schema()...)}
	updating := n.Properties().Updating
	for i := range a.Out {
		a.Keys = append(a.Keys, i)
		a.Out[i].Time = a.Out[i].Time && !updating
	}
	return a
}

// membership binds INTERSECT and EXCEPT: it counts the rows of either side for
// every distinct row.
func membership(op *parser.SetOp, operands []plan.Node, out data.Schema) (plan.Node, bool) {
	at := op.Span()
	union := &plan.Union{Out: append(append(data.Schema(nil), out...), data.Column{Name: "side", Type: data.Of(data.Int)})}
	for side, n := range operands {
		p := &plan.Project{Input: n, Out: union.Out}
		for i, c := range n.Schema() {
			p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, at))
		}
		p.Exprs = append(p.Exprs, expr.IntLiteral(int64(side), at))
		union.Branches = append(union.Branches, p)
	}
	side := len(out)
	a := &plan.Aggregate{Input: union, Time: -1, Emit: plan.EmitChanges}
	for i := range out {
		a.Keys = append(a.Keys, i)
		a.Out = append(a.Out, data.Column{Name: out[i].Name, Type: out[i].Type})
	}
	for _, name := range []string{"MIN", "MAX"} {
		fn, err := agg.Resolve(agg.Spec{Name: name, Args: []data.Type{data.Of(data.Int)}, Updating: union.Properties().Updating})
		if err != nil {
			return nil, false // MIN and MAX of an INT are always there
		}
		a.Aggs = append(a.Aggs, plan.AggCall{Func: fn, Cols: []int{side}, Filter: -1, Text: name + "(side)"})
		a.Out = append(a.Out, data.Column{Name: name, Type: fn.Result})
	}
	// EXCEPT keeps what the left side alone has, INTERSECT what both have.
	last := int64(0)
	if op.Op == "INTERSECT" {
		last = 1
	}
	var tests []expr.Expr
	for k, want := range []int64{0, last} {
		c := a.Out[side+k]
		e, err := expr.NewCall("=", []expr.Expr{expr.NewColumn(side+k, c.Name, c.Type, at), expr.IntLiteral(want, at)}, at)
		if err != nil {
			return nil, false
		}
		tests = append(tests, e)
	}
	p := &plan.Project{Input: &plan.Filter{Input: a, Pred: expr.And(tests)}}
	for i, c := range a.Out[:side] {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, at))
		p.Out = append(p.Out, c)
	}
	return p, true
}
