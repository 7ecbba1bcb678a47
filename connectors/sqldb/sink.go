package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

const (
	// pendingRows is how many rows are gathered, and folded by key, before they
	// are sent to the database.
	pendingRows = 8192
	// statementRows is how many rows one statement carries, as far as SQLite's
	// limit on parameters allows.
	statementRows = 128
	maxParameters = 32766
)

// sink writes rows into one table, within a transaction that each Flush commits.
type sink struct {
	set    *settings
	schema data.Schema
	key    []int // empty: rows are only added
	db     *sql.DB
	tx     *sql.Tx
	sent   int64 // rows in the transaction

	// Rows not sent yet. With a key, index has the row that counts for each key,
	// and the others are dead.
	rows    []*data.Vector
	count   int
	deletes []bool
	dead    []bool
	index   map[string]int
	buf     []byte

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
	if err := prepareTable(context.Background(), db, set, cfg.Schema, cfg.Key); err != nil {
		db.Close()
		return nil, err
	}
	s := &sink{set: set, schema: cfg.Schema, key: cfg.Key, db: db}
	s.perStatement = max(1, min(statementRows, maxParameters/max(1, len(s.schema))))
	s.statements()
	s.clear()
	return s, nil
}

// statements writes the parts of the statements that do not change.
func (s *sink) statements() {
	table := quoteName(s.set.table)
	s.insert = "INSERT INTO " + table + " (" + quoteNames(s.schema.Names()) + ") VALUES "
	if len(s.key) == 0 {
		return
	}
	isKey := make([]bool, len(s.schema))
	names := make([]string, len(s.key))
	for i, k := range s.key {
		isKey[k], names[i] = true, s.schema[k].Name
	}
	s.remove = "DELETE FROM " + table + " WHERE (" + quoteNames(names) + ") IN (VALUES "
	var set []string
	for i, c := range s.schema {
		if !isKey[i] {
			n := quoteName(c.Name)
			set = append(set, n+" = excluded."+n)
		}
	}
	s.conflict = " ON CONFLICT (" + quoteNames(names) + ") DO NOTHING"
	if len(set) > 0 {
		s.conflict = " ON CONFLICT (" + quoteNames(names) + ") DO UPDATE SET " + strings.Join(set, ", ")
	}
}

// clear forgets the rows that were sent.
func (s *sink) clear() {
	if s.rows == nil {
		s.rows = make([]*data.Vector, len(s.schema))
		for i := range s.rows {
			s.rows[i] = &data.Vector{}
		}
	}
	for i, c := range s.schema {
		s.rows[i].Reset(c.Type)
	}
	s.count, s.deletes, s.dead = 0, s.deletes[:0], s.dead[:0]
	if s.index == nil {
		s.index = map[string]int{}
	}
	clear(s.index)
}

// Write implements connectors.Sink.
func (s *sink) Write(ctx context.Context, b *data.Batch) error {
	for k, n := 0, b.Rows(); k < n; k++ {
		i := b.Row(k)
		change := b.Change(i)
		if len(s.key) > 0 {
			if change == data.UpdateBefore {
				continue
			}
			for _, c := range s.key {
				if b.Cols[c].IsNull(i) {
					return &connectors.NullKeyError{Column: s.schema[c].Name}
				}
			}
			s.buf = connectors.AppendKey(s.buf[:0], b.Cols, s.key, i)
			if old, ok := s.index[string(s.buf)]; ok {
				s.dead[old] = true
			}
			s.index[string(s.buf)] = s.count
		}
		if len(s.key) == 0 && change != data.Insert {
			return fmt.Errorf("'%s', table %s: a stream without a primary key takes only new rows, and this one is a change (%s): declare a primary key", s.set.path, s.set.table, change)
		}
		for c, v := range s.rows {
			v.AppendFrom(b.Cols[c], i)
		}
		s.count++
		s.dead = append(s.dead, false)
		s.deletes = append(s.deletes, change == data.Delete)
		if s.count >= pendingRows {
			if err := s.send(ctx); err != nil {
				return err
			}
		}
	}
	if s.set.commitRows > 0 && s.sent+int64(s.count) >= s.set.commitRows {
		return s.send(ctx)
	}
	return nil
}

// Commit makes what was written so far visible and goes on.
func (s *sink) Commit(ctx context.Context) error { return s.Flush(ctx) }

// send writes the gathered rows into the transaction, which it begins.
func (s *sink) send(ctx context.Context) error {
	if s.count == 0 {
		return nil
	}
	if s.tx == nil {
		tx, err := s.db.BeginTx(context.WithoutCancel(ctx), nil) // an interrupted run may still commit
		if err != nil {
			return s.set.explain(err)
		}
		s.tx = tx
	}
	// No key is both deleted and written, so the order of the two is free.
	if err := s.execute(ctx, true); err != nil {
		return s.set.explain(err)
	}
	if err := s.execute(ctx, false); err != nil {
		return s.set.explain(err)
	}
	s.sent += int64(s.count)
	s.clear()
	if s.set.commitRows > 0 && s.sent >= s.set.commitRows {
		return s.commit()
	}
	return nil
}

// execute sends the deletes or the other rows, many a statement.
func (s *sink) execute(ctx context.Context, deletes bool) error {
	all := make([]int, len(s.schema))
	for i := range all {
		all[i] = i
	}
	columns := all
	if deletes {
		columns = s.key
	}
	s.args = s.args[:0]
	rows := 0
	for i := 0; i < s.count; i++ {
		if s.dead[i] || s.deletes[i] != deletes {
			continue
		}
		for _, c := range columns {
			s.args = append(s.args, value(s.rows[c], i))
		}
		if rows++; rows == s.perStatement {
			if err := s.run(ctx, deletes, rows, len(columns)); err != nil {
				return err
			}
			rows = 0
		}
	}
	return s.run(ctx, deletes, rows, len(columns))
}

// run executes a statement with the gathered arguments.
func (s *sink) run(ctx context.Context, deletes bool, rows, columns int) error {
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
func (s *sink) text(deletes bool, rows, columns int) string {
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

// Flush implements connectors.Sink: it commits.
func (s *sink) Flush(ctx context.Context) error {
	if err := s.send(ctx); err != nil {
		return err
	}
	return s.commit()
}

func (s *sink) commit() error {
	if s.tx == nil {
		return nil
	}
	err := s.tx.Commit()
	s.tx, s.prepared, s.sent = nil, nil, 0
	return s.set.explain(err)
}

// Close implements connectors.Sink: what was not committed is rolled back.
func (s *sink) Close() error {
	if s.tx != nil {
		s.tx.Rollback()
		s.tx = nil
	}
	return s.set.explain(s.db.Close())
}
