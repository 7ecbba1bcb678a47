package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"modernc.org/sqlite"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// lookupOptions are the options of a table that rows are looked up in.
var lookupOptions = []connectors.OptionSpec{
	{Name: "cache_ttl", Kind: "duration", Default: "1m", Sink: true, Doc: "Of a table that rows are looked up in: for how long what was found, and that nothing was found, is kept; '0' asks each time."},
	{Name: "cache_rows", Kind: "int", Default: "100000", Sink: true, Doc: "Of a table that rows are looked up in: about how many rows are kept."},
	{Name: "cache_bytes", Kind: "size", Default: "64 MB", Sink: true, Doc: "Of a table that rows are looked up in: about how much memory they take."},
	{Name: "lookup_retries", Kind: "int", Default: "3", Sink: true, Doc: "Of a table that rows are looked up in: how often a query that failed is tried again, each time after twice as long."},
	{Name: "lookup_delay", Kind: "duration", Default: "100ms", Sink: true, Doc: "Of a table that rows are looked up in: how long to wait before the first of these."},
}

// lookupKeys is how many keys one query asks for.
const lookupKeys = 500

// lookup finds rows in one table.
type lookup struct {
	set     *settings
	schema  data.Schema
	key     []int
	db      *sql.DB
	cache   connectors.LookupCache
	retries int64
	delay   time.Duration
	// wait waits for a time, or for the end of the context, whose error it returns.
	wait func(ctx context.Context, d time.Duration) error
}

// NewLookup returns a lookup in a table, which must be there.
func NewLookup(cfg connectors.LookupConfig) (connectors.Lookup, error) {
	set, err := newSettings(&connectors.SinkConfig{Name: cfg.Name, Options: cfg.Options, BaseDir: cfg.BaseDir})
	if err != nil {
		return nil, err
	}
	l := &lookup{set: set, schema: cfg.Schema, key: cfg.Key, wait: wait}
	if err := l.options(cfg.Options); err != nil {
		return nil, err
	}
	if _, err := os.Stat(set.path); err != nil {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("there is no database '%s' to look rows up in", set.path)}
	}
	if l.db, err = sql.Open("sqlite", set.readDSN()); err != nil {
		return nil, set.explain(err)
	}
	if err := l.check(); err != nil {
		l.db.Close()
		return nil, err
	}
	return l, nil
}

func (l *lookup) options(o connectors.Options) error {
	ttl, err := o.Duration("cache_ttl", time.Minute)
	if err != nil {
		return err
	}
	l.cache.TTL = ttl.Microseconds()
	if l.cache.Rows, err = o.Int("cache_rows", 100_000, 1, math.MaxInt32); err != nil {
		return err
	}
	if l.cache.Bytes, err = o.Size("cache_bytes", 64<<20, 1, math.MaxInt64); err != nil {
		return err
	}
	if l.retries, err = o.Int("lookup_retries", 3, 0, 30); err != nil {
		return err
	}
	l.delay, err = o.Duration("lookup_delay", 100*time.Millisecond)
	return err
}

// check finds out whether the table is there with its columns.
func (l *lookup) check() error {
	columns, err := readColumns(context.Background(), l.db, l.set.table)
	switch {
	case err != nil:
		return l.set.explain(err)
	case len(columns) == 0:
		return &connectors.OptionError{Option: "table", Message: fmt.Sprintf("there is no table %s in '%s' to look rows up in", l.set.table, l.set.path), Hint: "name it: table = '…'"}
	}
	for i := range columns {
		columns[i].required = false // nothing is written
	}
	return checkColumns(l.set, columns, l.schema)
}

// Cache implements connectors.Lookup.
func (l *lookup) Cache() connectors.LookupCache { return l.cache }

// Close implements connectors.Lookup.
func (l *lookup) Close() error { return l.set.explain(l.db.Close()) }

// Find implements connectors.Lookup.
func (l *lookup) Find(ctx context.Context, keys []*data.Vector, n int, out *data.Batch) error {
	for from := 0; from < n; from += lookupKeys {
		to := min(n, from+lookupKeys)
		for attempt := int64(0); ; attempt++ {
			found, err := l.find(ctx, keys, from, to)
			if err == nil {
				if err := l.take(found, out); err != nil {
					return err
				}
				break
			}
			if attempt == l.retries || !passing(err) || ctx.Err() != nil {
				return l.set.explain(err)
			}
			if err := l.wait(ctx, l.delay<<attempt); err != nil {
				return err
			}
		}
	}
	return nil
}

// passing reports whether an error may be gone after a while.
func passing(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case codeBusy, codeLocked, codeIO, codeCantOpen:
		return true
	}
	return false
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// find asks once for the keys from one on up to another, and returns the values of
// the rows, one row after the other.
func (l *lookup) find(ctx context.Context, keys []*data.Vector, from, to int) (found []any, err error) {
	args := make([]any, 0, (to-from)*len(keys))
	for i := from; i < to; i++ {
		for _, v := range keys {
			args = append(args, value(v, i))
		}
	}
	rows, err := l.db.QueryContext(ctx, l.text(to-from), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := make([]any, len(l.schema))
	for rows.Next() {
		row := make([]any, len(l.schema))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		found = append(found, row...)
	}
	return found, rows.Err()
}

// take appends the values of rows to the columns of out.
func (l *lookup) take(found []any, out *data.Batch) error {
	parsers := make([]*data.TextParser, len(l.schema))
	for i, c := range l.schema {
		parsers[i] = data.NewTextParser(c.Type, nil)
	}
	for k, v := range found {
		i := k % len(l.schema)
		if err := appendValue(out.Cols[i], parsers[i], v); err != nil {
			return fmt.Errorf("'%s', table %s: column %s has %v, which is no %s", l.set.path, l.set.table, l.schema[i].Name, v, l.schema[i].Type)
		}
	}
	return nil
}

// text returns the query for a number of keys.
func (l *lookup) text(n int) string {
	names := make([]string, len(l.key))
	for i, k := range l.key {
		names[i] = l.schema[k].Name
	}
	query := "SELECT " + quoteNames(l.schema.Names()) + " FROM " + quoteName(l.set.table) + " WHERE "
	if len(l.key) == 1 {
		return query + quoteNames(names) + " IN (?" + strings.Repeat(", ?", n-1) + ")"
	}
	row := "(?" + strings.Repeat(", ?", len(l.key)-1) + ")"
	return query + "(" + quoteNames(names) + ") IN (VALUES " + row + strings.Repeat(", "+row, n-1) + ")"
}

var errValue = errors.New("a value of another type")

// appendValue appends what the driver has read to a column, whose texts p parses.
func appendValue(dst *data.Vector, p *data.TextParser, value any) error {
	kind := dst.Type.Kind
	switch v := value.(type) {
	case nil:
		dst.AppendNull()
		return nil
	case int64:
		switch kind {
		case data.Boolean:
			dst.AppendBool(v != 0)
			return nil
		case data.BigInt:
			dst.AppendInt(v)
			return nil
		case data.Double:
			dst.AppendFloat(float64(v))
			return nil
		}
		return p.Append(dst, fmt.Append(nil, v))
	case float64:
		if kind == data.Double {
			dst.AppendFloat(v)
			return nil
		}
		if kind == data.Boolean || kind == data.Bytes {
			return errValue
		}
		return p.Append(dst, fmt.Append(nil, v))
	case bool:
		if kind != data.Boolean {
			return errValue
		}
		dst.AppendBool(v)
		return nil
	case time.Time:
		return p.Append(dst, data.AppendTimestamp(nil, v.UnixMicro()))
	case []byte:
		if kind == data.Bytes {
			dst.AppendText(v)
			return nil
		}
		return p.Append(dst, v)
	case string:
		if kind == data.Bytes || kind == data.String {
			dst.AppendText([]byte(v))
			return nil
		}
		return p.Append(dst, []byte(v))
	}
	return errValue
}
