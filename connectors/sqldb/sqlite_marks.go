package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tidemark/connectors"
)

// readMark returns the mark of the job, within the transaction.
func (s *sqliteStore) readMark(ctx context.Context) (m connectors.Mark, err error) {
	job := s.marks.job
	err = s.tx.QueryRowContext(ctx, "SELECT checkpoint, rows FROM "+marksTable+" WHERE job = ? AND sink = ?", job.ID, job.Sink).Scan(&m.Checkpoint, &m.Rows)
	if errors.Is(err, sql.ErrNoRows) {
		return connectors.Mark{}, nil
	}
	return m, s.set.explain(err)
}

// marked reads the mark in a transaction that writes, so that it comes after what
// another process is about to commit.
func (s *sqliteStore) marked(ctx context.Context) (connectors.Mark, error) {
	if s.marks.job == nil {
		return connectors.Mark{}, fmt.Errorf("%s: marks are kept for jobs only", s.place())
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return connectors.Mark{}, s.set.explain(err)
	}
	s.tx = tx
	defer s.rollback()
	if _, err := tx.ExecContext(ctx, createMarks(marksTable)); err != nil {
		return connectors.Mark{}, s.set.explain(err)
	}
	m, err := s.readMark(ctx)
	if err != nil {
		return connectors.Mark{}, err
	}
	if err := s.commit(ctx, nil); err != nil {
		return connectors.Mark{}, err
	}
	s.marks.last = m
	return m, nil
}
