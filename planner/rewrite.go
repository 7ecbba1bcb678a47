package planner

import "tidemark/planner/plan"

// rule is one rewriting of a plan. Rules build new nodes and leave those they
// are given as they are.
type rule struct {
	name  string
	apply func(*graph)
}

// each is a rule that looks at one tree at a time.
func each(f func(plan.Node) plan.Node) func(*graph) { return func(g *graph) { g.apply(f) } }

// rules are applied once each, in this order: each leaves the plan in a form that
// the next ones count on.
var rules = []rule{
	{"fold constants", each(foldConstants)},
	{"push filters down", each(pushFilters)},
	{"merge projections", each(mergeProjects)},
	{"prune columns", (*graph).prune},
	{"drop projections", each(dropProjects)},
	{"share expressions", each(shareExpressions)},
	{"mark time", (*graph).markTime},
	{"fold changes", (*graph).foldChanges},
}

// rewrite improves the bound plans of a script: constants are folded, filters
// stand as low as they can and in the source where it understands them, only
// needed columns are read and computed, and nothing is computed twice. The roots
// keep their kinds.
func rewrite(roots []plan.Node) []plan.Node {
	g := newGraph(roots)
	for _, r := range rules {
		r.apply(g)
	}
	return g.roots
}

// Rewrite improves one bound plan on its own.
func Rewrite(root *plan.Sink) *plan.Sink {
	sink, _ := rewrite([]plan.Node{root})[0].(*plan.Sink) // no rule replaces the root
	return sink
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
	case *plan.Unnest:
		c := *n
		c.Input = f(n.Input)
		return &c
	case *plan.Sort:
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
	case *plan.Stamp:
		return &plan.Stamp{Input: f(n.Input)}
	}
	return n
}
