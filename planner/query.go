package planner

import (
	"fmt"
	"strconv"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// cteScope is the common table expressions that a query sees, the innermost first.
type cteScope struct {
	parent *cteScope
	name   *parser.Name
	plan   *plan.Shared // nil when it is broken
}

func (s *cteScope) find(n *parser.Name) *cteScope {
	for ; s != nil; s = s.parent {
		if sameColumn(s.name, n) {
			return s
		}
	}
	return nil
}

// maxQueryDepth bounds queries within queries, which are bound by recursion.
const maxQueryDepth = 200

// query binds a whole query. The node's schema has the result's columns.
func (b *binder) query(q *parser.Query) (plan.Node, bool) {
	if b.depth++; b.depth > maxQueryDepth {
		b.depth--
		b.errorf(q.Span(), "make views of the inner ones", "queries stand within queries more than %d deep", maxQueryDepth)
		return nil, false
	}
	defer func(c *cteScope) { b.ctes = c; b.depth-- }(b.ctes)
	if q.Recursive {
		b.errorf(q.Span(), "", "WITH RECURSIVE is not supported")
		return nil, false
	}
	ok := true
	for i, c := range q.With {
		for _, other := range q.With[:i] {
			if sameColumn(other.Name, c.Name) {
				b.errorf(c.Name.Span(), "give one of them another name", "WITH names %s twice", c.Name.Text)
				ok = false
			}
		}
		ok = b.cte(c) && ok
	}
	limit, offset, good := b.limits(q)
	ok = ok && good
	var node plan.Node
	var keys []plan.SortKey
	if len(q.Rest) == 0 && q.First.Select != nil {
		node, keys, good = b.selectQuery(q.First.Select, q.OrderBy)
	} else if node, good = b.setOperations(q); good {
		keys, good = b.orderOutput(q.OrderBy, node.Schema())
	}
	if !good || !ok {
		return nil, false
	}
	return b.sorted(q, node, keys, limit, offset)
}

func (b *binder) cte(c *parser.CTE) bool {
	node, ok := b.query(c.Query)
	if ok {
		node, ok = b.renamed(node, c.Columns, c.Name.Text)
	}
	s := &cteScope{parent: b.ctes, name: c.Name}
	if ok {
		s.plan = &plan.Shared{Input: node, Name: c.Name.Text}
	}
	b.ctes = s
	return ok
}

// renamed gives the first columns of a node other names.
func (b *binder) renamed(n plan.Node, names []*parser.Name, what string) (plan.Node, bool) {
	if len(names) == 0 {
		return n, true
	}
	in := n.Schema()
	if len(names) > len(in) {
		b.errorf(names[len(in)].Span(), "leave the names behind it out", "%s has only %s", what, count(len(in), "column"))
		return nil, false
	}
	p := &plan.Project{Input: n}
	for i, c := range in {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
		if i < len(names) {
			for _, other := range names[:i] {
				if sameColumn(other, names[i]) {
					b.errorf(names[i].Span(), "give one of them another name", "%s has two columns %s", what, names[i].Text)
					return nil, false
				}
			}
			c.Name = names[i].Text
		}
		p.Out = append(p.Out, c)
	}
	return p, true
}

// limits evaluates LIMIT, -1 without one, and OFFSET.
func (b *binder) limits(q *parser.Query) (limit, offset int64, ok bool) {
	limit, ok = -1, true
	if q.Limit != nil {
		limit, ok = b.rowCount(q.Limit, "LIMIT")
	}
	if q.Offset != nil {
		n, good := b.rowCount(q.Offset, "OFFSET")
		offset, ok = n, ok && good
	}
	return limit, offset, ok
}

func (b *binder) rowCount(e *parser.Expr, what string) (int64, bool) {
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	c, err := expr.NewCast(x, data.Of(data.BigInt), false, e.Span())
	if c = nil2(c, err); c != nil {
		if l, ok := fold(c).(*expr.Literal); ok && !l.IsNull() && l.Value.Ints[0] >= 0 {
			return l.Value.Ints[0], true
		}
	}
	b.errorf(e.Span(), "write a number, as in "+what+" 10", "%s must be a constant number of rows, not %s", what, x)
	return 0, false
}

// nil2 returns e, nil where there was an error.
func nil2(e expr.Expr, err error) expr.Expr {
	if err != nil {
		return nil
	}
	return e
}

// sorted adds ORDER BY, LIMIT and OFFSET, and takes away the columns that only
// the order needed.
func (b *binder) sorted(q *parser.Query, n plan.Node, keys []plan.SortKey, limit, offset int64) (plan.Node, bool) {
	width := len(n.Schema())
	if p, ok := n.(*hiddenColumns); ok {
		n, width = p.Project, p.shown
	}
	if len(keys) == 0 && limit < 0 && offset == 0 {
		return shown(n, width), true
	}
	if r := b.unbounded(n); r != nil {
		switch {
		case len(keys) > 0:
			b.errorf(q.OrderBy[0].Span(), "leave ORDER BY out; or order what a window holds", "ORDER BY needs the whole result, and %s has no end", r.Name)
			return nil, false
		case n.Properties().Updating:
			b.errorf(q.Span(), "leave LIMIT out", "LIMIT over rows that are updated needs the whole result, and %s has no end", r.Name)
			return nil, false
		}
	}
	return shown(&plan.Sort{Input: n, Keys: keys, Limit: limit, Offset: offset}, width), true
}

// shown is n without the columns from width on.
func shown(n plan.Node, width int) plan.Node {
	out := n.Schema()
	if width == len(out) {
		return n
	}
	p := &plan.Project{Input: n, Out: out[:width:width]}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
	}
	return p
}

// hiddenColumns is a projection whose last columns are there for ORDER BY alone.
type hiddenColumns struct {
	*plan.Project
	shown int
}

// orderOutput binds an ORDER BY over the columns of a result.
func (b *binder) orderOutput(order []*parser.SortKey, out data.Schema) ([]plan.SortKey, bool) {
	var keys []plan.SortKey
	ok := true
	for _, k := range order {
		c, found := b.outputColumn(k.Expr, out)
		if c < 0 {
			ok = false
			if !found {
				b.errorf(k.Expr.Span(), "order by columns of the result: "+list(out.Names())+"; or put the query into FROM and select from it",
					"ORDER BY of combined queries can only name columns of their result")
			}
			continue
		}
		keys = append(keys, sortKey(k, c))
	}
	return keys, ok
}

func sortKey(k *parser.SortKey, column int) plan.SortKey {
	first := k.Desc // as in PostgreSQL, NULL is greater than any value
	if k.Nulls != "" {
		first = k.Nulls == "FIRST"
	}
	return plan.SortKey{Column: column, Desc: k.Desc, NullsFirst: first}
}

// outputColumn returns the column of the result that an expression of ORDER BY
// names, by its position or name; -1 when it names none. found is true when that
// has been reported.
func (b *binder) outputColumn(e *parser.Expr, out data.Schema) (column int, found bool) {
	switch n := e.X.(type) {
	case *parser.Literal:
		if n.Kind != parser.IntegerLiteral {
			return -1, false
		}
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < 1 || i > len(out) {
			b.errorf(e.Span(), fmt.Sprintf("the result has %s", count(len(out), "column")), "ORDER BY %s names no column of the result", n.Text)
			return -1, true
		}
		return i - 1, false
	case *parser.Ref:
		if len(n.Parts) == 1 {
			return indexOf(out, n.Parts[0]), false
		}
	}
	return -1, false
}

// term binds one operand of the set operations.
func (b *binder) term(t *parser.Term) (plan.Node, bool) {
	switch {
	case t.Select != nil:
		n, _, ok := b.selectQuery(t.Select, nil)
		return n, ok
	case t.Values != nil:
		return b.values(t.Values)
	}
	return b.query(t.Paren)
}

// values binds VALUES: the items of a column meet in one type.
func (b *binder) values(v *parser.Values) (plan.Node, bool) {
	n, ok := b.valuesOf(v, func(_ int, e expr.Expr) (expr.Expr, bool) { return e, true }, nil)
	if !ok {
		return nil, false
	}
	for i := range n.Out {
		column := make([]expr.Expr, len(n.Rows))
		for r, row := range n.Rows {
			column[r] = row[i]
		}
		same, t, err := expr.Unify(column, "the values of a column")
		if err != nil {
			b.report(err, v.Span())
			ok = false
			continue
		}
		if t.Kind == data.Unknown { // NULLs: text, as in PostgreSQL
			t = data.Of(data.String)
		}
		for r, e := range same {
			if e.Type() != t {
				cast, err := expr.NewCast(e, t, false, e.Span())
				if e = b.check(cast, err, e.Span()); e == nil {
					return nil, false
				}
			}
			n.Rows[r][i] = e
		}
		n.Out[i].Type = t
	}
	return n, ok
}

// valuesOf binds the rows of VALUES; convert makes of the item of a column what
// it is to be. types are the columns' types, nil when they are to be found out.
func (b *binder) valuesOf(v *parser.Values, convert func(column int, e expr.Expr) (expr.Expr, bool), types []data.Type) (*plan.Values, bool) {
	x := &scoped{binder: b, scope: &scope{outer: b.outer}, clause: "VALUES"}
	n := &plan.Values{}
	ok := true
	width := len(v.Rows[0].Exprs)
	for i := range width {
		c := data.Column{Name: "column" + strconv.Itoa(i+1)}
		if types != nil {
			c.Type = types[i]
		}
		n.Out = append(n.Out, c)
	}
	for _, row := range v.Rows {
		if len(row.Exprs) != width {
			b.errorf(row.Span(), fmt.Sprintf("give every row %s", count(width, "value")), "this row has %s, and the first one has %d", count(len(row.Exprs), "value"), width)
			return nil, false
		}
		bound := make([]expr.Expr, width)
		for i, e := range row.Exprs {
			item := x.bind(e)
			if item == nil {
				ok = false
				continue
			}
			var good bool
			bound[i], good = convert(i, item)
			ok = ok && good
		}
		n.Rows = append(n.Rows, bound)
	}
	return n, ok
}

// setOperations binds UNION [ALL], INTERSECT and EXCEPT, which group from the left.
func (b *binder) setOperations(q *parser.Query) (plan.Node, bool) {
	node, ok := b.term(q.First)
	all := []plan.Node{node} // of one run of UNION ALL
	for i, op := range q.Rest {
		right, good := b.term(op.Term)
		if ok = ok && good; !ok {
			continue
		}
		all = append(all, right)
		if op.Op == "UNION ALL" && i+1 < len(q.Rest) && q.Rest[i+1].Op == "UNION ALL" {
			continue
		}
		if node, ok = b.combine(op, all); ok {
			all = []plan.Node{node}
		}
	}
	return node, ok
}

// combine makes one node of the operands of a set operation.
func (b *binder) combine(op *parser.SetOp, operands []plan.Node) (plan.Node, bool) {
	operands, out, ok := b.aligned(op, operands)
	if !ok {
		return nil, false
	}
	switch op.Op {
	case "UNION ALL":
		return &plan.Union{Branches: operands, Out: out}, true
	case "UNION":
		return distinct(&plan.Union{Branches: operands, Out: out}), true
	}
	return membership(op, operands, out)
}

// aligned casts the columns of the operands to common types.
func (b *binder) aligned(op *parser.SetOp, operands []plan.Node) ([]plan.Node, data.Schema, bool) {
	out := append(data.Schema(nil), operands[0].Schema()...)
	for _, n := range operands[1:] {
		s := n.Schema()
		if len(s) != len(out) {
			b.errorf(op.Term.Span(), "let both have the same columns", "%s needs queries with as many columns: this one has %d, the one before it %d", op.Op, len(s), len(out))
			return nil, nil, false
		}
		for i, c := range s {
			t, ok := expr.Common(out[i].Type, c.Type)
			if !ok && isNull(n, i) {
				t, ok = out[i].Type, true
			} else if !ok && isNull(operands[0], i) {
				t, ok = c.Type, true
			}
			if !ok {
				b.errorf(op.Term.Span(), fmt.Sprintf("convert it: CAST(%s AS %s)", c.Name, out[i].Type), "%s: column %d is %s here, and %s (%s) in the query before it", op.Op, i+1, c.Type, out[i].Type, out[i].Name)
				return nil, nil, false
			}
			out[i].Type = t
			out[i].Time = out[i].Time && c.Time
		}
	}
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
