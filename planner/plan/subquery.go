package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
)

// Subquery is a subquery over bounded inputs, or what it gives without the rows
// around it that it uses. It is run to its end before the queries that use it
// start, and its result put into Cell.
type Subquery struct {
	// Input has one column, the value or those of the set, or those of the table.
	Input Node
	Cell  *expr.Cell
	// Set is true for IN (SELECT …): the cell gets all values as a flat vector.
	// Otherwise it gets the one value as a constant, NULL when there is no row;
	// more than one row is an error at Span. With Table it gets the columns of all rows.
	Set, Table bool
	Type       data.Type // of the one column; not of a Table
	File       *source.File
	Span       source.Span
}

// Cells returns the cells whose values the expressions of a plan use.
func Cells(root Node) map[*expr.Cell]bool {
	cells := map[*expr.Cell]bool{}
	find := func(list ...expr.Expr) {
		for _, e := range list {
			expr.Walk(e, func(x expr.Expr) bool {
				switch x := x.(type) {
				case *expr.Scalar:
					cells[x.Cell] = true
				case *expr.InSet:
					cells[x.Cell] = true
				case *expr.Related:
					cells[x.Cell] = true
				}
				return true
			})
		}
	}
	Walk(root, func(n Node) {
		switch n := n.(type) {
		case *Filter:
			find(n.Pred)
		case *Project:
			find(n.Exprs...)
		case *Values:
			for _, row := range n.Rows {
				find(row...)
			}
		case *Series:
			find(n.From, n.To, n.Step)
		}
	})
	return cells
}
