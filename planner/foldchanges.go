package planner

import "tidemark/planner/plan"

// foldChanges marks the aggregates whose changes end where only the last value of
// each row counts: in a keyed table, a printed result, a sort or a subquery.
func (g *graph) foldChanges() {
	strict := map[*plan.Shared]bool{} // some consumer must see every change
	var mark func(n plan.Node, folds bool) plan.Node
	mark = func(n plan.Node, folds bool) plan.Node {
		switch x := n.(type) {
		case *plan.Shared:
			strict[x] = strict[x] || !folds
			return n
		case *plan.Sink:
			folds = x.Folds
		case *plan.Sort:
			folds = folds || len(x.Keys) > 0 || x.Input.Properties().Updating
		case *plan.Aggregate:
			perRow := x.Window == nil || x.Emit == plan.EmitChanges
			c := *x
			c.Fold = folds && perRow
			n = &c
			// When a window fires depends on the order of rows and watermarks.
			folds = folds && x.Window == nil
		case *plan.Watermark, *plan.Stamp:
			folds = false
		}
		return mapInput(n, func(in plan.Node) plan.Node { return mark(in, folds) })
	}
	for i, r := range g.roots {
		g.roots[i] = mark(r, true) // a Sink decides for itself; a subquery folds
	}
	for i := len(g.shared) - 1; i >= 0; i-- {
		s := g.shared[i]
		s.Input = mark(s.Input, !strict[s])
	}
}
