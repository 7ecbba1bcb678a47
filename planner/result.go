package planner

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// Result is a planned script.
type Result struct {
	// Queries are the INSERTs and SELECTs, rewritten and ready to be built. Parts
	// that several use are the same *plan.Shared.
	Queries []*plan.Query
	// Subqueries are the uncorrelated subqueries, those that others use first.
	Subqueries []*plan.Subquery
	// Explains are the answers to the EXPLAIN statements.
	Explains []*Explained
	// Items has the queries and the answers in the order of their statements.
	Items []Item
	// Catalog holds what the script has declared, and what was there before.
	Catalog *catalog.Catalog
	// Settings are what SET has set.
	Settings map[string]string

	bound map[*plan.Query]*plan.Sink // the plans before rewriting
}

// Item is a query or the answer to an EXPLAIN: one of the fields is set.
type Item struct {
	Query   *plan.Query
	Explain *Explained
}

// Explained is the answer to an EXPLAIN statement.
type Explained struct {
	Text string // ends in a newline
	Span source.Span
}

// sort puts the queries and answers into the order of their statements.
func (r *Result) sort() {
	slices.SortStableFunc(r.Queries, func(x, y *plan.Query) int { return x.Span.Start - y.Span.Start })
	slices.SortStableFunc(r.Items, func(x, y Item) int { return x.start() - y.start() })
}

func (it Item) start() int {
	if it.Explain != nil {
		return it.Explain.Span.Start
	}
	return it.Query.Span.Start
}

func queryName(n int) string { return fmt.Sprintf("query %d", n) }

// rewrite improves all plans of the script together.
func (r *Result) rewrite() {
	var roots []plan.Node
	for _, s := range r.Subqueries {
		roots = append(roots, s.Input)
	}
	for _, q := range r.Queries {
		roots = append(roots, q.Root)
	}
	roots = rewrite(roots)
	for i, s := range r.Subqueries {
		s.Input = roots[i]
	}
	for i, q := range r.Queries {
		if sink, ok := roots[len(r.Subqueries)+i].(*plan.Sink); ok { // no rule replaces a root
			q.Root = sink
		}
	}
}

// Explain describes the script's queries, as bound when logical, else as they
// run, and the answers to its EXPLAIN statements. It ends in a newline unless it
// is empty.
func (r *Result) Explain(logical bool) string {
	var b strings.Builder
	tree := plan.NewPrinter()
	for i, it := range r.Items {
		if i > 0 {
			b.WriteByte('\n')
		}
		if it.Explain != nil {
			b.WriteString(it.Explain.Text)
			continue
		}
		if len(r.Items) > 1 {
			fmt.Fprintf(&b, "-- %s\n", it.Query.Name)
		}
		root := it.Query.Root
		if logical {
			root = r.bound[it.Query]
		}
		b.WriteString(tree.Explain(root))
		explainSubqueries(&b, tree, root, r.Subqueries)
	}
	return b.String()
}

// explainSubqueries draws the subqueries that a plan uses, and those that they use.
func explainSubqueries(b *strings.Builder, tree *plan.Printer, root plan.Node, all []*plan.Subquery) {
	used := plan.Cells(root)
	for _, s := range all {
		if used[s.Cell] {
			fmt.Fprintf(b, "before it runs: %s\n", oneLine(s.Cell.Text))
			b.WriteString(tree.Explain(s.Input))
			explainSubqueries(b, tree, s.Input, all)
		}
	}
}

// oneLine writes a text with single blanks between its words.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (b *binder) explainStatement(e *parser.Explain) *Explained {
	switch e.Mode {
	case "", "LOGICAL", "PHYSICAL":
	default:
		b.errorf(e.Span(), "use EXPLAIN, EXPLAIN LOGICAL or EXPLAIN PHYSICAL", "EXPLAIN %s is not supported yet", e.Mode)
	}
	b.explain = true
	before, running := len(*b.errs), len(b.result.Subqueries)
	var sink *plan.Sink
	if e.Insert != nil {
		if r := b.insertTarget(e.Insert.Table); r != nil {
			sink = b.insert(e.Insert, r)
		}
	} else if out, ok := b.query(e.Query); ok {
		sink = &plan.Sink{Input: out, Key: out.Properties().Key}
	}
	b.explain = false
	subqueries := b.result.Subqueries[running:]
	b.result.Subqueries = b.result.Subqueries[:running] // they are not run
	if sink == nil {
		return nil
	}
	x := &Explained{Span: e.Span()}
	roots := []plan.Node{sink}
	for _, s := range subqueries {
		roots = append(roots, s.Input)
	}
	if e.Mode != "LOGICAL" {
		roots = rewrite(roots)
	}
	shown := make([]*plan.Subquery, len(subqueries))
	for i, s := range subqueries {
		c := *s
		c.Input = roots[1+i]
		shown[i] = &c
	}
	var drawn strings.Builder
	tree := plan.NewPrinter()
	drawn.WriteString(tree.Explain(roots[0]))
	explainSubqueries(&drawn, tree, roots[0], shown)
	x.Text = drawn.String()
	// The warnings are part of the answer.
	kept := (*b.errs)[:before]
	for _, d := range (*b.errs)[before:] {
		if d.Severity != source.Warning {
			kept = append(kept, d)
			continue
		}
		x.Text += "warning: " + d.Message + "\n"
		if d.Hint != "" {
			x.Text += "         " + d.Hint + "\n"
		}
	}
	*b.errs = kept
	return x
}
