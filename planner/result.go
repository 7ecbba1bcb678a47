package planner

import (
	"cmp"
	"fmt"
	"slices"

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

	ends     func(*catalog.Relation) bool // whether a source comes to an end
	files    []*source.File               // of the statements, in their order
	bound    []plan.Node                  // the roots before rewriting
	expanded int                          // operators that calls of functions stand for
	swollen  bool                         // that has been reported as too many
}

// Item is a query or the answer to an EXPLAIN: one of the fields is set.
type Item struct {
	Query   *plan.Query
	Explain *Explained
}

// Explained is the answer to an EXPLAIN statement.
type Explained struct {
	Text string // ends in a newline
	File *source.File
	Span source.Span
}

// sort puts the queries and answers into the order of their statements.
func (r *Result) sort() {
	slices.SortStableFunc(r.Queries, func(x, y *plan.Query) int {
		return r.before(x.File, x.Span, y.File, y.Span)
	})
	slices.SortStableFunc(r.Items, func(x, y Item) int {
		xf, xs := x.place()
		yf, ys := y.place()
		return r.before(xf, xs, yf, ys)
	})
}

// before compares places: by their files, then where they begin.
func (r *Result) before(f *source.File, x source.Span, g *source.File, y source.Span) int {
	return cmp.Or(slices.Index(r.files, f)-slices.Index(r.files, g), x.Start-y.Start)
}

func (it Item) place() (*source.File, source.Span) {
	if it.Explain != nil {
		return it.Explain.File, it.Explain.Span
	}
	return it.Query.File, it.Query.Span
}

func queryName(n int) string { return fmt.Sprintf("query %d", n) }

// rewrite improves all plans of the script together.
func (r *Result) rewrite() {
	r.bound = r.roots()
	roots := rewrite(r.bound, r.rewrites())
	for i, s := range r.Subqueries {
		s.Input = roots[i]
	}
	for i, q := range r.Queries {
		if sink, ok := roots[len(r.Subqueries)+i].(*plan.Sink); ok { // no rule replaces a root
			q.Root = sink
		}
	}
}

// rewrites reports whether plans are to be improved.
func (r *Result) rewrites() bool { return r.Settings["rewrite"] != "off" }

// roots returns the plans of the subqueries, then those of the queries.
func (r *Result) roots() []plan.Node {
	var roots []plan.Node
	for _, s := range r.Subqueries {
		roots = append(roots, s.Input)
	}
	for _, q := range r.Queries {
		roots = append(roots, q.Root)
	}
	return roots
}
