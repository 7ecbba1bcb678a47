package sqldb

import (
	"context"
	"errors"
	"fmt"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// store is a database as a sink writes to it: a table and one transaction at a time.
type store interface {
	// put writes some of the rows of p into the transaction, which it begins when there
	// is none. Of rows that are at fault, which it reports as *rowFault, nothing is
	// left in the transaction; after another error it is only good for rollback.
	put(ctx context.Context, p *pending, rows []int32) error
	// commit ends the transaction, if there is one, and makes its rows visible. With a
	// mark, for a job, it stores it too.
	commit(ctx context.Context, mark *connectors.Mark) error
	// rollback ends the transaction, if there is one, and forgets its rows.
	rollback()
	// marked returns the job's mark, and has put and commit go on from there.
	marked(ctx context.Context) (connectors.Mark, error)
	// place names the table and where it is for messages.
	place() string
	close() error
}

// rowFault says why a database does not take one of some rows.
type rowFault struct {
	reason, remedy string
}

func (f *rowFault) Error() string { return f.reason }

// sink writes rows into one table. They are gathered, and folded by key, before they
// are sent to the store.
type sink struct {
	store store
	rows  *pending
	// maxRows and maxBytes are how much is gathered.
	maxRows  int
	maxBytes int64
	// commitRows is after how many rows it commits by itself; 0 is never.
	commitRows int64
	sent       int64 // rows in the transaction
}

// Write implements connectors.Sink.
func (s *sink) Write(ctx context.Context, b *data.Batch) error {
	for k, n := 0, b.Rows(); k < n; k++ {
		if err := s.rows.add(b, b.Row(k)); err != nil {
			var null *connectors.NullKeyError
			if !errors.As(err, &null) {
				err = fmt.Errorf("%s: %w", s.store.place(), err)
			}
			return s.fail(err)
		}
		if s.rows.count >= s.maxRows || s.rows.bytes >= s.maxBytes {
			if err := s.send(ctx); err != nil {
				return s.fail(err)
			}
		}
	}
	if s.commitRows > 0 && s.sent+int64(s.rows.count) >= s.commitRows {
		return s.Flush(ctx)
	}
	return nil
}

// Commit implements connectors.Committer.
func (s *sink) Commit(ctx context.Context) error { return s.Flush(ctx) }

// Flush implements connectors.Sink: it commits.
func (s *sink) Flush(ctx context.Context) error { return s.commit(ctx, nil) }

// Marked implements connectors.Transactional.
func (s *sink) Marked(ctx context.Context) (connectors.Mark, error) {
	s.abandon()
	return s.store.marked(ctx)
}

// CommitMarked implements connectors.Transactional.
func (s *sink) CommitMarked(ctx context.Context, m connectors.Mark) error { return s.commit(ctx, &m) }

func (s *sink) commit(ctx context.Context, mark *connectors.Mark) error {
	if err := s.send(ctx); err != nil {
		return s.fail(err)
	}
	if err := s.store.commit(ctx, mark); err != nil {
		return s.fail(err)
	}
	s.sent = 0
	return nil
}

// fail forgets what is not committed, after an error, which it returns.
func (s *sink) fail(err error) error {
	s.abandon()
	return err
}

func (s *sink) abandon() {
	s.store.rollback()
	s.rows.clear()
	s.sent = 0
}

// send writes the gathered rows into the transaction.
func (s *sink) send(ctx context.Context) error {
	if s.rows.count == 0 {
		return nil
	}
	rows := s.rows.live()
	err := s.store.put(ctx, s.rows, rows)
	var fault *rowFault
	if errors.As(err, &fault) {
		err = s.isolate(ctx, rows, fault)
	}
	if err != nil {
		return err
	}
	s.sent += int64(s.rows.count)
	s.rows.clear()
	return nil
}

// isolate finds the row at fault among some, by halves, and returns the error that
// names it. Rows that are only at fault beside others are in the transaction after.
func (s *sink) isolate(ctx context.Context, rows []int32, fault *rowFault) error {
	for len(rows) > 1 {
		half := rows[:len(rows)/2]
		err := s.store.put(ctx, s.rows, half)
		switch {
		case err == nil:
			rows = rows[len(half):]
		case errors.As(err, &fault):
			rows = half
		default:
			return err
		}
	}
	if err := s.store.put(ctx, s.rows, rows); !errors.As(err, &fault) {
		return err
	}
	return fmt.Errorf("%s: the row with %s cannot be stored: %s; %s", s.store.place(), s.rows.describe(rows[0]), fault.reason, fault.remedy)
}

// Close implements connectors.Sink: what was not committed is rolled back.
func (s *sink) Close() error {
	s.store.rollback()
	return s.store.close()
}
