package planner

import (
	"strings"
	"testing"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// bound returns a query's plan before rewriting.
func bound(t *testing.T, text string) plan.Node {
	t.Helper()
	r := mustPlan(t, text)
	return r.bound[r.Queries[0]]
}

// shape writes a plan as its nodes' headlines, the root first.
func shape(n plan.Node) string {
	var lines []string
	for _, line := range strings.Split(plan.Explain(n), "\n") {
		line = strings.TrimLeft(line, " │")
		switch {
		case strings.HasPrefix(line, "└── "):
			lines = append(lines, strings.TrimPrefix(line, "└── "))
		case len(lines) == 0 || strings.HasPrefix(line, "reads") || strings.HasPrefix(line, "filter in"):
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// applied returns the shape of a query after the rules up to and including one.
func applied(t *testing.T, upTo, text string) string {
	t.Helper()
	g := newGraph([]plan.Node{bound(t, text)})
	for _, r := range rules {
		r.apply(g)
		if r.name == upTo {
			return shape(g.roots[0])
		}
	}
	t.Fatalf("there is no rule %s", upTo)
	return ""
}

func checkRule(t *testing.T, rule, text, want string) {
	t.Helper()
	if got := applied(t, rule, text); got != strings.TrimSpace(want) {
		t.Errorf("%s\nafter the rule %s\n--- got\n%s\n--- want\n%s", text, rule, got, strings.TrimSpace(want))
	}
}

func TestFoldConstants(t *testing.T) {
	checkRule(t, "fold constants", "SELECT n + (1 + 2) AS m FROM plain WHERE n > 2 * 3 AND 1 < 2", `
Print m
Project n + 3 AS m
Filter n > 6
Scan plain
reads: ts TIMESTAMP, name STRING, n INT`)
	checkRule(t, "fold constants", "SELECT n FROM plain WHERE 1 = 1 OR n > 2", `
Print n
Project n
Scan plain
reads: ts TIMESTAMP, name STRING, n INT`)
	checkRule(t, "fold constants", "SELECT n FROM plain WHERE 1 = 2", `
Print n
Project n
Filter FALSE
Scan plain
reads: ts TIMESTAMP, name STRING, n INT`)
}

func TestPushFilters(t *testing.T) {
	// Below the view's projection, and into the source what it understands.
	checkRule(t, "push filters down", "SELECT page FROM pages WHERE page = 'home' AND amount > 3 AND at < '2026-01-05T00:00:00Z'", `
Print page
Project page
Project event_time AS at, LOWER(page) AS page, amount
Filter page IS NOT NULL AND LOWER(page) = 'home'
Scan clicks
reads: event_id STRING, user_id STRING, event_time TIMESTAMP, page STRING, amount DECIMAL(12,2), clicks BIGINT
filter in the source: amount > 3.00 AND event_time < TIMESTAMP '2026-01-05T00:00:00Z'`)
	// Below an aggregate only what is about its keys.
	checkRule(t, "push filters down", "SELECT page, COUNT(*) AS n FROM clicks GROUP BY page HAVING page = 'home' AND COUNT(*) > 1", `
Print page, n
Project page, COUNT(*) AS n
Filter COUNT(*) > 1
Aggregate by page
Project page
Scan clicks
reads: event_id STRING, user_id STRING, event_time TIMESTAMP, page STRING, amount DECIMAL(12,2), clicks BIGINT
filter in the source: page = 'home'`)
}

// What is pushed into a source compares a column with constants of its own type.
func TestPushedFilters(t *testing.T) {
	for _, c := range []struct {
		where  string
		pushed bool
	}{
		{"n = 1", true},
		{"n <> 1", true},
		{"5 < n", true},
		{"n >= -5", true},
		{"n IN (1, 2, NULL)", true},
		{"name = 'x'", true},
		{"name > 'x'", true},
		{"name IN ('x', 'y')", true},
		{"ts > '2026-01-01'", true},
		{"n BETWEEN 1 AND 3", true},
		{"n = 3000000000", false}, // the column would be cast to BIGINT
		{"n > 1.5", false},
		{"n + 1 = 2", false},
		{"n NOT IN (1, 2)", false},
		{"n IS NULL", false},
		{"name LIKE 'x%'", false},
		{"n = n", false},
		{"n = NULL", false},
		{"n = 1 OR n = 2", false},
		{"NOT n = 1", false},
		{"n IN (NULL)", false},
	} {
		q := planQuery(t, "SELECT name FROM plain WHERE "+c.where)
		scan := leafOf(t, q)
		if got := len(scan.Filter) > 0; got != c.pushed {
			t.Errorf("%s: pushed is %v, and should be %v\n%s", c.where, got, c.pushed, plan.Explain(q))
		}
		for _, f := range scan.Filter {
			p, ok := plan.Comparison(f)
			if !ok {
				t.Fatalf("%s: %s is pushed but no comparison", c.where, f)
			}
			for _, v := range p.Values {
				if want := scan.Schema()[p.Column].Type; v.Type != want || !v.Const || v.IsNull(0) {
					t.Errorf("%s: a constant of type %s for a column of type %s", c.where, v.Type, want)
				}
			}
		}
	}
	q := leafOf(t, planQuery(t, "SELECT name FROM plain WHERE 5 < n"))
	if p, _ := plan.Comparison(q.Filter[0]); p.Op != ">" || p.Values[0].Ints[0] != 5 {
		t.Errorf("5 < n became n %s %d", p.Op, p.Values[0].Ints[0])
	}
	q = leafOf(t, planQuery(t, "SELECT page FROM clicks WHERE amount > 3"))
	if p, _ := plan.Comparison(q.Filter[0]); p.Values[0].Ints[0] != 300 {
		t.Errorf("amount > 3 compares DECIMAL(12,2) with %d hundredths", p.Values[0].Ints[0])
	}
}

func leafOf(t *testing.T, n plan.Node) *plan.Scan {
	t.Helper()
	for len(n.Inputs()) > 0 {
		n = n.Inputs()[0]
	}
	s, ok := n.(*plan.Scan)
	if !ok {
		t.Fatalf("the leaf is %T", n)
	}
	return s
}

func TestMergeProjects(t *testing.T) {
	checkRule(t, "merge projections", "SELECT amount AS a, page || 'x' AS p FROM pages", `
Print a, p
Project amount AS a, LOWER(page) || 'x' AS p
Filter page IS NOT NULL
Scan clicks
reads: event_id STRING, user_id STRING, event_time TIMESTAMP, page STRING, amount DECIMAL(12,2), clicks BIGINT`)
	// LOWER(page) is not computed twice.
	checkRule(t, "merge projections", "SELECT page || 'x' AS p, page || 'y' AS q FROM pages", `
Print p, q
Project page || 'x' AS p, page || 'y' AS q
Project event_time AS at, LOWER(page) AS page, amount
Filter page IS NOT NULL
Scan clicks
reads: event_id STRING, user_id STRING, event_time TIMESTAMP, page STRING, amount DECIMAL(12,2), clicks BIGINT`)
	checkRule(t, "merge projections", "SELECT 1 AS a, 'x' AS b", `
Print a, b
One row 1 AS a, 'x' AS b`)
}

func TestPruneColumns(t *testing.T) {
	checkRule(t, "prune columns", "SELECT name FROM plain WHERE n > 3", `
Print name
Project name
Scan plain
reads 2 of 3 columns: name STRING, n INT
filter in the source: n > 3`)
	// The time column of a relation with a watermark is always read.
	checkRule(t, "prune columns", "SELECT page FROM clicks WHERE lower(user_id) = 'a'", `
Print page
Project page
Filter LOWER(user_id) = 'a'
Scan clicks
reads 3 of 6 columns: user_id STRING, event_time TIMESTAMP, page STRING`)
	// An aggregate that nobody looks at is not computed.
	checkRule(t, "prune columns", "CREATE VIEW v AS SELECT page, SUM(amount) AS a, MAX(clicks) AS c FROM clicks GROUP BY page; SELECT page, c FROM v", `
Print page, c
Project page, MAX(clicks) AS c
Aggregate by page
Project page, clicks
Scan clicks
reads 3 of 6 columns: event_time TIMESTAMP, page STRING, clicks BIGINT`)
	checkRule(t, "prune columns", "SELECT COUNT(*) FROM plain", `
Print count
Project COUNT(*) AS count
Aggregate all rows
Project nothing
Scan plain
reads no column, only how many rows there are`)
}

func TestDropProjects(t *testing.T) {
	checkRule(t, "drop projections", "SELECT page, MAX(clicks) AS c FROM clicks GROUP BY page", `
Print page, c
Project page, MAX(clicks) AS c
Aggregate by page
Scan clicks
reads 3 of 6 columns: event_time TIMESTAMP, page STRING, clicks BIGINT`)
	checkRule(t, "drop projections", "INSERT INTO history SELECT page, clicks FROM clicks", `
Insert into history (stream)
Project page, CAST(clicks AS DECIMAL(12,2)) AS total
Scan clicks
reads 3 of 6 columns: event_time TIMESTAMP, page STRING, clicks BIGINT`)
	checkRule(t, "drop projections", "INSERT INTO history SELECT page AS p, amount FROM clicks", `
Insert into history (stream)
Scan clicks
reads 3 of 6 columns: event_time TIMESTAMP, page STRING, amount DECIMAL(12,2)`)
	checkRule(t, "drop projections", "SELECT ts, name, n FROM plain", `
Print ts, name, n
Scan plain
reads: ts TIMESTAMP, name STRING, n INT`)
	checkRule(t, "drop projections", "SELECT name, ts, n FROM plain", `
Print name, ts, n
Project name, ts, n
Scan plain
reads: ts TIMESTAMP, name STRING, n INT`)
}

func TestMarkTime(t *testing.T) {
	outer := planQuery(t, "SELECT window_start, MAX(total) AS m FROM per_minute GROUP BY TUMBLE(window_time, INTERVAL '1' HOUR)")
	var marks []bool
	for n := plan.Node(outer); len(n.Inputs()) > 0; n = n.Inputs()[0] {
		if a, ok := n.(*plan.Aggregate); ok {
			marks = append(marks, a.NeedTime)
		}
	}
	if len(marks) != 2 || marks[0] || !marks[1] {
		t.Errorf("NeedTime is %v from the top, and should be [false true]", marks)
	}
}

// The rules leave the plans they are given as they were.
func TestRulesDoNotChangeTheirInput(t *testing.T) {
	for _, text := range []string{
		"SELECT page || 'x' AS p FROM pages WHERE amount > 1 + 1",
		"INSERT INTO totals SELECT window_start, who, total FROM per_minute WHERE total > 3 AND who = 'a'",
		"SELECT window_start, MAX(total) AS m FROM per_minute GROUP BY TUMBLE(window_time, INTERVAL '1' HOUR)",
	} {
		n := bound(t, text)
		before := plan.Explain(n)
		g := newGraph([]plan.Node{n})
		for _, r := range rules {
			r.apply(g)
			if after := plan.Explain(n); after != before {
				t.Errorf("%s changes its input of %s\nfrom\n%s\nto\n%s", r.name, text, before, after)
			}
		}
	}
}

// Whatever the rules do, every expression reads columns that are there, of the
// type it expects.
func TestRewrittenPlansFitTogether(t *testing.T) {
	for _, path := range goldenFiles(t, "explain") {
		runGoldenPlans(t, path, func(q *plan.Query) {
			plan.Walk(q.Root, func(n plan.Node) { checkNode(t, q.Text, n) })
		})
	}
}

func checkNode(t *testing.T, text string, n plan.Node) {
	t.Helper()
	check := func(e expr.Expr, in plan.Node) {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok {
				s := in.Schema()
				if c.Index < 0 || c.Index >= len(s) {
					t.Errorf("%s: %s reads column %d of %d", text, e, c.Index, len(s))
				} else if s[c.Index].Type != c.Type() {
					t.Errorf("%s: %s reads column %d as %s, which is %s", text, e, c.Index, c.Type(), s[c.Index].Type)
				}
			}
			return true
		})
	}
	switch n := n.(type) {
	case *plan.Filter:
		check(n.Pred, n.Input)
	case *plan.Project:
		if len(n.Exprs) != len(n.Out) {
			t.Errorf("%s: %d expressions for %d columns", text, len(n.Exprs), len(n.Out))
		}
		for i, e := range n.Exprs {
			check(e, n.Input)
			if e.Type() != n.Out[i].Type {
				t.Errorf("%s: %s is %s in a column of %s", text, e, e.Type(), n.Out[i].Type)
			}
		}
	case *plan.Scan:
		for _, e := range n.Filter {
			check(e, n)
		}
	case *plan.Aggregate:
		in := n.Input.Schema()
		for i, a := range n.Aggs {
			for k, want := range a.Func.Args {
				if have := in[a.Cols[k]].Type; have != want {
					t.Errorf("%s: aggregate %d takes %s and gets %s", text, i, want, have)
				}
			}
		}
		if n.Window != nil && !in[n.Time].Time {
			t.Errorf("%s: the time of the window, %s, is no event time", text, in[n.Time].Name)
		}
	case *plan.Sink:
		if n.Relation == nil {
			return
		}
		in := n.Input.Schema()
		for i, c := range n.Columns {
			if c >= 0 && in[c].Type != n.Relation.Schema[i].Type {
				t.Errorf("%s: column %s gets %s", text, n.Relation.Schema[i].Name, in[c].Type)
			}
		}
	}
}
