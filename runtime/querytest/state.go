package querytest

import (
	"fmt"
	"sync/atomic"

	"tidemark/operators"
	"tidemark/parser"
	"tidemark/runtime/dataflow"
)

// counted is an operator that says how many rows it remembers.
type counted interface{ StateRows() int }

// expectState holds the rows that all operators remember against the most that is
// expected.
func (r *run) expectState(e *parser.Expect) error {
	var total atomic.Int64
	r.bench.running.Quiet(func(_ *dataflow.Keyed, op operators.Operator) {
		if c, ok := op.(counted); ok {
			total.Add(int64(c.StateRows()))
		}
	})
	if got := total.Load(); got > e.Count.Value {
		r.fail(e.Span(), fmt.Sprintf("state: expected at most %s, got %d", count(int(e.Count.Value), "row"), got), nil, r.standing(nil)...)
	}
	return nil
}

// open says which windows of the flow are still open, and what would close them.
func (b *bench) open(*capture) []string { return nil }
