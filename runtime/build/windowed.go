package build

import (
	"tidemark/operators"
	"tidemark/planner/plan"
)

// windowed builds what puts rows into windows. Where each row has one, the rows keep
// their places; else they are numbered anew.
func (b *builder) windowed(n *plan.Windowed, w *way) error {
	if !n.Window.Overlaps() {
		w.before(func() operators.Operator { return operators.NewOneWindow(n.Time, n.Window.Cells(), n.Out) })
		return b.down(n.Input, w)
	}
	account := b.account(n)
	return b.inOrder(n, n.Input, w, func() operators.Operator {
		return operators.NewEachWindow(n.Time, n.Window.Grid(), b.env.BatchRows, n.Out, account)
	})
}
