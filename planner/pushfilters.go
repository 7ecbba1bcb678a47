package planner

import (
	"slices"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// pushFilters moves conditions down: into the source where it understands them,
// below aggregates and unnested arrays where they are of columns that these pass
// on, and below projections, so that what a condition excludes is not computed.
//
// Which rows a condition is evaluated for matters where it can fail. So one that
// can fail keeps behind those that stood before it, and none is moved before one
// that can fail: the row would be gone, and the error with it.
func pushFilters(n plan.Node) plan.Node { return push(n, nil) }

// push moves the conditions, which stand over n in the order of their evaluation.
func push(n plan.Node, preds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return push(n.Input, append(expr.Conjuncts(n.Pred), preds...))
	case *plan.Project:
		return pushProject(n, preds)
	case *plan.Scan:
		down, rest := split(preds, expr.CanFail, func(p expr.Expr) bool {
			k, ok := plan.Comparison(p)
			// Of an update one row may pass and the other not, which is for a Filter.
			return ok && !n.Changes && k.Column < len(n.Columns) && !n.IsMetadata(k.Column)
		})
		c := *n
		c.Filter = append(slices.Clone(n.Filter), down...)
		return filtered(&c, rest)
	case *plan.Union:
		// A row of one branch that fails would come before what stands before it in
		// another.
		down, rest := split(preds, expr.CanFail, func(p expr.Expr) bool { return !expr.CanFail(p) })
		c := *n
		c.Branches = make([]plan.Node, len(n.Branches))
		for i, b := range n.Branches {
			c.Branches[i] = push(b, down)
		}
		return filtered(&c, rest)
	case *plan.Watermark: // its rows move the watermark, also those that fail
		return filtered(mapInput(n, pushFilters), preds)
	case *plan.Stamp: // rows that are left out move the watermark all the same
		return pushBelow(n, preds, func(c int) bool { return c < len(n.Input.Schema()) }, nil)
	case *plan.Windowed:
		return pushBelow(n, preds, func(c int) bool { return c < len(n.Input.Schema()) }, nil)
	case *plan.Unnest:
		return pushBelow(n, preds, func(c int) bool { return c < len(n.Input.Schema()) }, nil)
	case *plan.First:
		return pushBelow(n, preds, func(c int) bool { return slices.Contains(n.Key, c) }, nil)
	case *plan.TopN:
		return pushBelow(n, preds, func(c int) bool { return slices.Contains(n.Partition, c) }, nil)
	case *plan.Over: // whole partitions go
		return pushBelow(n, preds, func(c int) bool { return slices.Contains(n.Partition, c) }, nil)
	case *plan.Upsert:
		return pushBelow(n, preds, func(c int) bool { return slices.Contains(n.Key, c) }, nil)
	case *plan.IntervalJoin:
		c := *n
		var rest []expr.Expr
		c.Left, c.Right, c.On, rest = pushSides(n.Left, n.Right, n.Kind, n.On, preds, allOfRight)
		return filtered(&c, rest)
	case *plan.Join:
		c := *n
		var rest []expr.Expr
		c.Left, c.Right, c.On, rest = pushSides(n.Left, n.Right, n.Kind, n.On, preds, pushReachOf(n.Mode))
		return filtered(&c, rest)
	case *plan.FrameJoin: // a left row that is left out makes no difference to the others
		width := len(n.Left.Schema())
		down, rest := split(preds, expr.CanFail, func(p expr.Expr) bool {
			k, ok := plan.Comparison(p)
			return ok && k.Column < width
		})
		c := *n
		c.Left, c.Right = push(n.Left, down), pushFilters(n.Right)
		return filtered(&c, rest)
	case *plan.Aggregate:
		first := 0
		if n.Window != nil {
			first = 2
		}
		isKey := func(c int) bool { return c >= first && c < first+len(n.Keys) }
		return pushBelow(n, preds, isKey, func(c int) int { return n.Keys[c-first] })
	}
	return filtered(mapInput(n, pushFilters), preds)
}

// split parts the conditions that may be evaluated before all others from the
// rest: those that can go, unless the order of evaluation forbids it.
func split(preds []expr.Expr, canFail, canGo func(expr.Expr) bool) (down, rest []expr.Expr) {
	held := false // one of the rest can fail
	for _, p := range preds {
		fails := canFail(p)
		if canGo(p) && !held && (len(rest) == 0 || !fails) {
			down = append(down, p)
			continue
		}
		rest, held = append(rest, p), held || fails
	}
	return down, rest
}

// pushBelow moves below n those comparisons that are of columns which n passes on,
// at the places of its input that at gives, the same where that is nil.
// Other conditions might fail for rows that never were in the result.
func pushBelow(n plan.Node, preds []expr.Expr, passes func(int) bool, at func(int) int) plan.Node {
	down, rest := split(preds, expr.CanFail, func(p expr.Expr) bool {
		k, ok := plan.Comparison(p)
		return ok && passes(k.Column)
	})
	if at != nil {
		for i, p := range down {
			down[i] = expr.Remap(p, at)
		}
	}
	return filtered(mapInput(n, func(in plan.Node) plan.Node { return push(in, down) }), rest)
}

// pushProject evaluates conditions over a projection before it, where they read
// what it reads. A computed column that they need whole is computed first, and
// the others after them.
func pushProject(n *plan.Project, preds []expr.Expr) plan.Node {
	whole := neededWhole(preds, n.Exprs)
	fails := func(p expr.Expr) bool {
		return expr.CanFail(p) || slices.ContainsFunc(expr.Columns(p), func(c int) bool { return expr.CanFail(n.Exprs[c]) })
	}
	down, rest := split(preds, fails, func(p expr.Expr) bool {
		return !slices.ContainsFunc(expr.Columns(p), func(c int) bool { return whole[c] })
	})
	exprs := slices.Clone(n.Exprs)
	in := push(n.Input, foldAll(substituteAll(down, exprs)))
	var ready []expr.Expr
	for _, p := range rest {
		var first []int
		for _, c := range expr.Columns(p) {
			if whole[c] {
				whole[c], first = false, append(first, c)
			}
		}
		if len(first) > 0 {
			in, ready = computed(filtered(in, ready), exprs, n, first), nil
		}
		ready = append(ready, fold(substitute(p, exprs)))
	}
	return &plan.Project{Input: filtered(in, ready), Exprs: exprs, Out: n.Out}
}

// computed adds to the columns of a node some of those that n computes; these
// are then read in exprs.
func computed(in plan.Node, exprs []expr.Expr, n *plan.Project, columns []int) plan.Node {
	p := passing(in)
	p.Once = true
	for _, c := range columns {
		e := exprs[c]
		exprs[c] = expr.NewColumn(len(p.Out), n.Out[c].Name, e.Type(), e.Span())
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, n.Out[c])
	}
	return p
}

func filtered(n plan.Node, preds []expr.Expr) plan.Node {
	if len(preds) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Pred: expr.And(preds)}
}
