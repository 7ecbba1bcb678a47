package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Common returns the type that values of two types meet in; ok is false where
// there is none.
func Common(a, b data.Type) (t data.Type, ok bool) { return commonType(a, b) }

// Unify casts expressions to the type they meet in, as the branches of a CASE
// are. what names them in messages: "the values of a column".
func Unify(list []Expr, what string) ([]Expr, data.Type, error) { return unify(list, what) }

// At returns e with all of its parts placed at a span: what a macro stands for is
// where it is called.
func At(e Expr, at source.Span) Expr {
	return Map(e, func(x Expr) Expr {
		switch x := x.(type) {
		case *Column:
			c := *x
			c.at = at
			return &c
		case *Literal:
			c := *x
			c.at = at
			return &c
		case *Call:
			c := *x
			c.at = at
			return &c
		case *Case:
			c := *x
			c.at = at
			return &c
		case *Cast:
			c := *x
			c.at = at
			return &c
		case *In:
			c := *x
			c.at = at
			return &c
		}
		return x
	})
}

// Refused returns why the function called name, in upper case, is not to be had;
// nil when it is, or when nobody knows it.
func Refused(name string, at source.Span) error {
	if e := byName[name]; e != nil && e.refused != "" {
		_, err := NewCall(name, nil, at)
		return err
	}
	return nil
}
