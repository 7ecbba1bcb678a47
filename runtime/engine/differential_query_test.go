package engine_test

import (
	"slices"
	"strconv"
	"strings"
)

// item is a column of a random query: an expression, or an aggregate of one.
type item struct {
	expr *node // nil for COUNT(*)
	// call is the aggregate around the expression, with $ for it; "" for none.
	call   string
	filter *node
	over   *overClause // nil when it is no window function
	kind   kind        // of the result
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
	if it.over != nil {
		text += it.over.sql(d)
	}
	return text
}

// selection is a random query.
type selection struct {
	sub      *selection // what it reads; the table t when nil
	with     bool       // sub is written as a common table expression
	distinct bool
	keys     []*node // GROUP BY
	items    []*item
	where    *node
	having   *item // HAVING count > bound
	bound    int
	union    *selection // UNION ALL what has the same columns
	// order has an order for each column when the result has one; then limit and
	// offset apply, -1 for none.
	order         []order
	limit, offset int
}

// order is how a column is ordered.
type order struct{ desc, nullsFirst bool }

// sql writes the query, with columns c0, c1, …
func (q *selection) sql(d dialect) string {
	var b strings.Builder
	if q.sub != nil && q.with {
		b.WriteString("WITH q AS (" + q.sub.sql(d) + ") ")
	}
	q.core(&b, d)
	if q.union != nil {
		b.WriteString(" UNION ALL ")
		q.union.core(&b, d)
	}
	for i, o := range q.order {
		b.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)] + "c" + strconv.Itoa(i))
		b.WriteString(map[bool]string{false: " ASC", true: " DESC"}[o.desc])
		b.WriteString(map[bool]string{false: " NULLS LAST", true: " NULLS FIRST"}[o.nullsFirst])
	}
	if len(q.order) > 0 && q.limit >= 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(q.limit) + " OFFSET " + strconv.Itoa(q.offset))
	}
	return b.String()
}

// core writes the query from SELECT to HAVING.
func (q *selection) core(b *strings.Builder, d dialect) {
	b.WriteString("SELECT ")
	if q.distinct {
		b.WriteString("DISTINCT ")
	}
	n := 0
	write := func(text string) {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text + " AS c" + strconv.Itoa(n))
		n++
	}
	for _, k := range q.keys {
		write(k.sql(d))
	}
	for _, it := range q.items {
		write(it.sql(d))
	}
	switch {
	case q.sub == nil:
		b.WriteString(" FROM t")
	case q.with:
		b.WriteString(" FROM q")
	default:
		b.WriteString(" FROM (" + q.sub.sql(d) + ") AS q")
	}
	if q.where != nil {
		b.WriteString(" WHERE " + q.where.sql(d))
	}
	for i, k := range q.keys {
		// By its place for SQLite, which takes an expression that it folds to a number for one.
		key := d(&node{tide: k.sql(d), lite: strconv.Itoa(i + 1)})
		b.WriteString([]string{" GROUP BY ", ", "}[min(i, 1)] + key)
	}
	if q.having != nil {
		b.WriteString(" HAVING " + q.having.sql(d) + " > " + strconv.Itoa(q.bound))
	}
}

// columns returns the columns of the result, and how exactly each must agree.
func (q *selection) columns() (cols []column, tols []tolerance) {
	add := func(n *node, k kind, tol tolerance) {
		c := column{name: "c" + strconv.Itoa(len(cols)), kind: k, bound: 1 << 56, wide: true}
		if n != nil {
			c.bound, c.wide = n.bound, n.wide
		}
		cols, tols = append(cols, c), append(tols, tol)
	}
	for _, k := range q.keys {
		add(k, k.kind, exact)
	}
	for _, it := range q.items {
		if it.call == "" {
			add(it.expr, it.kind, it.tol)
		} else {
			add(nil, it.kind, it.tol)
		}
	}
	if q.union != nil {
		others, _ := q.union.columns()
		for i, c := range others {
			cols[i].bound, cols[i].wide = max(c.bound, cols[i].bound), c.wide || cols[i].wide
		}
	}
	return cols, tols
}

// scalars makes a query of expressions without aggregates.
func (g *gen) scalars(depth int) *selection {
	q := &selection{}
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
	q := &selection{}
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

// composed makes a query of queries: over a derived table or a common table
// expression, DISTINCT, UNION ALL, ordered and cut off. An aggregate over an
// aggregate has rows taken back from it.
func (g *gen) composed(depth int) *selection {
	inner := g.simple(depth)
	for !inner.exact() {
		inner = g.simple(depth)
	}
	g.order(inner)
	outer := &gen{r: g.r, subqueries: g.subqueries}
	outer.cols, _ = inner.columns()
	q := outer.simple(depth)
	q.sub, q.with = inner, g.pick(3) == 0
	if g.pick(2) == 0 {
		g.order(q)
	}
	return q
}

// simple makes a query of one level, perhaps with a UNION ALL.
func (g *gen) simple(depth int) *selection {
	if g.pick(2) == 0 {
		return g.grouped(depth)
	}
	q := g.scalars(depth)
	q.items = q.items[:min(len(q.items), 4)]
	q.distinct = g.pick(3) == 0
	if g.cols[0].name == "id" && g.pick(3) == 0 { // UNION ALL reads the table in both
		q.union = &selection{where: g.expr(kindBool, depth)}
		for _, it := range q.items {
			q.union.items = append(q.union.items, &item{expr: g.expr(it.kind, depth), kind: it.kind})
		}
	}
	return q
}

// exact reports whether every column must agree exactly.
func (q *selection) exact() bool {
	_, tols := q.columns()
	return !slices.ContainsFunc(tols, func(t tolerance) bool { return t != exact })
}

// order gives a query an order by all its columns, if these are exact: rows that
// are equal in all are alike, and so the result is the only one.
func (g *gen) order(q *selection) {
	if !q.exact() || g.pick(2) == 0 {
		return
	}
	cols, _ := q.columns()
	for range cols {
		q.order = append(q.order, order{g.pick(2) == 0, g.pick(2) == 0})
	}
	q.limit = -1
	if g.pick(3) > 0 {
		q.limit, q.offset = g.pick(12), g.pick(4)
	}
}

// key makes an expression to group by: one that is no constant, which has other
// rules, such as being an ordinal, and without subqueries.
func (g *gen) key(depth int) *node {
	plain := &gen{r: g.r, cols: g.cols}
	for {
		if k := plain.expr(kind(g.pick(int(kinds))), depth); k.readsColumn(g.cols) {
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
