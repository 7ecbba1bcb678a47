package planner

import (
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// lateOfSessions takes the late rows where they are: before sessions of them are gathered.
// columns has the place in the rows of each column of the input.
func (b *binder) lateOfSessions(g *grouping, rows *windowRows, columns []int) bool {
	at := g.late.name.Span()
	for _, c := range g.late.picks {
		if c.What == plan.LateValue && columns[c.From[0]] < 0 {
			b.errorf(at, "leave it out of the columns of "+g.late.relation.Name+", or compute it below the sessions",
				"a late row has no %s, which is computed when the session of a row has closed", display(c.name))
			return false
		}
	}
	sessions, ok := rows.gathered.Input.(*plan.Aggregate)
	if !ok {
		b.errorf(at, "use one of the two for both", "another LATE DATA TO takes the late rows of these sessions")
		return false
	}
	sessions.Late = g.late.rows(func(c int) int { return columns[c] }) // the rows' columns come first
	rows.gathered.Input = b.withLate(g.late, sessions, sessions.Late)
	g.late = nil
	return true
}

// sessionsBelow returns the sessions that the rows of n have been gathered in, and the
// place in these rows of each column of n, -1 without; nil where n is something else.
func (b *binder) sessionsBelow(n plan.Node) (rows *windowRows, columns []int) {
	switch n := n.(type) {
	case *plan.Filter, *plan.Shared:
		return b.sessionsBelow(n.Inputs()[0])
	case *plan.Project:
		columns = make([]int, len(n.Out))
		if rows = b.sessions[n]; rows != nil {
			own := len(rows.input.Schema())
			for i := range columns {
				if columns[i] = -1; i < own {
					columns[i] = i
				}
			}
			return rows, columns
		}
		rows, below := b.sessionsBelow(n.Input)
		if rows == nil {
			return nil, nil
		}
		for i, e := range n.Exprs {
			columns[i] = -1
			if c, isColumn := e.(*expr.Column); isColumn {
				columns[i] = below[c.Index]
			}
		}
		return rows, columns
	}
	return nil, nil
}
