package planner

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// maxGroupingSets bounds how often one query groups its input: CUBE doubles the
// number with every column.
const maxGroupingSets = 256

// groupingSets are the sets of keys that a query groups by one after the other;
// each lists positions in grouping.keys. Nil is the one set of all keys.
type groupingSets [][]int

// cross combines the sets with those of a further item of GROUP BY.
func (s groupingSets) cross(more groupingSets) groupingSets {
	var all groupingSets
	for _, a := range s {
		for _, b := range more {
			set := slices.Clone(a)
			for _, k := range b {
				if !slices.Contains(set, k) {
					set = append(set, k)
				}
			}
			slices.Sort(set)
			all = append(all, set)
		}
	}
	return all
}

// setsOf binds one item of GROUP BY that is ROLLUP, CUBE or GROUPING SETS.
func (x *scoped) setsOf(s *parser.Select, g *grouping, item *parser.GroupItem) (groupingSets, bool) {
	parts := make(groupingSets, len(item.Sets))
	ok := true
	for i, list := range item.Sets {
		parts[i] = []int{}
		for _, e := range list {
			k, good := x.groupKey(s, g, e)
			if good && k >= 0 { // not a column of the window, which is grouped by in any case
				parts[i] = append(parts[i], k)
			}
			ok = ok && good
		}
	}
	if !ok {
		return nil, false
	}
	switch item.Kind {
	case "ROLLUP": // all, and ever fewer from the end
		var sets groupingSets
		for n := len(parts); n >= 0; n-- {
			sets = append(sets, slices.Concat(append([][]int{{}}, parts[:n]...)...))
		}
		return sets, true
	case "CUBE": // every choice
		sets := groupingSets{{}}
		for i := len(parts) - 1; i >= 0 && len(sets) <= maxGroupingSets; i-- {
			with := groupingSets{parts[i]}.cross(sets)
			sets = append(with, sets...)
		}
		return sets, true
	}
	return parts, true
}

// union builds a plan that groups a shared input by every set. Its columns are
// those of one Aggregate by all keys, which are NULL where a set leaves them out,
// and behind the keys one that tells which these are: behind the aggregates it would
// have no place before all of them are known.
func (g *grouping) union(whole *plan.Aggregate, withLate func(*plan.Aggregate) plan.Node) plan.Node {
	shared := &plan.Shared{Input: whole.Input, Name: "grouping sets"}
	first := len(whole.Out) - len(whole.Keys) - len(whole.Aggs)
	last := first + len(whole.Keys) // where the column that tells the set comes in
	u := &plan.Union{Out: slices.Insert(slices.Clone(whole.Out), last, data.Column{Name: "grouping", Type: data.Of(data.BigInt)})}
	for _, set := range g.sets {
		a := *whole
		a.Input, a.Keys, a.Out = shared, nil, append(data.Schema(nil), whole.Out[:first]...)
		keys := g.keysOf(set)
		for _, k := range keys {
			a.Keys = append(a.Keys, whole.Keys[k])
			a.Out = append(a.Out, whole.Out[first+k])
		}
		a.Out = append(a.Out, whole.Out[first+len(whole.Keys):]...)
		p := &plan.Project{Input: withLate(&a), Out: u.Out}
		for i, c := range whole.Out {
			at := i
			if i >= first {
				at = i - len(whole.Keys) + len(keys)
			}
			if k := i - first; k >= 0 && k < len(whole.Keys) {
				if at = slices.Index(keys, k); at < 0 {
					p.Exprs = append(p.Exprs, expr.NullLiteral(c.Type, source.Span{}))
					continue
				}
				at += first
			}
			p.Exprs = append(p.Exprs, expr.NewColumn(at, c.Name, c.Type, source.Span{}))
		}
		p.Exprs = slices.Insert(p.Exprs, last, expr.Expr(bigint(g.without(set))))
		u.Branches = append(u.Branches, p)
	}
	return u
}

// keysOf returns the keys of an Aggregate by a set of those of the query.
func (g *grouping) keysOf(set []int) []int {
	first := g.added()
	var keys []int
	for k := range first {
		keys = append(keys, k)
	}
	for _, k := range set {
		keys = append(keys, first+k)
	}
	return keys
}

// without has a bit for each key that a set leaves out: the first key's is the lowest.
func (g *grouping) without(set []int) int64 {
	bits := int64(0)
	for k := range g.keys {
		if !slices.Contains(set, k) {
			bits |= 1 << k
		}
	}
	return bits
}

func bigint(x int64) expr.Expr {
	v := data.NewConst(data.Of(data.BigInt))
	v.AppendInt(x)
	return expr.NewLiteral(v, source.Span{})
}

// groupingFunction binds GROUPING(a, b): a bit for each argument, the last one's
// the lowest, that says whether the row's set leaves it out.
func (x *scoped) groupingFunction(c *parser.Call) expr.Expr {
	at := c.Span()
	if x.group == nil || x.inside != "" {
		x.errorf(at, "use it in the SELECT list or HAVING of a query with GROUP BY", "GROUPING has nothing to tell here")
		return nil
	}
	var sum expr.Expr = bigint(0)
	for _, a := range c.Args {
		e := x.bind(a.X)
		if e == nil {
			return nil
		}
		k := x.group.keyIndex.Find(e)
		if k < 0 {
			x.errorf(a.X.Span(), "its arguments are what the query groups by: "+x.group.keyNames(), "GROUPING: the query does not group by %s", e)
			return nil
		}
		bit := bigint(0)
		if x.group.sets != nil {
			id := expr.NewColumn(groupingBase, "grouping", data.Of(data.BigInt), at)
			shifted, err := expr.NewCall(">>", []expr.Expr{id, bigint(int64(k))}, at)
			if shifted = x.check(shifted, err, at); shifted == nil {
				return nil
			}
			b, err := expr.NewCall("&", []expr.Expr{shifted, bigint(1)}, at)
			if bit = x.check(b, err, at); bit == nil {
				return nil
			}
		}
		double, err := expr.NewCall("*", []expr.Expr{sum, bigint(2)}, at)
		if double = x.check(double, err, at); double == nil {
			return nil
		}
		total, err := expr.NewCall("+", []expr.Expr{double, bit}, at)
		if sum = x.check(total, err, at); sum == nil {
			return nil
		}
	}
	return sum
}

func (g *grouping) keyNames() string {
	names := make([]string, len(g.keys))
	for i, k := range g.keys {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}
