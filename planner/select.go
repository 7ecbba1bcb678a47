package planner

import (
	"fmt"
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// selectQuery binds a SELECT to the plan of its result. The node's schema has
// the result's columns.
func (b *binder) selectQuery(s *parser.Select) (plan.Node, bool) {
	from, ok := b.plainSelect(s)
	if !ok {
		return nil, false
	}
	node, sc, ok := b.from(from)
	if !ok {
		return nil, false
	}
	if s.Where != nil {
		where := (&scoped{binder: b, scope: sc, clause: "WHERE"}).condition(s.Where, "WHERE")
		if ok = where != nil; ok {
			node = &plan.Filter{Input: node, Pred: where}
		}
	}
	x := &scoped{binder: b, scope: sc, clause: "the SELECT list"}
	if len(s.GroupBy) > 0 || s.Having != nil || containsAggregate(s.Items) {
		x.group = b.groupBy(s, sc)
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
	if !ok {
		return nil, false
	}
	if g := x.group; g != nil {
		if node.Properties().Updating {
			b.errorf(from.Span(), "add EMIT FINAL to the query inside, so that it emits each result once", "aggregating a result that is corrected later is not supported yet")
			return nil, false
		}
		node = g.node(node)
		if having != nil {
			node = &plan.Filter{Input: node, Pred: having}
		}
	}
	in := node.Schema()
	for i, e := range exprs {
		out[i].Time = isTime(e, in, x.group)
	}
	return &plan.Project{Input: node, Exprs: exprs, Out: out}, true
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
	g := &grouping{explicit: len(s.GroupBy) > 0, windowed: hasWindow(groupExprs(s))}
	x := &scoped{binder: b, scope: sc, clause: "GROUP BY"}
	for _, e := range groupExprs(s) {
		if c, name := windowCall(e); c != nil {
			switch {
			case name != "TUMBLE":
				x.errorf(c.Span(), windowHint(name), "%s is not supported yet", name)
				g.failed = true
			case g.window != nil:
				x.errorf(c.Span(), "leave one of them out", "a query can group by one window only")
				g.failed = true
			default:
				if g.window = x.tumble(c); g.window == nil {
					g.failed = true
				}
			}
			continue
		}
		target := b.groupTarget(s, sc, e)
		if target == nil {
			g.failed = true
			continue
		}
		if e == target && isWindowColumn(e, sc) && g.windowed {
			x.errorf(e.Span(), "leave it out of GROUP BY: the window is grouped by already", "%s is a column of the window", text(b.file, e.Span()))
			g.failed = true
			continue
		}
		k := x.bind(target)
		if k == nil {
			g.failed = true
			continue
		}
		if expr.IsConst(k) {
			x.errorf(e.Span(), "group by columns, or by the position of a column in the SELECT list", "GROUP BY %s has the same value for all rows", k)
			g.failed = true
			continue
		}
		if !g.has(k) {
			g.keys = append(g.keys, groupKey{k, keyName(k)})
		}
	}
	return g
}

func (g *grouping) has(e expr.Expr) bool {
	for _, k := range g.keys {
		if expr.Equal(k.e, e) {
			return true
		}
	}
	return false
}

func keyName(k expr.Expr) string {
	if c, ok := k.(*expr.Column); ok {
		return c.Name
	}
	return k.String()
}

func hasWindow(group []*parser.Expr) bool {
	for _, e := range group {
		if c, _ := windowCall(e); c != nil {
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
			found, _ := sc.find(ref.Parts[0])
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
		if found, _ := sc.find(n.Parts[0]); len(found) > 0 {
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
			switch {
			case x.scope.schema == nil:
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
				if c, ok := e.X.(*parser.Call); ok && isAggregate(strings.ToUpper(c.Name.Text)) {
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
		case *parser.AtTimeZone:
			todo = append(todo, n.X, n.Zone)
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
		}
	}
}
