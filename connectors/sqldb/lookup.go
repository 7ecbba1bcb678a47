package sqldb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

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

// finder is a database as rows are looked up in it. It is safe for concurrent use.
type finder interface {
	// find asks once for the keys from one on up to another, and returns the values of
	// the rows, one row after the other. An error that may pass is Unavailable.
	find(ctx context.Context, keys []*data.Vector, from, to int) ([]any, error)
	// place names the table and its database for messages.
	place() string
	close() error
}

// lookup finds rows in one table.
type lookup struct {
	finder finder
	schema data.Schema
	key    []int
	cache  connectors.LookupCache
	retry  connectors.Retry
}

// newLookup returns a lookup without a finder.
func newLookup(cfg *connectors.LookupConfig) (*lookup, error) {
	l := &lookup{schema: cfg.Schema, key: cfg.Key}
	o := cfg.Options
	ttl, err := o.Duration("cache_ttl", time.Minute)
	if err != nil {
		return nil, err
	}
	l.cache.TTL = ttl.Microseconds()
	if l.cache.Rows, err = o.Int("cache_rows", 100_000, 1, math.MaxInt32); err != nil {
		return nil, err
	}
	if l.cache.Bytes, err = o.Size("cache_bytes", 64<<20, 1, math.MaxInt64); err != nil {
		return nil, err
	}
	if l.retry.Times, err = o.Int("lookup_retries", 3, 0, 30); err != nil {
		return nil, err
	}
	l.retry.Delay, err = o.Duration("lookup_delay", 100*time.Millisecond)
	return l, err
}

// checkLookup finds out whether a table is there with the columns of a schema, which it
// returns.
func checkLookup(ctx context.Context, t table, schema data.Schema) ([]tableColumn, error) {
	columns, err := t.columns(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(columns) == 0:
		return nil, &connectors.OptionError{Option: "table", Message: fmt.Sprintf("there is no table %s in %s to look rows up in", t.name(), t.where()), Hint: "name it: table = '…'"}
	}
	return matchColumns(t, columns, schema, false)
}

// Cache implements connectors.Lookup.
func (l *lookup) Cache() connectors.LookupCache { return l.cache }

// Close implements connectors.Lookup.
func (l *lookup) Close() error { return l.finder.close() }

// Find implements connectors.Lookup.
func (l *lookup) Find(ctx context.Context, keys []*data.Vector, n int, out *data.Batch) error {
	for from := 0; from < n; from += lookupKeys {
		var found []any
		if err := l.retry.Do(ctx, func() (err error) {
			found, err = l.finder.find(ctx, keys, from, min(n, from+lookupKeys))
			return err
		}); err != nil {
			return err
		}
		if err := l.take(found, out); err != nil {
			return err
		}
	}
	return nil
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
			if text, ok := v.([]byte); ok {
				v = connectors.Shorten(string(text))
			}
			return fmt.Errorf("%s: column %s has %v, which is no %s", l.finder.place(), l.schema[i].Name, v, l.schema[i].Type)
		}
	}
	return nil
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
