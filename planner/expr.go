package planner

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
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

func interval(months, micros int64, at source.Span) expr.Expr {
	v := data.NewConst(data.Of(data.Interval))
	v.AppendWide(data.Int128{Hi: months, Lo: uint64(micros)})
	return expr.NewLiteral(v, at)
}

func (x *scoped) literal(l *parser.Literal) expr.Expr {
	at := l.Span()
	switch l.Kind {
	case parser.NullLiteral:
		v := data.NewConst(data.Type{})
		v.AppendNull()
		return expr.NewLiteral(v, at)
	case parser.BoolLiteral:
		return expr.BoolLiteral(strings.EqualFold(l.Text, "TRUE"), at)
	case parser.StringLiteral:
		return expr.StringLiteral(l.Text, at)
	case parser.IntegerLiteral:
		if n, err := strconv.ParseInt(l.Text, 10, 64); err == nil {
			return expr.IntLiteral(n, at)
		}
		return x.number(l, data.DecimalType(len(strings.TrimLeft(l.Text, "0")), 0))
	case parser.DecimalLiteral:
		whole, fraction, _ := strings.Cut(l.Text, ".")
		digits := len(strings.TrimLeft(whole, "0"))
		return x.number(l, data.DecimalType(max(1, digits+len(fraction)), len(fraction)))
	}
	c, err := expr.NewCast(expr.StringLiteral(l.Text, at), data.Of(data.Double), false, at)
	return x.check(c, err, at)
}

// number makes an exact constant.
func (x *scoped) number(l *parser.Literal, t data.Type) expr.Expr {
	if len(l.Text) > 250 || t.Precision > data.MaxPrecision {
		x.errorf(l.Span(), "write it with an exponent to make it a DOUBLE", "the number has more than %d digits", data.MaxPrecision)
		return nil
	}
	c, err := expr.NewCast(expr.StringLiteral(l.Text, l.Span()), t, false, l.Span())
	return x.check(c, err, l.Span())
}

func (x *scoped) ref(r *parser.Ref) expr.Expr {
	if x.group != nil && x.inside == "" && len(r.Parts) == 1 {
		if e := x.group.windowColumn(r.Parts[0], r.Span()); e != nil {
			return e
		}
	}
	i, fields := x.resolve(x.scope, r)
	if i < 0 {
		return nil
	}
	c := x.scope.schema[i]
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

// function binds a call of anything that is called: scalar functions and
// aggregates; windows are refused here, they stand in GROUP BY.
func (x *scoped) function(c *parser.Call) expr.Expr {
	name := strings.ToUpper(c.Name.Text)
	if windowFunctions[name] && !isFunction(name) {
		if name == "TUMBLE" {
			x.errorf(c.Span(), "write it after GROUP BY, and use window_start and window_end", "TUMBLE belongs into GROUP BY, not into %s", x.clause)
		} else {
			x.errorf(c.Name.Span(), windowHint(name), "%s is not supported yet", name)
		}
		return nil
	}
	if c.Over != nil {
		x.errorf(c.Span(), "group by what it is computed over", "window functions, which have OVER, are not supported yet")
		return nil
	}
	if isAggregateCall(c) {
		return x.aggregate(c, name)
	}
	if name == "GROUPING" && x.cat.Function(name) == nil {
		return x.groupingFunction(c)
	}
	macro := x.cat.Function(c.Name.Text)
	if err := expr.Refused(name, c.Span()); err != nil && macro == nil {
		x.report(err, c.Span())
		return nil
	}
	if macro == nil && !isFunction(name) {
		for _, a := range c.Args { // what is wrong with the arguments is wrong anyway
			if _, star := a.X.X.(*parser.Star); !star {
				x.bind(a.X)
			}
		}
		if laterFunctions[name] {
			x.errorf(c.Name.Span(), "", "the function %s is not supported yet", name)
		} else {
			x.errorf(c.Name.Span(), nearFunction(name, x.cat), "there is no function %s", name)
		}
		return nil
	}
	switch {
	case c.Distinct:
		x.errorf(c.Span(), "DISTINCT is for aggregates, as in COUNT(DISTINCT x)", "%s is not an aggregate", name)
		return nil
	case c.OrderBy != nil || c.WithinGroup != nil:
		x.errorf(c.Span(), "ORDER BY is for aggregates, as in ARRAY_AGG(x ORDER BY y)", "%s is not an aggregate", name)
		return nil
	case c.Filter != nil:
		x.errorf(c.Span(), "FILTER is for aggregates, as in SUM(x) FILTER (WHERE …)", "%s is not an aggregate", name)
		return nil
	}
	operands := make([]*parser.Expr, len(c.Args))
	for i, a := range c.Args {
		if a.Name != nil {
			x.errorf(a.Name.Span(), "write the arguments in order, without names", "%s takes no named arguments", name)
			return nil
		}
		operands[i] = a.X
	}
	if macro != nil {
		return x.callMacro(macro, c, operands)
	}
	return x.call(name, c.Span(), operands...)
}

// isAggregateCall reports whether a call is of an aggregate. Where a function has
// an aggregate's name, the number of its arguments tells them apart.
func isAggregateCall(c *parser.Call) bool {
	name := strings.ToUpper(c.Name.Text)
	return isAggregate(name) && !(isFunction(name) && len(c.Args) > 1)
}

// laterFunctions are functions over windows that the language has and that are
// yet to come.
var laterFunctions = map[string]bool{
	"WINDOW_COMPLETENESS": true, "ROW_NUMBER": true, "RANK": true, "DENSE_RANK": true, "LAG": true, "LEAD": true,
	"CURRENT_WATERMARK": true, "NTILE": true, "PERCENT_RANK": true, "CUME_DIST": true, "NTH_VALUE": true,
}

func isAggregate(name string) bool { return slices.Contains(agg.Names(), name) }

// functionNames has every name of the function table, with what it stands for
// left out; it is worked out once.
var functionNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, f := range expr.Functions() {
		names[f.Name] = true
		for _, a := range f.Aliases {
			names[a] = true
		}
	}
	return names
})

// isFunction reports whether the function table has a name that is called.
func isFunction(name string) bool { return functionNames()[name] }

func nearFunction(name string, cat *catalog.Catalog) string {
	names := slices.Clone(agg.Names())
	for _, f := range cat.Functions() {
		names = append(names, f.Name)
	}
	for n := range functionNames() {
		if n[0] >= 'A' && n[0] <= 'Z' && !strings.Contains(n, " ") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	if near := source.Near(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
