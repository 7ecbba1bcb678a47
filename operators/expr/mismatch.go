package expr

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// castHint shows the cast that would make e a value of type t.
func castHint(e Expr, t data.Type) string {
	if _, ok := castable(e.Type(), t); !ok {
		return ""
	}
	return fmt.Sprintf("convert it: CAST(%s AS %s)", e, t)
}

// mostSigns is how many ways of calling a function a hint lists.
const mostSigns = 4

// noOverload explains why no overload of e takes args.
func noOverload(e *entry, args []Expr, at source.Span) *Error {
	if e.name == "NOT" && len(args) == 1 {
		if _, err := condition(args[0], "NOT"); err != nil {
			return err.(*Error)
		}
	}
	types := make([]string, len(args))
	for i, a := range args {
		types[i] = a.Type().String()
	}
	binary := e.family == "operator" && len(args) == 2
	hint := timeHint(e, args)
	if hint == "" {
		hint = "it is called as " + strings.Join(closestSigns(e, args), " or ")
		if wrong, to := oneCastAway(e, args); wrong != nil {
			hint = castHint(wrong, to) + "; " + hint
			at = wrong.Span()
		}
	}
	if binary {
		return errorf(at, hint, "cannot apply %s to %s and %s", e.name, types[0], types[1])
	}
	return errorf(at, hint, "%s does not take (%s)", e.name, strings.Join(types, ", "))
}

// timeHint says what to add to a date or a time where a number was.
func timeHint(e *entry, args []Expr) string {
	if e.name != "+" && e.name != "-" || len(args) != 2 {
		return ""
	}
	a, b := args[0], args[1]
	switch t := a.Type().Kind; {
	case t != data.Timestamp && t != data.Time || !b.Type().Numeric():
		return ""
	case isLiteral(b):
		return fmt.Sprintf("add a length of time: %s %s INTERVAL '%s' SECOND", a, e.name, b)
	}
	return fmt.Sprintf("add a length of time: %s %s %s * INTERVAL '1' SECOND", a, e.name, b)
}

func isLiteral(e Expr) bool {
	_, ok := e.(*Literal)
	return ok
}

// oneCastAway finds the argument that a cast would mend for some overload, and
// the type to cast it to.
func oneCastAway(e *entry, args []Expr) (wrong Expr, to data.Type) {
	for _, f := range e.overloads {
		if f.generic != nil || !f.takes(len(args)) {
			continue
		}
		at, count := 0, 0
		for i := range args {
			if castCost(args[i].Type().Kind, f.param(i)) < 0 {
				at, count = i, count+1
			}
		}
		to := data.Of(f.param(at))
		for _, a := range args {
			if to.Kind == data.Decimal && a.Type().Kind == data.Decimal {
				to = a.Type()
			}
		}
		if count == 1 && to != data.Of(data.Decimal) && castHint(args[at], to) != "" {
			return args[at], to
		}
	}
	return nil, data.Type{}
}

// closestSigns lists ways of calling e, those first that take the first argument
// as it is.
func closestSigns(e *entry, args []Expr) []string {
	signs := e.signs()
	if len(signs) <= mostSigns {
		return signs
	}
	if len(args) > 0 && len(e.overloads) == len(signs) {
		var close, rest []string
		for i, f := range e.overloads {
			if f.generic == nil && len(f.Params) > 0 && f.param(0) == args[0].Type().Kind {
				close = append(close, signs[i])
			} else {
				rest = append(rest, signs[i])
			}
		}
		signs = append(close, rest...)
	}
	return append(slices.Clone(signs[:mostSigns]), "…")
}

// comparisonHint shows what makes two operands comparable that have no common type.
func comparisonHint(a, b Expr) string {
	for _, pair := range [2][2]Expr{{a, b}, {b, a}} {
		if number := pair[1]; pair[0].Type().Kind == data.Timestamp && number.Type().Numeric() {
			return castDetour(number, pair[0].Type())
		}
	}
	hint := castHint(b, a.Type())
	if isLiteral(a) || hint == "" || a.Type().Kind == data.String {
		if h := castHint(a, b.Type()); h != "" {
			return h
		}
	}
	return hint
}

// besides adds to the error of a constant that took on the type of what stands
// beside it what that is.
func besides(err error, args []Expr) error {
	e, ok := err.(*Error)
	if !ok || e.Hint != "" {
		return err
	}
	for _, a := range args {
		if l, ok := a.(*Literal); ok && l.loose() {
			continue
		}
		c := *e
		c.Hint = fmt.Sprintf("it stands beside %s, which is %s", a, a.Type())
		return &c
	}
	return err
}
