package planner

import (
	"fmt"
	"strings"

	"tidemark/planner/plan"
)

// rule is one rewriting of a plan. Rules build new nodes and leave those they
// are given as they are.
type rule struct {
	name  string
	apply func(*graph)
	// needed rules run even where SET rewrite = 'off': plans mean nothing without them.
	needed bool
}

// each is a rule that looks at one tree at a time.
func each(f func(plan.Node) plan.Node) func(*graph) { return func(g *graph) { g.apply(f) } }

// rules are applied once each, in this order: each leaves the plan in a form that
// the next ones count on. EXPLAIN RULES shows what each of them does to a query.
var rules = []rule{
	{name: "inline views", apply: (*graph).inline},
	{name: "fold constants", apply: each(foldConstants)},
	{name: "push filters down", apply: each(pushFilters)},
	{name: "merge projections", apply: each(mergeProjects)},
	{name: "prune columns", apply: (*graph).prune},
	{name: "drop projections", apply: each(dropProjects)},
	{name: "share expressions", apply: each(shareExpressions)},
	{name: "mark time", apply: (*graph).markTime, needed: true},
	{name: "two phases", apply: each(twoPhases)},
}

// rewrite improves the bound plans of a script: constants are folded, filters
// stand as low as they can and in the source where it understands them, only
// needed columns are read and computed, and nothing is computed twice. The roots
// keep their kinds. With all false only the needed rules are applied.
func rewrite(roots []plan.Node, all bool) []plan.Node {
	g := newGraph(roots)
	for _, r := range rules {
		if all || r.needed {
			r.apply(g)
		}
	}
	return g.roots
}

// trace writes what each rule makes of the plans, as draw shows them.
func trace(roots []plan.Node, draw func([]plan.Node) string) string {
	g := newGraph(roots)
	before := draw(g.roots)
	var b strings.Builder
	fmt.Fprintf(&b, "=== as written\n%s", before)
	for _, r := range rules {
		r.apply(g)
		after := draw(g.roots)
		if after == before {
			fmt.Fprintf(&b, "=== %s: no change\n", r.name)
		} else {
			fmt.Fprintf(&b, "=== %s\n%s", r.name, after)
		}
		before = after
	}
	return b.String()
}

// mapInput returns n with its inputs replaced by f of them; a leaf is returned as
// it is, and so is a Shared, whose input is rewritten on its own.
func mapInput(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Project:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Aggregate:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Sink:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Union:
		c := *n
		c.Branches = make([]plan.Node, len(n.Branches))
		for i, b := range n.Branches {
			c.Branches[i] = f(b)
		}
		return &c
	case *plan.IntervalJoin:
		c := *n
		c.Left, c.Right = f(n.Left), f(n.Right)
		return &c
	case *plan.Join:
		c := *n
		c.Left, c.Right = f(n.Left), f(n.Right)
		return &c
	case *plan.FrameJoin:
		c := *n
		c.Left, c.Right = f(n.Left), f(n.Right)
		return &c
	case *plan.Unnest:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Windowed:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Over:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.TopN:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Sort:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.First:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Require:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Upsert:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Watermark:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.LateData:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Stamp:
		return &plan.Stamp{Input: f(n.Input)}
	}
	return n
}
