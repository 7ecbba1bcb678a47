package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// outerBase is the first position of the columns of the query around a subquery in
// the WHERE of the subquery: those of the scope around it follow in order.
const outerBase = 1 << 28

// related is what a subquery of EXISTS or IN takes from the query around it.
type related struct {
	exists bool // it is that of EXISTS
	// conds are the conditions of its WHERE that use columns of that query; the
	// others are in its plan. nil when there are none.
	conds []expr.Expr
	// input is its plan up to WHERE, over whose columns items, its SELECT list, and
	// conds are.
	input plan.Node
	items []expr.Expr
}

// usesOuter reports whether an expression uses the query around its subquery.
func usesOuter(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && cols[len(cols)-1] >= outerBase
}

// used reports whether the subquery uses the query around it.
func (r *related) used() bool { return r != nil && len(r.conds) > 0 }

// where splits a bound WHERE into what the subquery can work out by itself, which
// it returns, and the rest. A condition that can fail stays behind those before it.
func (r *related) where(e expr.Expr) expr.Expr {
	if r == nil || !usesOuter(e) {
		return e
	}
	var own []expr.Expr
	for _, c := range expr.Conjuncts(e) {
		if usesOuter(c) || len(r.conds) > 0 && expr.CanFail(c) {
			r.conds = append(r.conds, c)
		} else {
			own = append(own, c)
		}
	}
	return expr.And(own)
}

// refuseRelated reports what a SELECT that uses the query around it cannot have.
func (b *binder) refuseRelated(r *related, s *parser.Select) bool {
	if !r.used() {
		return true
	}
	const hint = "group or number the rows in a query in its FROM"
	at := r.conds[0].Span()
	switch {
	case len(s.GroupBy) > 0, s.Having != nil, containsAggregate(s.Items):
		b.errorf(at, hint, "a subquery that uses the query around it cannot group or aggregate")
	case len(s.DistinctOn) > 0, s.Qualify != nil, len(s.Windows) > 0:
		b.errorf(at, hint, "a subquery that uses the query around it cannot choose among its rows")
	default:
		return true
	}
	return false
}

// relatedRows checks that a subquery that uses the query around it takes all rows:
// one is enough to EXISTS.
func (b *binder) relatedRows(r *related, q *parser.Query, limit, offset int64) bool {
	if offset == 0 && (limit < 0 || limit > 0 && r.exists) {
		return true
	}
	b.errorf(r.conds[0].Span(), "leave LIMIT and OFFSET out", "a subquery that uses the query around it cannot count its rows")
	return false
}

// pairing is a test of EXISTS or IN under construction.
type pairing struct {
	test  expr.Related
	table *plan.Project
	uses  map[int]int // of the columns of the query around it: their places in Uses
}

// own returns the place in the table of something the subquery computes.
func (p *pairing) own(e expr.Expr) int {
	i := slices.IndexFunc(p.table.Exprs, func(have expr.Expr) bool { return expr.Equal(have, e) })
	if i < 0 {
		i = len(p.table.Exprs)
		p.add(e)
	}
	return i
}

func (p *pairing) add(e expr.Expr) {
	p.table.Exprs = append(p.table.Exprs, e)
	p.table.Out = append(p.table.Out, data.Column{Name: e.String(), Type: e.Type()})
}

// use returns the place in Uses of what the column stands for, value for operandColumn.
func (p *pairing) use(c *expr.Column, value expr.Expr) int {
	i, known := p.uses[c.Index]
	if known {
		return i
	}
	i = len(p.test.Uses)
	p.uses[c.Index] = i
	if c.Index != operandColumn {
		value = expr.NewColumn(c.Index-outerBase, c.Name, c.Type(), c.Span())
	}
	p.test.Uses = append(p.test.Uses, value)
	return i
}

// operandColumn stands for the operand of IN in its comparison with an item.
const operandColumn = outerBase << 1

// relatedTest makes the test of EXISTS, or of value IN where that is not nil, from a
// subquery that uses the query around it. Comparisons for equality find the rows
// of the subquery; what is left of WHERE is tested for each row that is found.
func (x *scoped) relatedTest(r *related, value expr.Expr, not bool, q *parser.Query, at source.Span) expr.Expr {
	p := &pairing{table: &plan.Project{Input: r.input}, uses: map[int]int{}}
	p.test = expr.Related{Cell: &expr.Cell{Text: text(x.file, q.Span())}, Not: not}
	var rest, pairs []expr.Expr
	for _, c := range r.conds {
		own, outer, ok := equality(c)
		if !ok {
			rest = append(rest, c)
			continue
		}
		p.add(own)
		p.test.Keys = append(p.test.Keys, outerColumns(outer))
	}
	if len(rest) > 0 {
		pairs = append(pairs, expr.And(rest))
	}
	if value != nil {
		operand := value
		if !expr.IsConst(value) {
			operand = expr.NewColumn(operandColumn, value.String(), value.Type(), value.Span())
		}
		e, err := expr.NewCall("=", []expr.Expr{operand, r.items[0]}, at)
		if e = x.check(e, err, at); e == nil {
			return nil
		}
		pairs = append(pairs, e)
	}
	for _, e := range pairs { // how wide the table is must be known before columns get their places
		eachColumn(e, func(c *expr.Column) {
			if c.Index < outerBase {
				p.own(c)
			}
		})
	}
	if len(p.table.Exprs) == 0 { // its rows are all alike
		p.add(expr.IntLiteral(1, at))
	}
	for i, e := range pairs {
		pairs[i] = expr.Map(e, func(part expr.Expr) expr.Expr {
			c, isColumn := part.(*expr.Column)
			switch {
			case !isColumn:
				return part
			case c.Index < outerBase:
				return expr.NewColumn(p.own(c), c.Name, c.Type(), c.Span())
			}
			return expr.NewColumn(len(p.table.Exprs)+p.use(c, value), c.Name, c.Type(), c.Span())
		})
	}
	if value != nil {
		p.test.Same, pairs = pairs[len(pairs)-1], pairs[:len(pairs)-1]
	}
	if len(pairs) > 0 {
		p.test.Where = pairs[0]
	}
	if endless := x.unbounded(p.table); endless != nil {
		x.errorf(q.Span(), "", "the subquery is worked out before the rows around it come, and %s has no end", endless.Name)
		return nil
	}
	x.result.Subqueries = append(x.result.Subqueries, &plan.Subquery{Input: distinct(p.table), Cell: p.test.Cell, Table: true, File: x.file, Span: q.Span()})
	return expr.NewRelated(p.test, at)
}

// eachColumn calls f for the columns in an expression.
func eachColumn(e expr.Expr, f func(*expr.Column)) {
	expr.Walk(e, func(part expr.Expr) bool {
		if c, ok := part.(*expr.Column); ok {
			f(c)
		}
		return true
	})
}

// equality takes a condition apart that compares something of the subquery with
// something of the query around it for equality.
func equality(e expr.Expr) (own, outer expr.Expr, ok bool) {
	c, isCall := e.(*expr.Call)
	if !isCall || c.Func.Name != "=" || len(c.Args) != 2 || c.Args[0].Type() != c.Args[1].Type() {
		return nil, nil, false
	}
	for i := range c.Args {
		own, outer = c.Args[i], c.Args[1-i]
		cols := expr.Columns(outer)
		if !usesOuter(own) && len(cols) > 0 && cols[0] >= outerBase {
			return own, outer, true
		}
	}
	return nil, nil, false
}

// outerColumns is an expression over columns of the query around a subquery as
// that query has them.
func outerColumns(e expr.Expr) expr.Expr {
	return expr.Remap(e, func(i int) int { return i - outerBase })
}
