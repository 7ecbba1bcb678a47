package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// The operators that the compiler knows itself: they guard their arguments.
var (
	andFunc      = &Function{Name: "AND", Params: []data.Kind{data.Boolean}, Variadic: true, Returns: data.Boolean, safe: true}
	orFunc       = &Function{Name: "OR", Params: []data.Kind{data.Boolean}, Variadic: true, Returns: data.Boolean, safe: true}
	coalesceFunc = &Function{Name: "COALESCE", Params: []data.Kind{data.Unknown}, Variadic: true, safe: true}
)

func conditionalEntries() []*entry {
	list := []*entry{
		{name: "COALESCE", aliases: []string{"IFNULL", "NVL"}, bind: bindCoalesce, signatures: []string{"COALESCE(T, …) → T"},
			doc:      "The first argument that is not NULL; later ones are not evaluated.",
			examples: [][2]string{{"COALESCE(NULL, 2, 3)", "2"}, {"NVL(NULL, 'x')", "x"}}},
		{name: "NVL2", bind: bindNvl2, signatures: []string{"NVL2(ANY, T, T) → T"},
			doc:      "The second argument where the first is not NULL, else the third.",
			examples: [][2]string{{"NVL2(NULL, 'some', 'none')", "none"}, {"NVL2(1, 'some', 'none')", "some"}}},
		tryEntry(),
		{name: "NULLIF", bind: bindNullif, signatures: []string{"NULLIF(T, T) → T"},
			doc:      "NULL where both arguments are equal, else the first.",
			examples: [][2]string{{"NULLIF(0, 0)", "NULL"}, {"NULLIF(1, 0)", "1"}}},
		{name: "IF", aliases: []string{"IFF"}, bind: bindIf, signatures: []string{"IF(BOOLEAN, T [, T]) → T"},
			doc:      "The second argument where the condition is TRUE, else the third or NULL.",
			examples: [][2]string{{"IF(1 < 2, 'yes', 'no')", "yes"}}},
		{name: "GREATEST", bind: bindExtreme, signatures: []string{"GREATEST(T, …) → T"},
			doc:      "The largest of the arguments that are not NULL.",
			examples: [][2]string{{"GREATEST(1, NULL, 3)", "3"}}},
		{name: "LEAST", bind: bindExtreme, signatures: []string{"LEAST(T, …) → T"},
			doc:      "The smallest of the arguments that are not NULL.",
			examples: [][2]string{{"LEAST(2.5, 1)", "1.0"}}},
	}
	list = append(list, &entry{name: "TYPEOF", aliases: []string{"PG_TYPEOF"}, bind: bindTypeOf, signatures: []string{"TYPEOF(ANY) → STRING"},
		doc:      "The name of the value's type, which is known before it is evaluated.",
		examples: [][2]string{{"TYPEOF(1.50)", "DECIMAL(3,2)"}, {"TYPEOF(ARRAY['a'])", "ARRAY<STRING>"}}})
	for _, e := range list {
		e.family = "conditional"
	}
	return list
}

func needs(e *entry, args []Expr, least, most int, at source.Span) error {
	if len(args) >= least && len(args) <= most {
		return nil
	}
	return noOverload(e, args, at)
}

func bindTypeOf(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 1, 1, at); err != nil {
		return nil, err
	}
	name := "NULL"
	if t := args[0].Type(); t.Kind != data.Unknown {
		name = t.String()
	}
	return StringLiteral(name, at), nil
}

func bindCoalesce(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 1, 1<<20, at); err != nil {
		return nil, err
	}
	args, t, err := unify(args, "the arguments of "+e.name)
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return &Call{Func: coalesceFunc, Args: args, typ: t, at: at}, nil
}

func bindNullif(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 2, 2, at); err != nil {
		return nil, err
	}
	same, err := NewCall("=", args, at)
	if err != nil {
		return nil, err
	}
	return newCase([]When{{same, NullLiteral(args[0].Type(), at)}}, args[0], e.name, e.name, at)
}

func bindNvl2(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 3, 3, at); err != nil {
		return nil, err
	}
	some, err := NewCall("IS NOT NULL", args[:1], at)
	if err != nil {
		return nil, err
	}
	return newCase([]When{{some, args[1]}}, args[2], e.name, e.name, at)
}

func bindIf(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 2, 3, at); err != nil {
		return nil, err
	}
	var els Expr
	if len(args) == 3 {
		els = args[2]
	}
	return newCase([]When{{args[0], args[1]}}, els, e.name, e.name, at)
}

func bindExtreme(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 1, 1<<20, at); err != nil {
		return nil, err
	}
	args, t, err := unify(args, "the arguments of "+e.name)
	if err != nil {
		return nil, err
	}
	f := greatestFunc
	if e.name == "LEAST" {
		f = leastFunc
	}
	return &Call{Func: f, Args: args, typ: t, at: at}, nil
}

var (
	greatestFunc = &Function{Name: "GREATEST", Params: []data.Kind{data.Unknown}, Variadic: true, safe: true, nullable: true,
		kernel: func(c *Call) kernel { return extremeKernel(c.typ, 1) }}
	leastFunc = &Function{Name: "LEAST", Params: []data.Kind{data.Unknown}, Variadic: true, safe: true, nullable: true,
		kernel: func(c *Call) kernel { return extremeKernel(c.typ, -1) }}
)

// extremeKernel picks the largest (sign 1) or smallest (-1) value that is not NULL.
func extremeKernel(t data.Type, sign int) kernel {
	bytes := t.Class() == data.ClassBytes
	return func(f *frame) error {
		var w textWriter
		if bytes {
			w = newTextWriter(f.out, f.n)
		}
		return f.each(func(i int) error {
			best := -1
			for k, v := range f.args {
				if !v.IsNull(i) && (best < 0 || data.Compare(v, v.Index(i), f.args[best], f.args[best].Index(i))*sign > 0) {
					best = k
				}
			}
			if best < 0 {
				f.setNull(i)
				return nil
			}
			v := f.args[best]
			at := v.Index(i)
			switch t.Class() {
			case data.ClassInt:
				f.out.Ints[i] = v.Ints[at]
			case data.ClassFloat:
				f.out.Floats[i] = v.Floats[at]
			case data.ClassBool:
				f.out.Bools[i] = v.Bools[at]
			case data.ClassWide:
				f.out.Wides[i] = v.Wides[at]
			case data.ClassBytes:
				w.put(append(w.at(i), v.Text(i)...))
			}
			return nil
		}, func() {
			if bytes {
				w.close()
			}
		})
	}
}
