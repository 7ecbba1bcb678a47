package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tidemark/operators/data"
)

// sqliteTable is a table in SQLite.
type sqliteTable struct {
	set *settings
	db  *sql.DB
}

func (t *sqliteTable) name() string  { return t.set.table }
func (t *sqliteTable) where() string { return fmt.Sprintf("'%s'", t.set.path) }

// columnType implements table.
func (*sqliteTable) columnType(t data.Type) string {
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

// create makes the table. Without a rowid a table is one tree instead of two; a single
// integer key is the rowid itself.
func (t *sqliteTable) create(ctx context.Context, schema data.Schema, key []int) error {
	statement := createStatement(t, quoteName(t.set.table), schema, key)
	if len(key) > 1 || len(key) == 1 && !storedAsInteger(schema[key[0]].Type) {
		statement += " WITHOUT ROWID"
	}
	_, err := t.db.ExecContext(ctx, statement)
	return t.set.explain(err)
}

func (t *sqliteTable) columns(ctx context.Context) ([]tableColumn, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_info(?)`, t.set.table)
	if err != nil {
		return nil, t.set.explain(err)
	}
	defer rows.Close()
	var out []tableColumn
	for rows.Next() {
		var c tableColumn
		var typ string
		var notNull, hasDefault bool
		if err := rows.Scan(&c.name, &typ, &notNull, &hasDefault, &c.key); err != nil {
			return nil, t.set.explain(err)
		}
		c.required = notNull && !hasDefault && !(c.key > 0 && strings.EqualFold(typ, "INTEGER"))
		out = append(out, c)
	}
	return out, t.set.explain(rows.Err())
}

func (t *sqliteTable) unique(ctx context.Context, columns []tableColumn) ([][]string, error) {
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
	rows, err := t.db.QueryContext(ctx, `SELECT l.name, i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE l."unique" AND NOT l.partial ORDER BY l.seq, i.seqno`, t.set.table)
	if err != nil {
		return nil, t.set.explain(err)
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var index string
		var column sql.NullString
		if err := rows.Scan(&index, &column); err != nil {
			return nil, t.set.explain(err)
		}
		if index != last {
			sets = append(sets, nil)
			last = index
		}
		sets[len(sets)-1] = append(sets[len(sets)-1], column.String)
	}
	return sets, t.set.explain(rows.Err())
}
