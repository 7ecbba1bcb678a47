package planner

import (
	"math"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/planner/plan"
)

// topN makes a TopN of the condition that a row's ROW_NUMBER is some constant at
// most: then no more rows are kept than that, and rows that come in whatever order
// can be emitted at once. n is what stands behind WHERE or QUALIFY; where it is no
// such condition it is returned as it is.
func (b *binder) topN(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	over, rank := rankBelow(f.Input)
	if over == nil {
		return b.topRank(f)
	}
	preds := expr.Conjuncts(f.Pred)
	most := int64(math.MaxInt32)
	var rest []expr.Expr
	for _, p := range preds {
		limit, whole := mostOf(p, rank)
		most = min(most, limit)
		if !whole {
			rest = append(rest, p)
		}
	}
	if most < 1 || most == math.MaxInt32 {
		return n
	}
	top := newTopN(over, int(most))
	if top == nil {
		return n
	}
	if ttl := parseLength(b.result.Settings["state_ttl"]); ttl > 0 && top.Emit != plan.OverClosed && passes(top.Input) {
		top.TTL = ttl
	}
	out := above(f.Input, top)
	if over.Late != nil && over.Late.To != "" { // its rows and its late ones are of one operator
		late := sharedOver(f.Input, over)
		if late == nil {
			return n
		}
		late.Input = top
		out = above(f.Input, late)
	}
	var left []expr.Expr
	for _, p := range rest {
		if k, isComparison := plan.Comparison(p); !isComparison || k.Column != rank || most > 1 || k.Op == "<>" || k.Op == ">" || k.Op == "in" {
			left = append(left, p)
		}
	}
	return filtered(out, left)
}

// sharedOver returns what an Over below projections shares with its late rows alone; nil
// where others use it too.
func sharedOver(n plan.Node, over *plan.Over) *plan.Shared {
	switch n := n.(type) {
	case *plan.Project:
		return sharedOver(n.Input, over)
	case *plan.Shared:
		if n.Input == over {
			return n
		}
	}
	return nil
}

// topRank lets an Over whose RANK or DENSE_RANK is some constant at most forget the rows that
// are beyond: those that come later only push them further. Ties of the last rank are kept.
func (b *binder) topRank(f *plan.Filter) plan.Node {
	over, column := rankedBelow(f.Input)
	if over == nil || over.Emit == plan.OverPassed || over.Emit == plan.OverRefused || over.Time >= 0 || over.Input.Properties().Updating {
		return f
	}
	most := int64(math.MaxInt32)
	for _, p := range expr.Conjuncts(f.Pred) {
		limit, _ := mostOf(p, column)
		most = min(most, limit)
	}
	if most < 1 || most == math.MaxInt32 {
		return f
	}
	c := *over
	c.MostRank = most
	return filtered(above(f.Input, &c), expr.Conjuncts(f.Pred))
}

// mostOf returns the greatest value of a column for which a condition can be true,
// and whether it is true for all from 1 up to it.
func mostOf(p expr.Expr, column int) (most int64, whole bool) {
	if c, isCall := p.(*expr.Call); isCall && c.Func.Name == "BETWEEN" && len(c.Args) == 3 {
		col, isColumn := c.Args[0].(*expr.Column)
		hi, isConst := fold(c.Args[2]).(*expr.Literal)
		if isColumn && isConst && col.Index == column && !hi.IsNull() && hi.Type().Integer() {
			return hi.Value.Ints[0], false
		}
	}
	k, ok := plan.Comparison(fold(p))
	if !ok || k.Column != column {
		return math.MaxInt32, false
	}
	x := k.Values[0].Ints[0]
	switch k.Op {
	case "<=":
		return x, true
	case "<":
		return max(x, 0) - 1, true
	case "=":
		return x, x == 1
	}
	return math.MaxInt32, false
}

// rankBelow finds the Over that does nothing but number rows below projections, and
// the column of n that has the numbers; nil where there is none.
func rankBelow(n plan.Node) (*plan.Over, int) { return callBelow(n, plan.OverRowNumber) }

// rankedBelow is rankBelow of an Over that does nothing but rank rows.
func rankedBelow(n plan.Node) (*plan.Over, int) {
	if over, rank := callBelow(n, plan.OverRank); over != nil {
		return over, rank
	}
	return callBelow(n, plan.OverDenseRank)
}

// callBelow finds the Over that does nothing but call a function.
func callBelow(n plan.Node, call plan.OverFunc) (*plan.Over, int) {
	switch n := n.(type) {
	case *plan.Over:
		if len(n.Calls) == 1 && n.Calls[0].Func == call {
			return n, len(n.Out) - 1
		}
	case *plan.Shared:
		return callBelow(n.Input, call)
	case *plan.Project:
		over, rank := callBelow(n.Input, call)
		if over == nil {
			return nil, 0
		}
		for i, e := range n.Exprs {
			if c, isColumn := e.(*expr.Column); isColumn && c.Index == rank {
				return over, i
			}
		}
	}
	return nil, 0
}

// newTopN returns the TopN of n rows that an Over numbers; nil where it is of no use.
func newTopN(o *plan.Over, n int) *plan.TopN {
	t := &plan.TopN{
		Input: o.Input, Partition: o.Partition, Order: o.Order, Peers: o.Peers, ArrivalDesc: o.ArrivalDesc, Time: -1, WindowEnd: -1,
		Emit: o.Emit, Inclusive: o.Inclusive, Lateness: o.Lateness, Late: o.Late, N: n, Number: true, Name: o.Out[len(o.Out)-1].Name,
	}
	switch o.Emit {
	case plan.OverPassed:
		if t.Time = o.Time; o.Input.Properties().Updating {
			return nil // any row that waits may be the first
		}
	case plan.OverClosed:
		t.WindowEnd = o.WindowEnd
	default:
		t.Emit, t.Lateness = plan.OverChanges, 0
	}
	return t
}

// changingTop reports whether what makes a plan change rows that it has emitted is a
// TopN.
func changingTop(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.TopN:
		return n.Timeless()
	case *plan.Filter, *plan.Project, *plan.Shared:
		return changingTop(n.Inputs()[0])
	case *plan.Sink:
		return changingTop(n.Input)
	}
	return false
}

// finalTop lets the rows of a TopN come once, at the end of the input: EMIT FINAL.
func (x *scoped) finalTop(s *parser.Select, n plan.Node) (plan.Node, bool) {
	if s.Emit == nil || s.Emit.Mode != "FINAL" || x.group != nil || !changingTop(n) {
		return n, true
	}
	if !x.needBounded(n, s.Emit.Span(), "EMIT FINAL of the first rows of all", "partition by window_start, window_end; or leave EMIT FINAL out") {
		return nil, false
	}
	return &plan.Sort{Input: n, Limit: -1}, true
}

// above puts the projections that stand over an Over in n over what is there in its
// place.
func above(n, top plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Shared:
		return above(n.Input, top)
	case *plan.Project:
		in := above(n.Input, top)
		s := in.Schema()
		p := &plan.Project{Input: in, Exprs: n.Exprs, Once: n.Once}
		for i, c := range n.Out {
			from, isColumn := n.Exprs[i].(*expr.Column)
			c.Time = c.Time && (!isColumn || s[from.Index].Time)
			p.Out = append(p.Out, c)
		}
		return p
	}
	return top
}
