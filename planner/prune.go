package planner

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// pruneColumns leaves out what nobody uses: columns of scans, expressions of
// projections, aggregates. A scan of a relation with a watermark keeps its time
// column, whose values make the watermark that the summary shows.
func pruneColumns(n plan.Node) plan.Node {
	if sink, ok := n.(*plan.Sink); ok && sink.Columns != nil {
		need := newSet(len(sink.Input.Schema()))
		for _, c := range sink.Columns {
			need.add(c)
		}
		c := *sink
		in, at := prune(sink.Input, need)
		c.Input, c.Columns = in, moveAll(sink.Columns, at)
		return &c
	}
	return mapInput(n, func(in plan.Node) plan.Node {
		need := newSet(len(in.Schema()))
		for i := range need {
			need[i] = true
		}
		in, _ = prune(in, need) // all is needed: nothing moves
		return in
	})
}

// set tells which columns of a node are needed.
type set []bool

func newSet(n int) set { return make(set, n) }

func (s set) add(c int) {
	if c >= 0 {
		s[c] = true
	}
}

// prune returns n without the columns that are not needed, and where those that
// are left have moved: the new place of each old column, -1 for one that is gone.
// Some that are not needed may stay.
func prune(n plan.Node, need set) (plan.Node, []int) {
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, need)
	case *plan.Filter:
		for _, c := range expr.Columns(n.Pred) {
			need.add(c)
		}
		in, at := prune(n.Input, need)
		return &plan.Filter{Input: in, Pred: moved(n.Pred, at)}, at
	case *plan.Project:
		return pruneProject(n, need)
	case *plan.Values:
		out := &plan.Values{Rows: make([][]expr.Expr, len(n.Rows))}
		at := make([]int, len(n.Out))
		for i := range at {
			at[i] = -1
			if !need[i] {
				continue
			}
			at[i] = len(out.Out)
			out.Out = append(out.Out, n.Out[i])
			for r, row := range n.Rows {
				out.Rows[r] = append(out.Rows[r], row[i])
			}
		}
		return out, at
	case *plan.Aggregate:
		return pruneAggregate(n, need)
	}
	at := make([]int, len(need))
	for i := range at {
		at[i] = i
	}
	return n, at
}

func pruneScan(n *plan.Scan, need set) (plan.Node, []int) {
	for _, f := range n.Filter {
		for _, c := range expr.Columns(f) {
			need.add(c)
		}
	}
	need.add(n.Time)
	c := *n
	c.Columns = nil
	at := make([]int, len(n.Columns))
	for i, col := range n.Columns {
		at[i] = -1
		if need[i] {
			at[i] = len(c.Columns)
			c.Columns = append(c.Columns, col)
		}
	}
	if n.Time >= 0 {
		c.Time = at[n.Time]
	}
	c.Filter = make([]expr.Expr, len(n.Filter))
	for i, f := range n.Filter {
		c.Filter[i] = moved(f, at)
	}
	return &c, at
}

func pruneProject(n *plan.Project, need set) (plan.Node, []int) {
	below := newSet(len(n.Input.Schema()))
	for i, e := range n.Exprs {
		if need[i] {
			for _, c := range expr.Columns(e) {
				below.add(c)
			}
		}
	}
	in, down := prune(n.Input, below)
	out := &plan.Project{Input: in}
	at := make([]int, len(n.Exprs))
	for i, e := range n.Exprs {
		at[i] = -1
		if need[i] {
			at[i] = len(out.Exprs)
			out.Exprs, out.Out = append(out.Exprs, moved(e, down)), append(out.Out, n.Out[i])
		}
	}
	return out, at
}

func pruneAggregate(n *plan.Aggregate, need set) (plan.Node, []int) {
	first := len(n.Out) - len(n.Aggs)
	c := *n
	c.Out = append(data.Schema(nil), n.Out[:first]...)
	c.Aggs = nil
	at := make([]int, len(n.Out))
	below := newSet(len(n.Input.Schema()))
	below.add(n.Time)
	for _, k := range n.Keys {
		below.add(k)
	}
	for i := range at {
		if i < first {
			at[i] = i
			continue
		}
		at[i] = -1
		if a := n.Aggs[i-first]; need[i] {
			at[i] = len(c.Out)
			c.Out, c.Aggs = append(c.Out, n.Out[i]), append(c.Aggs, a)
			below.add(a.Arg)
		}
	}
	in, down := prune(n.Input, below)
	c.Input, c.Keys = in, moveAll(n.Keys, down)
	if n.Time >= 0 {
		c.Time = down[n.Time]
	}
	for i, a := range c.Aggs {
		if a.Arg >= 0 {
			c.Aggs[i].Arg = down[a.Arg]
		}
	}
	return &c, at
}

func moved(e expr.Expr, at []int) expr.Expr {
	return expr.Remap(e, func(i int) int { return at[i] })
}

func moveAll(cols, at []int) []int {
	out := make([]int, len(cols))
	for i, c := range cols {
		out[i] = c
		if c >= 0 {
			out[i] = at[c]
		}
	}
	return out
}
