package planner

import (
	"errors"
	"slices"
	"strconv"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
)

// scoped binds the expressions of one clause of a query. bind returns nil after
// reporting what is wrong; it goes on to report what else is.
type scoped struct {
	*binder
	scope *scope
	// clause is what messages call the place: "WHERE", "the SELECT list".
	clause string
	// group is set where aggregates and window columns may stand.
	group *grouping
	// over is set where window functions may stand.
	over *overs
	// aliases are the items of the SELECT list, where names may mean these.
	aliases []*parser.SelectItem
	// top says that the input is the first rows of others, which may change.
	top bool
	// inside is the aggregate whose argument is being bound; "" outside of one.
	inside string
}

// report turns an error of the expression package into a message.
func (b *binder) report(err error, at source.Span) {
	var e *expr.Error
	if errors.As(err, &e) {
		if e.Span != (source.Span{}) {
			at = e.Span
		}
		b.errorf(at, e.Hint, "%s", e.Message)
		return
	}
	b.errorf(at, "", "%s", err)
}

// check returns e, or nil after reporting err.
func (b *binder) check(e expr.Expr, err error, at source.Span) expr.Expr {
	if err != nil {
		b.report(err, at)
		return nil
	}
	return e
}

// call binds a function or operator over operands that may have failed.
func (x *scoped) call(name string, at source.Span, operands ...*parser.Expr) expr.Expr {
	args := make([]expr.Expr, len(operands))
	ok := true
	for i, o := range operands {
		args[i] = x.bind(o)
		ok = ok && args[i] != nil
	}
	if !ok {
		return nil
	}
	e, err := expr.NewCall(name, args, at)
	return x.check(e, err, at)
}

func (x *scoped) bind(e *parser.Expr) expr.Expr {
	at := e.Span()
	switch n := e.X.(type) {
	case *parser.Literal:
		return x.literal(n)
	case *parser.TypedLiteral:
		t, ok := x.typeOf(&parser.TypeName{Name: n.Type})
		if !ok {
			return nil
		}
		c, err := expr.NewCast(expr.StringLiteral(n.Text, at), t, false, at)
		return x.check(c, err, at)
	case *parser.IntervalLiteral:
		return interval(n.Months, n.Micros, at)
	case *parser.Ref:
		return x.ref(n)
	case *parser.Star:
		x.errorf(at, "* stands alone in the SELECT list, or in COUNT(*)", "* cannot be used here")
		return nil
	case *parser.Unary:
		return x.unary(n)
	case *parser.Binary:
		return x.binary(n)
	case *parser.Is:
		name := "IS "
		if n.Not {
			name = "IS NOT "
		}
		return x.call(name+n.What, at, n.X)
	case *parser.In:
		if n.Query != nil {
			return x.inQuery(n.X, n.Query, n.Not, at)
		}
		return x.in(n)
	case *parser.Between:
		return x.call(negated("BETWEEN", n.Not), at, n.X, n.Lo, n.Hi)
	case *parser.Like:
		name := n.Kind
		if n.Escape != nil {
			return x.call(negated(name, n.Not), at, n.X, n.Pattern, n.Escape)
		}
		return x.call(negated(name, n.Not), at, n.X, n.Pattern)
	case *parser.Case:
		return x.caseOf(n)
	case *parser.Cast:
		t, ok := x.typeOf(n.Type)
		v := x.bind(n.X)
		if !ok || v == nil {
			return nil
		}
		c, err := expr.NewCast(v, t, n.Try, at)
		if err == nil && hasLength(n.Type) {
			c, err = expr.NewCall("LEFT", []expr.Expr{c, bigint(int64(n.Type.Params[0]))}, at)
		}
		return x.check(c, err, at)
	case *parser.Call:
		return x.function(n)
	case *parser.AtTimeZone:
		return x.call("AT TIME ZONE", at, n.X, n.Zone)
	case *parser.Subquery:
		return x.scalar(n)
	case *parser.Exists:
		return x.exists(n)
	case *parser.Quantified:
		return x.quantified(n)
	case *parser.Array:
		return x.call("ARRAY", at, n.Elems...)
	case *parser.Map:
		return x.call("MAP", at, n.Elems...)
	case *parser.Row:
		return x.call("ROW", at, n.Elems...)
	case *parser.Subscript:
		return x.subscript(n)
	case *parser.Field:
		if v := x.bind(n.X); v != nil {
			return x.fields(v, []*parser.Name{n.Name})
		}
		return nil
	}
	x.errorf(at, "", "this expression is not supported")
	return nil
}

// quantified binds x op ANY | ALL (…).
func (x *scoped) quantified(n *parser.Quantified) expr.Expr {
	op := n.Op + " ANY"
	if n.All {
		op = n.Op + " ALL"
	}
	switch {
	case n.Array != nil:
		return x.call(op, n.Span(), n.X, n.Array)
	case op == "= ANY":
		return x.inQuery(n.X, n.Query, false, n.Span())
	case op == "<> ALL":
		return x.inQuery(n.X, n.Query, true, n.Span())
	}
	x.errorf(n.Span(), "compare with (SELECT MIN(…) …) or (SELECT MAX(…) …)", "%s over a subquery is not supported", op)
	return nil
}

func negated(name string, not bool) string {
	if not {
		return "NOT " + name
	}
	return name
}

func (x *scoped) ref(r *parser.Ref) expr.Expr {
	if x.group != nil && x.inside == "" && len(r.Parts) == 1 {
		if e := x.group.windowColumn(r.Parts[0], r.Span()); e != nil {
			return e
		}
	}
	if item := x.alias(r); item != nil {
		inner := *x
		inner.aliases = nil
		return inner.bind(item)
	}
	i, fields := x.resolve(x.scope, r)
	if i < 0 {
		return nil
	}
	c := x.scope.column(i)
	at := r.Span()
	if len(fields) > 0 {
		at = source.Span{Start: at.Start, End: r.Parts[len(r.Parts)-len(fields)-1].Span().End}
	}
	return x.fields(expr.NewColumn(i, c.Name, c.Type, at), fields)
}

func (x *scoped) unary(u *parser.Unary) expr.Expr {
	switch u.Op {
	case "NOT":
		return x.call("NOT", u.Span(), u.X)
	case "~":
		return x.call("BIT_NOT", u.Span(), u.X)
	case "+":
		return x.call("+", u.Span(), &parser.Expr{X: &parser.Literal{At: u.At, Kind: parser.IntegerLiteral, Text: "0"}}, u.X)
	}
	// -9223372036854775808 is a BIGINT although its digits alone are not.
	if l, ok := u.X.X.(*parser.Literal); ok && l.Kind == parser.IntegerLiteral {
		if n, err := strconv.ParseInt("-"+l.Text, 10, 64); err == nil {
			return expr.IntLiteral(n, u.Span())
		}
	}
	if l, ok := u.X.X.(*parser.IntervalLiteral); ok {
		return interval(-l.Months, -l.Micros, u.Span())
	}
	return x.call("NEG", u.Span(), u.X)
}

// binary binds chains of one operator without recursion to the left, so that
// their length is not limited by the stack.
func (x *scoped) binary(n *parser.Binary) expr.Expr {
	chain := []*parser.Binary{n}
	for {
		left, ok := chain[len(chain)-1].L.X.(*parser.Binary)
		if !ok {
			break
		}
		chain = append(chain, left)
	}
	slices.Reverse(chain)
	acc := x.bind(chain[0].L)
	for i := 0; i < len(chain); {
		op := chain[i].Op
		args := []expr.Expr{acc}
		ok := acc != nil
		logic := op == "AND" || op == "OR"
		for {
			r := x.bind(chain[i].R)
			ok = ok && r != nil
			args = append(args, r)
			i++
			if !logic || i == len(chain) || chain[i].Op != op {
				break
			}
		}
		if !ok {
			acc = nil
			continue
		}
		at := chain[i-1].Span()
		e, err := expr.NewCall(op, args, at)
		acc = x.check(e, err, at)
	}
	return acc
}

func (x *scoped) in(n *parser.In) expr.Expr {
	v := x.bind(n.X)
	ok := v != nil
	items := make([]expr.Expr, len(n.List))
	for i, e := range n.List {
		items[i] = x.bind(e)
		ok = ok && items[i] != nil
	}
	if !ok {
		return nil
	}
	e, err := expr.NewIn(v, items, n.Not, n.Span())
	return x.check(e, err, n.Span())
}

func (x *scoped) caseOf(n *parser.Case) expr.Expr {
	ok := true
	var operand expr.Expr
	if n.Operand != nil {
		operand = x.bind(n.Operand)
		ok = operand != nil
	}
	whens := make([]expr.When, len(n.Whens))
	for i, w := range n.Whens {
		cond := x.bind(w.Cond)
		if cond != nil && operand != nil {
			e, err := expr.NewCall("=", []expr.Expr{operand, cond}, w.Cond.Span())
			cond = x.check(e, err, w.Cond.Span())
		}
		whens[i] = expr.When{Cond: cond, Then: x.bind(w.Then)}
		ok = ok && cond != nil && whens[i].Then != nil
	}
	var els expr.Expr
	if n.Else != nil {
		els = x.bind(n.Else)
		ok = ok && els != nil
	}
	if !ok {
		return nil
	}
	e, err := expr.NewCase(whens, els, n.Span())
	return x.check(e, err, n.Span())
}
