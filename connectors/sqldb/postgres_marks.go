package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
)

// lockMark returns the mark of the job. No other process can change it, nor write, until
// the transaction ends.
func (s *pgStore) lockMark(ctx context.Context) (connectors.Mark, error) {
	rows, err := query(ctx, s.conn, "SELECT checkpoint, rows FROM "+s.set.quoted(marksTable)+" WHERE job = $1 AND sink = $2 FOR UPDATE", s.marks.job.ID, s.marks.job.Sink)
	if err != nil || len(rows) == 0 {
		return connectors.Mark{}, s.set.explain(err)
	}
	var m connectors.Mark
	if m.Checkpoint, err = strconv.ParseInt(string(rows[0][0]), 10, 64); err == nil {
		m.Rows, err = strconv.ParseInt(string(rows[0][1]), 10, 64)
	}
	return m, err
}

// marked makes the row of the mark, so that there is one to lock, and reads it behind
// what another process is about to commit.
func (s *pgStore) marked(ctx context.Context) (connectors.Mark, error) {
	if s.marks.job == nil {
		return connectors.Mark{}, fmt.Errorf("%s: marks are kept for jobs only", s.place())
	}
	if err := s.open(ctx); err != nil {
		return connectors.Mark{}, err
	}
	defer s.rollback()
	if err := s.createMarks(ctx); err != nil {
		return connectors.Mark{}, err
	}
	if _, err := exec(ctx, s.conn, "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '10s'"); err != nil {
		return connectors.Mark{}, s.set.explain(err)
	}
	s.inTx = true
	if _, err := query(ctx, s.conn, "INSERT INTO "+s.set.quoted(marksTable)+" (job, sink, checkpoint, rows) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING", s.marks.job.ID, s.marks.job.Sink); err != nil {
		return connectors.Mark{}, s.set.explain(err)
	}
	m, err := s.lockMark(ctx)
	if err != nil {
		return connectors.Mark{}, err
	}
	if err := s.commit(ctx, nil); err != nil {
		return connectors.Mark{}, err
	}
	s.marks.last = m
	return m, nil
}

// createMarks makes the table of marks where there is none. Two sinks of a job may do
// so at the same time.
func (s *pgStore) createMarks(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		rows, err := query(ctx, s.conn, "SELECT to_regclass($1) IS NOT NULL", s.set.quoted(marksTable))
		if err != nil || string(rows[0][0]) == "t" {
			return s.set.explain(err)
		}
		if _, err = exec(ctx, s.conn, createMarks(s.set.quoted(marksTable))); err != nil && (!madeMeanwhile(err) || attempt > 4) {
			return s.set.explain(err)
		}
	}
}

// madeMeanwhile reports whether a table could not be made because somebody else has just
// made it: IF NOT EXISTS does not see what is not yet committed, and it depends on the moment
// which of the table, its type and the entry of one of them in an index is found to be there.
func madeMeanwhile(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "42P07" || e.Code == "42710" || e.Code == "23505")
}
