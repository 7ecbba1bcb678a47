package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// instants is a query with window functions in order of an event time, which can be
// computed for any instant.
type instants struct {
	over *plan.Over
	cols []expr.Expr // the query's columns, over those of over
	// preds leave rows out by what the functions come to.
	preds []expr.Expr
}

// instantsOf returns what computes a query for instants, nil where window functions in
// order of an event time are not what it ends with.
func instantsOf(n plan.Node) *instants {
	switch n := n.(type) {
	case *plan.Over:
		if n.Peers == 0 || n.WindowEnd >= 0 || !n.Input.Schema()[n.Order[0].Column].Time {
			return nil
		}
		i := &instants{over: n}
		for c, col := range n.Out {
			i.cols = append(i.cols, expr.NewColumn(c, col.Name, col.Type, source.Span{}))
		}
		return i
	case *plan.Shared:
		return instantsOf(n.Input)
	case *plan.Filter:
		if i := instantsOf(n.Input); i != nil {
			i.preds = append(i.preds, i.of(n.Pred))
			return i
		}
	case *plan.Project:
		if i := instantsOf(n.Input); i != nil {
			cols := make([]expr.Expr, len(n.Exprs))
			for k, e := range n.Exprs {
				cols[k] = i.of(e)
			}
			i.cols = cols
			return i
		}
	}
	return nil
}

// frameRows are the columns of the rows that a query of window functions is computed over.
func (b *binder) frameRows(o *plan.Over) data.Schema { return o.Input.Schema()[:b.ownColumns[o]] }

// of puts an expression over the query's columns over those of over.
func (i *instants) of(e expr.Expr) expr.Expr {
	return expr.Map(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok {
			return i.cols[c.Index]
		}
		return e
	})
}

// lost says why a column of over has no value at an instant, nil where it has one.
func (i *instants) lost(column int, name string) *lostColumn {
	o := i.over
	first := len(o.Out) - len(o.Calls)
	switch {
	case column == o.Order[0].Column || slices.Contains(o.Partition, column):
		return nil
	case column < first:
		return &lostColumn{"is of one row of " + name + ", and at the time of a row of the left side there need be none",
			"in the view, write LAST_VALUE(" + display(o.Out[column].Name) + ") OVER (…) of the frame to look at; or find the last row with ASOF JOIN"}
	case o.Order[0].Desc || o.Peers > 1:
		return &lostColumn{"is not in order of event time alone, so that it has no value as of a time", "write ORDER BY " + display(o.Out[o.Order[0].Column].Name)}
	}
	call := &o.Calls[column-first]
	if !call.Func.Framed() || call.Frame.Rows {
		return &lostColumn{"counts rows from one of them on, and as of a time there need be none", "frame it by time: RANGE INTERVAL '1' HOUR PRECEDING"}
	}
	switch end := call.Frame.End; {
	case end.Kind == plan.FromLast || end.Kind == plan.FromOffset && end.By.Ints[0] > 0:
		return &lostColumn{"looks at rows behind its own, which are not known as of a time", "end its frame with CURRENT ROW"}
	case call.Frame.Start.Kind != plan.FromFirst:
	case call.Func == plan.OverFirst || call.Func == plan.OverNth || call.Func == plan.OverLast && call.IgnoreNulls:
		return &lostColumn{"is of all rows so far, and would need each of them when one comes late", "give its frame a length: RANGE INTERVAL '30' DAY PRECEDING"}
	}
	return nil
}

// frames reports whether functions go by the time, so that they come to something else
// at each instant.
func (i *instants) frames() bool {
	for k, c := range i.over.Calls {
		if c.Frame.Start.Kind == plan.FromOffset && i.lost(len(i.over.Out)-len(i.over.Calls)+k, "") == nil {
			return true
		}
	}
	return false
}

// frameJoin makes the node of a join with window functions as of a time, and puts the
// query's own expressions over it.
func (b *binder) frameJoin(j *openJoin, c *conditions, i *instants, name string) (plan.Node, bool) {
	o := i.over
	if o.Input.Properties().Updating {
		b.errorf(j.at, "compute the window functions before rows are aggregated, or let the query below EMIT FINAL", "the rows that %s is computed over change, and a join as of a time needs rows that stay", name)
		return nil, false
	}
	key, ok := b.frameKey(j, c, i, name)
	if !ok {
		return nil, false
	}
	n := &plan.FrameJoin{LeftTime: j.time, RightTime: o.Order[0].Column, Lateness: j.lateness, Late: j.lateRows()}
	var have []expr.Expr // that the key is no NULL, with which nothing is equal
	for _, k := range c.left {
		is, err := expr.NewCall("IS NOT NULL", []expr.Expr{k}, k.Span())
		if is = b.check(is, err, k.Span()); is == nil {
			return nil, false
		}
		have = append(have, is)
	}
	left := j.left
	if j.kind == plan.JoinInner {
		left, have = filtered(left, have), nil
	}
	n.Left, n.LeftKeys = withKeys(left, c.left, 0)
	n.Right, n.RightKeys = o.Input, key
	wide := len(n.Left.Schema())
	var results data.Schema
	at := make([]int, len(o.Out)) // where a column of over is in the join's, -1
	for col := range at {
		at[col] = -1
	}
	for k, call := range o.Calls {
		if col := len(o.Out) - len(o.Calls) + k; i.lost(col, name) == nil {
			at[col] = wide + len(n.Calls)
			n.Calls, results = append(n.Calls, call), append(results, o.Out[col])
		}
	}
	at[o.Order[0].Column] = j.time
	for k, col := range key {
		at[col] = n.LeftKeys[k]
	}
	s := *c
	s.leftTime, s.rightTime = j.time, -1
	n.Texts = j.texts(&s)
	n.Texts.LeftTime = j.name(j.time, bothSchemas(j))
	n.SetSchema(results)
	return b.instantColumns(j, c, i, n, at, have, name)
}

// frameKey returns the columns that over is partitioned by in the order of the left
// side's keys, which c has then.
func (b *binder) frameKey(j *openJoin, c *conditions, i *instants, name string) (key []int, ok bool) {
	partOf := map[int]int{} // of the query's columns
	var cols []int
	for _, k := range i.over.Partition {
		at := slices.IndexFunc(i.cols, func(e expr.Expr) bool {
			col, isColumn := e.(*expr.Column)
			return isColumn && col.Index == k
		})
		if at < 0 {
			b.errorf(j.at, "select it in "+name, "%s does not show %s, by which its window functions are partitioned", name, display(i.over.Out[k].Name))
			return nil, false
		}
		partOf[at] = k
		cols = append(cols, at)
	}
	if !b.wholeKey(j, c, cols, "a view of window functions", name) {
		return nil, false
	}
	for _, r := range c.right {
		key = append(key, partOf[r.(*expr.Column).Index-c.width])
	}
	return key, true
}

// instantColumns puts the columns of a query of window functions over the join that
// computes these: at has the places of those of over. Where have, what the query filters
// by or further conditions are not true there is no match.
func (b *binder) instantColumns(j *openJoin, c *conditions, i *instants, n *plan.FrameJoin, at []int, have []expr.Expr, name string) (plan.Node, bool) {
	width := c.width
	why := func(e expr.Expr) *lostColumn {
		for _, col := range expr.Columns(e) {
			if l := i.lost(col, name); l != nil {
				return l
			}
		}
		return nil
	}
	p := &plan.Project{Out: append(data.Schema(nil), n.Out[:width]...)}
	for k, col := range p.Out {
		p.Exprs = append(p.Exprs, expr.NewColumn(k, col.Name, col.Type, j.at))
	}
	j.lost = map[int]*lostColumn{}
	for k, col := range j.right.Schema() {
		e := i.cols[k]
		if l := why(e); l != nil {
			j.lost[width+k] = l
			e = expr.NullLiteral(col.Type, j.at)
		} else {
			e = expr.Remap(e, func(c int) int { return at[c] })
		}
		col.Time = false
		p.Exprs, p.Out = append(p.Exprs, e), append(p.Out, col)
	}
	on := have
	for _, pred := range i.preds {
		if l := why(pred); l != nil {
			b.errorf(j.at, l.hint, "%s leaves rows out by %s, which %s", name, pred, l.message)
			return nil, false
		}
		on = append(on, expr.Remap(pred, func(c int) int { return at[c] }))
	}
	for _, pred := range c.rest {
		for _, col := range expr.Columns(pred) {
			if l := j.lost[col]; l != nil {
				b.errorf(pred.Span(), l.hint, "%s %s", display(p.Out[col].Name), l.message)
				return nil, false
			}
		}
		on = append(on, expr.Map(pred, func(e expr.Expr) expr.Expr {
			if col, ok := e.(*expr.Column); ok {
				return p.Exprs[col.Index]
			}
			return e
		}))
	}
	p.Input = b.withLate(j.late, n, n.Late)
	if j.kind == plan.JoinInner {
		p.Input = filtered(p.Input, on)
		return p, true
	}
	if len(on) == 0 {
		return p, true
	}
	for k := width; k < len(p.Exprs); k++ {
		e, err := expr.NewCase([]expr.When{{Cond: expr.And(on), Then: p.Exprs[k]}}, nil, j.at)
		if p.Exprs[k] = b.check(e, err, j.at); e == nil {
			return nil, false
		}
	}
	return p, true
}
