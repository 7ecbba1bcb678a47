package engine

import "strings"

// Kept returns the texts of what the session remembers, in order.
func (s *Session) Kept() []string {
	texts := make([]string, len(s.kept))
	for i, f := range s.kept {
		texts[i] = strings.TrimSpace(f.Text)
	}
	return texts
}
