package engine

import (
	"strings"

	"tidemark/runtime/dataflow"
)

// Kept returns the texts of what the session remembers, in order.
func (s *Session) Kept() []string {
	texts := make([]string, len(s.kept))
	for i, f := range s.kept {
		texts[i] = strings.TrimSpace(f.Text)
	}
	return texts
}

// Source returns the first source of the job.
func (j *Job) Source() *dataflow.Source { return j.program.Flow.Sources[0] }
