package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
)

// Subquery is an uncorrelated subquery over bounded inputs. It is run to its end
// before the queries that use it start, and its result put into Cell.
type Subquery struct {
	// Input has one column: the value, or those of the set.
	Input Node
	Cell  *expr.Cell
	// Set is true for IN (SELECT …): the cell gets all values as a flat vector.
	// Otherwise it gets the one value as a constant, NULL when there is no row;
	// more than one row is an error at Span.
	Set  bool
	Type data.Type
	File *source.File
	Span source.Span
}
