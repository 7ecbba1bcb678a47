package planner

import (
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// cteScope is the common table expressions that a query sees, the innermost first.
type cteScope struct {
	parent *cteScope
	name   *parser.Name
	plan   *plan.Shared // nil when it is broken
}

func (s *cteScope) find(n *parser.Name) *cteScope {
	for ; s != nil; s = s.parent {
		if sameColumn(s.name, n) {
			return s
		}
	}
	return nil
}

// maxQueryDepth bounds queries within queries, which are bound by recursion.
const maxQueryDepth = 200

// query binds a whole query. The node's schema has the result's columns.
func (b *binder) query(q *parser.Query) (plan.Node, bool) {
	if b.depth++; b.depth > maxQueryDepth {
		b.depth--
		b.errorf(q.Span(), "make views of the inner ones", "queries stand within queries more than %d deep", maxQueryDepth)
		return nil, false
	}
	defer func(c *cteScope) { b.ctes = c; b.depth-- }(b.ctes)
	rel := b.related
	b.related = nil
	if q.Recursive {
		b.errorf(q.Span(), "", "WITH RECURSIVE is not supported")
		return nil, false
	}
	ok := true
	for i, c := range q.With {
		for _, other := range q.With[:i] {
			if sameColumn(other.Name, c.Name) {
				b.errorf(c.Name.Span(), "give one of them another name", "WITH names %s twice", c.Name.Text)
				ok = false
			}
		}
		ok = b.cte(c) && ok
	}
	limit, offset, good := b.limits(q)
	ok = ok && good
	var node plan.Node
	var keys []plan.SortKey
	if len(q.Rest) == 0 && q.First.Select != nil {
		b.related = rel
		node, keys, good = b.selectQuery(q.First.Select, q.OrderBy)
		if good && ok && rel.used() {
			return node, b.relatedRows(rel, q, limit, offset)
		}
	} else if node, good = b.setOperations(q); good {
		keys, good = b.orderOutput(q.OrderBy, node.Schema())
	}
	if !good || !ok {
		return nil, false
	}
	return b.sorted(q, node, keys, limit, offset)
}

func (b *binder) cte(c *parser.CTE) bool {
	node, ok := b.query(c.Query)
	if ok {
		node, ok = b.renamed(node, c.Columns, c.Name.Text)
	}
	s := &cteScope{parent: b.ctes, name: c.Name}
	if ok {
		s.plan = b.share(node, c.Name.Text)
		if ok = b.stacked(s.plan, c.Name.Span()); !ok {
			s.plan = nil
		}
	}
	b.ctes = s
	return ok
}

// renamed gives the first columns of a node other names.
func (b *binder) renamed(n plan.Node, names []*parser.Name, what string) (plan.Node, bool) {
	if len(names) == 0 {
		return n, true
	}
	in := n.Schema()
	if len(names) > len(in) {
		b.errorf(names[len(in)].Span(), "leave the names behind it out", "%s has only %s", what, count(len(in), "column"))
		return nil, false
	}
	p := &plan.Project{Input: n}
	for i, c := range in {
		p.Exprs = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, source.Span{}))
		if i < len(names) {
			for _, other := range names[:i] {
				if sameColumn(other, names[i]) {
					b.errorf(names[i].Span(), "give one of them another name", "%s has two columns %s", what, names[i].Text)
					return nil, false
				}
			}
			c.Name = names[i].Text
		}
		p.Out = append(p.Out, c)
	}
	return p, true
}

// term binds one operand of the set operations.
func (b *binder) term(t *parser.Term) (plan.Node, bool) {
	switch {
	case t.Select != nil:
		n, _, ok := b.selectQuery(t.Select, nil)
		return n, ok
	case t.Values != nil:
		return b.values(t.Values)
	}
	return b.query(t.Paren)
}
