package sqldb

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// pgTable is a table in PostgreSQL.
type pgTable struct {
	set  *pgSettings
	conn *pgconn.PgConn
}

func (t *pgTable) name() string  { return t.set.table }
func (t *pgTable) where() string { return t.set.where() }

// columnType implements table. Nested types are JSON, but for an ARRAY of scalars.
func (t *pgTable) columnType(typ data.Type) string {
	switch typ.Kind {
	case data.Boolean:
		return "boolean"
	case data.Int:
		return "integer"
	case data.BigInt:
		return "bigint"
	case data.Double:
		return "double precision"
	case data.Decimal:
		return fmt.Sprintf("numeric(%d,%d)", typ.Precision, typ.Scale)
	case data.Bytes:
		return "bytea"
	case data.Date:
		return "date"
	case data.Time:
		return "time"
	case data.Timestamp:
		return "timestamptz"
	case data.Interval:
		return "interval"
	case data.Array:
		if !typ.Elem().Nested() {
			return t.columnType(typ.Elem()) + "[]"
		}
		return "jsonb"
	case data.JSON, data.Map, data.Row:
		return "jsonb"
	}
	return "text"
}

const pgColumns = `SELECT a.attname, t.typname, t.typcategory, t.typtype, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', c.relkind
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

func (t *pgTable) columns(ctx context.Context) ([]tableColumn, error) {
	rows, err := query(ctx, t.conn, pgColumns, t.set.quoted(t.set.table))
	if err != nil {
		return nil, t.set.explain(err)
	}
	var out []tableColumn
	for _, r := range rows {
		out = append(out, tableColumn{name: string(r[0]), typ: string(r[1]), array: string(r[2]) == "A", enum: string(r[3]) == "e", required: string(r[4]) == "t",
			view: strings.Contains("vm", string(r[5]))})
	}
	return out, nil
}

// pgUnique lists the columns of each index that ON CONFLICT can stand on.
const pgUnique = `SELECT i.indexrelid, a.attname
FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(attnum, at) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY 1, k.at`

func (t *pgTable) unique(ctx context.Context, _ []tableColumn) ([][]string, error) {
	rows, err := query(ctx, t.conn, pgUnique, t.set.quoted(t.set.table))
	if err != nil {
		return nil, t.set.explain(err)
	}
	var sets [][]string
	last := ""
	for _, r := range rows {
		if string(r[0]) != last {
			sets, last = append(sets, nil), string(r[0])
		}
		sets[len(sets)-1] = append(sets[len(sets)-1], string(r[1]))
	}
	return sets, nil
}

func (t *pgTable) create(ctx context.Context, schema data.Schema, key []int) error {
	for _, c := range schema {
		if len(c.Name) > maxName {
			return &connectors.OptionError{Option: "table", Message: fmt.Sprintf("the name of column %s is longer than the %d bytes that PostgreSQL keeps of a name", c.Name, maxName), Hint: "rename it in the query"}
		}
	}
	_, err := exec(ctx, t.conn, createStatement(t, t.set.quoted(t.set.table), schema, key))
	return t.set.explain(err)
}
