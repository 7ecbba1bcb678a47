package build

import (
	"errors"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// overFuncs are the window functions of plans as the operators know them.
var overFuncs = map[plan.OverFunc]operators.OverFunc{
	plan.OverAggregate: operators.OverAggregate, plan.OverRowNumber: operators.OverRowNumber, plan.OverRank: operators.OverRank,
	plan.OverDenseRank: operators.OverDenseRank, plan.OverPercentRank: operators.OverPercentRank, plan.OverCumeDist: operators.OverCumeDist,
	plan.OverNtile: operators.OverNtile, plan.OverLag: operators.OverLag, plan.OverLead: operators.OverLead,
	plan.OverFirst: operators.OverFirst, plan.OverLast: operators.OverLast, plan.OverNth: operators.OverNth,
}

var boundKinds = map[plan.BoundKind]operators.BoundKind{
	plan.FromFirst: operators.FromFirst, plan.FromOffset: operators.FromOffset, plan.FromPeers: operators.FromPeers, plan.FromLast: operators.FromLast,
}

func bound(b plan.FrameBound) operators.FrameBound {
	return operators.FrameBound{Kind: boundKinds[b.Kind], Rows: b.Rows, By: b.By}
}

// overConfig describes the functions of an Over to its operator.
func (b *builder) overConfig(n *plan.Over) operators.OverConfig {
	cfg := operators.OverConfig{
		Partition: n.Partition, Peers: n.Peers, ArrivalDesc: n.ArrivalDesc, Time: n.Time,
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Inclusive}, PassTime: n.NeedTime, BatchRows: b.env.BatchRows,
		Out: n.Out, Account: b.account(n),
	}
	for _, k := range n.Order {
		cfg.Order = append(cfg.Order, operators.SortKey{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	cfg.Calls = overCalls(n.Calls)
	return cfg
}

// overCalls describes window functions to their operator.
func overCalls(calls []plan.OverCall) []operators.OverCall {
	out := make([]operators.OverCall, len(calls))
	for i, c := range calls {
		out[i] = operators.OverCall{
			Func: overFuncs[c.Func], Agg: c.Agg, Cols: c.Cols, Filter: c.Filter, N: c.N, Default: c.Default, IgnoreNulls: c.IgnoreNulls,
			Frame: operators.OverFrame{Rows: c.Frame.Rows, Start: bound(c.Frame.Start), End: bound(c.Frame.End)},
		}
	}
	return out
}

// over builds window functions, whose rows are spread by their partitions.
func (b *builder) over(n *plan.Over, w *way) error {
	cfg, in := b.overConfig(n), n.Input.Schema()
	k := &dataflow.Keyed{Key: n.Partition, Workers: b.env.Workers, BatchRows: b.env.BatchRows, Next: w.edge}
	if len(n.Partition) == 0 {
		k.Workers = 1
	}
	switch n.Emit {
	case plan.OverPassed:
		// Rows come in order of time and arrival, of which the operator adds the number.
		k.Schema, k.Order = withArrival(n.Out), []int{n.Time, len(n.Out)}
		k.New = func() operators.Operator {
			cfg := cfg
			cfg.Late = newLate(k, n.Late, [2][]int{})
			return operators.NewOver(cfg, in)
		}
		exprs := b.columns(n.Out)
		w.before(func() operators.Operator { return operators.NewProject(exprs) })
	case plan.OverRefused:
		return errors.New("a window function that the planner has refused")
	default:
		t := operators.OverTableConfig{
			OverConfig: cfg, WindowEnd: n.WindowEnd, Updating: n.Input.Properties().Updating, Corrects: n.Corrects, Timeless: n.Timeless, MostRank: n.MostRank,
		}
		k.Schema = n.Out
		switch n.Emit {
		case plan.OverClosed:
			t.When, k.Order = operators.OverAtClose, append([]int{n.WindowEnd}, n.Partition...)
		case plan.OverAtEnd:
			t.When = operators.OverAtTheEnd
			k.Schema, k.Order = withArrival(n.Out), []int{len(n.Out)}
			exprs := b.columns(n.Out)
			w.before(func() operators.Operator { return operators.NewProject(exprs) })
		}
		k.New = func() operators.Operator {
			t := t
			t.Late = newLate(k, n.Late, [2][]int{})
			return operators.NewOverTable(t, in)
		}
	}
	b.keepLate(n, k, n.Late)
	return b.down(n.Input, b.into(n, k))
}

// withArrival is the columns of an operator that adds the numbers of the rows' arrival.
func withArrival(s data.Schema) data.Schema {
	return append(append(data.Schema(nil), s...), data.Column{Name: "arrival", Type: data.Of(data.BigInt)})
}

// columns are the columns of a schema as expressions.
func (b *builder) columns(s data.Schema) []expr.Expr {
	list := make([]expr.Expr, len(s))
	for i, c := range s {
		list[i] = expr.NewColumn(i, c.Name, c.Type, b.query.Span)
	}
	return list
}
