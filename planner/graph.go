package planner

import "tidemark/planner/plan"

// graph is the plan of a whole script while it is rewritten: trees that meet in
// the parts they share.
type graph struct {
	roots []plan.Node
	// shared has the parts that are used more than once, each after those that it
	// uses itself. Rules may replace their inputs.
	shared []*plan.Shared
}

// newGraph copies the shared parts of the roots, so that they can be rewritten in
// place.
func newGraph(roots []plan.Node) *graph {
	g := &graph{}
	fresh := map[*plan.Shared]*plan.Shared{}
	var clone func(n plan.Node) plan.Node
	clone = func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Shared)
		switch {
		case !ok:
			return mapInput(n, clone)
		case fresh[s] == nil:
			fresh[s] = &plan.Shared{Input: clone(s.Input), Name: s.Name}
			g.shared = append(g.shared, fresh[s])
		}
		return fresh[s]
	}
	for _, r := range roots {
		g.roots = append(g.roots, clone(r))
	}
	return g
}

// inline puts the shared parts that are used only once where they are used.
func (g *graph) inline() {
	uses := map[*plan.Shared]int{}
	var count func(n plan.Node)
	count = func(n plan.Node) {
		if s, ok := n.(*plan.Shared); ok {
			if uses[s]++; uses[s] > 1 {
				return
			}
		}
		for _, in := range n.Inputs() {
			count(in)
		}
	}
	for _, r := range g.roots {
		count(r)
	}
	var inlined func(n plan.Node) plan.Node
	inlined = func(n plan.Node) plan.Node {
		if s, ok := n.(*plan.Shared); ok {
			if uses[s] == 1 {
				return s.Input // which has been dealt with before
			}
			return s
		}
		return mapInput(n, inlined)
	}
	kept := g.shared[:0]
	for _, s := range g.shared {
		s.Input = inlined(s.Input)
		if uses[s] > 1 {
			kept = append(kept, s)
		}
	}
	g.shared = kept
	for i, r := range g.roots {
		g.roots[i] = inlined(r)
	}
}

// apply rewrites every tree of the graph on its own.
func (g *graph) apply(rule func(plan.Node) plan.Node) {
	for _, s := range g.shared {
		s.Input = rule(s.Input)
	}
	for i, r := range g.roots {
		g.roots[i] = rule(r)
	}
}

// prune leaves out the columns that nobody uses. What a shared part must have is
// known when all that use it have been looked at.
func (g *graph) prune() {
	need := map[*plan.Shared]set{}
	looking := &pruner{shared: func(s *plan.Shared, wanted set) (plan.Node, []int) {
		if need[s] == nil {
			need[s] = newSet(len(wanted))
		}
		for c, w := range wanted {
			need[s][c] = need[s][c] || w
		}
		return s, identity(len(wanted))
	}}
	for _, r := range g.roots {
		looking.root(r)
	}
	for i := len(g.shared) - 1; i >= 0; i-- {
		looking.node(g.shared[i].Input, need[g.shared[i]].clone())
	}
	type moved struct {
		to *plan.Shared
		at []int
	}
	done := map[*plan.Shared]moved{}
	pruning := &pruner{shared: func(s *plan.Shared, _ set) (plan.Node, []int) { return done[s].to, done[s].at }}
	for i, s := range g.shared {
		in, at := pruning.node(s.Input, need[s])
		to := &plan.Shared{Input: in, Name: s.Name}
		done[s], g.shared[i] = moved{to, at}, to
	}
	for i, r := range g.roots {
		g.roots[i] = pruning.root(r)
	}
}
