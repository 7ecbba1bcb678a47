package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// arithmeticOverloads returns what an operator is defined on. Numbers of
// different kinds are cast to the wider first.
func arithmeticOverloads(op string) []*Function {
	pair := func(a, b, r data.Kind, f Function) *Function {
		f.Params, f.Returns = []data.Kind{a, b}, r
		return &f
	}
	list := []*Function{
		pair(data.Int, data.Int, data.Int, Function{kernel: just(intArithmetic(op, true))}),
		pair(data.BigInt, data.BigInt, data.BigInt, Function{kernel: just(intArithmetic(op, false))}),
		pair(data.Decimal, data.Decimal, data.Decimal, Function{
			result: func(args []Expr) data.Type { return arithmeticDecimal(op, args[0].Type(), args[1].Type()) },
			kernel: func(c *Call) kernel { return decimalArithmetic(op, c.Args[0].Type(), c.Args[1].Type(), c.typ) }}),
		pair(data.Double, data.Double, data.Double, Function{kernel: just(floatArithmetic(op)), safe: op != "/" && op != "%", dense: op != "/" && op != "%"}),
	}
	return append(list, temporalOverloads(op)...)
}

// shortDecimals are the overloads for decimals whose result fits one int64: they
// cannot overflow, because the result type has room for every result.
var shortDecimals = map[string]*Function{}

func init() {
	for _, op := range []string{"+", "-", "*"} {
		shortDecimals[op] = &Function{Name: op, Params: []data.Kind{data.Decimal, data.Decimal}, Returns: data.Decimal, safe: true, dense: true,
			kernel: func(c *Call) kernel { return shortDecimal(op, c.Args[0].Type(), c.Args[1].Type(), c.typ) }}
	}
}

func bindArithmetic(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) == 1 && (e.name == "-" || e.name == "+") {
		if e.name == "+" && args[0].Type().Numeric() {
			return args[0], nil
		}
		return NewCall("neg", args, at)
	}
	if len(args) != 2 {
		return nil, noOverload(e, args, at)
	}
	if args[0].Type().Numeric() || args[1].Type().Numeric() {
		if other := args[b2i(args[0].Type().Numeric())].Type().Kind; other == data.Unknown || other == data.String {
			var err error
			if args, err = retypeLoose(args); err != nil {
				return nil, err
			}
		}
	}
	a, b := args[0].Type(), args[1].Type()
	if !a.Numeric() || !b.Numeric() {
		return resolve(e, args, at)
	}
	kind := max(a.Kind, b.Kind)
	if a.Kind == data.Double || b.Kind == data.Double {
		kind = data.Double
	}
	if kind == data.Decimal {
		return bindDecimals(e, args, at)
	}
	return apply(e.numeric(kind), args, at)
}

// numeric returns the overload for two numbers of a kind.
func (e *entry) numeric(kind data.Kind) *Function {
	for _, f := range e.overloads {
		if f.Params[0] == kind && f.Params[1] == kind {
			return f
		}
	}
	return nil
}

// bindDecimals applies an operator to exact numbers. Integer constants count with
// the digits they have, but for division, whose scale depends on them, with those
// of their type, as in Flink.
func bindDecimals(e *entry, args []Expr, at source.Span) (Expr, error) {
	cast := make([]Expr, 2)
	for i, x := range args {
		t := tightDecimal(x)
		if e.name == "/" {
			t = asDecimal(x.Type())
		}
		c, err := coerce(x, t)
		if err != nil {
			return nil, err
		}
		cast[i] = c
	}
	f := e.numeric(data.Decimal)
	if short := shortDecimals[e.name]; short != nil && arithmeticDecimal(e.name, cast[0].Type(), cast[1].Type()).Class() == data.ClassInt {
		t := f.result(cast)
		return &Call{Func: short, Args: cast, typ: t, at: at}, nil
	}
	return apply(f, cast, at)
}

func negOverloads() []*Function {
	return []*Function{
		{Params: []data.Kind{data.Int}, Returns: data.Int, kernel: just(intRows(func(f *frame, i int) (int64, error) {
			return checkedInt("-", true, 0, f.int(0, i))
		}))},
		{Params: []data.Kind{data.BigInt}, Returns: data.BigInt, kernel: just(intRows(func(f *frame, i int) (int64, error) {
			return checkedInt("-", false, 0, f.int(0, i))
		}))},
		{Params: []data.Kind{data.Decimal}, Returns: data.Decimal, safe: true, result: firstType, kernel: func(c *Call) kernel {
			if c.typ.Class() == data.ClassInt {
				return intRows(func(f *frame, i int) (int64, error) { return -f.int(0, i), nil })
			}
			return wideRows(func(f *frame, i int) (data.Int128, error) { return negWide(f.wide(0, i)), nil })
		}},
		{Params: []data.Kind{data.Double}, Returns: data.Double, safe: true, kernel: just(floatRows(func(f *frame, i int) (float64, error) {
			return -f.float(0, i), nil
		}))},
		{Params: []data.Kind{data.Interval}, Returns: data.Interval, kernel: just(wideRows(func(f *frame, i int) (data.Int128, error) {
			return addIntervals(data.Int128{}, f.wide(0, i), -1)
		}))},
	}
}

// firstType is the result type of functions that keep the type of their argument.
func firstType(args []Expr) data.Type { return args[0].Type() }
