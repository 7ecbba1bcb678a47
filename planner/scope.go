package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// scope is what the names of a query can mean: the columns of its input.
type scope struct {
	// name is what qualifies the columns: the alias, or the relation's own name.
	name   *parser.Name
	schema data.Schema
	// relation is set where the input is one, for messages.
	relation *catalog.Relation
	// from is the place in FROM.
	from source.Span
}

// from binds what FROM names.
func (b *binder) from(t *parser.TableRef) (plan.Node, *scope, bool) {
	if t == nil {
		return &plan.Values{Rows: [][]expr.Expr{nil}}, &scope{}, true
	}
	if t.File != nil {
		hint := "declare it: CREATE STREAM name (column TYPE, …) WITH (path = '" + *t.File + "'), and read from name"
		if _, err := b.conns.FileRelation(*t.File); err != nil {
			b.errorf(t.Span(), hint+"; name the format with format = '…'", "%s", err)
		} else {
			b.errorf(t.Span(), hint, "reading the columns from the file is not supported yet")
		}
		return nil, nil, false
	}
	s := &scope{name: t.Name, from: t.Name.Span()}
	if t.Alias != nil {
		s.name = t.Alias
	}
	if v := b.cat.View(t.Name.Text); v != nil {
		node, ok := b.viewNode(v)
		if !ok {
			return nil, nil, false
		}
		s.schema = node.Schema()
		return node, s, true
	}
	r := b.cat.Lookup(t.Name.Text)
	if r == nil {
		if !b.broken[strings.ToLower(t.Name.Text)] {
			b.errorf(t.Name.Span(), b.nearRelation(t.Name.Text), "there is no stream, table or view %s", t.Name.Text)
		}
		return nil, nil, false
	}
	switch {
	case r.Use == catalog.SinkOnly:
		b.errorf(t.Name.Span(), "declare it with CREATE STREAM to write and to read it", "%s is declared as a SINK, which cannot be read", r.Name)
		return nil, nil, false
	case r.Kind == catalog.Table:
		b.errorf(t.Name.Span(), "to read its rows as they are, declare it as a STREAM without PRIMARY KEY", "reading the keyed table %s as a changelog is not supported yet", r.Name)
		return nil, nil, false
	}
	b.use(r, false)
	if !b.explain {
		b.reads = append(b.reads, read{r, t.Name.Span()})
	}
	scan := &plan.Scan{Relation: r, Time: -1}
	for i := range r.Schema {
		scan.Columns = append(scan.Columns, i)
	}
	if r.Watermark != nil {
		scan.Time, scan.Delay = r.Watermark.Column, r.Watermark.Delay
	}
	s.schema, s.relation = scan.Schema(), r
	return scan, s, true
}

// viewNode binds a view's query anew where it is used. It was found right when
// it was declared, so that its messages have been seen.
func (b *binder) viewNode(v *catalog.View) (plan.Node, bool) {
	q, ok := v.Definition.(*parser.Query)
	if !ok {
		return nil, false
	}
	quiet := *b
	quiet.file, quiet.errs = v.File, &source.List{}
	node, ok := quiet.bindQuery(q)
	b.reads = quiet.reads
	return node, ok
}

// nearRelation hints at a relation or view for a name that is none.
func (b *binder) nearRelation(name string) string {
	var names []string
	for _, r := range b.cat.Relations() {
		names = append(names, r.Name)
	}
	for _, v := range b.cat.Views() {
		names = append(names, v.Name)
	}
	if near := source.Near(name, names); near != "" {
		return "did you mean " + display(near) + "?"
	}
	if len(names) == 0 {
		return "declare it with CREATE STREAM " + name + " (…) WITH (…)"
	}
	return "there are: " + list(names)
}

// resolve finds the column that a reference means; -1 after reporting that there
// is none or more than one.
func (b *binder) resolve(s *scope, r *parser.Ref) int {
	name := r.Parts[len(r.Parts)-1]
	if len(r.Parts) > 2 {
		b.errorf(r.Span(), "write "+name.Text, "a column is written as column or table.column")
		return -1
	}
	if len(r.Parts) == 2 && (s.name == nil || !sameColumn(s.name, r.Parts[0])) {
		hint := ""
		if s.name != nil {
			hint = "its input is called " + display(s.name.Text)
		}
		b.errorf(r.Parts[0].Span(), hint, "%s is not in the FROM of this query", r.Parts[0].Text)
		return -1
	}
	found, exact := s.find(name)
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) == 0:
		b.unknownColumn(s, name)
	case exact >= 0:
		return exact
	default:
		b.errorf(name.Span(), "write it in double quotes, as "+`"`+s.schema[found[0]].Name+`"`, "%s can mean %s", name.Text, strings.Join(quoted(s.schema, found), " or "))
	}
	return -1
}

// find returns the columns that a name may mean, and the one that is written
// exactly so, if there is just one.
func (s *scope) find(name *parser.Name) (found []int, exact int) {
	exact = -1
	for i, c := range s.schema {
		if c.Name == name.Text {
			if exact >= 0 {
				return []int{exact, i}, -1
			}
			exact = i
		}
		if c.Name == name.Text || !name.Quoted && strings.EqualFold(c.Name, name.Text) {
			found = append(found, i)
		}
	}
	return found, exact
}

func quoted(s data.Schema, cols []int) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = `"` + s[c].Name + `"`
	}
	return names
}

// windowColumns are the columns that a window adds to a grouped query.
var windowColumns = []string{"window_start", "window_end", "window_time"}

func (b *binder) unknownColumn(s *scope, name *parser.Name) {
	for _, w := range windowColumns {
		if strings.EqualFold(w, name.Text) {
			b.errorf(name.Span(), "group by a window: GROUP BY TUMBLE("+s.timeName()+", INTERVAL '5' MINUTE)", "%s is known only in the SELECT list and HAVING of a query that groups by a window", name.Text)
			return
		}
	}
	if s.schema == nil {
		b.errorf(name.Span(), "write a string in single quotes; to read columns, add FROM", "there is no column %s: the query has no FROM", name.Text)
		return
	}
	where := ""
	if s.name != nil {
		where = " in " + s.name.Text
	}
	b.errorf(name.Span(), nearColumn(name.Text, s.schema.Names()), "there is no column %s%s", name.Text, where)
}

// timeName returns the name of the event-time column, or a stand-in.
func (s *scope) timeName() string {
	for _, c := range s.schema {
		if c.Time {
			return display(c.Name)
		}
	}
	return "ts"
}

// display writes a name as it can be written in a query: in quotes where it
// needs them.
func display(name string) string {
	for i, r := range name {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80:
		case i > 0 && (r >= '0' && r <= '9' || r == '$'):
		default:
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	return name
}
