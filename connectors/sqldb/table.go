package sqldb

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// quoteName writes a name as a SQL identifier.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteNames(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteName(n)
	}
	return strings.Join(out, ", ")
}

// everyColumn lists the places of all columns.
func everyColumn(schema data.Schema) []int {
	all := make([]int, len(schema))
	for i := range all {
		all[i] = i
	}
	return all
}

// pick returns the names at some places.
func pick(names []string, places []int) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = names[p]
	}
	return out
}

// onConflict is the end of an INSERT that replaces rows with the same key.
func onConflict(names []string, key []int) string {
	var set []string
	for i, n := range names {
		if !slices.Contains(key, i) {
			set = append(set, quoteName(n)+" = excluded."+quoteName(n))
		}
	}
	action := "NOTHING"
	if len(set) > 0 {
		action = "UPDATE SET " + strings.Join(set, ", ")
	}
	return " ON CONFLICT (" + quoteNames(pick(names, key)) + ") DO " + action
}

// table is a table of a database, which may not be there.
type table interface {
	// name is the table's, and where names its database for messages.
	name() string
	where() string
	// columns returns the columns; none when there is no such table.
	columns(ctx context.Context) ([]tableColumn, error)
	// unique returns the sets of columns that the table keeps unique.
	unique(ctx context.Context, columns []tableColumn) ([][]string, error)
	// create makes the table.
	create(ctx context.Context, schema data.Schema, key []int) error
	// columnType is the type of a created column, and so how its values are stored.
	columnType(t data.Type) string
}

// tableColumn is a column of a table that is there.
type tableColumn struct {
	name     string
	required bool // NOT NULL without a default
	key      int  // place in SQLite's primary key from 1; 0 for none

	// Of PostgreSQL: the type's name, whether it is an array or an enumeration, and
	// whether the table is a view.
	typ               string
	array, enum, view bool
}

// createStatement makes the table of a sink, whose name is quoted.
func createStatement(t table, quoted string, schema data.Schema, key []int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", quoted)
	for i, c := range schema {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", quoteName(c.Name), t.columnType(c.Type))
		if slices.Contains(key, i) {
			b.WriteString(" NOT NULL")
		}
	}
	if len(key) > 0 {
		fmt.Fprintf(&b, ", PRIMARY KEY (%s)", quoteNames(pick(schema.Names(), key)))
	}
	b.WriteByte(')')
	return b.String()
}

// prepareTable creates the table, or checks that the one that is there will do, and
// returns its columns in the order of the schema.
func prepareTable(ctx context.Context, t table, schema data.Schema, key []int) ([]tableColumn, error) {
	columns, err := t.columns(ctx)
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		if err := t.create(ctx, schema, key); err != nil {
			return nil, err
		}
		if columns, err = t.columns(ctx); err != nil {
			return nil, err
		}
	}
	ours, err := matchColumns(t, columns, schema, true)
	if err != nil || len(key) == 0 {
		return ours, err
	}
	sets, err := t.unique(ctx, columns)
	if err != nil {
		return nil, err
	}
	names := pick(schema.Names(), key)
	for _, set := range sets {
		if sameNames(set, names) {
			return ours, nil
		}
	}
	return nil, &connectors.OptionError{Option: "table",
		Message: fmt.Sprintf("table %s in %s has no primary key or unique index on (%s), which upserts need", t.name(), t.where(), strings.Join(names, ", ")),
		Hint:    fmt.Sprintf("add one: CREATE UNIQUE INDEX %s ON %s (%s)", quoteName(t.name()+"_key"), quoteName(t.name()), quoteNames(names))}
}

// matchColumns finds the columns of a schema among those of a table, exactly or else
// ignoring case. writing says that the table's other columns are left out of rows.
func matchColumns(t table, columns []tableColumn, schema data.Schema, writing bool) ([]tableColumn, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
		if c.view && writing {
			return nil, &connectors.OptionError{Option: "table", Message: fmt.Sprintf("%s in %s is a view", t.name(), t.where()), Hint: "name a table"}
		}
		if c.required && writing && schema.Find(c.name) < 0 {
			return nil, &connectors.OptionError{Option: "table",
				Message: fmt.Sprintf("table %s in %s has a column %s that must not be NULL, and the relation does not have it", t.name(), t.where(), c.name),
				Hint:    "declare it, or give it a default in the database"}
		}
	}
	ours := make([]tableColumn, len(schema))
	for i, c := range schema {
		at := slices.Index(names, c.Name)
		if at < 0 {
			at = slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, c.Name) })
		}
		if at >= 0 {
			ours[i] = columns[at]
			continue
		}
		hint := fmt.Sprintf("add it: ALTER TABLE %s ADD COLUMN %s %s", quoteName(t.name()), quoteName(c.Name), t.columnType(c.Type))
		if near := connectors.Near(c.Name, names); near != "" {
			hint = fmt.Sprintf("did you mean %s? Or %s", near, hint)
		}
		return nil, &connectors.OptionError{Option: "table", Message: fmt.Sprintf("table %s in %s has no column %s", t.name(), t.where(), c.Name), Hint: hint}
	}
	return ours, nil
}

// columnNames are the names of columns as the table has them.
func columnNames(columns []tableColumn) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// sameNames compares two sets of names ignoring case and order.
func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	x, y := make([]string, len(a)), make([]string, len(b))
	for i := range a {
		x[i], y[i] = strings.ToLower(a[i]), strings.ToLower(b[i])
	}
	sort.Strings(x)
	sort.Strings(y)
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}
