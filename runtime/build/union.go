package build

import (
	"tidemark/operators/data"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// union is what merges the branches of a node.
type union struct {
	run      *dataflow.Union
	branches []plan.Node
}

// union merges the branches of n into one stream that goes on to next. begin, when
// not nil, puts what a branch needs before it.
func (b *builder) union(n plan.Node, branches []plan.Node, schema data.Schema, next *dataflow.Edge, begin func(branch int, w *way)) error {
	j, isJoin := n.(*plan.Join)
	u := &dataflow.Union{Name: plan.Fingerprint(n), LastFirst: isJoin && j.Mode == plan.JoinLoaded, Inputs: len(branches), Arrival: !b.env.Bounded(n), Schema: schema, BatchRows: b.env.BatchRows, Next: next}
	for i, in := range branches {
		w := b.way(&dataflow.Edge{Union: u, Input: i})
		if begin != nil {
			begin(i, w)
		}
		if err := b.down(in, w); err != nil {
			return err
		}
	}
	b.unions = append(b.unions, union{u, branches})
	return nil
}

// alone reports whether nobody else reads what a branch of a union reads, but for
// branches that come together with it; lanes are these.
func (b *builder) alone(branch plan.Node, lanes map[any]int) bool {
	alone, from := true, origin(branch)
	plan.Walk(branch, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Shared:
			alone = alone && from == n && lanes[n] == b.splits[n].part.Uses
		case *plan.Scan:
			readers := len(b.reads[n.Relation].scans)
			alone = alone && (readers == 1 || from == n.Relation && lanes[from] == readers)
		}
	})
	return alone
}

// lanesOf counts the branches that begin at one place, with stateless operators alone
// behind it: what they make of a row comes together.
func lanesOf(u union) map[any]int {
	lanes := map[any]int{}
	if u.run.LastFirst {
		return lanes
	}
	for _, n := range u.branches {
		if from := origin(n); from != nil {
			lanes[from]++
		}
	}
	return lanes
}

// origin returns the relation or the shared part of the plan that stateless operators
// make n of, nil where there are others in between.
func origin(n plan.Node) any {
	for {
		switch x := n.(type) {
		case *plan.Filter:
			n = x.Input
		case *plan.Project:
			n = x.Input
		case *plan.Require:
			n = x.Input
		case *plan.Scan:
			return x.Relation
		case *plan.Shared:
			return x
		default:
			return nil
		}
	}
}
