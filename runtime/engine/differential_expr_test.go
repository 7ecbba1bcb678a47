package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// The differential tests write the same random query twice, for Tidemark and for
// SQLite, and compare the results. They keep to what both mean alike; where they
// differ by design they do not go:
//
//	integer overflow        an error here, a double in SQLite: values are kept within bounds
//	division by zero        an error here, NULL in SQLite: divisors are NULLIF(x, 0) or guarded by CASE
//	CAST of DOUBLE to INT   rounds here, cuts in SQLite
//	CAST of text to numbers an error here for what is no number, a prefix in SQLite
//	doubles as text         1000 and 0.1 here, 1000.0 and 0.1 in SQLite
//	BIGINT with DOUBLE      compared as doubles here, exactly in SQLite: only small integers are mixed
//	NaN                     a value here, NULL in SQLite: nothing makes one
//	SUBSTRING               SQLite counts from the end at places below 1
//	LIKE                    \ escapes here unless ESCAPE says otherwise; SQLite is told to mind case
//	UPPER, LOWER            of ASCII alone in SQLite: letters beyond it have no case in these tests
//	GREATEST, LEAST         pass over NULL here, as in PostgreSQL; MAX(a, b) of SQLite does not
//	AVG of integers         has six places here: compared so
//	GROUP BY a constant     refused here, also where an expression comes to one: such queries are passed over
//	LIMIT without ORDER BY  is not tried: both may give any rows
type kind int

const (
	kindInt  kind = iota // BIGINT of bounded size
	kindBig              // BIGINT of any size: compared, never computed with
	kindDbl              // DOUBLE of moderate size
	kindWild             // DOUBLE of any size: compared, never computed with
	kindStr
	kindBool
	kinds
)

// tide and lite are the names of the types in the two dialects.
var (
	tide = [kinds]string{"BIGINT", "BIGINT", "DOUBLE", "DOUBLE", "STRING", "BOOLEAN"}
	lite = [kinds]string{"INTEGER", "INTEGER", "REAL", "REAL", "TEXT", "INTEGER"}
)

// node is a random expression in both dialects.
type node struct {
	kind       kind
	tide, lite string // templates in which $1, $2, … are the kids
	kids       []*node
	bound      int64 // kindInt: the greatest size of a value
	wide       bool  // kindInt: a BIGINT, not an INT
}

// dialect chooses one of a node's templates.
type dialect func(*node) string

func inTide(n *node) string { return n.tide }
func inLite(n *node) string { return n.lite }

// sql writes the expression.
func (n *node) sql(d dialect) string {
	var b strings.Builder
	t := d(n)
	for i := 0; i < len(t); i++ {
		if t[i] == '$' && i+1 < len(t) && t[i+1] >= '1' && t[i+1] <= '9' {
			i++
			b.WriteString(n.kids[t[i]-'1'].sql(d))
			continue
		}
		b.WriteByte(t[i])
	}
	return b.String()
}

// leaf is an expression that both write alike.
func leaf(k kind, text string) *node { return &node{kind: k, tide: text, lite: text} }

// column is a column of the relation that a query reads.
type column struct {
	name  string
	kind  kind
	bound int64 // kindInt: the greatest size of a value
	wide  bool  // kindInt: a BIGINT, not an INT
}

// gen makes random expressions.
type gen struct {
	r    *rand.Rand
	cols []column
	// subqueries lets conditions and values be subqueries over the table.
	subqueries bool
}

func (g *gen) pick(n int) int              { return g.r.IntN(n) }
func (g *gen) oneOf(list ...string) string { return list[g.r.IntN(len(list))] }

// column returns a column of the kind, nil when there is none.
func (g *gen) column(k kind) *node {
	var fit []column
	for _, c := range g.cols {
		if c.kind == k {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	c := fit[g.pick(len(fit))]
	n := leaf(k, c.name)
	n.bound, n.wide = c.bound, c.wide
	return n
}

var (
	bigLiterals  = []string{"9223372036854775807", "(-9223372036854775807)", "9007199254740993", "0", "4294967296"}
	wildLiterals = []string{"1e300", "(-1e300)", "5e-324", "0.1", "1e16", "0.0"}
	strLiterals  = []string{"", "a", "b", "ab", "A", "aB", "%", "_", "b%", "世", "☃a", " a ", "0", "10", "''"}
)

// literal returns a constant, sometimes NULL.
func (g *gen) literal(k kind) *node {
	if g.pick(8) == 0 {
		return &node{kind: k, tide: "CAST(NULL AS " + tide[k] + ")", lite: "NULL", wide: true}
	}
	switch k {
	case kindInt:
		v := int64(g.pick(21) - 10)
		if g.pick(6) == 0 {
			v = int64(g.pick(2_000_001) - 1_000_000)
		}
		n := leaf(k, strconv.FormatInt(v, 10))
		if v < 0 {
			n = leaf(k, "("+n.tide+")")
		}
		n.bound = max(v, -v)
		return n
	case kindBig:
		return leaf(k, bigLiterals[g.pick(len(bigLiterals))])
	case kindDbl:
		text := strconv.FormatFloat(float64(g.pick(81)-40)/4, 'f', 2, 64)
		return &node{kind: k, tide: "CAST(" + text + " AS DOUBLE)", lite: "(" + text + ")"}
	case kindWild:
		text := wildLiterals[g.pick(len(wildLiterals))]
		return &node{kind: k, tide: "CAST(" + text + " AS DOUBLE)", lite: text}
	case kindStr:
		return leaf(k, "'"+strLiterals[g.pick(len(strLiterals))]+"'")
	}
	return leaf(k, g.oneOf("TRUE", "FALSE"))
}

// expr returns a random expression of a kind, at most depth levels deep.
func (g *gen) expr(k kind, depth int) *node {
	if depth <= 0 || g.pick(5) == 0 {
		if n := g.column(k); n != nil && g.pick(4) > 0 {
			return n
		}
		return g.literal(k)
	}
	if g.subqueries && g.pick(12) == 0 {
		return g.subquery(k, depth-1)
	}
	if g.pick(5) == 0 {
		return g.anyKind(k, depth-1)
	}
	switch k {
	case kindInt:
		return g.integer(depth - 1)
	case kindDbl:
		return g.double(depth - 1)
	case kindStr:
		return g.text(depth - 1)
	case kindBool:
		return g.condition(depth - 1)
	}
	return g.anyKind(k, depth-1)
}

// subquery makes a value or a condition of a query over the table. What is
// inside of it has columns of its own.
func (g *gen) subquery(k kind, depth int) *node {
	in := &gen{r: g.r, cols: tableColumns}
	where := in.expr(kindBool, depth)
	if k != kindBool {
		n := g.both(k, "(SELECT "+g.oneOf("MIN", "MAX")+"($1) FROM t WHERE $2)", in.expr(k, depth), where)
		n.wide = true
		return n
	}
	if g.pick(3) == 0 {
		return g.both(k, g.oneOf("", "NOT ")+"EXISTS (SELECT $1 FROM t WHERE $2)", in.expr(kindInt, depth), where)
	}
	on := kind(g.pick(int(kinds)))
	return g.both(k, "($1 "+g.oneOf("", "NOT ")+"IN (SELECT $2 FROM t WHERE $3))", g.expr(on, depth), in.expr(on, depth), where)
}

// both is an expression that both dialects write alike.
func (g *gen) both(k kind, template string, kids ...*node) *node {
	return g.each(k, template, template, kids...)
}

func (g *gen) each(k kind, inTide, inLite string, kids ...*node) *node {
	n := &node{kind: k, tide: inTide, lite: inLite, kids: kids}
	for _, kid := range kids {
		if kid.kind == kindInt {
			n.bound, n.wide = max(n.bound, kid.bound), n.wide || kid.wide
		}
	}
	return n
}

// anyKind makes the expressions that exist for every kind.
func (g *gen) anyKind(k kind, depth int) *node {
	sub := func() *node { return g.expr(k, depth) }
	when := func() *node { return g.expr(kindBool, depth) }
	switch g.pick(7) {
	case 0:
		return g.both(k, "CASE WHEN $1 THEN $2 ELSE $3 END", when(), sub(), sub())
	case 1:
		return g.both(k, "CASE WHEN $1 THEN $2 WHEN $3 THEN $4 END", when(), sub(), when(), sub())
	case 2:
		on := kind(g.pick(int(kinds)))
		return g.both(k, "CASE $1 WHEN $2 THEN $3 WHEN $4 THEN $5 ELSE $6 END", g.expr(on, depth), g.expr(on, depth), sub(), g.expr(on, depth), sub(), sub())
	case 3:
		return g.both(k, "COALESCE($1, $2)", sub(), sub())
	case 4:
		return g.both(k, "COALESCE($1, $2, $3)", sub(), sub(), sub())
	case 5:
		return g.each(k, "IF($1, $2, $3)", "IIF($1, $2, $3)", when(), sub(), sub())
	}
	return g.both(k, "NULLIF($1, $2)", sub(), sub())
}

func (g *gen) integer(depth int) *node {
	x, y := g.expr(kindInt, depth), g.expr(kindInt, depth)
	most := int64(1) << 62
	if !x.wide && !y.wide {
		most = 1<<31 - 1
	}
	switch g.pick(14) {
	case 0, 1:
		if x.bound < most-y.bound {
			n := g.both(kindInt, "($1 "+g.oneOf("+", "-")+" $2)", x, y)
			n.bound = x.bound + y.bound
			return n
		}
	case 2:
		if y.bound == 0 || x.bound < most/max(y.bound, 1) {
			n := g.both(kindInt, "($1 * $2)", x, y)
			n.bound = x.bound * y.bound
			return n
		}
	case 3:
		return g.both(kindInt, "($1 / NULLIF($2, 0))", x, y)
	case 4:
		return g.both(kindInt, "($1 % NULLIF($2, 0))", x, y)
	case 5:
		return g.both(kindInt, "CASE WHEN $2 <> 0 THEN $1 / $2 ELSE $3 END", x, y, g.expr(kindInt, depth))
	case 6:
		return g.both(kindInt, "(- $1)", x)
	case 7:
		return g.both(kindInt, "ABS($1)", x)
	case 8, 9:
		n := g.both(kindInt, "LENGTH($1)", g.expr(kindStr, depth))
		n.bound, n.wide = 1<<30, true
		return n
	case 10:
		n := g.each(kindInt, "STRPOS($1, $2)", "INSTR($1, $2)", g.expr(kindStr, depth), g.expr(kindStr, depth))
		n.bound, n.wide = 1<<30, true
		return n
	case 11:
		n := g.each(kindInt, "CAST($1 AS INT)", "CAST($1 AS INTEGER)", g.expr(kindBool, depth))
		n.bound, n.wide = 1, false
		return n
	case 12:
		n := g.each(kindInt, "CAST(CAST($1 AS STRING) AS BIGINT)", "CAST(CAST($1 AS TEXT) AS INTEGER)", x)
		n.wide = true
		return n
	case 13:
		n := g.each(kindInt, "CAST($1 AS BIGINT)", "CAST($1 AS INTEGER)", x)
		n.wide = true
		return n
	}
	return x
}

func (g *gen) double(depth int) *node {
	x, y := g.expr(kindDbl, depth), g.expr(kindDbl, depth)
	switch g.pick(10) {
	case 0, 1:
		return g.both(kindDbl, "($1 "+g.oneOf("+", "-", "*")+" $2)", x, y)
	case 2:
		return g.both(kindDbl, "($1 / NULLIF($2, 0))", x, y)
	case 3:
		return g.both(kindDbl, "($1 "+g.oneOf("+", "-", "*")+" $2)", x, g.expr(kindInt, min(depth, 1)))
	case 4:
		return g.both(kindDbl, "($1 "+g.oneOf("+", "-", "*")+" $2)", g.expr(kindInt, min(depth, 1)), y)
	case 5:
		return g.each(kindDbl, "CAST($1 AS DOUBLE)", "CAST($1 AS REAL)", g.expr(kindInt, depth))
	case 6:
		return g.both(kindDbl, "(- $1)", x)
	case 7:
		return g.both(kindDbl, g.oneOf("ABS($1)", "SQRT(ABS($1))"), x)
	case 8:
		return g.both(kindDbl, g.oneOf("FLOOR($1)", "CEIL($1)"), x)
	}
	return g.both(kindDbl, "CASE WHEN $2 <> 0 THEN $1 / $2 ELSE $3 END", x, y, g.expr(kindDbl, depth))
}

func (g *gen) text(depth int) *node {
	x := g.expr(kindStr, depth)
	lit := func() string { return "'" + strLiterals[g.pick(len(strLiterals))] + "'" }
	switch g.pick(11) {
	case 0, 1:
		return g.both(kindStr, "($1 || $2)", x, g.expr(kindStr, depth))
	case 2:
		return g.both(kindStr, g.oneOf("UPPER($1)", "LOWER($1)"), x)
	case 3:
		return g.both(kindStr, fmt.Sprintf("SUBSTR($1, %d)", 1+g.pick(4)), x)
	case 4:
		return g.both(kindStr, fmt.Sprintf("SUBSTR($1, %d, %d)", 1+g.pick(4), g.pick(4)), x)
	case 5:
		return g.both(kindStr, "REPLACE($1, "+lit()+", "+lit()+")", x)
	case 6:
		return g.both(kindStr, g.oneOf("TRIM", "LTRIM", "RTRIM")+"($1)", x)
	case 7:
		return g.both(kindStr, g.oneOf("TRIM", "LTRIM", "RTRIM")+"($1, "+lit()+")", x)
	case 8:
		return g.each(kindStr, "CAST($1 AS STRING)", "CAST($1 AS TEXT)", g.expr(kindInt, depth))
	case 9:
		return g.both(kindStr, "CONCAT($1, $2, $3)", x, g.expr(kindStr, depth), g.expr(kindStr, depth))
	}
	return g.both(kindStr, "CONCAT_WS($1, $2, $3)", x, g.expr(kindStr, depth), g.expr(kindStr, depth))
}

func (g *gen) condition(depth int) *node {
	sub := func() *node { return g.expr(kindBool, depth) }
	k := kind(g.pick(int(kinds)))
	val := func() *node { return g.expr(k, depth) }
	switch g.pick(16) {
	case 0, 1, 2:
		return g.both(kindBool, "($1 "+g.oneOf("=", "<>", "<", "<=", ">", ">=")+" $2)", val(), val())
	case 3:
		return g.both(kindBool, "($1 "+g.oneOf("=", "<>", "<", "<=", ">", ">=")+" $2)", g.expr(kindInt, min(depth, 2)), g.expr(kindDbl, depth))
	case 4, 5:
		return g.both(kindBool, "($1 "+g.oneOf("AND", "OR")+" $2)", sub(), sub())
	case 6:
		return g.both(kindBool, "(NOT $1)", sub())
	case 7:
		return g.both(kindBool, "($1 IS "+g.oneOf("NULL", "NOT NULL")+")", val())
	case 8:
		return g.both(kindBool, "($1 IS "+g.oneOf("", "NOT ")+"DISTINCT FROM $2)", val(), val())
	case 9:
		what := g.oneOf("TRUE", "FALSE", "NOT TRUE", "NOT FALSE")
		if g.pick(3) == 0 {
			return g.each(kindBool, "($1 IS UNKNOWN)", "($1 IS NULL)", sub())
		}
		return g.both(kindBool, "($1 IS "+what+")", sub())
	case 10:
		return g.both(kindBool, "($1 "+g.oneOf("", "NOT ")+"BETWEEN $2 AND $3)", val(), val(), val())
	case 11:
		return g.both(kindBool, "($1 "+g.oneOf("", "NOT ")+"IN ($2, $3, $4))", val(), val(), val(), val())
	case 12:
		return g.each(kindBool, "($1 LIKE $2 ESCAPE '!')", "($1 LIKE $2 ESCAPE '!')", g.expr(kindStr, depth), g.pattern())
	case 13:
		return g.each(kindBool, "STARTS_WITH($1, $2)", "(SUBSTR($1, 1, LENGTH($2)) = $2)", g.expr(kindStr, depth), g.expr(kindStr, depth))
	case 14:
		return g.each(kindBool, "CONTAINS($1, $2)", "(INSTR($1, $2) > 0)", g.expr(kindStr, depth), g.expr(kindStr, depth))
	}
	return g.both(kindBool, "($1 "+g.oneOf("", "NOT ")+"LIKE $2)", g.expr(kindStr, depth), g.expr(kindStr, min(depth, 1)))
}

// pattern returns a constant pattern of LIKE.
func (g *gen) pattern() *node {
	text := ""
	for range g.pick(5) {
		text += g.oneOf("a", "b", "%", "_", "世", "!%", "!_", "!!", "ab")
	}
	return leaf(kindStr, "'"+text+"'")
}
