package planner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// selectQuery binds a SELECT to the plan of its result. The node's schema has
// the result's columns; with an ORDER BY that needs others, the node is a
// *hiddenColumns with these behind them.
func (b *binder) selectQuery(s *parser.Select, order []*parser.SortKey) (plan.Node, []plan.SortKey, bool) {
	ok := b.refuseClauses(s)
	node, sc, good := b.from(s.From)
	if !good {
		return nil, nil, false
	}
	if s.Where != nil {
		where := (&scoped{binder: b, scope: sc, clause: "WHERE"}).condition(s.Where, "WHERE")
		if where != nil {
			node = &plan.Filter{Input: node, Pred: where}
		}
		ok = ok && where != nil
	}
	x := &scoped{binder: b, scope: sc, clause: "the SELECT list"}
	if len(s.GroupBy) > 0 || s.Having != nil || containsAggregate(s.Items) {
		x.group = b.groupBy(s, sc)
		x.group.updating = node.Properties().Updating
		ok = ok && !x.group.failed
	}
	ok = x.lateness(s.Lateness, x.group) && ok
	ok = x.emit(s.Emit, x.group) && ok
	exprs, out, good := x.items(s)
	ok = ok && good
	var having expr.Expr
	if s.Having != nil {
		h := *x
		h.clause = "HAVING"
		if having = h.condition(s.Having, "HAVING"); having != nil && !x.group.failed {
			having = h.finish(having)
		}
		ok = ok && having != nil
	}
	shown := len(out)
	var keys []plan.SortKey
	if good {
		if keys, exprs, out, good = x.order(s, order, exprs, out); !good {
			ok = false
		}
	}
	var on []int
	if len(s.DistinctOn) > 0 && good {
		if on, exprs, out, good = x.distinctOn(s, exprs, out); !good {
			ok = false
		}
	}
	if !ok {
		return nil, nil, false
	}
	if g := x.group; g != nil {
		if node, good = b.grouped(s, g, node, having); !good {
			return nil, nil, false
		}
	}
	in := node.Schema()
	for i, e := range exprs {
		out[i].Time = isTime(e, in, x.group)
	}
	p := &plan.Project{Input: node, Exprs: exprs, Out: out}
	switch {
	case on != nil:
		first, good := b.firstOf(s, p, on, keys)
		return &hiddenColumns{first, shown}, keys, good
	case s.Distinct && !p.Properties().Updating && isDistinct(p):
		return p, keys, true
	case s.Distinct:
		return distinct(p), keys, true
	case shown < len(out):
		return &hiddenColumns{p, shown}, keys, true
	}
	return p, keys, true
}

// isDistinct reports whether a key of the rows is among their columns.
func isDistinct(p *plan.Project) bool { return p.Properties().Key != nil }

// grouped adds the Aggregate of a query that groups.
func (b *binder) grouped(s *parser.Select, g *grouping, node plan.Node, having expr.Expr) (plan.Node, bool) {
	updating := g.updating
	a := g.node(node)
	if updating {
		a.Lateness += plan.KeptBelow(node)
	}
	out := plan.Node(a)
	if g.sets != nil {
		out = g.union(a)
	}
	if having != nil {
		out = &plan.Filter{Input: out, Pred: having}
	}
	if g.final {
		if !b.needBounded(node, s.Emit.Span(), "EMIT FINAL without a window", "group by a window, or leave EMIT FINAL out") {
			return nil, false
		}
		out = &plan.Sort{Input: out, Limit: -1}
	}
	return out, true
}

// refuseClauses reports the clauses that are yet to come.
func (b *binder) refuseClauses(s *parser.Select) bool {
	ok := true
	refuse := func(at source.Span, hint, what string) {
		b.errorf(at, hint, "%s is not supported yet", what)
		ok = false
	}
	if len(s.DistinctOn) > 0 && (len(s.GroupBy) > 0 || s.Having != nil || containsAggregate(s.Items)) {
		refuse(s.DistinctOn[0].Span(), "group in a query in FROM", "DISTINCT ON in a query that groups")
	}
	if s.Qualify != nil {
		refuse(s.Qualify.Span(), "", "QUALIFY")
	}
	for _, w := range s.Windows {
		refuse(w.Span(), "", "a WINDOW clause")
	}
	return ok
}

// order binds ORDER BY: to columns of the result where it names them, else to
// columns added behind them.
func (x *scoped) order(s *parser.Select, order []*parser.SortKey, exprs []expr.Expr, out data.Schema) ([]plan.SortKey, []expr.Expr, data.Schema, bool) {
	var keys []plan.SortKey
	ok := true
	shown := out[:len(out):len(out)]
	o := *x
	o.clause = "ORDER BY"
	for _, k := range order {
		c, reported := x.outputColumn(k.Expr, shown)
		if reported {
			ok = false
			continue
		}
		if c < 0 {
			e := o.bind(k.Expr)
			if e != nil && o.group != nil && !o.group.failed {
				e = o.finish(e)
			}
			if e == nil {
				ok = false
				continue
			}
			c = slices.IndexFunc(exprs, func(have expr.Expr) bool { return expr.Equal(have, e) })
			switch {
			case c >= 0:
			case s.Distinct && len(s.DistinctOn) == 0:
				x.errorf(k.Expr.Span(), "select it too", "with SELECT DISTINCT, ORDER BY can only name columns of the result")
				ok = false
				continue
			default:
				c = len(out)
				exprs, out = append(exprs, e), append(out, data.Column{Name: e.String(), Type: e.Type()})
			}
		}
		keys = append(keys, sortKey(k, c))
	}
	return keys, exprs, out, ok
}

// isTime reports whether a computed column is an event-time attribute: one of the
// input's, or the window_time of a grouped result.
func isTime(e expr.Expr, in data.Schema, g *grouping) bool {
	if g == nil {
		c, ok := e.(*expr.Column)
		return ok && in[c.Index].Time
	}
	return g.window != nil && expr.Equal(e, windowTime(1, e.Span()))
}

// condition binds an expression that must be BOOLEAN.
func (x *scoped) condition(e *parser.Expr, clause string) expr.Expr {
	c := x.bind(e)
	if c == nil {
		return nil
	}
	switch t := c.Type(); t.Kind {
	case data.Boolean:
		return c
	case data.Unknown:
		v, err := expr.NewCast(c, data.Of(data.Boolean), false, e.Span())
		return x.check(v, err, e.Span())
	default:
		x.errorf(e.Span(), "compare it with something, as in "+c.String()+" <> …", "%s needs a condition, but %s is %s", clause, c, t)
		return nil
	}
}

// groupBy binds the GROUP BY clause, which may be missing. Its keys that could
// not be bound are left out, and it is marked as failed.
func (b *binder) groupBy(s *parser.Select, sc *scope) *grouping {
	g := &grouping{explicit: len(s.GroupBy) > 0, windowed: hasWindow(s.GroupBy), time: -1}
	for i, c := range sc.schema {
		if c.Time {
			g.time = i
			break
		}
	}
	x := &scoped{binder: b, scope: sc, clause: "GROUP BY"}
	sets, several := groupingSets{{}}, false
	for _, item := range s.GroupBy {
		if item.Kind != "" {
			more, ok := x.setsOf(s, g, item)
			g.failed = g.failed || !ok
			if sets = sets.cross(more); len(sets) > maxGroupingSets {
				x.errorf(item.Span(), "list the ones that are needed: GROUPING SETS ((a, b), (a), ())", "the query groups by more than %d sets", maxGroupingSets)
				g.failed = true
				return g
			}
			several = several || ok
			continue
		}
		k, ok := x.groupItem(s, g, item.Expr)
		g.failed = g.failed || !ok
		if k >= 0 {
			sets = sets.cross(groupingSets{{k}})
		}
	}
	if several && !g.failed && (len(sets) > 1 || len(sets) == 1 && len(sets[0]) < len(g.keys)) {
		g.sets = sets
	}
	return g
}

// groupItem binds one item of GROUP BY that is no set. It returns the position of
// the key; -1 for a window.
func (x *scoped) groupItem(s *parser.Select, g *grouping, e *parser.Expr) (int, bool) {
	if c, name := windowCall(e); c != nil {
		switch {
		case name != "TUMBLE":
			x.errorf(c.Span(), windowHint(name), "%s is not supported yet", name)
		case g.window != nil:
			x.errorf(c.Span(), "leave one of them out", "a query can group by one window only")
		default:
			g.window = x.tumble(c)
			return -1, g.window != nil
		}
		return -1, false
	}
	return x.groupKey(s, g, e)
}

// groupKey binds an expression to group by, and returns its position among the keys.
func (x *scoped) groupKey(s *parser.Select, g *grouping, e *parser.Expr) (int, bool) {
	target := x.groupTarget(s, x.scope, e)
	if target == nil {
		return -1, false
	}
	if e == target && isWindowColumn(e, x.scope) && g.windowed {
		x.errorf(e.Span(), "leave it out of GROUP BY: the window is grouped by already", "%s is a column of the window", text(x.file, e.Span()))
		return -1, false
	}
	k := x.bind(target)
	if k == nil {
		return -1, false
	}
	if expr.IsConst(k) {
		x.errorf(e.Span(), "group by columns, or by the position of a column in the SELECT list", "GROUP BY %s has the same value for all rows", k)
		return -1, false
	}
	for i, have := range g.keys {
		if expr.Equal(have.e, k) {
			return i, true
		}
	}
	g.keys = append(g.keys, groupKey{k, keyName(k)})
	return len(g.keys) - 1, true
}

func keyName(k expr.Expr) string {
	if c, ok := k.(*expr.Column); ok {
		return c.Name
	}
	return k.String()
}

func hasWindow(group []*parser.GroupItem) bool {
	for _, item := range group {
		if item.Expr == nil {
			continue
		}
		if c, _ := windowCall(item.Expr); c != nil {
			return true
		}
	}
	return false
}

// isWindowColumn reports whether e is window_start, window_end or window_time,
// and not a column of the input.
func isWindowColumn(e *parser.Expr, sc *scope) bool {
	ref, ok := e.X.(*parser.Ref)
	if !ok || len(ref.Parts) != 1 {
		return false
	}
	for _, w := range windowColumns {
		if strings.EqualFold(w, ref.Parts[0].Text) {
			found, _ := sc.find(ref.Parts[0], -1)
			return len(found) == 0
		}
	}
	return false
}

// groupTarget resolves the positions and aliases of the SELECT list that GROUP BY
// may name. As in PostgreSQL a column of the input comes before an alias.
func (b *binder) groupTarget(s *parser.Select, sc *scope, e *parser.Expr) *parser.Expr {
	switch n := e.X.(type) {
	case *parser.Literal:
		if n.Kind != parser.IntegerLiteral {
			return e
		}
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < 1 || i > len(s.Items) || s.Items[i-1].Star {
			b.errorf(e.Span(), fmt.Sprintf("the SELECT list has %d items", len(s.Items)), "GROUP BY %s names no column of the SELECT list", n.Text)
			return nil
		}
		return s.Items[i-1].Expr
	case *parser.Ref:
		if len(n.Parts) != 1 {
			return e
		}
		if found, _ := sc.find(n.Parts[0], -1); len(found) > 0 {
			return e
		}
		for _, it := range s.Items {
			if it.Alias != nil && sameColumn(it.Alias, n.Parts[0]) {
				return it.Expr
			}
		}
	}
	return e
}

// items binds the SELECT list.
func (x *scoped) items(s *parser.Select) (exprs []expr.Expr, out data.Schema, ok bool) {
	ok = true
	aliased := map[string]bool{}
	var named []bool
	for i, it := range s.Items {
		if it.Star {
			from := -1 // t.*: of one table
			if it.Qualifier != nil {
				if from = x.scope.table(it.Qualifier); from < 0 {
					hint := ""
					if title := x.scope.title(); title != "" {
						hint = "its input is called " + title
					}
					x.errorf(it.Qualifier.Span(), hint, "%s is not in the FROM of this query", it.Qualifier.Text)
					ok = false
					continue
				}
			}
			switch {
			case len(x.scope.names) == 0:
				x.errorf(it.Span(), "add FROM", "* has nothing to stand for: the query has no FROM")
				ok = false
			case x.group != nil:
				x.errorf(it.Span(), "name the columns that are grouped by, and the aggregates", "SELECT * cannot be used in a query that groups")
				ok = false
			}
			if !ok {
				continue
			}
			for k, c := range x.scope.schema {
				if from >= 0 && x.scope.tables[k] != from {
					continue
				}
				exprs = append(exprs, expr.NewColumn(k, c.Name, c.Type, it.Span()))
				out = append(out, c)
				named = append(named, false)
			}
			continue
		}
		e := x.bind(it.Expr)
		if e != nil && x.group != nil {
			if x.group.failed {
				continue // which columns are grouped by is not known
			}
			e = x.finish(e)
		}
		if it.Alias != nil {
			if key := it.Alias.Text; aliased[strings.ToLower(key)] && !it.Alias.Quoted || aliased[key] {
				x.errorf(it.Alias.Span(), "give one of them another name", "two columns of the result are called %s", key)
				ok = false
			}
			aliased[it.Alias.Text] = true
			if !it.Alias.Quoted {
				aliased[strings.ToLower(it.Alias.Text)] = true
			}
		}
		if e != nil && e.Type().Kind == data.Unknown { // NULL: text, as in PostgreSQL
			cast, err := expr.NewCast(e, data.Of(data.String), false, e.Span())
			e = x.check(cast, err, e.Span())
		}
		if e == nil {
			ok = false
			continue
		}
		exprs = append(exprs, e)
		out = append(out, data.Column{Name: itemName(it, i), Type: e.Type()})
		named = append(named, it.Alias != nil)
	}
	uniqueNames(out, named)
	return exprs, out, ok
}

// itemName is the name of a column of the result, as PostgreSQL gives it, but for
// expressions that have none.
func itemName(it *parser.SelectItem, i int) string {
	if it.Alias != nil {
		return it.Alias.Text
	}
	if name := exprName(it.Expr); name != "" {
		return name
	}
	return "column" + strconv.Itoa(i+1)
}

func exprName(e *parser.Expr) string {
	switch n := e.X.(type) {
	case *parser.Ref:
		return n.Parts[len(n.Parts)-1].Text
	case *parser.Call:
		return strings.ToLower(n.Name.Text)
	case *parser.Cast:
		if name := exprName(n.X); name != "" {
			return name
		}
		return strings.ToLower(n.Type.Name)
	case *parser.Case:
		return "case"
	case *parser.Field:
		return n.Name.Text
	case *parser.Subscript:
		return exprName(n.X)
	case *parser.Array:
		return "array"
	case *parser.Map:
		return "map"
	case *parser.Row:
		return "row"
	case *parser.Exists:
		return "exists"
	}
	return ""
}

// uniqueNames gives columns that were not named by an alias a number where
// another has their name: sum, sum_2.
func uniqueNames(out data.Schema, named []bool) {
	taken := map[string]bool{}
	for i := range out {
		if named[i] {
			taken[out[i].Name] = true
		}
	}
	for i := range out {
		if named[i] {
			continue
		}
		name := out[i].Name
		for n := 2; taken[name]; n++ {
			name = out[i].Name + "_" + strconv.Itoa(n)
		}
		out[i].Name = name
		taken[name] = true
	}
}

// containsAggregate reports whether the SELECT list calls an aggregate.
func containsAggregate(items []*parser.SelectItem) bool {
	found := false
	for _, it := range items {
		if it.Expr != nil {
			walk(it.Expr, func(e *parser.Expr) {
				if c, ok := e.X.(*parser.Call); ok && c.Over == nil && isAggregateCall(c) {
					found = true
				}
			})
		}
	}
	return found
}

// walk calls f for e and every expression in it.
func walk(e *parser.Expr, f func(*parser.Expr)) {
	todo := []*parser.Expr{e}
	for len(todo) > 0 {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if e == nil {
			continue
		}
		f(e)
		switch n := e.X.(type) {
		case *parser.Unary:
			todo = append(todo, n.X)
		case *parser.Binary:
			todo = append(todo, n.L, n.R)
		case *parser.Is:
			todo = append(todo, n.X)
		case *parser.In:
			todo = append(append(todo, n.X), n.List...)
		case *parser.Between:
			todo = append(todo, n.X, n.Lo, n.Hi)
		case *parser.Like:
			todo = append(todo, n.X, n.Pattern, n.Escape)
		case *parser.Case:
			todo = append(todo, n.Operand, n.Else)
			for _, w := range n.Whens {
				todo = append(todo, w.Cond, w.Then)
			}
		case *parser.Cast:
			todo = append(todo, n.X)
		case *parser.Call:
			todo = append(todo, n.Filter)
			for _, a := range n.Args {
				todo = append(todo, a.X)
			}
			for _, k := range n.OrderBy {
				todo = append(todo, k.Expr)
			}
		case *parser.Quantified:
			todo = append(todo, n.X, n.Array)
		case *parser.Array:
			todo = append(todo, n.Elems...)
		case *parser.Map:
			todo = append(todo, n.Elems...)
		case *parser.Row:
			todo = append(todo, n.Elems...)
		case *parser.Subscript:
			todo = append(todo, n.X, n.Index, n.To)
		case *parser.Field:
			todo = append(todo, n.X)
		case *parser.AtTimeZone:
			todo = append(todo, n.X, n.Zone)
		}
	}
}
