package planner

import (
	"slices"
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// overCall is a window function over expressions of the rows it sees.
type overCall struct {
	window *overWindow
	fn     plan.OverFunc
	args   []expr.Expr // value and default; of an aggregate what its Func takes
	filter expr.Expr   // nil without
	n      int64
	nulls  bool // IGNORE NULLS
	spec   agg.Spec
	frame  plan.OverFrame
	result data.Type
	text   string // as EXPLAIN shows it
	name   string // as messages show it
	at     source.Span
}

func findOver(name string) (plan.OverFunc, bool) { return plan.FindOver(name) }

// windowFunction binds a call with OVER and stands a column in for it.
func (x *scoped) windowFunction(c *parser.Call, name string) expr.Expr {
	at := c.Span()
	switch {
	case x.inside != "":
		x.errorf(at, "compute it in a query in FROM, and "+x.inside+" over it", "a window function cannot stand inside of %s", x.inside)
		return nil
	case x.over == nil && x.clause == "a window":
		x.errorf(at, "compute the inner one in a query in FROM", "a window function cannot stand inside of another one")
		return nil
	case x.over == nil:
		hint := "compute it in a query in FROM"
		if x.clause == "WHERE" || x.clause == "HAVING" {
			hint = "write the condition after QUALIFY; or compute it in a query in FROM, and write WHERE around that"
		}
		x.errorf(at, hint, "a window function cannot stand in %s", x.clause)
		return nil
	}
	call := &overCall{at: at, name: oneLine(text(x.file, at)), nulls: c.IgnoreNulls}
	fn, known := findOver(name)
	ownOrder := c.OrderBy != nil || c.WithinGroup != nil || c.Distinct
	if known && (!isAggregate(name) || !ownOrder) {
		call.fn = fn
	} else if !isAggregateCall(c) {
		hint := nearFunction(name, x.cat)
		if isFunction(name) {
			hint = "leave OVER out"
		}
		x.errorf(c.Name.Span(), hint, "%s is no window function", name)
		return nil
	}
	call.window = x.window(c.Over, -1)
	ok := call.window != nil
	if call.fn == plan.OverAggregate {
		ok = x.overAggregate(call, c, name) && ok
	} else {
		ok = x.overFunction(call, c, name) && ok
	}
	if !ok || x.group != nil && x.group.failed {
		return nil
	}
	if !x.bindFrame(call) {
		return nil
	}
	k := slices.IndexFunc(x.over.calls, call.same)
	if k < 0 {
		k = len(x.over.calls)
		x.over.calls = append(x.over.calls, call)
	}
	return expr.NewColumn(overBase+k, call.name, call.result, at)
}

func (c *overCall) same(d *overCall) bool {
	return c.text == d.text && c.window.same(d.window) && slices.EqualFunc(c.args, d.args, expr.Equal) &&
		(c.filter == nil) == (d.filter == nil) && (c.filter == nil || expr.Equal(c.filter, d.filter))
}

// overFunction binds a call of a function that is no aggregate.
func (x *scoped) overFunction(call *overCall, c *parser.Call, name string) bool {
	at := c.Span()
	switch {
	case c.Distinct:
		x.errorf(at, "leave DISTINCT out", "%s takes no DISTINCT", name)
		return false
	case c.OrderBy != nil || c.WithinGroup != nil:
		x.errorf(at, "write the order behind OVER: OVER (ORDER BY …)", "%s takes no ORDER BY of its own", name)
		return false
	case c.Filter != nil:
		x.errorf(c.Filter.Span(), "use CASE in its argument, or an aggregate", "FILTER is for aggregates, and %s is none", name)
		return false
	}
	least, most, form := 0, 0, name+"() OVER (…)"
	switch call.fn {
	case plan.OverLag, plan.OverLead:
		least, most, form = 1, 3, name+"(x [, rows [, default]]) OVER (… ORDER BY …)"
	case plan.OverFirst, plan.OverLast:
		least, most, form = 1, 1, name+"(x) OVER (…)"
	case plan.OverNth:
		least, most, form = 2, 2, name+"(x, n) OVER (…)"
	case plan.OverNtile:
		least, most, form = 1, 1, name+"(n) OVER (…)"
	}
	values := most > 0 && call.fn != plan.OverNtile
	if call.nulls && !values {
		x.errorf(at, "leave IGNORE NULLS out", "%s has no NULLs to ignore: IGNORE NULLS is for LAG, LEAD, FIRST_VALUE, LAST_VALUE and NTH_VALUE", name)
		return false
	}
	if len(c.Args) < least || len(c.Args) > most {
		x.errorf(at, "write "+form, "%s takes %s, not %d", name, arguments(least, most), len(c.Args))
		return false
	}
	args, ok := x.overArguments(call, c, name, form)
	if !ok {
		return false
	}
	switch call.fn {
	case plan.OverLag, plan.OverLead:
		if len(c.Args) < 2 {
			call.n = 1
		}
		if len(args) == 2 {
			both, _, err := expr.Unify(args, "the value and the default of "+name)
			if err != nil {
				x.report(err, c.Args[2].X.Span())
				return false
			}
			args = both
		}
	}
	call.args = args
	switch {
	case len(args) > 0:
		call.result = args[0].Type()
	case call.fn == plan.OverPercentRank || call.fn == plan.OverCumeDist:
		call.result = data.Of(data.Double)
	default:
		call.result = data.Of(data.BigInt)
	}
	call.text = x.functionText(call, c, name)
	if call.window != nil && len(call.window.order) == 0 && needsOrder(call.fn) {
		x.errorf(at, "say which rows come first: "+name+"(…) OVER (ORDER BY "+x.scope.timeName()+")", "%s needs ORDER BY: without it no row comes before another", name)
		return false
	}
	return true
}

// overArguments binds the arguments of a window function, whose number is right. That
// which counts rows goes into the call; the others are returned.
func (x *scoped) overArguments(call *overCall, c *parser.Call, name, form string) (args []expr.Expr, ok bool) {
	ok = true
	for i, a := range c.Args {
		if a.Name != nil {
			x.errorf(a.Name.Span(), "write the arguments in order, without names", "%s takes no named arguments", name)
			ok = false
			continue
		}
		if _, star := a.X.X.(*parser.Star); star {
			x.errorf(a.X.Span(), "write "+form, "%s is computed over a value", name)
			ok = false
			continue
		}
		isCount := i == 1 || call.fn == plan.OverNtile
		if isCount {
			n, good := x.countArgument(a.X, name, call.fn)
			call.n, ok = n, ok && good
			continue
		}
		e := x.windowExpr(a.X)
		ok = ok && e != nil
		args = append(args, e)
	}
	return args, ok
}

// needsOrder reports whether a function says nothing without an ORDER BY.
func needsOrder(f plan.OverFunc) bool {
	switch f {
	case plan.OverRank, plan.OverDenseRank, plan.OverPercentRank, plan.OverCumeDist, plan.OverLag, plan.OverLead:
		return true
	}
	return false
}

func arguments(least, most int) string {
	words := [...]string{"no argument", "one argument", "two arguments", "three arguments"}
	switch {
	case least == most:
		return words[most]
	case most == least+1:
		return strings.TrimSuffix(words[least], " argument") + " or " + words[most]
	}
	return "one to " + words[most]
}

// countArgument evaluates an argument that counts rows.
func (x *scoped) countArgument(e *parser.Expr, name string, fn plan.OverFunc) (int64, bool) {
	least := int64(1)
	if fn == plan.OverLag || fn == plan.OverLead {
		least = 0
	}
	n, ok := x.wholeConstant(e)
	if !ok || n < least {
		x.errorf(e.Span(), "write a number", "%s counts rows by a constant from %d on, not by %s", name, least, oneLine(text(x.file, e.Span())))
		return 0, false
	}
	return n, true
}

// wholeConstant returns the value of a constant whole number.
func (b *binder) wholeConstant(e *parser.Expr) (int64, bool) {
	v, ok := b.constant(e)
	if !ok || !v.Type().Integer() {
		return 0, false
	}
	return v.Value.Ints[0], true
}

// constant evaluates an expression that should be one, and not NULL; it reports false
// for all that is not.
func (b *binder) constant(e *parser.Expr) (*expr.Literal, bool) {
	quiet := *b
	quiet.errs = &source.List{}
	v := (&scoped{binder: &quiet, scope: &scope{}, clause: "a constant"}).bind(e)
	if v == nil {
		return nil, false
	}
	l, ok := fold(v).(*expr.Literal)
	return l, ok && !l.IsNull()
}

// functionText writes a call as EXPLAIN shows it, without its frame.
func (x *scoped) functionText(call *overCall, c *parser.Call, name string) string {
	var parts []string
	for i, e := range call.args {
		if i == 1 {
			parts = append(parts, text(x.file, c.Args[1].X.Span()))
		}
		parts = append(parts, e.String())
	}
	if call.fn == plan.OverNtile || len(call.args) == 1 && len(c.Args) == 2 {
		parts = append(parts, text(x.file, c.Args[len(c.Args)-1].X.Span()))
	}
	out := name + "(" + strings.Join(parts, ", ") + ")"
	if call.nulls {
		out += " IGNORE NULLS"
	}
	return out
}

// overAggregate binds a call of an aggregate.
func (x *scoped) overAggregate(call *overCall, c *parser.Call, name string) bool {
	inner := *x
	inner.over, inner.clause = nil, "a window"
	a, spec, ok := inner.aggregateArguments(c, name)
	if c.Filter != nil {
		a.filter = inner.condition(c.Filter, "FILTER")
		ok = ok && a.filter != nil
	}
	if !ok {
		return false
	}
	if x.group != nil && !x.group.failed {
		for i, e := range a.args {
			if a.args[i] = inner.finish(e); a.args[i] == nil {
				return false
			}
		}
		if a.filter != nil {
			if a.filter = inner.finish(a.filter); a.filter == nil {
				return false
			}
		}
	}
	spec.Updating, spec.Time = false, false
	call.filter, call.spec, call.args = a.filter, spec, a.args
	if call.window != nil && inWindowOrder(name) && len(spec.Order) == 0 && !spec.Distinct {
		for _, k := range call.window.order {
			call.args = append(call.args, k.e)
			call.spec.Order = append(call.spec.Order, agg.OrderKey{Type: k.e.Type(), Desc: k.desc, NullsFirst: k.nullsFirst})
		}
	}
	fn, err := agg.Resolve(call.spec)
	if err != nil {
		message, hint, _ := strings.Cut(err.Error(), "; ")
		x.errorf(call.at, hint, "%s", message)
		return false
	}
	call.result = fn.Result
	call.text = callText(fn.Name, c, spec, a)
	call.args, ok = x.taken(fn, call.args, len(call.spec.Args), call.at)
	return ok
}

// inWindowOrder reports whether an aggregate takes its rows in order, which in a
// window is the window's unless it has one of its own.
func inWindowOrder(name string) bool {
	switch name {
	case "ARRAY_AGG", "STRING_AGG", "LISTAGG", "JSON_ARRAYAGG", "JSON_AGG", "JSON_OBJECTAGG", "JSON_OBJECT_AGG":
		return true
	}
	return false
}
