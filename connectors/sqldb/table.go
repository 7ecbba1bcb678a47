package sqldb

import (
	"context"
	"database/sql"
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

// columnType is the type of a created column, and so how its values are stored.
func columnType(t data.Type) string {
	switch t.Kind {
	case data.Boolean:
		return "BOOLEAN"
	case data.Int, data.BigInt:
		return "INTEGER"
	case data.Double:
		return "REAL"
	case data.Bytes:
		return "BLOB"
	case data.Decimal:
		if storedAsInteger(t) {
			return "INTEGER"
		}
	}
	return "TEXT"
}

// storedAsInteger reports whether a type's values are whole numbers of 64 bits.
func storedAsInteger(t data.Type) bool {
	return t.Integer() || t.Kind == data.Decimal && t.Scale == 0 && t.Class() == data.ClassInt
}

// createStatement makes the table of a sink. Without a rowid a table is one tree
// instead of two; a single integer key is the rowid itself.
func createStatement(table string, schema data.Schema, key []int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", quoteName(table))
	isKey := make([]bool, len(schema))
	names := make([]string, len(key))
	for i, k := range key {
		isKey[k], names[i] = true, schema[k].Name
	}
	for i, c := range schema {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", quoteName(c.Name), columnType(c.Type))
		if isKey[i] {
			b.WriteString(" NOT NULL")
		}
	}
	if len(key) > 0 {
		fmt.Fprintf(&b, ", PRIMARY KEY (%s)", quoteNames(names))
	}
	b.WriteByte(')')
	if len(key) > 1 || len(key) == 1 && !storedAsInteger(schema[key[0]].Type) {
		b.WriteString(" WITHOUT ROWID")
	}
	return b.String()
}

// tableColumn is a column of a table that is there.
type tableColumn struct {
	name     string
	required bool // NOT NULL without a default
	key      int  // place in the primary key from 1; 0 for none
}

func readColumns(ctx context.Context, db *sql.DB, table string) ([]tableColumn, error) {
	rows, err := db.QueryContext(ctx, `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_info(?)`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []tableColumn
	for rows.Next() {
		var c tableColumn
		var typ string
		var notNull, hasDefault bool
		if err := rows.Scan(&c.name, &typ, &notNull, &hasDefault, &c.key); err != nil {
			return nil, err
		}
		c.required = notNull && !hasDefault && !(c.key > 0 && strings.EqualFold(typ, "INTEGER"))
		out = append(out, c)
	}
	return out, rows.Err()
}

// uniqueSets returns the sets of columns that the table keeps unique.
func uniqueSets(ctx context.Context, db *sql.DB, table string, columns []tableColumn) ([][]string, error) {
	var primary []string
	for _, c := range columns {
		if c.key > 0 {
			primary = append(primary, c.name)
		}
	}
	var sets [][]string
	if primary != nil {
		sets = append(sets, primary)
	}
	rows, err := db.QueryContext(ctx, `SELECT l.name, i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE l."unique" AND NOT l.partial ORDER BY l.seq, i.seqno`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var index string
		var column sql.NullString
		if err := rows.Scan(&index, &column); err != nil {
			return nil, err
		}
		if index != last {
			sets = append(sets, nil)
			last = index
		}
		sets[len(sets)-1] = append(sets[len(sets)-1], column.String)
	}
	return sets, rows.Err()
}

// prepareTable creates the table, or checks that the one that is there will do.
func prepareTable(ctx context.Context, db *sql.DB, s *settings, schema data.Schema, key []int) error {
	columns, err := readColumns(ctx, db, s.table)
	if err != nil {
		return s.explain(err)
	}
	if len(columns) == 0 {
		_, err := db.ExecContext(ctx, createStatement(s.table, schema, key))
		return s.explain(err)
	}
	if err := checkColumns(s, columns, schema); err != nil || len(key) == 0 {
		return err
	}
	sets, err := uniqueSets(ctx, db, s.table, columns)
	if err != nil {
		return s.explain(err)
	}
	names := make([]string, len(key))
	for i, k := range key {
		names[i] = schema[k].Name
	}
	for _, set := range sets {
		if sameNames(set, names) {
			return nil
		}
	}
	return &connectors.OptionError{Option: "table",
		Message: fmt.Sprintf("table %s in '%s' has no primary key or unique index on (%s), which upserts need", s.table, s.path, strings.Join(names, ", ")),
		Hint:    fmt.Sprintf("add one: CREATE UNIQUE INDEX %s ON %s (%s)", quoteName(s.table+"_key"), quoteName(s.table), quoteNames(names))}
}

func checkColumns(s *settings, columns []tableColumn, schema data.Schema) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
		if c.required && schema.Find(c.name) < 0 {
			return &connectors.OptionError{Option: "table",
				Message: fmt.Sprintf("table %s in '%s' has a column %s that must not be NULL, and the relation does not have it", s.table, s.path, c.name),
				Hint:    "declare it, or give it a default in the database"}
		}
	}
	for _, c := range schema {
		found := false
		for _, n := range names {
			found = found || strings.EqualFold(n, c.Name)
		}
		if found {
			continue
		}
		hint := fmt.Sprintf("add it: ALTER TABLE %s ADD COLUMN %s %s", quoteName(s.table), quoteName(c.Name), columnType(c.Type))
		if near := connectors.Near(c.Name, names); near != "" {
			hint = fmt.Sprintf("did you mean %s? Or %s", near, hint)
		}
		return &connectors.OptionError{Option: "table", Message: fmt.Sprintf("table %s in '%s' has no column %s", s.table, s.path, c.Name), Hint: hint}
	}
	return nil
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
