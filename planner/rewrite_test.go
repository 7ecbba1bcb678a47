package planner

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/operators/expr"
	"tidemark/planner/plan"
)

// bound returns a query's plan before rewriting.
func bound(t *testing.T, text string) plan.Node {
	t.Helper()
	r := mustPlan(t, text)
	return r.bound[len(r.Subqueries)]
}

// outline draws plans, with the marks of the rules.
func outline(roots []plan.Node) string {
	var b strings.Builder
	tree := plan.NewPrinter()
	tree.Outline = true
	for i, r := range roots {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(tree.Explain(r))
		plan.Walk(r, func(n plan.Node) {
			if a, ok := n.(*plan.Aggregate); ok && a.NeedTime {
				fmt.Fprintf(&b, "passes on the time: aggregate of %s\n", a.Out[len(a.Out)-1].Name)
			}
		})
	}
	return b.String()
}

// Every rule has a file of scripts, each with the plans that the rules before it
// make and what it makes of them.
func TestRules(t *testing.T) {
	for at, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			path := filepath.Join("testdata", "rules", strings.ReplaceAll(r.name, " ", "_")+".txt")
			n := runGolden(t, path, func(t *testing.T, text string) string {
				g := newGraph(mustPlan(t, text).bound)
				for _, earlier := range rules[:at] {
					earlier.apply(g)
				}
				before := outline(g.roots)
				r.apply(g)
				after := outline(g.roots)
				if after == before {
					return before + "stays"
				}
				return before + "becomes\n" + after
			})
			if n < 2 {
				t.Errorf("the rule has %d cases", n)
			}
		})
	}
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
			t.Errorf("%s: pushed is %v, and should be %v\n%s", c.where, got, c.pushed, plan.NewPrinter().Explain(q))
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

// The rules leave the plans they are given as they were.
func TestRulesDoNotChangeTheirInput(t *testing.T) {
	for _, text := range []string{
		"SELECT page || 'x' AS p FROM pages WHERE amount > 1 + 1",
		"INSERT INTO totals SELECT window_start, who, total FROM per_minute WHERE total > 3 AND who = 'a'",
		"SELECT window_start, MAX(total) AS m FROM per_minute GROUP BY TUMBLE(window_time, INTERVAL '1' HOUR)",
	} {
		n := bound(t, text)
		before := plan.NewPrinter().Explain(n)
		g := newGraph([]plan.Node{n})
		for _, r := range rules {
			r.apply(g)
			if after := plan.NewPrinter().Explain(n); after != before {
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
		if n.Window != nil && n.Window.Kind != plan.Attached && !in[n.Time].Time { // the end of a window tells as much
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
