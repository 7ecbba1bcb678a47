package planner

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// scope is what the names of a query can mean: the columns of its input.
type scope struct {
	schema data.Schema
	// names are the tables that the columns come from, nil for one without a name:
	// column i is of names[tables[i]].
	names  []*parser.Name
	tables []int
	// hidden are columns that only their table's name reaches: USING shows the other.
	hidden map[int]bool
	// lost are columns that have no value here, with the reason.
	lost map[int]*lostColumn
	// relation is set where the input is one, for messages.
	relation *catalog.Relation
	// from is the place in FROM.
	from source.Span
	// stamped is set where the watermark before each row is one more column of the
	// input, behind those of the schema: for CURRENT_WATERMARK.
	stamped bool
	// params says that the columns are the parameters of a function.
	params bool
	// outer is the scope around a subquery, whose columns it can use where related
	// is set, at positions from outerBase on.
	outer   *scope
	related *related
	// items are the SELECT list, whose names are not known in the other clauses.
	items []*parser.SelectItem
	// before is set in clauses of a query that come before its window is known.
	before bool
	// later are the computed column being bound and those after it.
	later []string
}

// add puts a table's columns behind those that are there.
func (s *scope) add(name *parser.Name, columns data.Schema) {
	for range columns {
		s.tables = append(s.tables, len(s.names))
	}
	s.names = append(s.names, name)
	s.schema = append(s.schema, columns...)
}

// hide lets only its table's name reach a column.
func (s *scope) hide(column int) {
	if s.hidden == nil {
		s.hidden = map[int]bool{}
	}
	s.hidden[column] = true
}

// lostColumn says why a column has no value.
type lostColumn struct{ message, hint string }

// lose notes columns that have no value, by their places from the first on.
func (s *scope) lose(lost map[int]*lostColumn, first int) {
	for c, l := range lost {
		if s.lost == nil {
			s.lost = map[int]*lostColumn{}
		}
		s.lost[first+c] = l
	}
}

// there returns a column, or -1 after reporting that it has no value.
func (b *binder) there(s *scope, name *parser.Name, column int) int {
	l := s.lost[column]
	if l == nil {
		return column
	}
	b.errorf(name.Span(), l.hint, "%s %s", name.Text, l.message)
	return -1
}

// table returns the table that a name means, or -1.
func (s *scope) table(n *parser.Name) int {
	for i, t := range s.names {
		if t != nil && sameColumn(t, n) {
			return i
		}
	}
	return -1
}

// title names the tables, for messages.
func (s *scope) title() string {
	var names []string
	for _, n := range s.names {
		if n != nil {
			names = append(names, n.Text)
		}
	}
	return strings.Join(names, " and ")
}

// nearRelation hints at a relation or view for a name that is none.
func (b *binder) nearRelation(name string) string {
	if likely := b.likelyRelation(name); likely != "" {
		return likely
	}
	if names := b.relationNames(); len(names) > 0 {
		return "there are: " + list(names)
	}
	return "declare it with CREATE STREAM " + name + " (…) WITH (…)"
}

// likelyRelation names the relation or view that was most likely meant.
func (b *binder) likelyRelation(name string) string {
	if near := source.Near(name, b.relationNames()); near != "" {
		return "did you mean " + display(near) + "?"
	}
	return ""
}

func (b *binder) relationNames() []string {
	var names []string
	for _, r := range b.cat.Relations() {
		names = append(names, r.Name)
	}
	for _, v := range b.cat.Views() {
		names = append(names, v.Name)
	}
	for c := b.ctes; c != nil; c = c.parent {
		names = append(names, c.name.Text)
	}
	return names
}

// resolve finds the column that a reference means, and the names of the fields of
// its value that follow; -1 after reporting that there is none or more than one.
func (b *binder) resolve(s *scope, r *parser.Ref) (column int, fields []*parser.Name) {
	first := r.Parts[0]
	if !s.has(r) && s.outer != nil && s.outer.has(r) {
		if s.related == nil {
			b.correlated(r.Span(), text(b.file, r.Span()))
			return -1, nil
		}
		if column, fields = b.resolve(s.outer, r); column >= 0 {
			column += outerBase
		}
		return column, fields
	}
	if len(r.Parts) == 1 {
		return b.pick(s, first, -1), nil
	}
	if t := s.table(first); t >= 0 {
		return b.pick(s, r.Parts[1], t), r.Parts[2:]
	}
	if found, _ := s.find(first, -1); len(found) > 1 || len(found) == 1 && hasFields(s.schema[found[0]].Type) {
		return b.pick(s, first, -1), r.Parts[1:]
	}
	if found, _ := s.find(first, -1); len(found) == 1 && b.cat.Lookup(first.Text) == nil && b.cat.View(first.Text) == nil {
		b.errorf(r.Parts[1].Span(), "", "%s is %s, which has no fields", first.Text, s.schema[found[0]].Type)
		return -1, nil
	}
	hint := ""
	if title := s.title(); title != "" {
		hint = "its input is called " + title
	}
	b.errorf(first.Span(), hint, "%s is not in the FROM of this query", first.Text)
	return -1, nil
}

// column returns the column at a position that resolve has found.
func (s *scope) column(i int) data.Column {
	if i >= outerBase {
		return s.outer.schema[i-outerBase]
	}
	return s.schema[i]
}

// has reports whether a reference can be meant for something of the scope: a table
// of it, or one or more columns.
func (s *scope) has(r *parser.Ref) bool {
	found, _ := s.find(r.Parts[0], -1)
	switch {
	case len(r.Parts) > 1 && s.table(r.Parts[0]) >= 0:
		return true
	case len(r.Parts) > 1 && len(found) == 1:
		return hasFields(s.schema[found[0]].Type)
	}
	return len(found) > 0
}

// pick returns the column called name, of one table where that is not -1.
func (b *binder) pick(s *scope, name *parser.Name, table int) int {
	found, exact := s.find(name, table)
	switch {
	case len(found) == 1:
		return b.there(s, name, found[0])
	case len(found) == 0:
		b.unknownColumn(s, name)
	case exact >= 0:
		return b.there(s, name, exact)
	case s.tables[found[0]] != s.tables[found[1]]:
		b.errorf(name.Span(), "say which one: "+b.qualified(s, found[0])+" or "+b.qualified(s, found[1]), "column %s is in more than one table of FROM", name.Text)
	default:
		b.errorf(name.Span(), "write it in double quotes, as "+`"`+s.schema[found[0]].Name+`"`, "%s can mean %s", name.Text, strings.Join(quoted(s.schema, found), " or "))
	}
	return -1
}

func (b *binder) qualified(s *scope, column int) string {
	name := display(s.schema[column].Name)
	if t := s.names[s.tables[column]]; t != nil {
		return display(t.Text) + "." + name
	}
	return name
}

// correlated refuses what a subquery takes from the query around it.
func (b *binder) correlated(at source.Span, column string) {
	b.errorf(at, "EXISTS and IN may use it in the WHERE of their SELECT; otherwise join the two", "the subquery uses %s of the query around it, which it cannot here", column)
}

// find returns the columns that a name may mean, of one table where that is not
// -1, and the one that is written exactly so, if there is just one.
func (s *scope) find(name *parser.Name, table int) (found []int, exact int) {
	exact = -1
	for i, c := range s.schema {
		if table >= 0 && s.tables[i] != table || table < 0 && (s.hidden[i] || s.lost[i] != nil) {
			continue
		}
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
	if err := expr.Refused(strings.ToUpper(name.Text), name.Span()); err != nil && !name.Quoted {
		b.report(err, name.Span()) // CURRENT_TIMESTAMP, which is called without parentheses
		return
	}
	for _, w := range windowColumns {
		if strings.EqualFold(w, name.Text) {
			hint := "group by a window: GROUP BY TUMBLE(" + s.timeName() + ", INTERVAL '5' MINUTE)"
			if s.before {
				hint = "WHERE chooses rows before they are put into windows: write it in HAVING, or in a query around this one"
			}
			b.errorf(name.Span(), hint, "%s is known only in the SELECT list and HAVING of a query that groups by a window", name.Text)
			return
		}
	}
	for i, c := range s.schema {
		if s.lost[i] != nil && sameColumn(name, &parser.Name{Text: c.Name, Quoted: true}) {
			b.there(s, name, i)
			return
		}
	}
	for i, l := range s.later {
		switch {
		case !sameColumn(name, &parser.Name{Text: l, Quoted: true}):
			continue
		case i == 0:
			b.errorf(name.Span(), "", "the column %s is computed from itself", display(l))
		default:
			b.errorf(name.Span(), "put "+display(l)+" before it", "a computed column can use those before it, and %s comes after", display(l))
		}
		return
	}
	for _, it := range s.items {
		if it.Alias != nil && it.Expr != nil && sameColumn(it.Alias, name) {
			b.errorf(name.Span(), "write what it stands for: "+oneLine(text(b.file, it.Expr.Span())), "%s is a name of the SELECT list, which is not known here", name.Text)
			return
		}
	}
	if len(s.names) == 0 {
		b.errorf(name.Span(), "write a string in single quotes; to read columns, add FROM", "there is no column %s: the query has no FROM", name.Text)
		return
	}
	if s.params {
		hint := "its parameters are " + list(s.schema.Names())
		if len(s.schema) == 0 {
			hint = "it has none"
		}
		if near := source.Near(name.Text, s.schema.Names()); near != "" {
			hint = "did you mean " + display(near) + "?"
		}
		b.errorf(name.Span(), hint, "the function has no parameter %s", name.Text)
		return
	}
	where := ""
	if title := s.title(); title != "" {
		where = " in " + title
	}
	b.errorf(name.Span(), nearColumn(name.Text, s.schema.Names()), "there is no column %s%s", name.Text, where)
}

// hasTime reports whether a column is an event-time attribute.
func (s *scope) hasTime() bool {
	return slices.ContainsFunc(s.schema, func(c data.Column) bool { return c.Time })
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

// hasFields reports whether values of a type have parts that are taken by a name.
func hasFields(t data.Type) bool { return t.Nested() || t.Kind == data.JSON }
