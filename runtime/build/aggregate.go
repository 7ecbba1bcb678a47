package build

import (
	"tidemark/operators"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// aggregate builds an aggregate by the operator of its windows.
func (b *builder) aggregate(n *plan.Aggregate, next *dataflow.Edge) *dataflow.Keyed {
	if n.Window != nil && n.Window.Kind == plan.Session {
		return b.session(n, next)
	}
	if n.Sliced() {
		return b.sliced(n, next)
	}
	cfg := operators.AggregateConfig{
		Time: n.Time, Keys: n.Keys,
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Window != nil && n.Window.ToTheEnd()},
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out, Account: b.account(n),
		Updating: n.Input.Properties().Updating, Emit: emitMode(n), Calls: aggregateCalls(n),
	}
	var order []int
	keysAt := 0
	if n.Window != nil {
		order, keysAt = []int{1}, 2 // the end tells the start
	}
	for k := range n.Keys {
		order = append(order, keysAt+k)
	}
	in := n.Input.Schema()
	own := func() operators.AggregateConfig { // with windows of its own
		c := cfg
		if n.Window != nil {
			c.Window = n.Window.Cells()
		}
		return c
	}
	k := &dataflow.Keyed{
		Key: n.Keys, Workers: b.workersFor(n), Schema: n.Out, Order: order, BatchRows: b.env.BatchRows, Next: next, PassesIdle: n.Window == nil,
	}
	k.New = func() operators.Operator {
		c := own()
		c.Late = newLate(k, n.Late, [2][]int{})
		return operators.NewAggregate(c, in)
	}
	b.keepLate(n, k, n.Late)
	if n.TwoPhase {
		cfg.Panes = &operators.PanePool{}
		k.Local = func() dataflow.Local { return operators.NewPreAggregate(own(), in, k.Workers) }
	}
	return k
}

// sliced builds an aggregate by windows that overlap.
func (b *builder) sliced(n *plan.Aggregate, next *dataflow.Edge) *dataflow.Keyed {
	cfg := operators.SlicedConfig{
		Time: n.Time, Keys: n.Keys, Calls: aggregateCalls(n),
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Window.ToTheEnd()}, Emit: emitMode(n), Every: n.Every,
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out, Account: b.account(n),
		Updating: n.Input.Properties().Updating,
	}
	order := []int{1} // the end tells the start
	for k := range n.Keys {
		order = append(order, 2+k)
	}
	in := n.Input.Schema()
	k := &dataflow.Keyed{Key: n.Keys, Workers: b.workersFor(n), Schema: n.Out, Order: order, BatchRows: b.env.BatchRows, Next: next}
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Grid, cfg.Late = n.Window.Grid(), newLate(k, n.Late, [2][]int{}) // each its own
		return operators.NewSliced(cfg, in)
	}
	b.keepLate(n, k, n.Late)
	return k
}

// session builds an aggregate by sessions.
func (b *builder) session(n *plan.Aggregate, next *dataflow.Edge) *dataflow.Keyed {
	cfg := operators.SessionConfig{
		Gap: n.Window.Gap, Time: n.Time, Keys: n.Keys, Calls: aggregateCalls(n),
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: true}, Emit: emitMode(n), Every: n.Every,
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out, Account: b.account(n),
		Updating: n.Input.Properties().Updating,
	}
	order := []int{1, 0} // by their ends, then their starts
	for k := range n.Keys {
		order = append(order, 2+k)
	}
	in := n.Input.Schema()
	k := &dataflow.Keyed{
		Key: n.Keys, Workers: b.workersFor(n), Schema: n.Out, Order: order, DeletesFirst: n.Every > 0, BatchRows: b.env.BatchRows, Next: next,
	}
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{})
		return operators.NewSession(cfg, in)
	}
	b.keepLate(n, k, n.Late)
	return k
}

// workersFor returns how many workers an aggregate has: without keys all rows have
// one key.
func (b *builder) workersFor(n *plan.Aggregate) int {
	if len(n.Keys) == 0 {
		return 1
	}
	return b.env.Workers
}

func emitMode(n *plan.Aggregate) operators.EmitMode {
	switch n.Emit {
	case plan.EmitFinal:
		return operators.EmitFinal
	case plan.EmitChanges:
		return operators.EmitChanges
	}
	return operators.EmitClose
}

func aggregateCalls(n *plan.Aggregate) []operators.AggregateCall {
	var calls []operators.AggregateCall
	for _, c := range n.Aggs {
		calls = append(calls, operators.AggregateCall{Func: c.Func, Cols: c.Cols, Filter: c.Filter})
	}
	return calls
}
