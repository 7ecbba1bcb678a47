package querytest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"tidemark/operators"
	"tidemark/parser"
	"tidemark/runtime/dataflow"
)

// expectState holds the rows that all operators remember against the most that is
// expected.
func (r *run) expectState(e *parser.Expect) error {
	var total atomic.Int64
	r.bench.running.Quiet(func(_ *dataflow.Keyed, op operators.Operator) {
		if h, ok := op.(operators.Holder); ok {
			total.Add(int64(h.Held()))
		}
	})
	if got := total.Load(); got > e.Count.Value {
		r.fail(e.Span(), fmt.Sprintf("state: expected at most %s, got %d", count(int(e.Count.Value), "row"), got), nil, r.standing()...)
	}
	return nil
}

// shownWindows is how many open windows are listed.
const shownWindows = 5

// open says which windows of the flow are open, and what would close them.
func (b *bench) open() []string {
	var mu sync.Mutex
	byBounds := map[[3]int64]*operators.OpenWindow{}
	b.running.Quiet(func(_ *dataflow.Keyed, op operators.Operator) {
		h, ok := op.(operators.WindowHolder)
		if !ok {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, w := range h.Open() {
			key := [3]int64{w.Closes, w.Start, w.End}
			if known := byBounds[key]; known != nil {
				known.Groups += w.Groups
			} else {
				byBounds[key] = &w
			}
		}
	})
	var list []operators.OpenWindow
	for _, w := range byBounds {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(x, y operators.OpenWindow) int {
		return cmp.Or(cmp.Compare(x.Closes, y.Closes), cmp.Compare(x.Start, y.Start))
	})
	var out []string
	for i, w := range list {
		if i == shownWindows {
			out = append(out, fmt.Sprintf("and %s more", count(len(list)-i, "open window")))
			break
		}
		out = append(out, fmt.Sprintf("open: [%s, %s) with %s, closes when the watermark reaches %s", showTime(w.Start), showTime(w.End), count(w.Groups, "group"), showTime(w.Closes)))
	}
	return out
}
