package engine_test

import (
	"strconv"
	"strings"
)

// item is a column of a random query: an expression, or an aggregate of one.
type item struct {
	expr *node // nil for COUNT(*)
	// call is the aggregate around the expression, with $ for it; "" for none.
	call   string
	filter *node
	kind   kind // of the result
	tol    tolerance
}

// tolerance is how exactly a column must agree.
type tolerance int

const (
	exact   tolerance = iota
	rounded           // a mean with six places
	nearly            // a sum of doubles in another order
)

func (it *item) sql(d dialect) string {
	if it.call == "" {
		return it.expr.sql(d)
	}
	text := it.call
	if it.expr != nil {
		text = strings.Replace(it.call, "$", it.expr.sql(d), 1)
	}
	if it.filter != nil {
		text += " FILTER (WHERE " + it.filter.sql(d) + ")"
	}
	return text
}

// selection is a random query over one relation.
type selection struct {
	from   string
	keys   []*node // GROUP BY; without aggregates the first column is the key id
	items  []*item
	where  *node
	having *item // HAVING count > bound
	bound  int
}

// sql writes the query, with columns c0, c1, …
func (q *selection) sql(d dialect) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	n := 0
	write := func(text string) {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text + " AS c" + strconv.Itoa(n))
		n++
	}
	if !q.aggregates() {
		write("id")
	}
	for _, k := range q.keys {
		write(k.sql(d))
	}
	for _, it := range q.items {
		write(it.sql(d))
	}
	b.WriteString(" FROM " + q.from)
	if q.where != nil {
		b.WriteString(" WHERE " + q.where.sql(d))
	}
	for i, k := range q.keys {
		if i == 0 {
			b.WriteString(" GROUP BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(k.sql(d))
	}
	if q.having != nil {
		b.WriteString(" HAVING " + q.having.sql(d) + " > " + strconv.Itoa(q.bound))
	}
	return b.String()
}

func (q *selection) aggregates() bool { return len(q.items) > 0 && q.items[0].call != "" }

// columns returns kind and tolerance of each column.
func (q *selection) columns() (ks []kind, tols []tolerance) {
	if !q.aggregates() {
		ks, tols = append(ks, kindInt), append(tols, exact)
	}
	for _, k := range q.keys {
		ks, tols = append(ks, k.kind), append(tols, exact)
	}
	for _, it := range q.items {
		ks, tols = append(ks, it.kind), append(tols, it.tol)
	}
	return ks, tols
}

// scalars makes a query of expressions without aggregates.
func (g *gen) scalars(depth int) *selection {
	q := &selection{from: "t"}
	for range 1 + g.pick(10) {
		k := kind(g.pick(int(kinds)))
		q.items = append(q.items, &item{expr: g.expr(k, depth), kind: k})
	}
	if g.pick(2) == 0 {
		q.where = g.expr(kindBool, depth)
	}
	return q
}

// grouped makes a query of aggregates, by keys or over all rows.
func (g *gen) grouped(depth int) *selection {
	q := &selection{from: "t"}
	for range g.pick(3) {
		q.keys = append(q.keys, g.key(depth))
	}
	for range 1 + g.pick(4) {
		q.items = append(q.items, g.aggregate(depth))
	}
	if g.pick(3) == 0 {
		q.where = g.expr(kindBool, depth)
	}
	if g.pick(4) == 0 {
		q.having, q.bound = &item{call: g.oneOf("COUNT(*)", "COUNT(DISTINCT $)", "COUNT($)"), kind: kindInt}, g.pick(4)
		if strings.Contains(q.having.call, "$") {
			q.having.expr = g.expr(kind(g.pick(int(kinds))), depth)
		}
	}
	return q
}

// key makes an expression to group by: one that is no constant, which has other
// rules, such as being an ordinal.
func (g *gen) key(depth int) *node {
	for {
		if k := g.expr(kind(g.pick(int(kinds))), depth); k.readsColumn(g.cols) {
			return k
		}
	}
}

func (n *node) readsColumn(cols []column) bool {
	for _, c := range cols {
		if n.tide == c.name {
			return true
		}
	}
	for _, k := range n.kids {
		if k.readsColumn(cols) {
			return true
		}
	}
	return false
}

// aggregate makes a call of an aggregate.
func (g *gen) aggregate(depth int) *item {
	it := &item{kind: kindInt}
	switch g.pick(7) {
	case 0:
		it.call = "COUNT(*)"
	case 1:
		it.call, it.expr = g.oneOf("COUNT($)", "COUNT(DISTINCT $)"), g.expr(kind(g.pick(int(kinds))), depth)
	case 2:
		it.call, it.expr = g.oneOf("SUM($)", "SUM(DISTINCT $)"), g.sumTerm(depth)
	case 3:
		it.call, it.expr, it.kind, it.tol = g.oneOf("SUM($)", "AVG($)"), g.expr(kindDbl, depth), kindDbl, nearly
	case 4:
		it.call, it.expr, it.kind, it.tol = g.oneOf("AVG($)", "AVG(DISTINCT $)"), g.sumTerm(depth), kindDbl, rounded
	default:
		k := kind(g.pick(int(kindBool))) // booleans have no MIN and MAX here
		it.call, it.expr, it.kind = g.oneOf("MIN($)", "MAX($)"), g.expr(k, depth), k
	}
	if g.pick(3) == 0 {
		it.filter = g.expr(kindBool, depth)
	}
	return it
}

// sumTerm makes an integer whose sum over a table is in range.
func (g *gen) sumTerm(depth int) *node {
	for {
		if n := g.expr(kindInt, depth); n.bound < 1<<50 {
			return n
		}
	}
}
