package expr

import (
	"fmt"

	"tidemark/parser/source"
)

// Error says why an expression cannot be bound.
type Error struct {
	Span source.Span
	// Message says what is wrong, in one line, without a final full stop.
	Message string
	// Hint says how to mend it; may be empty.
	Hint string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

func errorf(at source.Span, hint, format string, args ...any) *Error {
	return &Error{Span: at, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// RowError says that an expression has no value for a row.
type RowError struct {
	Row  int         // physical row of the batch
	Err  error       // what went wrong: division by zero, overflow, bad text …
	Span source.Span // the part of the expression that failed
	Expr string      // the text of that part
}

// Error implements error.
func (e *RowError) Error() string {
	if e.Expr == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + " in " + e.Expr
}

// Unwrap returns what went wrong, without the place.
func (e *RowError) Unwrap() error { return e.Err }
