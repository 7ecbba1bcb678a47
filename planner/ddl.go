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
	"tidemark/planner/plan"
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
	return b.note(r, &inserting{query: c.As, at: c.As.Span(), name: c.Name, cat: b.cat})
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
	for _, col := range r.Schema {
		names = append(names, &parser.Name{Text: col.Name, Quoted: true})
	}
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
		t, good := data.Type{}, true
		if d.Type != nil {
			t, good = b.typeOf(d.Type)
		}
		ok = ok && good
		r.Schema = append(r.Schema, data.Column{Name: d.Name.Text, Type: t})
		r.Required = append(r.Required, d.NotNull || d.PrimaryKey)
		switch {
		case d.Computed != nil:
			r.SetComputed(len(r.Schema)-1, d.Computed)
		case d.Metadata:
			ok = b.metadataColumn(d, r) && ok
		}
	}
	if r.Computed == nil || !ok {
		return ok
	}
	values, ok := b.computedColumns(r)
	for i, e := range values {
		if e != nil && r.Schema[i].Type.Kind == data.Unknown {
			r.Schema[i].Type = e.Type()
			if e.Type().Kind == data.Unknown {
				r.Schema[i].Type = data.Of(data.String)
			}
		}
	}
	return ok
}

// metadataColumn binds "name TYPE METADATA [FROM 'key']" as the last column so far.
func (b *binder) metadataColumn(d *parser.ColumnDef, r *catalog.Relation) bool {
	key := d.MetadataKey
	if key == "" {
		key = strings.ToLower(d.Name.Text)
	}
	if r.InMemory() {
		b.errorf(d.Span(), "leave it out", "%s has no connector, and so nothing to tell about its rows", r.Name)
		return false
	}
	i := len(r.Schema) - 1
	var keys []string
	for _, m := range b.conns.Metadata(r) {
		if !strings.EqualFold(m.Key, key) {
			keys = append(keys, m.Key)
			continue
		}
		if r.Schema[i].Type != m.Type {
			b.errorf(d.Span(), "declare it as "+m.Type.String(), "the metadata '%s' is %s, not %s", m.Key, m.Type, r.Schema[i].Type)
			return false
		}
		r.SetMetadata(i, m.Key)
		return true
	}
	hint := "its source tells nothing about its records"
	if near := source.Near(key, keys); near != "" {
		hint = "did you mean METADATA FROM '" + near + "'?"
	} else if len(keys) > 0 {
		hint = "its source knows " + list(keys)
	}
	b.errorf(d.Span(), hint, "%s has no metadata '%s'", r.Name, key)
	return false
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
	if w.Punctuated != nil {
		b.errorf(w.Span(), form, "the watermark generator PUNCTUATED is not supported yet")
		return nil
	}
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
	bound.binding, bound.ok = false, ok
	if ok {
		bound.plan = &plan.Shared{Input: node, Name: v.Name}
		v.Schema = node.Schema()
	}
	return bound
}

// take keeps what a copy of the binder has added to lists.
func (b *binder) take(inner *binder) { b.created, b.fills = inner.created, inner.fills }

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
				hint := b.nearRelation(n.Text)
				if d.Kind == "FUNCTION" {
					hint = nearFunction(n.Text, b.cat)
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
