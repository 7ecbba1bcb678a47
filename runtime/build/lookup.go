package build

import (
	"context"
	"errors"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// lookupJoin builds a join with a foreign table.
func (b *builder) lookupJoin(n *plan.Join, w *way) error {
	table, ok := n.Right.(*plan.Lookup)
	if !ok || b.env.Lookup == nil {
		return errors.New("no rows can be looked up here")
	}
	l, err := b.env.Lookup(table.Relation, connectors.LookupConfig{Name: table.Relation.Name, Schema: table.Schema(), Key: n.RightKeys})
	if err != nil {
		return err
	}
	b.program.closers = append(b.program.closers, l)
	cache := l.Cache()
	in := n.Left.Schema()
	cfg := operators.LookupJoinConfig{
		Outer: n.Kind == plan.JoinLeft, Keys: n.LeftKeys, FoundKeys: n.RightKeys, Condition: n.On, Found: table.Schema(),
		TTL: cache.TTL, MaxRows: cache.Rows, MaxBytes: cache.Bytes, Now: b.env.Now, BatchRows: b.env.BatchRows, Out: n.Out,
		Find: func(keys []*data.Vector, n int, found *data.Batch) error {
			return l.Find(context.Background(), keys, n, found)
		},
	}
	k := &dataflow.Keyed{Key: n.LeftKeys, Workers: b.env.Workers, Schema: n.Out, BatchRows: b.env.BatchRows, Next: w.edge, PassesIdle: true,
		New: func() operators.Operator { return operators.NewLookupJoin(cfg, in) }}
	return b.down(n.Left, b.into(n, k))
}
