package build

import (
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
)

// tableJoin builds a join of changelogs.
func (b *builder) tableJoin(n *plan.Join, w *way) error {
	m := merge(n.Left.Schema(), n.Right.Schema(), n.LeftTime, n.RightTime, n.LeftKeys, n.RightKeys)
	var hidden data.Schema
	var order []int
	if n.Mode == plan.JoinWindows {
		for i, name := range []string{"window_end", "window_start", "left arrival", "right arrival"} {
			hidden, order = append(hidden, data.Column{Name: name, Type: data.Of(data.BigInt)}), append(order, len(n.Out)+i)
		}
	}
	k := b.keyed(len(n.LeftKeys), n.Out, hidden, order, w)
	cfg := operators.TableJoinConfig{
		Kind: operators.JoinKind(n.Kind), Side: sideColumn, Time: -1, Keys: k.Key, Left: m.left, Right: m.right, Condition: n.On,
		Loaded: n.Mode == plan.JoinLoaded, Apart: n.Apart(), TTL: n.TTL,
		Windowed: n.Mode == plan.JoinWindows, Lateness: watermark.Lateness{Allowed: n.Lateness, Inclusive: n.Inclusive},
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: k.Schema, Account: b.account(n),
	}
	if n.LeftTime >= 0 {
		cfg.Time = timeColumn
	}
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{m.left, m.right})
		return operators.NewTableJoin(cfg, m.schema)
	}
	b.keepLate(n, k, n.Late)
	return b.mergedUnion(n, n.Left, n.Right, m, k)
}
