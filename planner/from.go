package planner

import (
	"fmt"
	"path/filepath"
	"strings"

	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// from binds a FROM clause; without one there is one row without columns.
func (b *binder) from(list []*parser.TableExpr) (plan.Node, *scope, bool) {
	node, s := plan.Node(&plan.Values{Rows: [][]expr.Expr{nil}}), &scope{outer: b.outer}
	if len(list) == 0 {
		return node, s, true
	}
	for i, t := range list {
		var ok bool
		if node, s, ok = b.tableExpr(node, s, t, i > 0); !ok {
			return nil, nil, false
		}
	}
	return node, s, true
}

// tableExpr adds one item of FROM to what stands before it.
func (b *binder) tableExpr(node plan.Node, s *scope, t *parser.TableExpr, joined bool) (plan.Node, *scope, bool) {
	switch {
	case joined && unnestCall(t.First) == nil:
		right, rs, ok := b.joinedSide(t.First)
		if !ok {
			return nil, nil, false
		}
		node, s = &openJoin{left: node, right: right, at: t.First.Span(), tables: s.tables, names: joinScope(s, rs).columnTables()}, joinScope(s, rs)
	case joined || unnestCall(t.First) != nil:
		var ok bool
		if node, s, ok = b.unnest(node, s, t.First, false); !ok {
			return nil, nil, false
		}
	default:
		var ok bool
		if node, s, ok = b.table(t.First); !ok {
			return nil, nil, false
		}
	}
	for _, j := range t.Joins {
		var ok bool
		if unnestCall(j.Right) == nil {
			if node, s, ok = b.join(node, s, j); !ok {
				return nil, nil, false
			}
			continue
		}
		outer := j.Kind == "LEFT"
		if j.Kind != "CROSS" && j.Kind != "INNER" && !outer || j.Asof {
			b.errorf(j.Span(), "write CROSS JOIN UNNEST(…)", "%s JOIN with UNNEST is not supported", j.Kind)
			return nil, nil, false
		}
		if node, s, ok = b.unnest(node, s, j.Right, outer); !ok {
			return nil, nil, false
		}
		if outer && !isTrue(j.On) {
			b.errorf(j.Span(), "write ON TRUE; to leave elements out, filter the array's rows in WHERE", "LEFT JOIN UNNEST takes no condition")
			return nil, nil, false
		}
		if j.On != nil && !outer {
			on := (&scoped{binder: b, scope: s, clause: "ON"}).condition(j.On, "ON")
			if on == nil {
				return nil, nil, false
			}
			node = &plan.Filter{Input: node, Pred: on}
		}
	}
	return node, s, true
}

// isTrue reports whether an expression is TRUE as it is written.
func isTrue(e *parser.Expr) bool {
	if e == nil {
		return false
	}
	l, ok := e.X.(*parser.Literal)
	return ok && l.Kind == parser.BoolLiteral && strings.EqualFold(l.Text, "TRUE")
}

// table binds one relation, view, file, function or query of FROM.
func (b *binder) table(t *parser.TableRef) (plan.Node, *scope, bool) {
	if t.AsOf != nil {
		b.errorf(t.AsOf.Span(), "write FROM a JOIN "+oneLine(text(b.file, t.Span()))+" ON …, or leave it out", "FOR SYSTEM_TIME AS OF belongs to the right side of a JOIN: it looks a table up as of the time of each row")
		return nil, nil, false
	}
	if len(t.Options) > 0 && t.File == nil {
		b.errorf(t.Options[0].Span(), "give the options in the CREATE of the relation", "only a file named in FROM takes options")
		return nil, nil, false
	}
	var node plan.Node
	var relation *catalog.Relation
	name, ok := t.Name, false
	switch {
	case t.Nested != nil:
		if t.Alias == nil {
			return b.tableExpr(nil, &scope{}, t.Nested, false)
		}
		b.errorf(t.Alias.Span(), "name the tables inside of the parentheses", "a join in parentheses cannot be given a name")
		return nil, nil, false
	case t.Query != nil:
		outer := b.outer
		if !t.Lateral {
			b.outer = nil
		}
		node, ok = b.query(t.Query)
		b.outer = outer
	case t.Function != nil:
		name = t.Function.Name
		if upper := strings.ToUpper(name.Text); windowForms[upper] != nil {
			node, name, ok = b.windowTable(t.Function, upper)
		} else {
			node, ok = b.tableFunction(t.Function)
		}
	case t.File != nil:
		if relation = b.fileRelation(t); relation != nil {
			name = &parser.Name{Node: t.Node, Text: relation.Name}
			node, ok = b.scan(relation, t.Span())
		}
	default:
		node, relation, ok = b.named(t.Name)
	}
	if !ok {
		return nil, nil, false
	}
	if t.Alias != nil {
		name = t.Alias
	}
	if len(t.Columns) > 0 {
		what := "the table"
		if name != nil {
			what = name.Text
		}
		if node, ok = b.renamed(node, t.Columns, what); !ok {
			return nil, nil, false
		}
	} else if f, isSeries := node.(*plan.Series); isSeries && t.Alias != nil {
		f.Out[0].Name = t.Alias.Text // FROM GENERATE_SERIES(1, 3) AS n: n is the column too
	}
	s := &scope{relation: relation, from: t.Span(), outer: b.outer}
	s.add(name, node.Schema())
	return node, s, true
}

// named binds a common table expression, view or relation.
func (b *binder) named(n *parser.Name) (plan.Node, *catalog.Relation, bool) {
	if c := b.ctes.find(n); c != nil {
		return c.plan, nil, c.plan != nil
	}
	if v := b.cat.View(n.Text); v != nil {
		bound := b.bindView(v)
		return bound.plan, nil, bound.ok
	}
	r := b.cat.Lookup(n.Text)
	if r == nil {
		if !b.broken[strings.ToLower(n.Text)] {
			hint := b.nearRelation(n.Text)
			if _, err := b.conns.FileRelation(n.Text); err == nil {
				hint = "a file is named in single quotes: '" + n.Text + "'"
			}
			b.errorf(n.Span(), hint, "there is no stream, table or view %s", n.Text)
		}
		return nil, nil, false
	}
	node, ok := b.scan(r, n.Span())
	return node, r, ok
}

// fileRelation makes a relation of a file named in FROM; each file is one.
func (b *binder) fileRelation(t *parser.TableRef) *catalog.Relation {
	path := *t.File
	key := path
	for _, o := range t.Options {
		key += "\x00" + text(b.file, o.Span())
	}
	if r := b.files[key]; r != nil {
		return r
	}
	opts, ok := b.options(t.Options)
	if !ok {
		return nil
	}
	defaults, err := b.conns.FileRelation(path)
	if err != nil && len(opts) == 0 {
		b.errorf(t.Span(), "name the format: FROM '"+path+"' WITH (format = 'json')", "%s", err)
		return nil
	}
	if defaults == nil {
		defaults = map[string]string{"connector": "file", "path": path}
	}
	r := &catalog.Relation{Name: fileName(path), File: b.file, Span: t.Span(), Options: opts}
	for _, k := range []string{"connector", "path"} {
		r.Options = append(r.Options, catalog.Option{Key: k, Value: defaults[k], Span: t.Span()})
	}
	b.pending[r] = &pendingRelation{}
	b.created = append(b.created, r)
	b.files[key] = r
	return r
}

// fileName is what a file is called in a query: its name without its suffixes.
func fileName(path string) string {
	name := filepath.Base(path)
	if dot := strings.IndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	return name
}

// unbounded returns a relation that a plan reads and that has no end, or nil.
func (b *binder) unbounded(n plan.Node) *catalog.Relation {
	var found *catalog.Relation
	plan.Walk(n, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok && found == nil && !b.conns.Bounded(s.Relation) {
			found = s.Relation
		}
	})
	return found
}

func (b *binder) needBounded(n plan.Node, at source.Span, what, hint string) bool {
	r := b.unbounded(n)
	if r != nil {
		b.errorf(at, hint, "%s", fmt.Sprintf("%s needs the whole result, and %s has no end", what, r.Name))
	}
	return r == nil
}
