package planner

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// createRelation declares a stream or table. When anything is wrong with it, its
// name is remembered as broken.
func (b *binder) createRelation(c *parser.CreateRelation) {
	r := &catalog.Relation{Name: c.Name.Text, File: b.file, Span: c.Name.Span()}
	switch c.Kind {
	case "SOURCE":
		r.Use = catalog.SourceOnly
	case "SINK":
		r.Use = catalog.SinkOnly
	}
	ok := b.plainCreate(c) && b.columns(c, r)
	ok = b.primaryKey(c, r) && ok
	ok = b.watermarks(c, r) && ok
	opts, good := b.options(c.Options)
	r.Options = opts
	if !ok || !good {
		b.markBroken(r.Name)
		return
	}
	if !b.cat.Add(r) {
		b.duplicateName(c.Name)
		return
	}
	b.created = append(b.created, r)
}

// markBroken makes references to a name fail in silence, unless an earlier
// statement has declared it well.
func (b *binder) markBroken(name string) {
	if b.cat.Lookup(name) == nil && b.cat.View(name) == nil {
		b.broken[strings.ToLower(name)] = true
	}
}

func (b *binder) duplicateName(n *parser.Name) {
	hint := "give one of them another name"
	f, at := (*source.File)(nil), source.Span{}
	if r := b.cat.Lookup(n.Text); r != nil {
		f, at = r.File, r.Span
	} else if v := b.cat.View(n.Text); v != nil {
		f, at = v.File, v.Span
	}
	if f != nil {
		line, _ := f.Position(at.Start)
		where := fmt.Sprintf("line %d", line)
		if f != b.file {
			where = fmt.Sprintf("%s:%d", f.Name, line)
		}
		b.errorf(n.Span(), hint, "%s is already declared in %s", n.Text, where)
	}
}

func (b *binder) columns(c *parser.CreateRelation, r *catalog.Relation) bool {
	ok := true
	var names []*parser.Name
	for _, e := range c.Elements {
		if e.Column == nil {
			continue
		}
		d := e.Column
		for _, n := range names {
			if sameColumn(n, d.Name) {
				b.errorf(d.Name.Span(), "give one of them another name", "%s has two columns %s", r.Name, d.Name.Text)
				ok = false
				break
			}
		}
		names = append(names, d.Name)
		t, good := b.typeOf(d.Type)
		ok = ok && good
		r.Schema = append(r.Schema, data.Column{Name: d.Name.Text, Type: t})
		r.Required = append(r.Required, d.NotNull || d.PrimaryKey)
	}
	if len(names) == 0 {
		b.errorf(c.Name.Span(), "list them: CREATE "+c.Kind+" "+c.Name.Text+" (name TYPE, …)", "%s declares no columns, and reading them from the input is not supported yet", r.Name)
		return false
	}
	return ok
}

// sameColumn reports whether two column names would be taken for one another.
func sameColumn(a, b *parser.Name) bool {
	if a.Quoted && b.Quoted {
		return a.Text == b.Text
	}
	return strings.EqualFold(a.Text, b.Text)
}

func (b *binder) primaryKey(c *parser.CreateRelation, r *catalog.Relation) bool {
	ok := true
	var first *source.Span
	second := func(at source.Span) {
		b.errorf(at, "name all its columns in one PRIMARY KEY (a, b)", "%s has two primary keys", r.Name)
		ok = false
	}
	for _, e := range c.Elements {
		switch {
		case e.Column != nil && e.Column.PrimaryKey:
			at := e.Column.Span()
			if first != nil {
				second(at)
				continue
			}
			first = &at
			r.Key = append(r.Key, indexOf(r.Schema, e.Column.Name))
		case e.PrimaryKey != nil:
			at := e.PrimaryKey.Span()
			if first != nil {
				second(at)
				continue
			}
			first = &at
			for _, n := range e.PrimaryKey.Columns {
				k := indexOf(r.Schema, n)
				switch {
				case k < 0:
					b.errorf(n.Span(), nearColumn(n.Text, r.Schema.Names()), "the primary key names a column %s, which %s does not have", n.Text, r.Name)
					ok = false
				case slices.Contains(r.Key, k):
					b.errorf(n.Span(), "leave it out", "the primary key names %s twice", n.Text)
					ok = false
				default:
					r.Key = append(r.Key, k)
					r.Required[k] = true
				}
			}
		}
	}
	if first == nil {
		return ok // CREATE TABLE without a key is a stream
	}
	if c.Kind != "TABLE" {
		b.errorf(*first, "write CREATE TABLE "+r.Name+" for rows that replace one another by key, or leave the key out", "a %s has no primary key", strings.ToLower(c.Kind))
		return false
	}
	r.Kind = catalog.Table
	return ok
}

// indexOf returns the position of a column, -1 when there is none.
func indexOf(s data.Schema, n *parser.Name) int {
	for i := range s {
		if s[i].Name == n.Text {
			return i
		}
	}
	if n.Quoted {
		return -1
	}
	return s.Find(n.Text)
}

func nearColumn(name string, names []string) string {
	if near := source.Near(name, names); near != "" {
		return "did you mean " + display(near) + "?"
	}
	return "its columns are " + list(names)
}

// list writes names with commas, cutting long lists short.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (b *binder) watermarks(c *parser.CreateRelation, r *catalog.Relation) bool {
	ok := true
	for _, e := range c.Elements {
		if e.Watermark == nil {
			continue
		}
		if r.Watermark != nil {
			b.errorf(e.Watermark.Span(), "leave one of them out", "%s has two watermarks", r.Name)
			ok = false
			continue
		}
		w := b.watermark(e.Watermark, r)
		if w == nil {
			ok = false
			continue
		}
		r.Watermark = w
	}
	return ok
}

// generators are the watermark generators of the language that are yet to come.
var generators = map[string]bool{"ASCENDING": true, "ADAPTIVE": true, "PUNCTUATED": true, "PERFECT": true}

func (b *binder) watermark(w *parser.Watermark, r *catalog.Relation) *catalog.Watermark {
	col := indexOf(r.Schema, w.Column)
	if col < 0 {
		b.errorf(w.Column.Span(), nearColumn(w.Column.Text, r.Schema.Names()), "the watermark is for a column %s, which %s does not have", w.Column.Text, r.Name)
		return nil
	}
	name := r.Schema[col].Name
	form := "write WATERMARK FOR " + name + " AS " + name + " - INTERVAL '5' SECOND"
	if t := r.Schema[col].Type; t.Kind != data.Timestamp && t.Kind != data.Unknown {
		b.errorf(w.Column.Span(), "declare "+name+" as TIMESTAMP", "a watermark needs a TIMESTAMP column, but %s is %s", name, t)
		return nil
	}
	out := &catalog.Watermark{Column: col, Span: w.Span()}
	x := w.Expr
	if word := generatorName(x); generators[word] && !isRefTo(x, r.Schema, col) {
		b.errorf(x.Span(), form, "the watermark generator %s is not supported yet", word)
		return nil
	}
	bin, isBinary := x.X.(*parser.Binary)
	if isBinary && bin.Op == "-" {
		if !isRefTo(bin.L, r.Schema, col) {
			b.errorf(bin.L.Span(), form, "the watermark for %s must be computed from %s", name, name)
			return nil
		}
		delay, ok := b.constantLength(bin.R, "the delay of a watermark", form)
		if !ok {
			return nil
		}
		if delay < 0 {
			b.errorf(bin.R.Span(), form, "the delay of a watermark cannot be negative")
			return nil
		}
		out.Delay = delay
		return out
	}
	if !isRefTo(x, r.Schema, col) {
		b.errorf(x.Span(), form, "a watermark is its column, or its column less an interval")
		return nil
	}
	return out
}

// generatorName returns the word that a generator begins with, in upper case.
func generatorName(e *parser.Expr) string {
	switch x := e.X.(type) {
	case *parser.Ref:
		if len(x.Parts) == 1 {
			return strings.ToUpper(x.Parts[0].Text)
		}
	case *parser.Call:
		return strings.ToUpper(x.Name.Text)
	}
	return ""
}

func isRefTo(e *parser.Expr, s data.Schema, col int) bool {
	ref, ok := e.X.(*parser.Ref)
	return ok && len(ref.Parts) == 1 && indexOf(s, ref.Parts[0]) == col
}

// constantLength evaluates an interval of a fixed length, in microseconds. what
// names the place for the messages, and hint shows how to write one.
func (b *binder) constantLength(e *parser.Expr, what, hint string) (int64, bool) {
	reads := false
	walk(e, func(part *parser.Expr) {
		if r, ok := part.X.(*parser.Ref); ok && !reads {
			reads = true
			b.errorf(r.Span(), hint, "%s must be a constant INTERVAL, and cannot depend on %s", what, text(b.file, r.Span()))
		}
	})
	if reads {
		return 0, false
	}
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	x, err := expr.Fold(x)
	if err != nil {
		b.report(err, e.Span())
		return 0, false
	}
	l, ok := x.(*expr.Literal)
	if !ok || l.IsNull() || l.Type().Kind != data.Interval {
		b.errorf(e.Span(), hint, "%s must be a constant INTERVAL, but %s is %s", what, x, describeType(x.Type()))
		return 0, false
	}
	iv := l.Value.Wides[0]
	if iv.Hi != 0 {
		b.errorf(e.Span(), "write it in days or smaller units", "%s cannot be counted in months or years, which differ in length", what)
		return 0, false
	}
	return int64(iv.Lo), true
}

func describeType(t data.Type) string {
	if t.Kind == data.Unknown {
		return "NULL"
	}
	return t.String()
}

// createView checks a view's query and declares it.
func (b *binder) createView(c *parser.CreateView) {
	if !b.plainView(c) {
		b.markBroken(c.Name.Text)
		return
	}
	before := len(b.reads)
	out, ok := b.bindQuery(c.Query)
	b.reads = b.reads[:before] // it reads where it is used
	if !ok {
		b.markBroken(c.Name.Text)
		return
	}
	v := &catalog.View{Name: c.Name.Text, Schema: out.Schema(), Definition: c.Query, File: b.file, Span: c.Name.Span()}
	if !b.cat.AddView(v) {
		b.duplicateName(c.Name)
	}
}
