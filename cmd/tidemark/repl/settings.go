package repl

import (
	"maps"
	"slices"
)

// modes are the forms of results, in the order in which they are listed.
var modes = []string{"table", "csv", "json", "changelog", "line"}

// settings are what meta commands set.
type settings struct {
	mode    string // one of modes
	before  string // the mode that \x goes back to
	null    string
	limit   int64 // rows that are printed; 0 is all
	timing  bool
	onError string            // stop or continue, for scripts
	vars    map[string]string // of ${name}
}

// rowsShown is how many rows of a result a terminal gets unless \limit says otherwise.
const rowsShown = 1000

// defaults returns the settings of a new conversation.
func defaults(terminal bool) settings {
	s := settings{mode: "json", before: "json", onError: "stop", vars: map[string]string{}}
	if terminal {
		s.mode, s.before, s.limit = "table", "table", rowsShown
	}
	return s
}

// expanded reports whether rows are shown as lines.
func (s *settings) expanded() bool { return s.mode == "line" }

// expand turns the showing of rows as lines on or off.
func (s *settings) expand(on bool) {
	switch {
	case on && s.mode != "line":
		s.before, s.mode = s.mode, "line"
	case !on && s.mode == "line":
		s.mode = s.before
	}
}

// names returns the names of the variables, sorted.
func (s *settings) names() []string { return slices.Sorted(maps.Keys(s.vars)) }
