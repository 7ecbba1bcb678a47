package planner

import (
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// maxStack bounds how many views, common table expressions and relations that the
// script fills are built one on the other.
const maxStack = 200

// share makes a part of plans that several may use.
func (b *binder) share(n plan.Node, name string) *plan.Shared {
	s := &plan.Shared{Input: n, Name: name}
	b.stack[s] = 1 + b.stackOf(n)
	return s
}

// stackOf returns how many shared parts a plan is built on, one on the other.
func (b *binder) stackOf(n plan.Node) int {
	if s, ok := n.(*plan.Shared); ok {
		return b.stack[s]
	}
	most := 0
	for _, in := range n.Inputs() {
		most = max(most, b.stackOf(in))
	}
	return most
}

// stacked reports whether s may be built on: not too many are below it.
func (b *binder) stacked(s *plan.Shared, at source.Span) bool {
	if b.stack[s] <= maxStack {
		return true
	}
	b.errorf(at, "build on fewer of them", "%s is built on more than %d views and the like, one on the other", s.Name, maxStack)
	return false
}
