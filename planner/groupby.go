package planner

import (
	"strconv"
	"strings"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// groupBy binds the GROUP BY clause, which may be missing. Its keys that could
// not be bound are left out, and it is marked as failed.
func (b *binder) groupBy(s *parser.Select, node plan.Node, sc *scope) *grouping {
	g := &grouping{explicit: len(s.GroupBy) > 0, windowed: hasWindow(s.GroupBy), early: s.Emit != nil && s.Emit.Mode == "EVERY", time: -1, keyIndex: expr.NewIndex(), byText: map[string][]int{}}
	for i, c := range sc.schema {
		if c.Time {
			g.time = i
			break
		}
	}
	x := &scoped{binder: b, scope: sc, clause: "GROUP BY"}
	g.groupWindow(x.windowOfInput(s, node))
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
		case windowForms[name] == nil:
			x.errorf(c.Span(), windowHint(name), "%s is not supported", name)
		case g.window != nil:
			x.errorf(c.Span(), "leave one of them out", "a query can group by one window only")
		default:
			g.window = x.windowFromCall(c, name)
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
	if c, ok := target.X.(*parser.Call); ok && isWindowPart(strings.ToUpper(c.Name.Text)) {
		x.errorf(e.Span(), "group by the window itself; its columns come with it", "%s is a column of a window", c.Name.Text)
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
	if c, isColumn := k.(*expr.Column); isColumn && g.from.is(c.Index) {
		return -1, true
	}
	if expr.IsConst(k) {
		x.errorf(e.Span(), "group by columns, or by the position of a column in the SELECT list", "GROUP BY %s has the same value for all rows", k)
		return -1, false
	}
	i := g.keyIndex.Add(k)
	if i == len(g.keys) {
		g.keys = append(g.keys, groupKey{k, keyName(k)})
	}
	return i, true
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
			b.errorf(e.Span(), "the SELECT list has "+count(len(s.Items), "item"), "GROUP BY %s names no column of the SELECT list", n.Text)
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
