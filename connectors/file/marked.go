package file

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"tidemark/connectors"
)

// A file that a job with checkpoints writes is made in one piece, when the job comes to
// its end: it is not there before, and not there by halves. Its rows wait in the job's
// logs.

// Marked implements connectors.Transactional: whether the file is there or not, it is
// made from the first row on.
func (s *sink) Marked(context.Context) (connectors.Mark, error) {
	return connectors.Mark{Rows: -1}, nil
}

// CommitMarked implements connectors.Transactional: it publishes the file.
func (s *sink) CommitMarked(ctx context.Context, _ connectors.Mark) error { return s.Flush(ctx) }

// Due reports that the file is written at the end.
func (s *sink) Due(int64, time.Duration) bool { return false }

// temporary returns the name under which a file is written. A job's is always the same, so
// that what a crash has left is written over.
func temporary(path string, job *connectors.Job, pid int) string {
	by := fmt.Sprint(pid)
	if job != nil {
		by = job.ID
	}
	return filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%s.partial", filepath.Base(path), by))
}
