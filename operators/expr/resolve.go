package expr

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// NewCall applies a function or operator, found by its name in any case: "+",
// "and", "is null", "lower". It picks the overload, inserts the implicit casts
// and refuses with an *Error.
func NewCall(name string, args []Expr, at source.Span) (Expr, error) {
	e := byName[strings.ToUpper(name)]
	if e == nil || e.elsewhere {
		return nil, unknownFunction(name, at)
	}
	if e.refused != "" {
		return nil, errorf(at, e.hint, "%s is refused, because %s", strings.ToUpper(name), e.refused)
	}
	if e.bind != nil {
		return e.bind(e, args, at)
	}
	return resolve(e, args, at)
}

// resolve picks the overload of e that needs the cheapest casts.
func resolve(e *entry, args []Expr, at source.Span) (Expr, error) {
	best, bestCost := (*Function)(nil), -1
	for _, f := range e.overloads {
		if cost := f.cost(args); cost >= 0 && (best == nil || cost < bestCost) {
			best, bestCost = f, cost
		}
	}
	if best == nil {
		return nil, noOverload(e, args, at)
	}
	return apply(best, args, at)
}

// apply calls f, casting the arguments to its parameters.
func apply(f *Function, args []Expr, at source.Span) (Expr, error) {
	if f.generic != nil {
		return f.generic.apply(f, args, at)
	}
	args = slices.Clone(args)
	for i, a := range args {
		want := f.param(i)
		if want == data.Unknown || a.Type().Kind == want {
			continue
		}
		t := data.Of(want)
		if want == data.Decimal {
			t = tightDecimal(a)
			if t.Kind != data.Decimal {
				t = data.DecimalType(data.MaxPrecision, 6)
			}
		}
		c, err := coerce(a, t)
		if err != nil {
			return nil, err
		}
		args[i] = c
	}
	if f.check != nil {
		if err := f.check(args, at); err != nil {
			return nil, err
		}
	}
	t := data.Of(f.Returns)
	if f.result != nil {
		t = f.result(args)
	}
	return &Call{Func: f, Args: args, typ: t, at: at}, nil
}

// param returns the kind of the i-th parameter.
func (f *Function) param(i int) data.Kind { return f.Params[min(i, len(f.Params)-1)] }

// takes reports whether f can be called with n arguments.
func (f *Function) takes(n int) bool {
	return (n <= f.arity() || f.Variadic) && n >= f.arity()-f.Optional
}

// cost returns how far the arguments are from the parameters, or -1.
func (f *Function) cost(args []Expr) int {
	if !f.takes(len(args)) {
		return -1
	}
	if f.generic != nil {
		_, cost := f.generic.bind(args)
		return cost
	}
	total := 0
	for i, a := range args {
		want := f.param(i)
		cost := castCost(a.Type().Kind, want)
		if l, ok := a.(*Literal); ok && cost < 0 && l.loose() {
			cost = 5
		}
		if cost < 0 {
			return -1
		}
		total += cost
	}
	return total
}

// coerce casts e to t without being asked; constants are converted at once.
func coerce(e Expr, t data.Type) (Expr, error) {
	if e.Type() == t {
		return e, nil
	}
	if l, ok := e.(*Literal); ok {
		return castLiteral(l, t, false, l.at)
	}
	return &Cast{X: e, To: t, Implicit: true, at: e.Span()}, nil
}

// unify casts expressions to the one type they meet in. what names the place for
// the message: "branches of CASE".
func unify(args []Expr, what string) ([]Expr, data.Type, error) {
	var t data.Type
	var from Expr
	for _, a := range args {
		if l, ok := a.(*Literal); ok && l.loose() {
			continue
		}
		if from == nil {
			t, from = a.Type(), a
			continue
		}
		u, ok := commonType(t, a.Type())
		if !ok {
			return nil, t, errorf(a.Span(), castHint(a, t), "%s have the types %s and %s", what, t, a.Type())
		}
		t = u
	}
	if from == nil {
		for _, a := range args {
			if a.Type().Kind == data.String {
				t = a.Type()
			}
		}
	}
	for _, a := range args {
		if l, ok := a.(*Literal); ok && t.Kind == data.Decimal && a.Type().Kind == data.String {
			// Keep the digits that were written: 1.005 is not 1.01.
			t = unionDecimal(t, decimalOfText(l, t))
		}
	}
	out, err := coerceAll(args, t)
	if err != nil {
		err = besides(err, args)
	}
	return out, t, err
}

// spanOf covers all of the expressions.
func spanOf(list []Expr) source.Span {
	var at source.Span
	for i, e := range list {
		if i == 0 {
			at = e.Span()
		} else {
			at = at.Join(e.Span())
		}
	}
	return at
}

func unknownFunction(name string, at source.Span) *Error {
	names := make([]string, 0, len(byName))
	for n, e := range byName {
		if n[0] >= 'A' && n[0] <= 'Z' && !strings.Contains(n, " ") && e.refused == "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	hint := "SHOW FUNCTIONS lists what there is"
	if near := source.Near(strings.ToUpper(name), names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return errorf(at, hint, "there is no function %s", strings.ToUpper(name))
}
