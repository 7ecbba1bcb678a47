package engine_test

import (
	"strconv"
	"strings"
)

// overClause is what stands behind OVER in a random query.
type overClause struct {
	partition []*node
	order     []*node
	ends      []string // behind each expression of the order
	frame     string
}

func (o *overClause) sql(d dialect) string {
	var b strings.Builder
	b.WriteString(" OVER (")
	for i, p := range o.partition {
		b.WriteString([]string{"PARTITION BY ", ", "}[min(i, 1)] + p.sql(d))
	}
	for i, k := range o.order {
		b.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)] + k.sql(d) + o.ends[i])
	}
	return b.String() + o.frame + ")"
}

// windowed makes a query of window functions. What hangs on the order of rows that
// tie has the key id at the end of its order.
func (g *gen) windowed(depth int) *selection {
	q := &selection{items: []*item{{expr: leaf(kindInt, "id"), kind: kindInt}}}
	for range 1 + g.pick(3) {
		q.items = append(q.items, g.windowFunction(depth))
	}
	if g.pick(3) == 0 {
		q.where = g.expr(kindBool, depth)
	}
	return q
}

func (g *gen) windowFunction(depth int) *item {
	k := kind(g.pick(int(kinds)))
	count := strconv.Itoa(1 + g.pick(3))
	switch g.pick(8) {
	case 0:
		return &item{call: g.oneOf("ROW_NUMBER()", "NTILE("+count+")"), kind: kindInt, over: g.over(depth, true, false)}
	case 1:
		it := &item{call: g.oneOf("RANK()", "DENSE_RANK()"), kind: kindInt, over: g.over(depth, false, false)}
		if g.pick(2) == 0 {
			it.call, it.kind, it.tol = g.oneOf("PERCENT_RANK()", "CUME_DIST()"), kindDbl, nearly
		}
		return it
	case 2, 3:
		if k == kindBool { // SQLite has none: it gives back what was stored
			k = kindInt
		}
		return &item{call: g.oneOf("LAG", "LEAD") + "($, " + count + ")", expr: g.expr(k, depth), kind: k, over: g.over(depth, true, false)}
	case 4:
		if k == kindBool {
			k = kindInt
		}
		return &item{call: g.oneOf("FIRST_VALUE($)", "LAST_VALUE($)", "NTH_VALUE($, "+count+")"), expr: g.expr(k, depth), kind: k, over: g.over(depth, true, true)}
	}
	for {
		it := g.aggregate(depth)
		if !strings.Contains(it.call, "DISTINCT") {
			it.over = g.over(depth, false, true)
			return it
		}
	}
}

// over makes a window, of a total order where it must be.
func (g *gen) over(depth int, total, framed bool) *overClause {
	o := &overClause{}
	for range g.pick(3) {
		o.partition = append(o.partition, g.key(depth))
	}
	ends := func() string { return g.oneOf("", " DESC") + g.oneOf(" NULLS FIRST", " NULLS LAST") }
	for range g.pick(3) {
		o.order, o.ends = append(o.order, g.key(depth)), append(o.ends, ends())
	}
	byRange := framed && !total && g.pick(3) == 0
	if byRange { // of one number
		o.order, o.ends = []*node{leaf(kindInt, "a")}, []string{ends()}
	}
	if total || len(o.order) == 0 {
		o.order, o.ends = append(o.order, leaf(kindInt, "id")), append(o.ends, g.oneOf("", " DESC"))
	}
	if !framed || g.pick(3) == 0 {
		return o
	}
	bounds := []string{"UNBOUNDED PRECEDING", "3 PRECEDING", "1 PRECEDING", "CURRENT ROW", "1 FOLLOWING", "2 FOLLOWING", "UNBOUNDED FOLLOWING"}
	unit := "ROWS"
	switch {
	case byRange || len(o.order) == 1 && o.order[0].tide == "id" && g.pick(2) == 0:
		unit = "RANGE"
	case !total: // rows that tie are in any order
		unit, bounds = "RANGE", []string{"UNBOUNDED PRECEDING", "CURRENT ROW", "UNBOUNDED FOLLOWING"}
	}
	from := g.pick(len(bounds) - 1)
	to := max(from, 1) + g.pick(len(bounds)-max(from, 1))
	o.frame = " " + unit + " BETWEEN " + bounds[from] + " AND " + bounds[to]
	return o
}
