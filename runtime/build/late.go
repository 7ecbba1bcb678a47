package build

import (
	"tidemark/operators"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// lateWays is where the rows go that an operator does not use.
type lateWays struct {
	to    *dataflow.Edge // nil while nobody wants them
	keyed *dataflow.Keyed
	rows  *plan.LateRows
}

func (b *builder) lateOf(n plan.Node) *lateWays {
	w := b.lates[n]
	if w == nil {
		w = &lateWays{}
		b.lates[n] = w
	}
	return w
}

// lateData lets w begin at the late rows of an operator.
func (b *builder) lateData(n *plan.LateData, w *way) error {
	op := n.LateOperator()
	b.lateOf(op).to = w.edge
	if b.account(op) == nil { // none of its rows is a source's, and so none late
		b.accounts[op] = &operators.Account{}
	}
	s, ok := n.Input.(*plan.Shared)
	switch {
	case !ok: // nobody wants its result
		return b.down(op, b.way(&dataflow.Edge{Split: []*dataflow.Edge{}}))
	case b.splits[s] != nil:
		return nil
	}
	return b.down(op, b.way(b.newSplit(s).edge))
}

// keepLate lets the operators of k, which n is built of, keep the rows that rows
// describes, nil for none, if somebody wants them.
func (b *builder) keepLate(n plan.Node, k *dataflow.Keyed, rows *plan.LateRows) {
	if rows != nil && rows.To != "" {
		w := b.lateOf(n)
		w.keyed, w.rows = k, rows
	}
}

// finishLate ties the late rows of operators to those who want them.
func (b *builder) finishLate() {
	for _, w := range b.lates {
		if w.to != nil && w.keyed != nil {
			w.keyed.Late = &dataflow.Late{Schema: w.rows.Out, Next: w.to}
		}
	}
}

// newLate returns what an operator of k keeps its late rows in; at gives the place of a
// column of each side in the operator's input, nil where they are the same.
func newLate(k *dataflow.Keyed, rows *plan.LateRows, at [2][]int) *operators.LateRows {
	switch {
	case rows == nil:
		return nil
	case k.Late == nil && rows.Last < 0:
		return nil
	case k.Late == nil: // it tells which rows are late for all of their windows
		return operators.NewLateRows(nil, nil).OfWindows(rows.Time, rows.Last)
	}
	columns := make([]operators.LateColumn, len(rows.Columns))
	for i, c := range rows.Columns {
		columns[i] = operators.LateColumn{What: operators.LateWhat(c.What), From: c.From}
		for side, from := range c.From {
			if at[side] != nil && from >= 0 {
				columns[i].From[side] = at[side][from]
			}
		}
	}
	return operators.NewLateRows(columns, rows.Out).OfWindows(rows.Time, rows.Last)
}
