package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

const (
	// sqliteRows and sqliteBytes are how much is gathered before it is sent to SQLite.
	sqliteRows  = 8192
	sqliteBytes = 64 << 20
	// statementRows is how many rows one statement carries, as far as SQLite's
	// limit on parameters allows.
	statementRows = 128
	maxParameters = 32766
)

// sqliteStore writes into one table of a SQLite database.
type sqliteStore struct {
	set    *settings
	marks  marks
	schema data.Schema
	key    []int
	all    []int
	db     *sql.DB
	tx     *sql.Tx

	insert, remove string // statements up to their values
	conflict       string
	perStatement   int
	prepared       *sql.Stmt // the insert of perStatement rows in tx
	args           []any
}

// NewSink returns a sink that writes into a table, which it creates or checks.
func NewSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	set, err := newSettings(&cfg)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", set.dsn())
	if err != nil {
		return nil, set.explain(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := prepareTable(context.Background(), &sqliteTable{set, db}, cfg.Schema, cfg.Key); err != nil {
		db.Close()
		return nil, err
	}
	st := &sqliteStore{set: set, marks: marks{job: cfg.Job}, schema: cfg.Schema, key: cfg.Key, all: everyColumn(cfg.Schema), db: db}
	st.perStatement = max(1, min(statementRows, maxParameters/max(1, len(st.schema))))
	st.statements()
	return &sink{store: st, rows: connectors.NewPending(cfg.Schema, cfg.Key), maxRows: sqliteRows, maxBytes: sqliteBytes, commitRows: set.commitRows}, nil
}

// statements writes the parts of the statements that do not change.
func (s *sqliteStore) statements() {
	table := quoteName(s.set.table)
	s.insert = "INSERT INTO " + table + " (" + quoteNames(s.schema.Names()) + ") VALUES "
	if len(s.key) == 0 {
		return
	}
	s.remove = "DELETE FROM " + table + " WHERE (" + quoteNames(pick(s.schema.Names(), s.key)) + ") IN (VALUES "
	s.conflict = onConflict(s.schema.Names(), s.key)
}

func (s *sqliteStore) place() string { return s.set.place() }

// begin begins a transaction where there is none.
func (s *sqliteStore) begin(ctx context.Context) error {
	if s.tx != nil {
		return nil
	}
	tx, err := s.db.BeginTx(context.WithoutCancel(ctx), nil) // an interrupted run may still commit
	if err != nil {
		return s.set.explain(err)
	}
	s.tx = tx
	if s.marks.job == nil {
		return nil
	}
	found, err := s.readMark(ctx)
	if err != nil {
		return err
	}
	return s.marks.check(s.place(), found)
}

func (s *sqliteStore) put(ctx context.Context, p *connectors.Pending, rows []int32) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	if _, err := s.tx.ExecContext(ctx, "SAVEPOINT put"); err != nil {
		return s.set.explain(err)
	}
	// No key is both deleted and written, so the order of the two is free.
	err := s.execute(ctx, p, rows, true)
	if err == nil {
		err = s.execute(ctx, p, rows, false)
	}
	after := "RELEASE put"
	fault := rowFaultOf(err)
	if fault != nil {
		after = "ROLLBACK TO put; RELEASE put"
	} else if err != nil {
		return s.set.explain(err)
	}
	if _, err := s.tx.ExecContext(ctx, after); err != nil {
		return s.set.explain(err)
	}
	if fault != nil {
		return fault
	}
	return nil
}

// execute sends the deletes or the other rows, many a statement.
func (s *sqliteStore) execute(ctx context.Context, p *connectors.Pending, rows []int32, deletes bool) error {
	columns := s.all
	if deletes {
		columns = s.key
	}
	s.args = s.args[:0]
	n := 0
	for _, i := range rows {
		if p.Deletes[i] != deletes {
			continue
		}
		for _, c := range columns {
			s.args = append(s.args, value(p.Rows[c], int(i)))
		}
		if n++; n == s.perStatement {
			if err := s.run(ctx, deletes, n, len(columns)); err != nil {
				return err
			}
			n = 0
		}
	}
	return s.run(ctx, deletes, n, len(columns))
}

// run executes a statement with the gathered arguments.
func (s *sqliteStore) run(ctx context.Context, deletes bool, rows, columns int) error {
	if rows == 0 {
		return nil
	}
	defer func() { s.args = s.args[:0] }()
	if !deletes && rows == s.perStatement {
		if s.prepared == nil {
			var err error
			if s.prepared, err = s.tx.PrepareContext(ctx, s.text(false, rows, columns)); err != nil {
				return err
			}
		}
		_, err := s.prepared.ExecContext(ctx, s.args...)
		return err
	}
	_, err := s.tx.ExecContext(ctx, s.text(deletes, rows, columns), s.args...)
	return err
}

// text returns the statement for a number of rows.
func (s *sqliteStore) text(deletes bool, rows, columns int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	values := row + strings.Repeat(", "+row, rows-1)
	if deletes {
		return s.remove + values + ")"
	}
	return s.insert + values + s.conflict
}

// value returns row i of v as the driver takes it.
func value(v *data.Vector, i int) any {
	switch {
	case v.IsNull(i):
		return nil
	case storedAsInteger(v.Type):
		return v.Ints[v.Index(i)]
	}
	switch v.Type.Kind {
	case data.Boolean:
		if v.Bools[v.Index(i)] {
			return int64(1)
		}
		return int64(0)
	case data.Double:
		return v.Floats[v.Index(i)]
	case data.Bytes:
		return append([]byte{}, v.Text(i)...)
	case data.String, data.JSON:
		return string(v.Text(i))
	}
	return string(data.AppendText(nil, v, i))
}

func (s *sqliteStore) commit(ctx context.Context, mark *connectors.Mark) error {
	if mark != nil {
		if err := s.begin(ctx); err != nil {
			return err
		}
		job := s.marks.job
		if _, err := s.tx.ExecContext(ctx, "INSERT INTO "+marksTable+" (job, sink, checkpoint, rows) VALUES (?, ?, ?, ?) ON CONFLICT (job, sink) DO UPDATE SET checkpoint = excluded.checkpoint, rows = excluded.rows",
			job.ID, job.Sink, mark.Checkpoint, mark.Rows); err != nil {
			return s.set.explain(err)
		}
	}
	if s.tx == nil {
		return nil
	}
	if err := s.tx.Commit(); err != nil {
		return s.set.explain(err)
	}
	s.tx, s.prepared = nil, nil
	if mark != nil {
		s.marks.last = *mark
	}
	return nil
}

// settle implements store: no answer of SQLite is ever lost.
func (s *sqliteStore) settle(context.Context) (bool, error) { return false, nil }

func (s *sqliteStore) rollback() {
	if s.tx != nil {
		s.tx.Rollback()
	}
	s.tx, s.prepared = nil, nil
}

func (s *sqliteStore) close() error { return s.set.explain(s.db.Close()) }
