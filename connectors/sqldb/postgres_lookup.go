package sqldb

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// idleConnections is how many connections a lookup keeps while they are not used.
const idleConnections = 4

// pgFinder looks rows up in a PostgreSQL database.
type pgFinder struct {
	set     *pgSettings
	columns []tableColumn
	schema  data.Schema
	query   string
	idle    chan *pgconn.PgConn
}

// newPostgresLookup returns a lookup in a table of a PostgreSQL database, which must be
// there.
func newPostgresLookup(cfg connectors.LookupConfig) (connectors.Lookup, error) {
	set, err := newPgSettings(cfg.Name, cfg.Options, cfg.BaseDir)
	if err != nil {
		return nil, err
	}
	l, err := newLookup(&cfg)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	conn, err := set.connect(ctx)
	if err != nil {
		return nil, err
	}
	columns, err := checkLookup(ctx, &pgTable{set, conn}, cfg.Schema)
	if err != nil {
		hangUp(conn)
		return nil, err
	}
	f := &pgFinder{set: set, columns: columns, schema: cfg.Schema, idle: make(chan *pgconn.PgConn, idleConnections)}
	f.query = pgLookup(set.quoted(set.table), cfg.Schema, cfg.Key, columns)
	f.idle <- conn
	l.finder = f
	return l, nil
}

// pgLookup returns the query for some keys, each column of which is an array.
func pgLookup(table string, schema data.Schema, key []int, columns []tableColumn) string {
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = quoteName(c.name)
		if c.array && schema[i].Type.Nested() {
			selected[i] = "to_json(" + selected[i] + ")"
		}
	}
	names, arrays := make([]string, len(key)), make([]string, len(key))
	for k, i := range key {
		names[k] = quoteName(columns[i].name)
		if columns[i].enum {
			names[k] += "::text"
		}
		arrays[k] = fmt.Sprintf("$%d::%s[]", k+1, keyType(columns[i]))
	}
	query := "SELECT " + strings.Join(selected, ", ") + " FROM " + table + " WHERE "
	if len(key) == 1 {
		return query + names[0] + " = ANY (" + arrays[0] + ")"
	}
	return query + "(" + strings.Join(names, ", ") + ") IN (SELECT * FROM unnest(" + strings.Join(arrays, ", ") + "))"
}

// keyType is the type that keys are sent with to be compared with a column: its own, but
// that no value is out of range or cut.
func keyType(c tableColumn) string {
	switch c.typ {
	case "int2", "int4", "int8":
		return "bigint"
	case "varchar", "bpchar", "char", "name", "text":
		return "text"
	}
	if c.enum {
		return "text"
	}
	return quoteName(c.typ)
}

func (f *pgFinder) place() string { return f.set.place() }

func (f *pgFinder) close() error {
	for {
		select {
		case c := <-f.idle:
			hangUp(c)
		default:
			return nil
		}
	}
}

// take returns a connection that nobody uses.
func (f *pgFinder) take(ctx context.Context) (*pgconn.PgConn, error) {
	select {
	case c := <-f.idle:
		return c, nil
	default:
		return f.set.connect(ctx)
	}
}

// give puts a connection back.
func (f *pgFinder) give(c *pgconn.PgConn) {
	if !c.IsClosed() {
		select {
		case f.idle <- c:
			return
		default:
		}
	}
	hangUp(c)
}

func (f *pgFinder) find(ctx context.Context, keys []*data.Vector, from, to int) ([]any, error) {
	parameters := make([]string, len(keys))
	for k, v := range keys {
		parameters[k] = keyArray(v, from, to)
	}
	c, err := f.take(ctx)
	if err != nil {
		return nil, err
	}
	defer f.give(c)
	rows, err := query(ctx, c, f.query, parameters...)
	if err = f.set.explain(err); connectors.IsUnavailable(err) {
		f.close() // the connections that are not used are lost too
	}
	if err != nil {
		return nil, err
	}
	found := make([]any, 0, len(rows)*len(f.columns))
	for _, row := range rows {
		for i, text := range row {
			value, err := f.value(text, i)
			if err != nil {
				return nil, err
			}
			found = append(found, value)
		}
	}
	return found, nil
}

// keyArray writes some keys as an array. A text with a NUL is none that PostgreSQL has,
// and is left out like NULL.
func keyArray(v *data.Vector, from, to int) string {
	array := []byte{'{'}
	var text []byte
	for i := from; i < to; i++ {
		if i > from {
			array = append(array, ',')
		}
		if text = text[:0]; !v.IsNull(i) {
			text = appendPgText(text, v, i)
		}
		if v.IsNull(i) || strings.IndexByte(string(text), 0) >= 0 {
			array = append(array, "NULL"...)
			continue
		}
		array = appendQuoted(array, text)
	}
	return string(append(array, '}'))
}

// value returns a value of column i as appendValue takes it.
func (f *pgFinder) value(text []byte, i int) (any, error) {
	if text == nil {
		return nil, nil
	}
	if f.columns[i].typ == "bytea" && f.schema[i].Type.Kind == data.Bytes && len(text) >= 2 {
		raw := make([]byte, hex.DecodedLen(len(text)-2))
		if _, err := hex.Decode(raw, text[2:]); err != nil {
			return nil, fmt.Errorf("%s: column %s is no bytea in hex: %w", f.place(), f.columns[i].name, err)
		}
		return raw, nil
	}
	return text, nil
}
