package engine_test

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// shrink makes a failing trial smaller as long as it still fails in the same way:
// fewer rows, columns and clauses, smaller expressions, plainer values.
func (tr *trial) shrink() {
	refused := strings.HasPrefix(tr.run(), refusal)
	for tries, smaller := 0, true; smaller && tries < 4000; {
		smaller = false
		for _, change := range tr.changes() {
			undo := change()
			tries++
			if tr.fails(refused) {
				smaller = true
				break
			}
			undo()
		}
	}
}

// changes returns what could be tried next, the boldest first. Each makes one
// change and returns how to take it back.
func (tr *trial) changes() []func() (undo func()) {
	var list []func() func()
	for size := len(tr.rows) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(tr.rows); from += size {
			list = append(list, func() func() {
				old := tr.rows
				tr.rows = append(append([][]any(nil), old[:from]...), old[from+size:]...)
				return func() { tr.rows = old }
			})
		}
	}
	if q := tr.query; q.sub != nil {
		list = append(list, set(&tr.query, q.sub))
	}
	return append(list, tr.query.changes()...)
}

// changes returns the changes of a query.
func (q *selection) changes() []func() (undo func()) {
	var list []func() func()
	for i := range q.items {
		if len(q.items) > 1 && q.union == nil {
			list = append(list, func() func() {
				items, order := q.items, q.order
				q.items = append(append([]*item(nil), items[:i]...), items[i+1:]...)
				q.order = order[:max(0, len(order)-1)]
				return func() { q.items, q.order = items, order }
			})
		}
		if q.items[i].filter != nil {
			list = append(list, set(&q.items[i].filter, nil))
		}
		if o := q.items[i].over; o != nil && len(o.partition) > 0 {
			list = append(list, set(&o.partition, o.partition[1:]))
		}
	}
	for i := range q.keys {
		list = append(list, func() func() {
			keys, order := q.keys, q.order
			q.keys = append(append([]*node(nil), keys[:i]...), keys[i+1:]...)
			q.order = order[:max(0, len(order)-1)]
			return func() { q.keys, q.order = keys, order }
		})
	}
	if len(q.order) > 0 {
		list = append(list, set(&q.order, nil), set(&q.limit, -1))
	}
	if q.distinct {
		list = append(list, set(&q.distinct, false))
	}
	if q.with {
		list = append(list, set(&q.with, false))
	}
	if q.union != nil {
		list = append(list, set(&q.union, nil))
	}
	if q.where != nil {
		list = append(list, set(&q.where, nil))
	}
	if q.having != nil {
		list = append(list, set(&q.having, nil))
	}
	for _, e := range q.expressions() {
		list = append(list, smallerNodes(e)...)
	}
	if q.sub != nil {
		list = append(list, q.sub.changes()...)
	}
	return list
}

// set returns a change of *p to v.
func set[T any](p *T, v T) func() func() {
	return func() func() {
		old := *p
		*p = v
		return func() { *p = old }
	}
}

// expressions returns where the query keeps its expressions.
func (q *selection) expressions() []**node {
	var list []**node
	add := func(p **node) {
		if *p != nil {
			list = append(list, p)
		}
	}
	for i := range q.keys {
		add(&q.keys[i])
	}
	for _, it := range q.items {
		add(&it.expr)
		add(&it.filter)
		if it.over != nil {
			for i := range it.over.partition {
				add(&it.over.partition[i])
			}
			for i := range it.over.order {
				add(&it.over.order[i])
			}
		}
	}
	add(&q.where)
	if q.union != nil {
		list = append(list, q.union.expressions()...)
	}
	if q.having != nil {
		add(&q.having.expr)
	}
	return list
}

// smallerNodes returns the changes that put a part of an expression of the same
// kind, or NULL, in its place, from the root down.
func smallerNodes(at **node) []func() func() {
	var list []func() func()
	n := *at
	for _, kid := range n.kids {
		if kid.kind == n.kind {
			list = append(list, set(at, kid))
		}
	}
	if len(n.kids) > 0 {
		null := &node{kind: n.kind, tide: "CAST(NULL AS " + tide[n.kind] + ")", lite: "NULL", wide: true}
		list = append(list, set(at, null))
	}
	for i := range n.kids {
		list = append(list, smallerNodes(&n.kids[i])...)
	}
	return list
}

// TestShrink: a difference that is planted deep in a query over many rows is
// found, and reported as little more than itself.
func TestShrink(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	g := &gen{r: r, cols: tableColumns}
	wrong := g.each(kindInt, "ABS($1)", "($1)", leaf(kindInt, "a"))
	tr := &trial{world: newWorld(t), query: g.scalars(3)}
	for len(tr.rows) < 20 {
		tr.rows = append(tr.rows, randomRow(r, len(tr.rows)))
	}
	deep := g.both(kindInt, "CASE WHEN $1 THEN $2 ELSE ($3 + $4) END", g.expr(kindBool, 3), g.expr(kindInt, 2), g.expr(kindInt, 1), wrong)
	tr.query.items = append(tr.query.items, &item{expr: deep, kind: kindInt})
	tr.query.where = nil
	if tr.run() == "" {
		t.Fatal("the planted difference was not found")
	}
	tr.shrink()
	if tr.run() == "" {
		t.Fatal("what is left does not fail")
	}
	if got := tr.query.sql(inTide); got != "SELECT ABS(a) AS c0 FROM t" || len(tr.rows) != 1 {
		t.Errorf("left of it: %s, over %d rows", got, len(tr.rows))
	}
}
