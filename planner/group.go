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

// The expressions of a grouped query are first bound over the query's input; its
// windows', keys' and aggregates' columns stand in them at positions from these
// bases on. When all are known they are moved to the places they have in the
// output of the Aggregate.
const (
	windowBase = 1 << 24 // 0 is window_start, 1 is window_end
	aggBase    = 1 << 25
	keyBase    = 1 << 26
	// groupingBase is the column that tells which grouping set a row is of.
	groupingBase = 1 << 27
)

// grouping is the GROUP BY of a query, with the aggregates that its expressions
// turn out to need.
type grouping struct {
	window   *windowSpec
	windowed bool // there is a window, also one that could not be bound
	keys     []groupKey
	sets     groupingSets // nil: one, of all keys
	calls    []aggregateCall
	explicit bool // there is a GROUP BY
	updating bool // the input takes rows back
	final    bool // EMIT FINAL without a window
	time     int  // of the input: the event time, or -1
	failed   bool // the GROUP BY could not be bound: what depends on it is not reported
}

// groupKey is one expression of GROUP BY.
type groupKey struct {
	e    expr.Expr
	name string
}

// aggregateCall is an aggregate over expressions of the input: those that its
// Func takes.
type aggregateCall struct {
	fn     *agg.Func
	args   []expr.Expr
	filter expr.Expr // of FILTER (WHERE …); nil without
	text   string
}

var timestamp = data.Of(data.Timestamp)

// windowColumn returns what window_start, window_end or window_time means; nil
// for other names and without a window.
func (g *grouping) windowColumn(n *parser.Name, at source.Span) expr.Expr {
	if !g.windowed {
		return nil
	}
	for k, w := range windowColumns[:2] {
		if n.Text == w || !n.Quoted && strings.EqualFold(n.Text, w) {
			return expr.NewColumn(windowBase+k, w, timestamp, at)
		}
	}
	if w := windowColumns[2]; n.Text == w || !n.Quoted && strings.EqualFold(n.Text, w) {
		return windowTime(windowBase+1, at)
	}
	return nil
}

// windowTime is the latest instant a row of a window may have: its end, a column,
// less a microsecond. It is the event-time attribute of a windowed result.
func windowTime(end int, at source.Span) expr.Expr {
	e, err := expr.NewCall("-", []expr.Expr{expr.NewColumn(end, "window_end", timestamp, at), interval(0, 1, at)}, at)
	if err != nil {
		return nil // TIMESTAMP - INTERVAL is always there
	}
	return e
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
	inner := *x
	inner.inside = name
	call, spec, ok := inner.aggregateArguments(c, name)
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
		x.errorf(at, hint, "%s", message)
		return nil
	}
	call.fn = fn
	call.text = callText(fn.Name, c, spec, call)
	columns := call.args[:0:0]
	for i, t := range fn.Args {
		arg := call.args[i]
		if arg.Type() != t {
			cast, err := expr.NewCast(arg, t, false, at)
			if arg = x.check(cast, err, at); arg == nil {
				return nil
			}
		}
		columns = append(columns, arg)
	}
	columns = append(columns, call.args[len(spec.Args):len(spec.Args)+len(fn.Order)]...)
	if fn.UsesTime {
		t := x.scope.schema[x.group.time]
		columns = append(columns, expr.NewColumn(x.group.time, t.Name, t.Type, at))
	}
	call.args = columns
	k := slices.IndexFunc(x.group.calls, call.same)
	if k < 0 {
		k = len(x.group.calls)
		x.group.calls = append(x.group.calls, call)
	}
	return expr.NewColumn(aggBase+k, call.text, fn.Result, at)
}

// aggregateArguments binds the arguments of an aggregate and what it is ordered
// by, which stand behind them in the call's args.
func (x *scoped) aggregateArguments(c *parser.Call, name string) (call aggregateCall, spec agg.Spec, ok bool) {
	spec = agg.Spec{Name: name, Distinct: c.Distinct, IgnoreNulls: c.IgnoreNulls, Updating: x.group.updating, Time: x.group.time >= 0}
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

// replaceKeys puts a column in place of every part of e that is a key. Larger
// keys go first: lower(a) || b before lower(a).
func (g *grouping) replaceKeys(e expr.Expr) expr.Expr {
	order := make([]int, len(g.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return size(g.keys[b].e) - size(g.keys[a].e) })
	for _, k := range order {
		key := g.keys[k]
		e = expr.Map(e, func(part expr.Expr) expr.Expr {
			if expr.Equal(part, key.e) {
				return expr.NewColumn(keyBase+k, key.name, part.Type(), part.Span())
			}
			return part
		})
	}
	return e
}

func size(e expr.Expr) int {
	n := 0
	expr.Walk(e, func(expr.Expr) bool { n++; return true })
	return n
}

// finish turns an expression bound over the input into one over the output of
// the Aggregate. It reports columns that have no one value in a group.
func (x *scoped) finish(e expr.Expr) expr.Expr {
	g := x.group
	e = g.replaceKeys(e)
	ok := true
	expr.Walk(e, func(part expr.Expr) bool {
		c, isColumn := part.(*expr.Column)
		if isColumn && c.Index < windowBase && ok {
			ok = false
			hint := "add " + display(c.Name) + " to GROUP BY, or aggregate it, as in MAX(" + display(c.Name) + ")"
			if !g.explicit {
				hint = "group by it: GROUP BY " + display(c.Name) + "; or aggregate it, as in MAX(" + display(c.Name) + ")"
			}
			if g.window != nil && c.Index == g.window.column {
				hint = "use window_start or window_end, or aggregate it, as in MAX(" + display(c.Name) + ")"
			}
			x.errorf(c.Span(), hint, "column %s is neither grouped by nor aggregated", c.Name)
		}
		return ok
	})
	if !ok {
		return nil
	}
	return expr.Remap(e, g.place)
}

// place returns where a stand-in is in the output of the Aggregate.
func (g *grouping) place(i int) int {
	first := 0
	if g.window != nil {
		first = 2
	}
	switch {
	case i >= groupingBase:
		return first + len(g.keys) + len(g.calls)
	case i >= keyBase:
		return first + i - keyBase
	case i >= aggBase:
		return first + len(g.keys) + i - aggBase
	case i >= windowBase:
		return i - windowBase
	}
	return i
}

// node builds the Aggregate over a projection that computes its keys and
// arguments, each once.
func (g *grouping) node(input plan.Node) *plan.Aggregate {
	p := &plan.Project{Input: input}
	in := input.Schema()
	column := func(e expr.Expr) int {
		for i := range p.Exprs {
			if expr.Equal(p.Exprs[i], e) {
				return i
			}
		}
		p.Exprs = append(p.Exprs, e)
		c := data.Column{Name: e.String(), Type: e.Type()}
		if col, ok := e.(*expr.Column); ok {
			c.Time = in[col.Index].Time
		}
		p.Out = append(p.Out, c)
		return len(p.Exprs) - 1
	}
	a := &plan.Aggregate{Input: p, Time: -1, Emit: plan.EmitChanges}
	if w := g.window; w != nil {
		a.Window, a.Lateness, a.Emit = w.tumble, w.lateness, w.emit
		a.Time = column(w.time)
		a.Out = data.Schema{{Name: "window_start", Type: timestamp}, {Name: "window_end", Type: timestamp}}
	}
	for _, k := range g.keys {
		a.Keys = append(a.Keys, column(k.e))
		a.Out = append(a.Out, data.Column{Name: k.name, Type: k.e.Type()})
	}
	for _, c := range g.calls {
		call := plan.AggCall{Func: c.fn, Filter: -1, Text: c.text}
		for _, e := range c.args {
			call.Cols = append(call.Cols, column(e))
		}
		if c.filter != nil {
			call.Filter = column(c.filter)
		}
		a.Aggs = append(a.Aggs, call)
		a.Out = append(a.Out, data.Column{Name: c.text, Type: c.fn.Result})
	}
	return a
}
