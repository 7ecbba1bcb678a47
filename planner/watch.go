package planner

import (
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// watch adds the queries of the names that are watched.
func (b *binder) watch(opts Options) {
	before := b.file
	defer func() { b.file = before }()
	b.file = opts.WatchedIn
	for _, n := range opts.Watched {
		if r := b.cat.Lookup(n.Text); r != nil && b.filled[r] != nil {
			continue // its INSERTs' query has its name
		}
		if b.result.Query(n.Text) != nil {
			continue // query 1
		}
		q := &parser.Query{Node: n.Node, First: &parser.Term{Node: n.Node, Select: &parser.Select{
			Node:  n.Node,
			Items: []*parser.SelectItem{{Node: n.Node, Star: true}},
			From:  []*parser.TableExpr{{Node: n.Node, First: &parser.TableRef{Node: n.Node, Name: n}}},
		}}}
		if out, ok := b.query(q); ok && b.runnable(out) {
			b.addQuery(&plan.Sink{Input: out, Key: out.Properties().Key}, n.Text, n.Span())
		}
	}
}

// Query returns the query of a name, in any case: that of the relation it fills, or
// "query 1"; nil when there is none.
func (r *Result) Query(name string) *plan.Query {
	i := slices.IndexFunc(r.Queries, func(q *plan.Query) bool { return strings.EqualFold(q.Name, name) })
	if i < 0 {
		return nil
	}
	return r.Queries[i]
}

// sortProblems orders what is wrong by place.
func (b *binder) sortProblems() {
	slices.SortStableFunc(*b.errs, func(x, y *source.Diagnostic) int {
		return b.result.before(x.File, x.Span, y.File, y.Span)
	})
}
