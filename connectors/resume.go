package connectors

import (
	"context"
	"errors"
	"fmt"
)

// Position says how far a partition of an input has been read.
type Position struct {
	// Partition is the partition's name: of a Partitioned reader one of its
	// Partitions, else empty.
	Partition string
	// At is Chunk.After of the last chunk that was read of it. Only the connector
	// that wrote it can read it.
	At []byte
}

// Resumable is a Source that can be read on from where an earlier reader, of this
// process or of another, has stood. Its readers set Chunk.After in every chunk, and are
// Starting if where they begin may be another place the next time.
type Resumable interface {
	Source
	// OpenAt starts reading at the positions. A Partitioned reader has its partitions in
	// their order; others are new, come behind and are read from their beginning. What was read before must still be
	// there, unchanged as far as can be seen; that it is not is an error which names
	// what is missing.
	OpenAt(ctx context.Context, at []Position) (Reader, error)
}

// Resumes returns s as a Resumable; false when it is none, or says by a method CanResume
// that as it is configured it is none.
func Resumes(s Source) (Resumable, bool) {
	r, ok := s.(Resumable)
	if !ok {
		return nil, false
	}
	if asked, ok := s.(interface{ CanResume() bool }); ok && !asked.CanResume() {
		return nil, false
	}
	return r, true
}

// Starting is a reader that knows where each partition, or the only one, is read from
// first: where nothing was read of it yet, that is its position.
type Starting interface {
	Reader
	// Start returns the Position.At of a partition's first record; nil when it has none.
	Start(partition int) []byte
}

// Acknowledged is a Reader that is told what will not be read again, such as one of
// a broker that shows its consumers' progress to others.
type Acknowledged interface {
	Reader
	// Acknowledge says that the rows up to the positions are part of a checkpoint. It
	// may be called while Next is. An error is worth a warning, and nothing more.
	Acknowledge(ctx context.Context, at []Position) error
}

// Mark says how many rows of a job a sink has made visible. It is stored with the
// rows, in the same transaction, so that the two can never differ.
type Mark struct {
	// Checkpoint is the number of the checkpoint up to which the rows were taken.
	Checkpoint int64
	// Rows is the number of changelog rows since the job began; -1 of a sink that cannot
	// tell, and is given all rows that its job has not settled again.
	Rows int64
}

// Transactional is a Sink that makes rows visible together with a Mark, all or
// nothing. A sink for a job with checkpoints is used only by these calls, in this
// order: Marked; then Write any number of times, and CommitMarked; and so on;
// Close. Flush is not called.
type Transactional interface {
	Sink
	// Marked returns the mark of the last CommitMarked of the job, which may have been
	// another process; the zero Mark when there was none. It also puts an end to what
	// an earlier process of the job may have left half done. It is called again when the
	// word of a CommitMarked was lost; a sink that can tell that another process has taken
	// the job over meanwhile returns an error then, and does not take it back.
	Marked(ctx context.Context) (Mark, error)
	// CommitMarked makes what was written since the last call visible, with the mark.
	// After an error the sink is as it was behind the last CommitMarked that
	// returned none, unless the error came after the fact: then Marked tells. When it
	// is Unavailable, the same rows are written and committed again later.
	CommitMarked(ctx context.Context, m Mark) error
}

// Job names a job with checkpoints to its sinks: marks are kept by it.
type Job struct {
	// ID is made at random when the job's first checkpoint is.
	ID string
	// Sink is the sink's name in the job.
	Sink string
}

// Unavailable is an error of the other side which may pass: it cannot be reached, or
// had to give up. The same may be tried again later.
type Unavailable struct{ Err error }

// Error returns what the other side said.
func (e *Unavailable) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *Unavailable) Unwrap() error { return e.Err }

// Overtaken is the error of a CommitMarked, or of a Write before it, that finds another
// mark than Marked and the commits since have left: what an earlier process of the job had
// sent before its end was done later, or another process of the job is at work. Nothing was
// written; Marked tells how far the sink has come.
type Overtaken struct{ Err error }

// CheckMark compares the mark that a sink has found with the one that it knows of: whatever
// else has moved it has also written the rows. The error is Overtaken; place is the sink's.
func CheckMark(place string, found, known Mark) error {
	if found == known {
		return nil
	}
	return &Overtaken{fmt.Errorf("%s: another process of the same job writes here: it is at checkpoint %d, and this one at %d: end one of the two", place, found.Checkpoint, known.Checkpoint)}
}

// Error returns what was found.
func (e *Overtaken) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *Overtaken) Unwrap() error { return e.Err }

// IsUnavailable reports whether err may pass.
func IsUnavailable(err error) bool {
	var u *Unavailable
	return errors.As(err, &u)
}

// Troubled is a Reader or Sink that knows that it waits for the other side to be
// available again.
type Troubled interface {
	// Trouble returns what is wrong at present and since when, in microseconds since
	// 1970; nil when all is well. It may be called at any time.
	Trouble() (since int64, err error)
}
