package build

import (
	"tidemark/operators"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// topN builds what keeps the first rows of each partition, by which they are spread.
func (b *builder) topN(n *plan.TopN, w *way) error {
	cfg := operators.TopNConfig{
		Partition: n.Partition, ArrivalDesc: n.ArrivalDesc, N: n.N, Number: n.Number, Replaces: n.Replaces(), WindowEnd: n.WindowEnd,
		Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Inclusive}, Updating: n.Input.Properties().Updating,
		TTL: n.TTL, PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Schema(), Account: b.account(n),
	}
	for _, k := range n.Order {
		cfg.Order = append(cfg.Order, operators.SortKey{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	in := n.Input.Schema()
	k := &dataflow.Keyed{
		Key: n.Partition, Workers: b.env.Workers, Schema: cfg.Out, BatchRows: b.env.BatchRows, Next: w.edge,
	}
	own := func() operators.TopNConfig {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{})
		return cfg
	}
	k.New = func() operators.Operator { return operators.NewTopN(own(), in) }
	if len(n.Partition) == 0 {
		k.Workers = 1
	}
	switch {
	case n.Emit == plan.OverClosed:
		k.Order = append([]int{n.WindowEnd}, n.Partition...)
	case n.Emit == plan.OverPassed:
		// Rows come in order of time and arrival, of which the operator adds the number.
		k.Schema, k.Order = withArrival(cfg.Out), []int{n.Time, len(cfg.Out)}
		k.New = func() operators.Operator { return operators.NewFirstRows(own(), n.Time, in) }
		exprs := b.columns(cfg.Out)
		w.before(func() operators.Operator { return operators.NewProject(exprs) })
	}
	b.keepLate(n, k, n.Late)
	return b.down(n.Input, b.into(n, k))
}
