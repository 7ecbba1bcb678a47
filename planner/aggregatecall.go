package planner

import (
	"slices"
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
)

// aggregateCall is an aggregate over expressions of the input: those that its
// Func takes.
type aggregateCall struct {
	fn     *agg.Func
	args   []expr.Expr
	filter expr.Expr // of FILTER (WHERE …); nil without
	text   string
}

// aggregate binds a call of an aggregate and stands a column in for it.
func (x *scoped) aggregate(c *parser.Call, name string) expr.Expr {
	at := c.Span()
	switch {
	case x.inside != "":
		x.errorf(at, "compute "+name+" in a view, and "+x.inside+" over it", "%s cannot stand inside of %s", name, x.inside)
		return nil
	case x.group == nil:
		hint := "write conditions on aggregates after HAVING"
		if x.clause == "GROUP BY" {
			hint = "group by columns; compute the aggregate in the SELECT list"
		} else if x.clause != "WHERE" {
			hint = ""
		}
		x.errorf(at, hint, "the aggregate %s cannot stand in %s", name, x.clause)
		return nil
	}
	c, name = withNulls(c, name)
	inner := *x
	inner.inside = name
	call, spec, ok := inner.aggregateArguments(c, name)
	spec.Updating, spec.Time = x.group.updating, x.group.time >= 0
	spec.Regrouping, spec.Sliding, spec.Approximate = x.group.sessions(), x.group.overlapping() || x.group.early && x.group.from != nil, x.group.approximate
	if c.Filter != nil {
		call.filter = inner.condition(c.Filter, "FILTER")
		ok = ok && call.filter != nil
	}
	if !ok {
		return nil
	}
	fn, err := agg.Resolve(spec)
	if err != nil {
		message, hint, _ := strings.Cut(err.Error(), "; ")
		if len(call.args) > 0 {
			hint = strings.Replace(hint, "CAST(x AS", "CAST("+call.args[0].String()+" AS", 1)
		}
		x.errorf(at, hint, "%s", message)
		return nil
	}
	call.fn = fn
	call.text = callText(fn.Name, c, spec, call)
	columns, ok := x.taken(fn, call.args, len(spec.Args), at)
	if !ok {
		return nil
	}
	if fn.UsesTime {
		t := x.scope.schema[x.group.time]
		columns = append(columns, expr.NewColumn(x.group.time, t.Name, t.Type, at))
	}
	call.args = columns
	k := x.group.callPlace(call)
	return expr.NewColumn(aggBase+k, call.text, fn.Result, at)
}

// taken returns what fn takes of the arguments of a call and of its order keys, which
// stand behind them.
func (b *binder) taken(fn *agg.Func, args []expr.Expr, first int, at source.Span) ([]expr.Expr, bool) {
	var list []expr.Expr
	for i, t := range fn.Args {
		arg := args[i]
		if arg.Type() != t {
			cast, err := expr.NewCast(arg, t, false, at)
			if arg = b.check(cast, err, at); arg == nil {
				return nil, false
			}
		}
		list = append(list, arg)
	}
	return append(list, args[first:first+len(fn.Order)]...), true
}

// aggregateArguments binds the arguments of an aggregate and what it is ordered
// by, which stand behind them in the call's args.
func (x *scoped) aggregateArguments(c *parser.Call, name string) (call aggregateCall, spec agg.Spec, ok bool) {
	spec = agg.Spec{Name: name, Distinct: c.Distinct, IgnoreNulls: c.IgnoreNulls}
	ok = true
	order := c.OrderBy
	if c.WithinGroup != nil {
		order = c.WithinGroup
	}
	if len(c.Args) == 0 && len(order) == 0 {
		hint := "name what it is computed over"
		if name == "COUNT" {
			hint = "write COUNT(*) to count rows"
		}
		x.errorf(c.Span(), hint, "%s needs an argument", name)
		return call, spec, false
	}
	for _, a := range c.Args {
		if a.Name != nil {
			x.errorf(a.Name.Span(), "write the arguments in order, without names", "%s takes no named arguments", name)
			ok = false
			continue
		}
		if _, star := a.X.X.(*parser.Star); star {
			if len(c.Args) > 1 || name != "COUNT" {
				x.errorf(a.X.Span(), "name what it is computed over", "only COUNT can be computed over *")
				ok = false
			}
			continue
		}
		e := x.aggregated(a.X)
		if e == nil {
			ok = false
			continue
		}
		call.args = append(call.args, e)
		spec.Args = append(spec.Args, e.Type())
		var value *data.Vector
		if l, constant := fold(e).(*expr.Literal); constant {
			value = l.Value
		}
		spec.Consts = append(spec.Consts, value)
	}
	for _, k := range order {
		e := x.aggregated(k.Expr)
		if e == nil {
			ok = false
			continue
		}
		key := sortKey(k, 0)
		call.args = append(call.args, e)
		spec.Order = append(spec.Order, agg.OrderKey{Type: e.Type(), Desc: key.Desc, NullsFirst: key.NullsFirst})
	}
	return call, spec, ok
}

// aggregated binds an expression inside of an aggregate.
func (x *scoped) aggregated(e *parser.Expr) expr.Expr {
	v := x.bind(e)
	if v == nil || v.Type().Kind != data.Unknown {
		return v
	}
	cast, err := expr.NewCast(v, data.Of(data.String), false, e.Span()) // NULL: text, as in PostgreSQL
	return x.check(cast, err, e.Span())
}

// callPlace returns the position of a call among those of the query, to which it
// is added unless it is there.
func (g *grouping) callPlace(c aggregateCall) int {
	for _, k := range g.byText[c.text] {
		if g.calls[k].same(c) {
			return k
		}
	}
	k := len(g.calls)
	g.calls, g.byText[c.text] = append(g.calls, c), append(g.byText[c.text], k)
	return k
}

func (c aggregateCall) same(d aggregateCall) bool {
	return c.text == d.text && slices.EqualFunc(c.args, d.args, expr.Equal) &&
		(c.filter == nil) == (d.filter == nil) && (c.filter == nil || expr.Equal(c.filter, d.filter))
}

// callText writes a call of an aggregate as EXPLAIN and result columns show it.
func callText(name string, c *parser.Call, spec agg.Spec, call aggregateCall) string {
	var b strings.Builder
	b.WriteString(name + "(")
	if c.Distinct {
		b.WriteString("DISTINCT ")
	}
	if len(spec.Args) == 0 && c.WithinGroup == nil {
		b.WriteByte('*')
	}
	var order []string
	for i, e := range call.args {
		switch {
		case i >= len(spec.Args):
			text, k := e.String(), spec.Order[i-len(spec.Args)]
			if k.Desc {
				text += " DESC"
			}
			if k.NullsFirst != k.Desc {
				text += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
			}
			order = append(order, text)
			continue
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	by := "ORDER BY " + strings.Join(order, ", ")
	switch {
	case len(order) == 0:
		b.WriteByte(')')
	case c.WithinGroup != nil:
		b.WriteString(") WITHIN GROUP (" + by + ")")
	default:
		b.WriteString(" " + by + ")")
	}
	if c.IgnoreNulls {
		b.WriteString(" IGNORE NULLS")
	}
	if call.filter != nil {
		b.WriteString(" FILTER (WHERE " + call.filter.String() + ")")
	}
	return b.String()
}
