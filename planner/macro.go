package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// macro is a declared function with its body bound over its parameters as columns.
type macro struct {
	body    expr.Expr // nil when it is wrong
	binding bool
	size    int   // of the body
	uses    []int // of each parameter in it
}

// maxExpanded bounds what the calls of declared functions in a script stand for
// together, in operators beyond the length of the script: functions of functions
// grow fast.
const maxExpanded = 200_000

// createFunction declares a function that stands for an expression.
func (b *binder) createFunction(c *parser.CreateFunction) {
	name := c.Name.Text
	if old := b.cat.Function(name); old != nil {
		switch {
		case c.OrReplace:
			b.cat = b.cat.Clone()
			b.cat.DropFunction(name)
		case c.IfNotExists:
			return
		default:
			b.errorf(c.Name.Span(), "give one of them another name; or write CREATE OR REPLACE FUNCTION", "the function %s is already declared", name)
			return
		}
	}
	if upper := strings.ToUpper(name); isFunction(upper) || isAggregate(upper) || windowFunctions[upper] || isWindowPart(upper) {
		b.errorf(c.Name.Span(), "give it another name", "there is a function %s already", upper)
		return
	}
	f := &catalog.Function{Name: name, Definition: c, File: b.file, Span: c.Name.Span()}
	ok := true
	for i, p := range c.Params {
		for _, q := range c.Params[:i] {
			if sameColumn(p.Name, q.Name) {
				b.errorf(p.Name.Span(), "give one of them another name", "%s has two parameters %s", name, p.Name.Text)
				ok = false
			}
		}
		t, good := b.typeOf(p.Type)
		ok = ok && good
		f.Params = append(f.Params, data.Column{Name: p.Name.Text, Type: t})
	}
	t, good := b.typeOf(c.Returns)
	f.Returns = t
	b.cat.AddFunction(f)
	if !ok || !good || b.body(f) == nil {
		b.macros[f] = &macro{} // calls of it fail in silence
	}
}

// body binds the expression of a function, once: its columns are the parameters.
func (b *binder) body(f *catalog.Function) expr.Expr {
	if m := b.macros[f]; m != nil {
		if m.binding {
			b.errs.Errorf(f.File, f.Span, "leave its own name out of its expression", "the function %s calls itself", f.Name)
		}
		return m.body
	}
	m := &macro{binding: true}
	b.macros[f] = m
	c, ok := f.Definition.(*parser.CreateFunction)
	if !ok {
		return nil
	}
	inner := *b
	inner.file, inner.outer = f.File, nil
	s := &scope{params: true}
	s.add(nil, f.Params)
	x := &scoped{binder: &inner, scope: s, clause: "a function"}
	e := x.bind(c.Body)
	m.binding = false
	if e == nil {
		return nil
	}
	if expr.UsesSubquery(e) {
		inner.errorf(c.Body.Span(), "use the subquery in the query that calls it", "a function cannot use a subquery")
		return nil
	}
	if e.Type() != f.Returns {
		l, isLiteral := e.(*expr.Literal)
		if !(isLiteral && (l.IsNull() || l.Type().Kind == data.String)) && !assignable(e.Type(), f.Returns) {
			inner.errorf(c.Returns.Span(), "declare it as RETURNS "+describeType(e.Type())+", or convert the expression with CAST", "%s is to return %s, but its expression is %s", f.Name, f.Returns, describeType(e.Type()))
			return nil
		}
		cast, err := expr.NewCast(e, f.Returns, false, c.Body.Span())
		if e = inner.check(cast, err, c.Body.Span()); e == nil {
			return nil
		}
	}
	m.body, m.size, m.uses = e, expr.Size(e), make([]int, len(f.Params))
	expr.Walk(e, func(part expr.Expr) bool {
		if c, ok := part.(*expr.Column); ok {
			m.uses[c.Index]++
		}
		return true
	})
	return e
}

// expands notes what a call stands for, and reports whether that is not too much.
func (b *binder) expands(f *catalog.Function, args []expr.Expr, at source.Span) bool {
	m := b.macros[f]
	b.result.expanded += m.size
	for i, a := range args {
		if m.uses[i] > 1 {
			b.result.expanded += (m.uses[i] - 1) * expr.Size(a)
		}
	}
	most := maxExpanded + len(b.file.Text)
	if b.result.expanded <= most {
		return true
	}
	if !b.result.swollen {
		b.result.swollen = true
		b.errorf(at, "compute in a view what is needed more than once", "the functions of the script stand for more than %d operators", most)
	}
	return false
}

// callMacro puts the arguments of a call into the function's expression.
func (x *scoped) callMacro(f *catalog.Function, c *parser.Call, operands []*parser.Expr) expr.Expr {
	args := make([]expr.Expr, len(operands))
	ok := true
	for i, o := range operands {
		args[i] = x.bind(o)
		ok = ok && args[i] != nil
	}
	body := x.body(f)
	if body == nil || !ok {
		return nil
	}
	if len(args) != len(f.Params) {
		x.errorf(c.Span(), "it is "+signature(f), "%s takes %s, not %d", f.Name, count(len(f.Params), "argument"), len(args))
		return nil
	}
	for i, a := range args {
		want := f.Params[i]
		if a.Type() == want.Type {
			continue
		}
		l, isLiteral := a.(*expr.Literal)
		if !(isLiteral && (l.IsNull() || l.Type().Kind == data.String)) && !implicit(a.Type(), want.Type) {
			x.errorf(a.Span(), "convert it: CAST("+a.String()+" AS "+want.Type.String()+")", "the parameter %s of %s is %s, but %s is %s", want.Name, f.Name, want.Type, a, describeType(a.Type()))
			return nil
		}
		cast, err := expr.NewCast(a, want.Type, false, a.Span())
		if args[i] = x.check(cast, err, a.Span()); args[i] == nil {
			return nil
		}
	}
	if !x.expands(f, args, c.Span()) {
		return nil
	}
	return moveTo(substitute(body, args), c.Span())
}

// implicit reports whether a value is converted without being asked to.
func implicit(from, to data.Type) bool {
	t, ok := expr.Common(from, to)
	return ok && (t == to || from.Numeric() && to.Kind == data.Decimal)
}

// moveTo is where messages about an expression of a function point: to its call.
func moveTo(e expr.Expr, at source.Span) expr.Expr { return expr.At(e, at) }

// signature writes a function as it is called.
func signature(f *catalog.Function) string {
	params := make([]string, len(f.Params))
	for i, p := range f.Params {
		params[i] = p.Name + " " + p.Type.String()
	}
	return f.Name + "(" + strings.Join(params, ", ") + ") → " + f.Returns.String()
}
