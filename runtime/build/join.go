package build

import (
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// merged lays out the rows of two inputs in columns that they share, so that a
// union can merge them into one stream: which side a row is of, its time, its key,
// and slots for the other columns, each of which may serve both sides.
type merged struct {
	schema      data.Schema
	left, right []int // where each column of a side is
	// columns of each side by slot, -1 where the slot is not that side's
	from [2][]int
}

// The first columns of a merged row.
const (
	sideColumn = iota
	timeColumn
	firstKey
)

// merge lays out rows of two inputs with the given event times and keys.
func merge(left, right data.Schema, leftTime, rightTime int, leftKeys, rightKeys []int) *merged {
	m := &merged{schema: data.Schema{{Name: "side", Type: data.Of(data.Boolean)}, {Name: "time", Type: data.Of(data.Timestamp), Time: true}}}
	m.from[0], m.from[1] = []int{-1, leftTime}, []int{-1, rightTime}
	for i, k := range leftKeys {
		m.schema = append(m.schema, data.Column{Name: left[k].Name, Type: left[k].Type})
		m.from[0], m.from[1] = append(m.from[0], k), append(m.from[1], rightKeys[i])
	}
	m.left, m.right = m.place(left, 0), m.place(right, 1)
	return m
}

// place finds a slot for each column of a side.
func (m *merged) place(s data.Schema, side int) []int {
	at := make([]int, len(s))
next:
	for i, c := range s {
		for slot, have := range m.from[side] {
			if have == i {
				at[i] = slot
				continue next
			}
		}
		for slot, have := range m.from[side] {
			if slot > timeColumn && have < 0 && m.schema[slot].Type == c.Type {
				at[i], m.from[side][slot] = slot, i
				continue next
			}
		}
		at[i] = len(m.schema)
		m.schema = append(m.schema, data.Column{Name: c.Name, Type: c.Type})
		m.from[side], m.from[1-side] = append(m.from[side], i), append(m.from[1-side], -1)
	}
	return at
}

// mergedExprs makes the merged rows of one side.
func (b *builder) mergedExprs(m *merged, side int, in data.Schema) []expr.Expr {
	at, out := b.query.Span, make([]expr.Expr, len(m.schema))
	for slot, c := range m.schema {
		switch from := m.from[side][slot]; {
		case slot == sideColumn:
			out[slot] = expr.BoolLiteral(side == 1, at)
		case from >= 0:
			out[slot] = expr.NewColumn(from, in[from].Name, in[from].Type, at)
		default:
			out[slot] = expr.ZeroLiteral(c.Type, at) // nobody looks at it
		}
	}
	return out
}

// intervalJoin builds a join: a union of both sides' rows, in the order of their
// watermarks, and the keyed operator behind it.
func (b *builder) intervalJoin(n *plan.IntervalJoin, w *way) error {
	ls, rs := n.Left.Schema(), n.Right.Schema()
	m := merge(ls, rs, n.LeftTime, n.RightTime, n.LeftKeys, n.RightKeys)
	cfg := operators.IntervalJoinConfig{
		Kind: operators.JoinKind(n.Kind), Side: sideColumn, Time: timeColumn, Left: m.left, Right: m.right,
		Before: n.Before, After: n.After, Condition: n.On, Lateness: watermark.Lateness{Allowed: n.Lateness},
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: n.Out, Account: b.account(n),
	}
	for i := range n.LeftKeys {
		cfg.Keys = append(cfg.Keys, firstKey+i)
	}
	workers := b.env.Workers
	if len(cfg.Keys) == 0 {
		workers = 1
	}
	var order []int
	if misses := n.Kind != plan.JoinInner && n.Kind != plan.JoinSemi; misses && workers > 1 {
		cfg.Ordered = true
		order = []int{len(n.Out), len(n.Out) + 1}
		cfg.Out = append(append(data.Schema(nil), n.Out...), data.Column{Name: "time", Type: data.Of(data.BigInt)}, data.Column{Name: "arrival", Type: data.Of(data.BigInt)})
		shown := make([]expr.Expr, len(n.Out))
		for i, c := range n.Out {
			shown[i] = expr.NewColumn(i, c.Name, c.Type, b.query.Span)
		}
		w.before(func() operators.Operator { return operators.NewProject(shown) })
	}
	k := &dataflow.Keyed{Key: cfg.Keys, Workers: workers, Schema: cfg.Out, Order: order, BatchRows: b.env.BatchRows, Next: w.edge}
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{m.left, m.right})
		return operators.NewIntervalJoin(cfg, m.schema)
	}
	b.keepLate(n, k, n.Late)
	return b.mergedUnion(n, n.Left, n.Right, m, k)
}

// mergedUnion puts the merged rows of both sides before a keyed operator.
func (b *builder) mergedUnion(n, left, right plan.Node, m *merged, k *dataflow.Keyed) error {
	b.identify(n, k)
	schemas := [2]data.Schema{left.Schema(), right.Schema()}
	return b.union(n, []plan.Node{left, right}, m.schema, &dataflow.Edge{Keyed: k}, func(side int, w *way) {
		exprs := b.mergedExprs(m, side, schemas[side])
		w.before(func() operators.Operator { return operators.NewProject(exprs) })
	})
}

// keyed is the operator of a join whose rows are spread by the keys of their merged
// form, and which may emit columns that are hidden from who comes after it.
func (b *builder) keyed(keys int, out, hidden data.Schema, order []int, w *way) *dataflow.Keyed {
	k := &dataflow.Keyed{Workers: b.env.Workers, Schema: append(append(data.Schema(nil), out...), hidden...), Order: order, BatchRows: b.env.BatchRows, Next: w.edge}
	for i := range keys {
		k.Key = append(k.Key, firstKey+i)
	}
	if keys == 0 {
		k.Workers = 1
	}
	if len(hidden) > 0 {
		shown := b.columns(out)
		w.before(func() operators.Operator { return operators.NewProject(shown) })
	}
	return k
}

// asofJoin builds a join with the last row before.
func (b *builder) asofJoin(n *plan.Join, w *way) error {
	m := merge(n.Left.Schema(), n.Right.Schema(), n.LeftTime, n.RightTime, n.LeftKeys, n.RightKeys)
	arrival := data.Schema{{Name: "arrival", Type: data.Of(data.BigInt)}}
	k := b.keyed(len(n.LeftKeys), n.Out, arrival, []int{n.LeftTime, len(n.Out)}, w)
	cfg := operators.AsofJoinConfig{
		Outer: n.Kind == plan.JoinLeft, Side: sideColumn, Time: timeColumn, Keys: k.Key, Left: m.left, Right: m.right,
		Back: n.Back, Tolerance: n.Tolerance, Condition: n.On, Versioned: n.Versioned, Ends: n.Ends, Lateness: watermark.Lateness{Allowed: n.Lateness},
		PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: k.Schema,
	}
	cfg.Account, cfg.LeftOnly = b.sidesAccount(n, n.Left)
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{m.left, m.right})
		return operators.NewAsofJoin(cfg, m.schema)
	}
	b.keepLate(n, k, n.Late)
	return b.mergedUnion(n, n.Left, n.Right, m, k)
}

// sidesAccount returns where a join of two sides counts late rows, and whether the left
// ones alone are those of a source.
func (b *builder) sidesAccount(n, left plan.Node) (a *operators.Account, leftOnly bool) {
	if a = b.account(n); a == nil && plan.OfSource(left) {
		return b.accountOf(n, repeated(left)), true
	}
	return a, false
}

// frameJoin builds a join with window functions as of each left row.
func (b *builder) frameJoin(n *plan.FrameJoin, w *way) error {
	m := merge(n.Left.Schema(), n.Right.Schema(), n.LeftTime, n.RightTime, n.LeftKeys, n.RightKeys)
	arrival := data.Schema{{Name: "arrival", Type: data.Of(data.BigInt)}}
	k := b.keyed(len(n.LeftKeys), n.Out, arrival, []int{n.LeftTime, len(n.Out)}, w)
	calls := make([]plan.OverCall, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Moved(m.right)
	}
	cfg := operators.FrameJoinConfig{
		Side: sideColumn, Time: timeColumn, Keys: k.Key, Left: m.left, Calls: overCalls(calls),
		Lateness: watermark.Lateness{Allowed: n.Lateness}, PassTime: n.NeedTime, BatchRows: b.env.BatchRows, Out: k.Schema,
	}
	cfg.Account, cfg.LeftOnly = b.sidesAccount(n, n.Left)
	k.New = func() operators.Operator {
		cfg := cfg
		cfg.Late = newLate(k, n.Late, [2][]int{m.left, m.right})
		return operators.NewFrameJoin(cfg, m.schema)
	}
	b.keepLate(n, k, n.Late)
	return b.mergedUnion(n, n.Left, n.Right, m, k)
}
