package build

import (
	"tidemark/operators"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// aggregate builds an aggregate by the operator of its windows.
func (b *builder) aggregate(n *plan.Aggregate, next *dataflow.Edge) *dataflow.Keyed {
	in := n.Input.Schema()
	k := &dataflow.Keyed{
		Key: n.Keys, Workers: b.workersFor(n), Schema: n.Out, BatchRows: b.env.BatchRows, Next: next, PassesIdle: n.Window == nil,
	}
	shared := b.grouping(n)
	own := func() operators.Grouping { // of each worker
		g := shared
		g.Late = newLate(k, n.Late, [2][]int{})
		return g
	}
	keysAt := 2
	switch {
	case n.Window != nil && n.Window.Kind == plan.Session:
		k.Order = []int{1, 0} // by their ends, then their starts
		k.DeletesFirst = n.Every > 0
		k.New = func() operators.Operator {
			return operators.NewSession(operators.SessionConfig{Grouping: own(), Gap: n.Window.Gap}, in)
		}
	case n.Sliced():
		k.Order = []int{1} // the end tells the start
		k.New = func() operators.Operator {
			return operators.NewSliced(operators.SlicedConfig{Grouping: own(), Grid: n.Window.Grid()}, in)
		}
	default:
		if n.Window != nil {
			k.Order = []int{1}
		} else {
			keysAt = 0
		}
		var panes *operators.PanePool
		with := func(g operators.Grouping) operators.AggregateConfig {
			c := operators.AggregateConfig{Grouping: g, Panes: panes}
			if n.Window != nil {
				c.Window = n.Window.Cells()
			}
			return c
		}
		k.New = func() operators.Operator { return operators.NewAggregate(with(own()), in) }
		if n.TwoPhase {
			panes = &operators.PanePool{}
			k.Local = func() dataflow.Local { return operators.NewPreAggregate(with(shared), in, k.Workers) }
		}
	}
	for i := range n.Keys {
		k.Order = append(k.Order, keysAt+i)
	}
	b.keepLate(n, k, n.Late)
	return k
}

// grouping is what the operator of n is told, whatever its windows.
func (b *builder) grouping(n *plan.Aggregate) operators.Grouping {
	return operators.Grouping{
		Time: n.Time, Keys: n.Keys, Calls: aggregateCalls(n),
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Window != nil && n.Window.ToTheEnd()},
		Emit:     emitMode(n), Every: n.Every, PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out,
		Account: b.account(n), Updating: n.Input.Properties().Updating,
	}
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
