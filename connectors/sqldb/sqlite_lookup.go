package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"modernc.org/sqlite"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// sqliteFinder looks rows up in a SQLite database.
type sqliteFinder struct {
	set    *settings
	schema data.Schema
	key    []int
	db     *sql.DB
}

// NewLookup returns a lookup in a table, which must be there.
func NewLookup(cfg connectors.LookupConfig) (connectors.Lookup, error) {
	set, err := newSettings(&connectors.SinkConfig{Name: cfg.Name, Options: cfg.Options, BaseDir: cfg.BaseDir})
	if err != nil {
		return nil, err
	}
	l, err := newLookup(&cfg)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(set.path); err != nil {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("there is no database '%s' to look rows up in", set.path)}
	}
	db, err := sql.Open("sqlite", set.readDSN())
	if err != nil {
		return nil, set.explain(err)
	}
	if _, err := checkLookup(context.Background(), &sqliteTable{set, db}, cfg.Schema); err != nil {
		db.Close()
		return nil, err
	}
	l.finder = &sqliteFinder{set, cfg.Schema, cfg.Key, db}
	return l, nil
}

func (f *sqliteFinder) place() string { return f.set.place() }

func (f *sqliteFinder) close() error { return f.set.explain(f.db.Close()) }

func (f *sqliteFinder) find(ctx context.Context, keys []*data.Vector, from, to int) ([]any, error) {
	found, err := f.read(ctx, keys, from, to)
	if passing(err) {
		return nil, &connectors.Unavailable{Err: f.set.explain(err)}
	}
	return found, f.set.explain(err)
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

func (f *sqliteFinder) read(ctx context.Context, keys []*data.Vector, from, to int) (found []any, err error) {
	args := make([]any, 0, (to-from)*len(keys))
	for i := from; i < to; i++ {
		for _, v := range keys {
			args = append(args, value(v, i))
		}
	}
	rows, err := f.db.QueryContext(ctx, f.text(to-from), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := make([]any, len(f.schema))
	for rows.Next() {
		row := make([]any, len(f.schema))
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

// text returns the query for a number of keys.
func (f *sqliteFinder) text(n int) string {
	names := pick(f.schema.Names(), f.key)
	query := "SELECT " + quoteNames(f.schema.Names()) + " FROM " + quoteName(f.set.table) + " WHERE "
	if len(f.key) == 1 {
		return query + quoteNames(names) + " IN (?" + strings.Repeat(", ?", n-1) + ")"
	}
	row := "(?" + strings.Repeat(", ?", len(f.key)-1) + ")"
	return query + "(" + quoteNames(names) + ") IN (VALUES " + row + strings.Repeat(", "+row, n-1) + ")"
}
