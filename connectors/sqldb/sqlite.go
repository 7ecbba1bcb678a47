// Package sqldb writes results into tables of SQL databases, and looks rows up in them:
// of SQLite and of PostgreSQL.
//
// How values are stored in SQLite: BOOLEAN as 0 and 1, INT and BIGINT as
// INTEGER, DOUBLE as REAL, BYTES as BLOB; a DECIMAL as TEXT with all its digits,
// so that nothing is rounded (cast it for arithmetic: SUM(CAST(x AS REAL))), or
// as INTEGER when it has no fraction and fits; TIMESTAMP, DATE, TIME and INTERVAL
// as ISO 8601 text, which compares like the times themselves; STRING and JSON
// as TEXT.
//
// PostgreSQL has types for all of these: a TIMESTAMP is a timestamptz, a DECIMAL
// numeric, BYTES are bytea, JSON, MAP and ROW are jsonb, an ARRAY of scalars is an array.
package sqldb

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"tidemark/connectors"
)

// SQLite returns the SQLite connector, which writes, and looks rows up.
func SQLite() connectors.Connector {
	return connectors.Connector{
		Name: "sqlite",
		Doc:  "A table in a SQLite database: a keyed table takes upserts and deletes, a stream is appended. Rows are looked up in it by a join.",
		Options: append([]connectors.OptionSpec{
			{Name: "path", Kind: "path", Required: true, Sink: true, Doc: "The database file; it is created when it is not there."},
			{Name: "table", Default: "the relation's name", Sink: true, Doc: "The table; it is created when it is not there."},
			{Name: "commit_rows", Kind: "int", Default: "0", Sink: true, Doc: "Commit after this many rows, too, not only at each checkpoint and at the end; 0 is never."},
			{Name: "busy_timeout", Kind: "duration", Default: "10s", Sink: true, Doc: "How long to wait while another program writes to the database."},
			{Name: "journal_mode", Values: []string{"wal", "delete", "truncate", "memory", "off"}, Default: "wal", Sink: true, Doc: "SQLite's journal mode."},
		}, lookupOptions...),
		NewSink:    NewSink,
		NewLookup:  NewLookup,
		AppendOnly: func(_ connectors.Options, keyed bool) bool { return !keyed },
	}
}

// settings are the options of a sink.
type settings struct {
	path       string
	table      string
	commitRows int64
	busy       time.Duration
	journal    string
}

func newSettings(cfg *connectors.SinkConfig) (*settings, error) {
	o := cfg.Options
	s := &settings{path: o.Text("path", ""), table: o.Text("table", cfg.Name)}
	if s.path == "" {
		return nil, &connectors.OptionError{Option: "path", Message: "connector 'sqlite' needs the option path", Hint: "write for example path = 'result.db'"}
	}
	if cfg.BaseDir != "" && !filepath.IsAbs(s.path) {
		s.path = filepath.Join(cfg.BaseDir, s.path)
	}
	if info, err := os.Stat(filepath.Dir(s.path)); err != nil || !info.IsDir() {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("there is no folder '%s' for the database '%s'", filepath.Dir(s.path), filepath.Base(s.path)), Hint: "create it first"}
	}
	if info, err := os.Stat(s.path); err == nil && info.IsDir() {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is a folder", s.path), Hint: "name a database file in it"}
	}
	var err error
	if s.commitRows, err = o.Int("commit_rows", 0, 0, 1<<40); err != nil {
		return nil, err
	}
	if s.busy, err = o.Duration("busy_timeout", 10*time.Second); err != nil {
		return nil, err
	}
	s.journal, err = o.Enum("journal_mode", "wal", "wal", "delete", "truncate", "memory", "off")
	return s, err
}

// dsn is how the driver is told of the database.
func (s *settings) dsn() string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", s.busy.Milliseconds()), fmt.Sprintf("journal_mode(%s)", s.journal)}}
	return "file:" + (&url.URL{Path: filepath.ToSlash(s.path)}).EscapedPath() + "?" + q.Encode()
}

// readDSN is how the driver is told of a database that is only read.
func (s *settings) readDSN() string {
	q := url.Values{"mode": {"rw"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", s.busy.Milliseconds())}}
	return "file:" + (&url.URL{Path: filepath.ToSlash(s.path)}).EscapedPath() + "?" + q.Encode()
}

// place names the table and its database for messages.
func (s *settings) place() string { return fmt.Sprintf("'%s', table %s", s.path, s.table) }
