package planner

import (
	"fmt"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// createRelation declares a stream or table. When anything is wrong with it, its
// name is remembered as broken. It returns the filling of a CREATE … AS.
func (b *binder) createRelation(c *parser.CreateRelation) *filling {
	if !b.declarable(c.Name, c.OrReplace, c.IfNotExists, "VIEW") {
		return nil
	}
	r := &catalog.Relation{Name: c.Name.Text, File: b.file, Span: c.Name.Span(), Declared: c}
	switch c.Kind {
	case "SOURCE":
		r.Use = catalog.SourceOnly
	case "SINK":
		r.Use = catalog.SinkOnly
	}
	opts, ok := b.options(c.Options)
	r.Options = opts
	physical := false
	for _, e := range c.Elements {
		physical = physical || e.Column != nil && e.Column.Computed == nil && !e.Column.Metadata
	}
	switch {
	case physical:
		ok = b.relationClauses(c, r) && ok
	case c.As == nil && r.InMemory():
		b.errorf(c.Name.Span(), "list them: CREATE "+c.Kind+" "+c.Name.Text+" (name TYPE, …)", "%s declares no columns, and has no connector to read them from", r.Name)
		ok = false
	default:
		b.pending[r] = &pendingRelation{create: c}
	}
	if !ok {
		b.markBroken(r.Name)
		return nil
	}
	b.cat.Add(r)
	b.created = append(b.created, r)
	if c.As == nil {
		return nil
	}
	if physical {
		b.errorf(c.As.Span(), "leave the columns out, or fill it with INSERT INTO", "%s lists columns, and takes them from a query too", r.Name)
		return nil
	}
	return b.note(r, &inserting{query: c.As, at: c.As.Span(), name: c.Name, cat: b.cat, file: b.file})
}

// relationClauses binds what stands in the parentheses of a CREATE. Columns that
// are there already were read from the input.
func (b *binder) relationClauses(c *parser.CreateRelation, r *catalog.Relation) bool {
	file := b.file
	b.file = r.File
	defer func() { b.file = file }()
	ok := b.columns(c, r)
	ok = b.primaryKey(c, r) && ok
	return b.watermarks(c, r) && ok
}

// declarable reports whether a name can be declared: it is free, or what has it
// is replaced. Otherwise it says why not, but with IF NOT EXISTS.
func (b *binder) declarable(n *parser.Name, replace, ifNotExists bool, _ string) bool {
	taken := b.cat.Lookup(n.Text) != nil || b.cat.View(n.Text) != nil
	switch {
	case !taken:
		return true
	case replace:
		b.cat = b.cat.Clone() // statements before keep what they mean
		b.cat.Drop(n.Text)
		return true
	case !ifNotExists:
		b.duplicateName(n)
	}
	return false
}

// markBroken makes references to a name fail in silence, unless an earlier
// statement has declared it well.
func (b *binder) markBroken(name string) {
	if b.cat.Lookup(name) == nil && b.cat.View(name) == nil {
		b.broken[strings.ToLower(name)] = true
	}
}

func (b *binder) duplicateName(n *parser.Name) {
	hint := "give one of them another name; or write CREATE OR REPLACE"
	f, at := (*source.File)(nil), source.Span{}
	if r := b.cat.Lookup(n.Text); r != nil {
		f, at = r.File, r.Span
	} else if v := b.cat.View(n.Text); v != nil {
		f, at = v.File, v.Span
	}
	if f != nil {
		line, _ := f.Position(at.Start)
		here, _ := b.file.Origin(n.Span().Start)
		where := fmt.Sprintf(" in line %d", line)
		switch from, _ := f.Origin(at.Start); {
		case from == here:
		case from.Name == "":
			where = ""
		default:
			where = fmt.Sprintf(" in %s:%d", from.Name, line)
		}
		b.errorf(n.Span(), hint, "%s is already declared%s", n.Text, where)
	}
}

// drop carries out DROP.
func (b *binder) drop(d *parser.Drop) {
	b.cat = b.cat.Clone()
	for _, n := range d.Names {
		found := ""
		switch r := b.cat.Lookup(n.Text); {
		case d.Kind == "FUNCTION":
			if b.cat.Function(n.Text) != nil {
				b.cat.DropFunction(n.Text)
				continue
			}
		case b.cat.View(n.Text) != nil:
			found = "VIEW"
		case r != nil:
			found = relationKind(r)
		}
		switch {
		case found == "":
			if !d.IfExists && !b.broken[strings.ToLower(n.Text)] {
				hint := b.likelyRelation(n.Text)
				if d.Kind == "FUNCTION" {
					hint = nearFunction(n.Text, b.cat)
				}
				if hint == "" {
					hint = "write DROP " + d.Kind + " IF EXISTS " + display(n.Text) + ", or leave it out"
				}
				b.errorf(n.Span(), hint, "there is no %s %s to drop", strings.ToLower(d.Kind), n.Text)
			}
		case (found == "VIEW") != (d.Kind == "VIEW"):
			b.errorf(n.Span(), "write DROP "+found+" "+display(n.Text), "%s is a %s", n.Text, strings.ToLower(found))
		default:
			b.cat.Drop(n.Text)
		}
	}
}

func relationKind(r *catalog.Relation) string {
	switch {
	case r.Use == catalog.SourceOnly:
		return "SOURCE"
	case r.Use == catalog.SinkOnly:
		return "SINK"
	}
	return r.Kind.String()
}
