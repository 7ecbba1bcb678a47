package build

import (
	"fmt"
	"slices"

	"tidemark/operators"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// builder builds a flow from its ends: it follows each plan from the sink down
// to the leaves and puts on each edge what stands on it.
type builder struct {
	env     Env
	program *Program
	query   *plan.Query // being built

	ways   []*way
	reads  map[*catalog.Relation]*reading
	order  []*reading // in order of first use
	splits map[*plan.Shared]*split
	leaves map[plan.Node]*dataflow.Source
	unions []union
	lates  map[plan.Node]*lateWays
	// accounts are where the nodes count the rows they drop.
	accounts map[plan.Node]*operators.Account
	counted  map[string]int // accounts by the titles of their nodes
}

func newBuilder(env Env) *builder {
	return &builder{
		env: env, program: &Program{Flow: &dataflow.Flow{}},
		reads: map[*catalog.Relation]*reading{}, splits: map[*plan.Shared]*split{},
		leaves: map[plan.Node]*dataflow.Source{}, accounts: map[plan.Node]*operators.Account{}, counted: map[string]int{},
		lates: map[plan.Node]*lateWays{},
	}
}

type factory func() operators.Operator

// way is an edge whose end is known and whose beginning is not reached yet.
type way struct {
	edge *dataflow.Edge
	ops  []factory // from the end towards the beginning
}

// before puts an operator before those that are there.
func (w *way) before(f factory) { w.ops = append(w.ops, f) }

// counts says that an operator on the way counts in an account, which may be nil.
func (w *way) counts(a *operators.Account) {
	if a != nil {
		w.edge.Accounts = append(w.edge.Accounts, a)
	}
}

// way returns a new way that ends as the edge does.
func (b *builder) way(e *dataflow.Edge) *way {
	w := &way{edge: e}
	b.ways = append(b.ways, w)
	return w
}

// finish gives the edge its operators.
func (w *way) finish() {
	if len(w.ops) == 0 {
		return
	}
	w.edge.Operators = func() []operators.Operator {
		ops := make([]operators.Operator, len(w.ops))
		for i, f := range w.ops {
			ops[len(ops)-1-i] = f()
		}
		return ops
	}
}

// split is a shared part of the plan and the ways that begin behind it.
type split struct {
	edge *dataflow.Edge
	ways []*way
	part *SharedPart
}

func (b *builder) build(queries []*plan.Query) error {
	for _, q := range queries {
		if err := b.statement(q); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	for _, r := range b.order {
		if err := b.source(r); err != nil {
			return fmt.Errorf("%s: %w", r.relation.Name, err)
		}
	}
	for _, s := range b.splits {
		for _, w := range s.ways {
			s.edge.Split = append(s.edge.Split, w.edge)
		}
	}
	for _, w := range b.ways {
		w.finish()
	}
	for _, u := range b.unions {
		lanes := lanesOf(u)
		for _, in := range u.branches {
			u.run.Alone = append(u.run.Alone, b.alone(in, lanes))
		}
	}
	b.finishLate()
	tallies := map[*plan.Shared]*Tally{}
	for _, st := range b.program.Statements {
		st.Tally = b.tally(st.Query.Root.Input, tallies)
	}
	return nil
}

// statement opens the sink of a query and builds what leads to it.
func (b *builder) statement(q *plan.Query) error {
	b.query = q
	sink, err := b.sink(q)
	if err != nil {
		return err
	}
	st := &Statement{Query: q, Sink: &dataflow.Sink{Name: q.Name, Sink: sink, Live: b.env.Live(q)}}
	b.program.Statements = append(b.program.Statements, st)
	b.program.Flow.Sinks = append(b.program.Flow.Sinks, st.Sink)
	w := b.way(&dataflow.Edge{Sink: st.Sink})
	root := q.Root
	if r := root.Relation; r != nil && len(r.Key) > 0 && root.Input.Properties().Updating {
		w.before(func() operators.Operator { return operators.NewRekey(r.Key) })
	}
	if exprs := sinkExprs(q); exprs != nil {
		w.before(func() operators.Operator { return operators.NewProject(exprs) })
	}
	return b.down(root.Input, w)
}

// down builds n and what is below it, whose result goes the way w.
func (b *builder) down(n plan.Node, w *way) error {
	if b.env.Watch != nil {
		if counts := b.env.Watch(n); counts != nil {
			w.before(func() operators.Operator { return operators.NewProbe(counts) })
		}
	}
	switch n := n.(type) {
	case *plan.Scan:
		b.scan(n, w)
		return nil
	case *plan.Values:
		b.values(n, w)
		return nil
	case *plan.Series:
		b.series(n, w)
		return nil
	case *plan.Filter:
		account := b.account(n)
		w.counts(account)
		w.before(func() operators.Operator { return operators.NewFilter(n.Pred, account) })
		return b.down(n.Input, w)
	case *plan.Project:
		w.before(func() operators.Operator { return operators.NewProject(n.Exprs) })
		return b.down(n.Input, w)
	case *plan.Require:
		columns := make([]operators.Required, len(n.Columns))
		for i, c := range n.Of {
			columns[i] = operators.Required{Column: n.Columns[i], Name: n.Relation.Schema[c].Name + " of " + n.Relation.Name, Key: slices.Contains(n.Relation.Key, c)}
		}
		w.before(func() operators.Operator { return operators.NewRequire(columns) })
		return b.down(n.Input, w)
	case *plan.Shared:
		return b.shared(n, w)
	case *plan.Unnest:
		in, account := n.Input.Schema(), b.account(n)
		return b.inOrder(n, n.Input, w, func() operators.Operator {
			return operators.NewUnnest(operators.UnnestConfig{Array: n.Array, Ordinality: n.Ordinality, Outer: n.Outer, BatchRows: b.env.BatchRows, Account: account}, in, n.Out)
		})
	case *plan.Windowed:
		return b.windowed(n, w)
	case *plan.Sort:
		return b.sort(n, w)
	case *plan.Union:
		return b.union(n, n.Branches, n.Out, w.edge, nil)
	case *plan.IntervalJoin:
		return b.intervalJoin(n, w)
	case *plan.Join:
		switch n.Mode {
		case plan.JoinAsof:
			return b.asofJoin(n, w)
		case plan.JoinLookup:
			return b.lookupJoin(n, w)
		}
		return b.tableJoin(n, w)
	case *plan.FrameJoin:
		return b.frameJoin(n, w)
	case *plan.Watermark:
		var floors []operators.Floor
		for _, f := range n.Floors {
			floors = append(floors, operators.Floor(f))
		}
		return b.inOrder(n, n.Input, w, func() operators.Operator {
			return operators.NewAssignTime(n.Time, watermarkSpec(n.Timing), n.Marks, floors)
		})
	case *plan.Stamp:
		return b.inOrder(n, n.Input, w, func() operators.Operator { return operators.NewStamp(n.Input.Schema()) })
	case *plan.First:
		schema := n.Schema()
		return b.down(n.Input, b.into(n, &dataflow.Keyed{
			Key: n.Key, Workers: b.env.Workers, Schema: schema, BatchRows: b.env.BatchRows, Next: w.edge,
			New: func() operators.Operator { return operators.NewFirst(n.Key, schema) },
		}))
	case *plan.Upsert:
		schema := n.Schema()
		return b.down(n.Input, b.into(n, &dataflow.Keyed{
			Key: n.Key, Workers: b.env.Workers, Schema: schema, Order: n.Key, BatchRows: b.env.BatchRows, Next: w.edge,
			New: func() operators.Operator { return operators.NewUpsert(n.Key, schema, b.env.BatchRows) }, PassesIdle: true,
		}))
	case *plan.Over:
		return b.over(n, w)
	case *plan.LateData:
		return b.lateData(n, w)
	case *plan.TopN:
		return b.topN(n, w)
	case *plan.Aggregate:
		return b.down(n.Input, b.into(n, b.aggregate(n, w.edge)))
	}
	return fmt.Errorf("a plan with %T cannot be run", n)
}

// inOrder puts an operator before w that must see all rows in their order: one
// goroutine runs it, and its rows are numbered anew.
func (b *builder) inOrder(n, input plan.Node, w *way, f factory) error {
	k := &dataflow.Keyed{Workers: 1, Schema: n.Schema(), BatchRows: b.env.BatchRows, Next: w.edge, New: f, PassesIdle: true}
	return b.down(input, b.into(n, k))
}

// into returns the way into the operator that n is built of.
func (b *builder) into(n plan.Node, k *dataflow.Keyed) *way {
	b.identify(n, k)
	return b.way(&dataflow.Edge{Keyed: k})
}

// identify says in k, which n is built of, what n remembers and where it counts.
func (b *builder) identify(n plan.Node, k *dataflow.Keyed) {
	if b.program.keyed == nil {
		b.program.keyed = map[plan.Node]*dataflow.Keyed{}
	}
	b.program.keyed[n] = k
	k.Name, k.Lateness, k.Account = plan.Fingerprint(n), plan.LatenessOf(n), b.accounts[n]
}

// sort builds ORDER BY and LIMIT.
func (b *builder) sort(n *plan.Sort, w *way) error {
	updating := n.Input.Properties().Updating
	if len(n.Keys) == 0 && !updating {
		return b.inOrder(n, n.Input, w, func() operators.Operator { return operators.NewLimit(n.Limit, n.Offset) })
	}
	cfg := operators.SortConfig{Limit: n.Limit, Offset: n.Offset, Updating: updating, BatchRows: b.env.BatchRows, Out: n.Schema()}
	for _, k := range n.Keys {
		cfg.Keys = append(cfg.Keys, operators.SortKey{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return b.inOrder(n, n.Input, w, func() operators.Operator { return operators.NewSort(cfg) })
}

// shared lets w begin behind a part of the plan that is built once.
func (b *builder) shared(n *plan.Shared, w *way) error {
	if s := b.splits[n]; s != nil {
		s.ways = append(s.ways, w)
		s.part.Uses++
		return nil
	}
	s := b.newSplit(n)
	s.ways, s.part.Uses = []*way{w}, 1
	return b.down(n.Input, b.way(s.edge))
}

// newSplit begins to build a shared part of the plan.
func (b *builder) newSplit(n *plan.Shared) *split {
	part := &SharedPart{Name: n.Name}
	b.program.Shared = append(b.program.Shared, part)
	s := &split{edge: &dataflow.Edge{Rows: &part.Rows, Split: []*dataflow.Edge{}}, part: part}
	b.splits[n] = s
	return s
}
