package planner

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

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
		case isProcTime(d.Computed):
			ok = b.procTime(d, r) && ok
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
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
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
