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
	cache, workers := l.Cache(), int64(b.env.Workers) // each of which keeps its part
	in, ctx := n.Left.Schema(), b.program.waiting()
	cfg := operators.LookupJoinConfig{
		Outer: n.Kind == plan.JoinLeft, Keys: n.LeftKeys, FoundKeys: n.RightKeys, Condition: n.On, Found: table.Schema(),
		TTL: cache.TTL, MaxRows: share(cache.Rows, workers), MaxBytes: share(cache.Bytes, workers), Now: b.env.Now, BatchRows: b.env.BatchRows, Out: n.Out,
		Find: func(keys []*data.Vector, n int, found *data.Batch) error {
			return l.Find(ctx, keys, n, found)
		},
	}
	k := &dataflow.Keyed{Key: n.LeftKeys, Workers: b.env.Workers, Schema: n.Out, BatchRows: b.env.BatchRows, Next: w.edge, PassesIdle: true,
		New: func() operators.Operator { return operators.NewLookupJoin(cfg, in) }}
	return b.down(n.Left, b.into(n, k))
}

// share is the part of a limit that each of some workers has; 0 is none.
func share(limit, workers int64) int64 {
	if limit == 0 {
		return 0
	}
	return max(1, limit/workers)
}

// waiting is what the waits for foreign tables end with: GiveUp.
func (p *Program) waiting() context.Context {
	if p.ctx == nil {
		p.ctx, p.cancel = context.WithCancel(context.Background())
	}
	return p.ctx
}

// GiveUp ends the waits for foreign tables that cannot be reached. It may be called at any
// time after Build.
func (p *Program) GiveUp() {
	if p.cancel != nil {
		p.cancel()
	}
}
