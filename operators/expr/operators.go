package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

func operatorEntries() []*entry {
	compare := func(name, aliasOf, doc, ex, value string) *entry {
		e := &entry{name: name, bind: bindComparison, doc: doc, examples: [][2]string{{ex, value}},
			signatures: []string{"T " + name + " T → BOOLEAN"}}
		if aliasOf != "" {
			e.aliases = []string{aliasOf}
		}
		return e
	}
	is := func(name, doc, ex, value string, test func(null, x bool) bool) *entry {
		return &entry{name: name, doc: doc, examples: [][2]string{{ex, value}}, overloads: []*Function{{
			Params: []data.Kind{data.Boolean}, Returns: data.Boolean, safe: true, dense: true, nullable: true, kernel: just(truthKernel(test))}}}
	}
	list := []*entry{
		{name: "+", bind: bindArithmetic, overloads: arithmeticOverloads("+"), doc: "Sum; overflow is an error. Also DATE or TIMESTAMP plus INTERVAL.",
			examples: [][2]string{{"1 + 2", "3"}, {"TIMESTAMP '2024-01-31 00:00:00' + INTERVAL '1' MONTH", "2024-02-29T00:00:00Z"}}},
		{name: "-", bind: bindArithmetic, overloads: arithmeticOverloads("-"), doc: "Difference; overflow is an error. TIMESTAMP - TIMESTAMP is an INTERVAL.",
			examples: [][2]string{{"1 - 2.50", "-1.50"}}},
		{name: "*", bind: bindArithmetic, overloads: arithmeticOverloads("*"), doc: "Product; overflow is an error.",
			examples: [][2]string{{"2 * 2.5", "5.0"}}},
		{name: "/", bind: bindArithmetic, overloads: arithmeticOverloads("/"), doc: "Quotient; of integers it is cut to an integer. Division by zero is an error.",
			examples: [][2]string{{"7 / 2", "3"}, {"-7 / 2", "-3"}, {"1.0 / 3", "0.333333333333"}}},
		{name: "%", aliases: []string{"MOD"}, bind: bindArithmetic, overloads: arithmeticOverloads("%"), doc: "Remainder, with the sign of the dividend.",
			examples: [][2]string{{"7 % 3", "1"}, {"MOD(-7, 3)", "-1"}}},
		{name: "NEG", bind: bindNeg, doc: "The unary minus.", examples: [][2]string{{"-(3)", "-3"}}, overloads: negOverloads()},
		{name: "||", bind: bindConcat, doc: "Joins texts; NULL where one is NULL. Other types are written as text. Of arrays it is ARRAY_CONCAT, ARRAY_APPEND or ARRAY_PREPEND.",
			signatures: []string{"STRING || ANY → STRING", "ANY || STRING → STRING", "ARRAY<T> || ARRAY<T> → ARRAY<T>", "ARRAY<T> || T → ARRAY<T>", "T || ARRAY<T> → ARRAY<T>"},
			examples:   [][2]string{{"'a' || 'b'", "ab"}, {"'a' || 1", "a1"}, {"'a' || NULL", "NULL"}, {"ARRAY[1] || ARRAY[2] || 3", "[1,2,3]"}}},
		compare("=", "==", "Equal.", "1 = 1.0", "true"),
		compare("<>", "!=", "Not equal.", "1 <> 2", "true"),
		compare("<", "", "Less.", "'a' < 'b'", "true"),
		compare("<=", "", "Less or equal.", "2 <= 2", "true"),
		compare(">", "", "Greater.", "DATE '2024-01-02' > '2024-01-01'", "true"),
		compare(">=", "", "Greater or equal.", "NULL >= 1", "NULL"),
		compare("IS DISTINCT FROM", "", "Not equal, where NULL equals NULL.", "NULL IS DISTINCT FROM 1", "true"),
		compare("IS NOT DISTINCT FROM", "", "Equal, where NULL equals NULL.", "NULL IS NOT DISTINCT FROM NULL", "true"),
		{name: "AND", bind: bindLogic, doc: "TRUE where all are; later conditions are not evaluated where an earlier one is FALSE.",
			signatures: []string{"BOOLEAN AND BOOLEAN → BOOLEAN"}, examples: [][2]string{{"FALSE AND NULL", "false"}}},
		{name: "OR", bind: bindLogic, doc: "TRUE where one is; later conditions are not evaluated where an earlier one is TRUE.",
			signatures: []string{"BOOLEAN OR BOOLEAN → BOOLEAN"}, examples: [][2]string{{"TRUE OR NULL", "true"}}},
		{name: "NOT", doc: "Negation.", examples: [][2]string{{"NOT TRUE", "false"}}, overloads: []*Function{{
			Params: []data.Kind{data.Boolean}, Returns: data.Boolean, safe: true, dense: true, kernel: just(notKernel)}}},
		{name: "IS NULL", doc: "Whether the value is NULL.", examples: [][2]string{{"NULL IS NULL", "true"}}, overloads: []*Function{{
			Params: []data.Kind{data.Unknown}, Returns: data.Boolean, safe: true, dense: true, nullable: true, kernel: just(isNullKernel(true))}}},
		{name: "IS NOT NULL", doc: "Whether the value is not NULL.", examples: [][2]string{{"1 IS NOT NULL", "true"}}, overloads: []*Function{{
			Params: []data.Kind{data.Unknown}, Returns: data.Boolean, safe: true, dense: true, nullable: true, kernel: just(isNullKernel(false))}}},
		is("IS TRUE", "Whether the condition is TRUE; never NULL.", "NULL IS TRUE", "false", func(null, x bool) bool { return !null && x }),
		is("IS NOT TRUE", "Whether the condition is FALSE or NULL.", "NULL IS NOT TRUE", "true", func(null, x bool) bool { return null || !x }),
		is("IS FALSE", "Whether the condition is FALSE; never NULL.", "FALSE IS FALSE", "true", func(null, x bool) bool { return !null && !x }),
		is("IS NOT FALSE", "Whether the condition is TRUE or NULL.", "FALSE IS NOT FALSE", "false", func(null, x bool) bool { return null || x }),
		is("IS UNKNOWN", "Whether the condition is NULL.", "NULL IS UNKNOWN", "true", func(null, _ bool) bool { return null }),
		is("IS NOT UNKNOWN", "Whether the condition is not NULL.", "TRUE IS NOT UNKNOWN", "true", func(null, _ bool) bool { return !null }),
		{name: "BETWEEN", bind: bindBetween, doc: "x >= lo AND x <= hi.", signatures: []string{"T BETWEEN T AND T → BOOLEAN"},
			examples: [][2]string{{"2 BETWEEN 1 AND 3", "true"}}},
		{name: "NOT BETWEEN", bind: bindBetween, doc: "x < lo OR x > hi.", signatures: []string{"T NOT BETWEEN T AND T → BOOLEAN"},
			examples: [][2]string{{"2 NOT BETWEEN 1 AND 3", "false"}}},
		{name: "IN", bind: bindIn, doc: "Whether the value is in a list.", signatures: []string{"T IN (T, …) → BOOLEAN"},
			examples: [][2]string{{"2 IN (1, 2)", "true"}, {"3 IN (1, NULL)", "NULL"}}},
		{name: "NOT IN", bind: bindIn, doc: "Whether the value is not in a list.", signatures: []string{"T NOT IN (T, …) → BOOLEAN"},
			examples: [][2]string{{"2 NOT IN (1, 2)", "false"}}},
		likeEntry("LIKE", "Whether the text matches a pattern: % is any text, _ any character; \\ or the ESCAPE character takes away their meaning.", "'abc' LIKE 'a%'", "true"),
		likeEntry("ILIKE", "LIKE without regard to case.", "'ABC' ILIKE '_b%'", "true"),
		likeEntry("NOT LIKE", "The opposite of LIKE.", "'abc' NOT LIKE 'a%'", "false"),
		likeEntry("NOT ILIKE", "The opposite of ILIKE.", "'ABC' NOT ILIKE 'b%'", "true"),
	}
	for _, e := range list {
		e.family = "operator"
	}
	return list
}

// retypeLoose gives string literals and NULLs that stand beside a typed operand
// the type of that operand.
func retypeLoose(args []Expr) ([]Expr, error) {
	var t data.Type
	loose := 0
	for _, a := range args {
		if l, ok := a.(*Literal); ok && l.loose() {
			loose++
		} else if t.Kind == data.Unknown {
			t = a.Type()
		}
	}
	if loose == 0 {
		return args, nil
	}
	out := make([]Expr, len(args))
	for i, a := range args {
		out[i] = a
		l, ok := a.(*Literal)
		if !ok || !l.loose() {
			continue
		}
		want := t
		if t.Kind == data.Unknown { // nothing but literals
			want = a.Type()
			for _, o := range args {
				if o.Type().Kind == data.String {
					want = o.Type()
				}
			}
		}
		if want.Kind == data.Decimal && a.Type().Kind == data.String {
			// Keep the digits that were written: 1.005 is not 1.01.
			want = decimalOfText(l, want)
		}
		c, err := coerce(a, want)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

func bindComparison(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) != 2 {
		return nil, noOverload(e, args, at)
	}
	if rows, err := rowComparison(e.name, args[0], args[1], at); rows != nil || err != nil {
		return rows, err
	}
	written := args
	args, err := retypeLoose(args)
	if err != nil {
		return nil, besides(err, written)
	}
	a, b := args[0].Type(), args[1].Type()
	t, ok := commonType(a, b)
	if !ok {
		return nil, errorf(at, comparisonHint(args[0], args[1]), "cannot compare %s with %s", a, b)
	}
	if t.Kind == data.Decimal {
		args, err = alignDecimals(args)
	} else {
		args, err = coerceAll(args, t)
	}
	if err != nil {
		return nil, err
	}
	return &Call{Func: comparisons[e.name], Args: args, typ: data.Of(data.Boolean), at: at}, nil
}

func coerceAll(args []Expr, t data.Type) ([]Expr, error) {
	out := make([]Expr, len(args))
	for i, a := range args {
		c, err := coerce(a, t)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// alignDecimals brings two exact numbers to DECIMALs that compare exactly: to
// one scale if 38 digits hold it. Otherwise they keep theirs, and the kernel
// aligns them.
func alignDecimals(args []Expr) ([]Expr, error) {
	a, b := tightDecimal(args[0]), tightDecimal(args[1])
	scale := max(a.Scale, b.Scale)
	out := make([]Expr, 2)
	for i, t := range []data.Type{a, b} {
		p := int(t.Precision) + int(scale-t.Scale)
		if p <= data.MaxPrecision {
			t = data.DecimalType(p, int(scale))
		}
		c, err := coerce(args[i], t)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// bindNeg makes constants of negated constants, so that -1 is one wherever a
// constant is asked for.
func bindNeg(e *entry, args []Expr, at source.Span) (Expr, error) {
	neg, err := resolve(e, args, at)
	if err != nil {
		return nil, err
	}
	l, ok := foldConst(neg).(*Literal)
	if !ok {
		return neg, nil
	}
	if arg := args[0].(*Literal); l.Type().Integer() && !l.IsNull() && !arg.typed {
		return IntLiteral(l.Value.Ints[0], at), nil
	}
	return l, nil
}

func bindLogic(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) < 2 {
		return nil, noOverload(e, args, at)
	}
	f := andFunc
	if e.name == "OR" {
		f = orFunc
	}
	var flat []Expr
	for _, a := range args {
		c, err := condition(a, e.name)
		if err != nil {
			return nil, err
		}
		if sub, ok := c.(*Call); ok && sub.Func == f {
			flat = append(flat, sub.Args...)
		} else {
			flat = append(flat, c)
		}
	}
	return &Call{Func: f, Args: flat, typ: data.Of(data.Boolean), at: at}, nil
}

func bindBetween(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) != 3 {
		return nil, noOverload(e, args, at)
	}
	low, high, join := ">=", "<=", "and"
	if strings.HasPrefix(e.name, "NOT") {
		low, high, join = "<", ">", "or"
	}
	lo, err := NewCall(low, args[:2], at)
	if err != nil {
		return nil, err
	}
	hi, err := NewCall(high, []Expr{args[0], args[2]}, at)
	if err != nil {
		return nil, err
	}
	return NewCall(join, []Expr{lo, hi}, at)
}

func bindIn(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) < 2 {
		return nil, noOverload(e, args, at)
	}
	return NewIn(args[0], args[1:], e.name == "NOT IN", at)
}

func bindConcat(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) != 2 {
		return nil, noOverload(e, args, at)
	}
	if args[0].Type().Kind == data.Array || args[1].Type().Kind == data.Array {
		return concatArrays(e, args, at)
	}
	args, err := textArgs(args)
	if err != nil {
		return nil, err
	}
	return &Call{Func: pipesFunc, Args: args, typ: data.Of(data.String), at: at}, nil
}

// textArgs casts every argument to STRING.
func textArgs(args []Expr) ([]Expr, error) {
	out := make([]Expr, len(args))
	for i, a := range args {
		if _, ok := castable(a.Type(), data.Of(data.String)); !ok {
			return nil, errorf(a.Span(), "", "%s cannot be written as text", a.Type())
		}
		c, err := coerce(a, data.Of(data.String))
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}
