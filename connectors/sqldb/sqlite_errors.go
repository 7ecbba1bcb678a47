package sqldb

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"

	"tidemark/connectors"
)

// The primary result codes that deserve words of their own.
const (
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeCorrupt    = 11
	codeIO         = 10
	codeFull       = 13
	codeCantOpen   = 14
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codeNotADB     = 26
)

// explain says what a database error means, by the database's name.
func (s *settings) explain(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codeNotADB:
		return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is there, but it is not a SQLite database", s.path), Hint: "choose another path, or remove the file"}
	case codeCantOpen:
		return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("the database '%s' cannot be opened or created", s.path), Hint: "are the file and its folder writable?"}
	case codeReadOnly:
		return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("the database '%s' is read-only", s.path), Hint: "are the file and its folder writable?"}
	case codeBusy, codeLocked:
		return &connectors.Unavailable{Err: fmt.Errorf("the database '%s' was locked by another program for longer than busy_timeout = %s: end that program, or raise the option", s.path, s.busy)}
	case codeFull:
		return fmt.Errorf("the disk is full: '%s' cannot grow; what was committed before is untouched", s.path)
	case codeCorrupt:
		return fmt.Errorf("the database '%s' is damaged: sqlite3's .recover may save it", s.path)
	}
	return fmt.Errorf("%s: %s", s.place(), errorText(e))
}

// errorText is what SQLite says, without the number.
func errorText(e *sqlite.Error) string {
	text := e.Error()
	if i := strings.LastIndex(text, " ("); i > 0 {
		text = text[:i]
	}
	return text
}

// rowFaultOf returns what is wrong with a row when err is about one, else nil.
func rowFaultOf(err error) *rowFault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() & 0xff {
	case codeConstraint:
		reason := errorText(e)
		if after, ok := strings.CutPrefix(reason, "constraint failed: "); ok {
			reason = after
		}
		return &rowFault{reason, constraintRemedy(reason)}
	case codeTooBig, codeMismatch:
		return &rowFault{errorText(e), "leave such rows out, or change the table"}
	}
	return nil
}

// constraintRemedy says what to do about a constraint that a row does not meet.
func constraintRemedy(reason string) string {
	switch {
	case strings.HasPrefix(reason, "UNIQUE"):
		return "there is such a row already: declare these columns as the PRIMARY KEY to replace it, or leave the row out"
	case strings.HasPrefix(reason, "NOT NULL"):
		return "give the column a value with COALESCE, or leave such rows out"
	case strings.HasPrefix(reason, "FOREIGN KEY"):
		return "the row that it refers to must be there first"
	}
	return "leave such rows out, or change the table"
}
