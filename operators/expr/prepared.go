package expr

import (
	"errors"

	"tidemark/parser/source"
)

// prepared makes something out of the texts of an argument, such as a zone or a
// pattern: once for each text of a call node, which remembers some. A problem
// with a text is an *Error without a place.
type prepared[T any] struct {
	arg     int
	prepare func(text string) (T, error)

	last  outcome[T]
	known map[string]outcome[T] // nil before the first
}

type outcome[T any] struct {
	text  string
	value T
	err   error
}

// maxPrepared is how many texts a prepared remembers. It starts anew when a
// column has more.
const maxPrepared = 256

func newPrepared[T any](arg int, prepare func(text string) (T, error)) *prepared[T] {
	return &prepared[T]{arg: arg, prepare: prepare}
}

// of returns what the argument's text of row i stands for.
func (p *prepared[T]) of(f *frame, i int) (T, error) {
	text := f.text(p.arg, i)
	if p.known == nil || string(text) != p.last.text {
		p.find(text)
	}
	return p.last.value, p.last.err
}

func (p *prepared[T]) find(text []byte) {
	found, ok := p.known[string(text)]
	if !ok {
		found.text = string(text)
		found.value, found.err = p.prepare(found.text)
		if p.known == nil || len(p.known) >= maxPrepared {
			p.known = map[string]outcome[T]{}
		}
		p.known[found.text] = found
	}
	p.last = found
}

// checkPrepared refuses a constant argument that prepare refuses, at its place.
func checkPrepared[T any](arg int, prepare func(text string) (T, error)) func(args []Expr, at source.Span) error {
	return func(args []Expr, _ source.Span) error {
		if arg >= len(args) {
			return nil
		}
		l, ok := args[arg].(*Literal)
		if !ok || l.IsNull() {
			return nil
		}
		_, err := prepare(string(l.Value.Text(0)))
		var e *Error
		if errors.As(err, &e) {
			return &Error{Span: l.at, Message: e.Message, Hint: e.Hint}
		}
		return err
	}
}

// checks makes one check of several.
func checks(list ...func(args []Expr, at source.Span) error) func(args []Expr, at source.Span) error {
	return func(args []Expr, at source.Span) error {
		for _, check := range list {
			if err := check(args, at); err != nil {
				return err
			}
		}
		return nil
	}
}

// unplaced is an *Error whose place is that of the argument it is about.
func unplaced(hint, format string, args ...any) error {
	return errorf(source.Span{}, hint, format, args...)
}
