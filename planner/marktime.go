package planner

import "tidemark/planner/plan"

// markTime marks the aggregates whose output feeds an operator further up that
// goes by the watermark: they must pass on every move of it.
func (g *graph) markTime() {
	need := map[*plan.Shared]bool{}
	var mark func(n plan.Node, above bool) plan.Node
	mark = func(n plan.Node, above bool) plan.Node {
		below := above
		switch x := n.(type) {
		case *plan.Shared:
			need[x] = need[x] || above
			return n
		case *plan.Aggregate:
			c := *x
			c.NeedTime = above
			n, below = &c, above || x.Window != nil
		case *plan.IntervalJoin:
			c := *x
			c.NeedTime = above
			n, below = &c, true
		case *plan.Join:
			c := *x
			c.NeedTime = above
			n, below = &c, true
		case *plan.FrameJoin:
			c := *x
			c.NeedTime = above
			n, below = &c, true
		case *plan.Union:
			below = true // a finished branch must not hold the others
		case *plan.Stamp:
			below = true
		case *plan.Over:
			c := *x
			c.NeedTime = above
			n, below = &c, above || x.Time >= 0 || x.Emit == plan.OverClosed
		case *plan.TopN:
			c := *x
			c.NeedTime = above
			n, below = &c, above || x.Emit != plan.OverChanges || x.TTL > 0
		case *plan.Watermark, *plan.LateData:
			below = false
		}
		return mapInput(n, func(in plan.Node) plan.Node { return mark(in, below) })
	}
	for i, r := range g.roots {
		g.roots[i] = mark(r, false)
	}
	for i := len(g.shared) - 1; i >= 0; i-- {
		s := g.shared[i]
		s.Input = mark(s.Input, need[s])
	}
}
