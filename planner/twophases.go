package planner

import "tidemark/planner/plan"

// twoPhases lets the workers of a source add up the rows of a window side by side,
// before they are put in order, and the aggregate only what they have added up.
// That gives the same result where nothing is emitted before all rows of a window
// are there; it can be done where the aggregate takes a source's rows, with nothing
// but stateless steps between; and it pays where accumulators are cheap to merge.
func twoPhases(n plan.Node) plan.Node {
	n = mapInput(n, twoPhases)
	a, ok := n.(*plan.Aggregate)
	if !ok || a.Window == nil || a.Window.Kind != plan.Tumble || a.Window.Zone != "" || a.Emit == plan.EmitChanges || a.Every > 0 || !ofScan(a.Input) {
		return n
	}
	for _, c := range a.Aggs {
		if !c.Func.Flat() {
			return n
		}
	}
	c := *a
	c.TwoPhase = true
	return &c
}

// ofScan reports whether n is a scan, with nothing but filters and projections on it.
func ofScan(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return !n.Changes
	case *plan.Filter:
		return ofScan(n.Input)
	case *plan.Project:
		return ofScan(n.Input)
	}
	return false
}
