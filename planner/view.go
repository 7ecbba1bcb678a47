package planner

import (
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// createView declares a view; its query is bound later.
func (b *binder) createView(c *parser.CreateView) *catalog.View {
	if !b.declarable(c.Name, c.OrReplace, c.IfNotExists, "VIEW") {
		return nil
	}
	v := &catalog.View{Name: c.Name.Text, Definition: c, File: b.file, Span: c.Name.Span()}
	b.cat.AddView(v)
	b.viewCat[v] = b.cat
	return v
}

// boundView is a view as all who read it share it.
type boundView struct {
	plan    *plan.Shared
	ok      bool
	binding bool // its query is being bound
}

// bindView binds a view's query, once.
func (b *binder) bindView(v *catalog.View) *boundView {
	if bound := b.views[v]; bound != nil {
		if bound.binding {
			b.errs.Errorf(v.File, v.Span, "leave its own name out of its query", "the view %s reads itself", v.Name)
			bound.ok = false
		}
		return bound
	}
	bound := &boundView{binding: true}
	b.views[v] = bound
	c, isView := v.Definition.(*parser.CreateView)
	if !isView {
		return bound
	}
	inner := *b
	inner.file, inner.ctes, inner.outer = v.File, nil, nil
	if cat := b.viewCat[v]; cat != nil {
		inner.cat = cat
	} else {
		inner.errs = &source.List{} // declared by an earlier script, which has seen its messages
	}
	node, ok := inner.query(c.Query)
	if ok {
		node, ok = inner.renamed(node, c.Columns, v.Name)
	}
	b.take(&inner)
	if ok {
		bound.plan = b.share(node, v.Name)
		ok = inner.stacked(bound.plan, v.Span)
		v.Schema = node.Schema()
	}
	bound.binding, bound.ok = false, ok
	return bound
}

// take keeps what a copy of the binder has added to lists.
func (b *binder) take(inner *binder) { b.created, b.fills = inner.created, inner.fills }
