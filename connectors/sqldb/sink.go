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
	put(ctx context.Context, p *connectors.Pending, rows []int32) error
	// commit ends the transaction, if there is one, and makes its rows visible. With a
	// mark, for a job, it stores it too.
	commit(ctx context.Context, mark *connectors.Mark) error
	// rollback ends the transaction, if there is one, and forgets its rows.
	rollback()
	// marked returns the job's mark, and has put and commit go on from there.
	marked(ctx context.Context) (connectors.Mark, error)
	// settle finds out, after an error of commit that is Unavailable, whether the
	// transaction was committed after all.
	settle(ctx context.Context) (done bool, err error)
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
	rows  *connectors.Pending
	// maxRows and maxBytes are how much is gathered.
	maxRows  int
	maxBytes int64
	// commitRows is after how many rows it commits by itself; 0 is never.
	commitRows int64
	sent       int64 // rows in the transaction
	// retry is not nil where no transaction is held open: what is gathered is written and
	// committed at once, and again while the database is not available.
	retry *connectors.Retry
}

// Write implements connectors.Sink.
func (s *sink) Write(ctx context.Context, b *data.Batch) error {
	for k, n := 0, b.Rows(); k < n; k++ {
		if err := s.rows.Add(b, b.Row(k)); err != nil {
			var null *connectors.NullKeyError
			if !errors.As(err, &null) {
				err = fmt.Errorf("%s: %w", s.store.place(), err)
			}
			return s.fail(err)
		}
		if s.rows.Len() >= s.maxRows || s.rows.Bytes() >= s.maxBytes {
			send := s.send
			if s.retry != nil {
				send = s.Flush
			}
			if err := send(ctx); err != nil {
				return s.fail(err)
			}
		}
	}
	if s.commitRows > 0 && s.sent+int64(s.rows.Len()) >= s.commitRows {
		return s.Flush(ctx)
	}
	return nil
}

// Commit implements connectors.Committer.
func (s *sink) Commit(ctx context.Context) error { return s.Flush(ctx) }

// Flush implements connectors.Sink: it commits.
func (s *sink) Flush(ctx context.Context) error {
	if s.retry == nil {
		return s.commit(ctx, nil)
	}
	if err := s.retry.Do(ctx, func() error { return s.publish(ctx) }); err != nil {
		return s.fail(err)
	}
	s.rows.Clear()
	return nil
}

// publish writes and commits what is gathered, which stays there.
func (s *sink) publish(ctx context.Context) error {
	if s.rows.Len() == 0 {
		return nil
	}
	done, err := s.store.settle(ctx)
	if done {
		return nil
	}
	if err == nil {
		err = s.put(ctx)
	}
	if err == nil {
		err = s.store.commit(ctx, nil)
	}
	if err != nil {
		s.store.rollback()
	}
	return err
}

// Trouble implements connectors.Troubled.
func (s *sink) Trouble() (since int64, err error) {
	if s.retry == nil {
		return 0, nil
	}
	return s.retry.Trouble()
}

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
	s.rows.Clear()
	s.sent = 0
}

// send writes the gathered rows into the transaction.
func (s *sink) send(ctx context.Context) error {
	if s.rows.Len() == 0 {
		return nil
	}
	if err := s.put(ctx); err != nil {
		return err
	}
	s.sent += int64(s.rows.Len())
	s.rows.Clear()
	return nil
}

// put writes the gathered rows into the transaction, and finds the one at fault.
func (s *sink) put(ctx context.Context) error {
	rows := s.rows.Live()
	err := s.store.put(ctx, s.rows, rows)
	var fault *rowFault
	if errors.As(err, &fault) {
		return s.isolate(ctx, rows, fault)
	}
	return err
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
	return fmt.Errorf("%s: the row with %s cannot be stored: %s; %s", s.store.place(), s.rows.Describe(rows[0]), fault.reason, fault.remedy)
}

// Close implements connectors.Sink: what was not committed is rolled back.
func (s *sink) Close() error {
	s.store.rollback()
	return s.store.close()
}
