package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// typePattern is the type of a parameter or result that other types can be put into:
// ARRAY<T>, MAP<K,V>, T. The capital letters stand for one type throughout a call.
type typePattern struct {
	text     string    // as it is written
	kind     data.Kind // Unknown for a variable
	variable string    // "" also for ANY, which takes every type as it is
	names    []string  // of a ROW's fields
	parts    []typePattern
}

// generic is the signature of an overload whose types depend on each other.
type generic struct {
	params  []typePattern
	returns typePattern
}

// overload returns a function whose parameters, separated by commas, and result
// are patterns.
func overload(params, returns string, build func(c *Call) kernel) *Function {
	p := typePatternParser{params}
	g := &generic{params: p.list(0)}
	p.rest = returns
	g.returns = p.pattern()
	return &Function{generic: g, kernel: build}
}

// nullIn says that the kernel sees NULL arguments and sets NULL results itself.
func (f *Function) nullIn() *Function {
	f.nullable = true
	return f
}

// variadic says that the last parameter repeats.
func (f *Function) variadic() *Function {
	f.Variadic = true
	return f
}

// typePatternParser reads patterns, which stand in the function table alone.
type typePatternParser struct{ rest string }

// list reads patterns up to end, or all where end is 0.
func (p *typePatternParser) list(end byte) []typePattern {
	var list []typePattern
	for p.rest != "" {
		list = append(list, p.pattern())
		p.rest = strings.TrimLeft(p.rest, ", ")
		if end != 0 && p.rest[0] == end {
			p.rest = p.rest[1:]
			break
		}
	}
	return list
}

func (p *typePatternParser) word() string {
	n := strings.IndexAny(p.rest+",", "<>, ")
	word := p.rest[:n]
	p.rest = strings.TrimLeft(p.rest[n:], " ")
	return word
}

func (p *typePatternParser) pattern() typePattern {
	from := p.rest
	t := typePattern{variable: p.word()}
	for k := data.Boolean; k <= data.Row; k++ {
		if k.String() == t.variable {
			t.kind = k
		}
	}
	if t.kind != data.Unknown || t.variable == "ANY" {
		t.variable = ""
	}
	if strings.HasPrefix(p.rest, "<") {
		p.rest = p.rest[1:]
		if t.kind == data.Row {
			for !strings.HasPrefix(p.rest, ">") {
				t.names = append(t.names, p.word())
				t.parts = append(t.parts, p.pattern())
				p.rest = strings.TrimLeft(p.rest, ", ")
			}
			p.rest = p.rest[1:]
		} else {
			t.parts = p.list('>')
		}
	}
	t.text = strings.TrimRight(from[:len(from)-len(p.rest)], ", ")
	return t
}

// bindings are the types that the variables of a signature stand for.
type bindings map[string]data.Type

// take fits t into p, widening the types of its variables where they can meet t.
// It returns the cost as castCost does, -1 where t does not fit.
func (b bindings) take(p typePattern, t data.Type) int {
	switch {
	case p.kind == data.Unknown && p.variable == "":
		return 0
	case p.kind == data.Unknown:
		have, ok := b[p.variable]
		if !ok {
			b[p.variable] = t
			return 0
		}
		met, ok := commonType(have, t)
		if !ok {
			return -1
		}
		b[p.variable] = met
		return b2i(have != met) + b2i(t != met)
	case len(p.parts) == 0 || t.Kind != p.kind:
		return castCost(t.Kind, p.kind)
	}
	parts := partTypes(t)
	if len(parts) != len(p.parts) {
		return -1
	}
	total := 0
	for i, part := range parts {
		cost := b.take(p.parts[i], part)
		if cost < 0 {
			return -1
		}
		total += cost
	}
	return total
}

// fill returns the type that p is with the variables replaced. One that nothing
// was bound to is of unknown type: no argument has a value of it.
func (b bindings) fill(p typePattern) data.Type {
	if p.kind == data.Unknown {
		return b[p.variable]
	}
	part := func(i int) data.Type { return b.fill(p.parts[i]) }
	switch p.kind {
	case data.Array:
		return data.ArrayOf(part(0))
	case data.Map:
		return data.MapOf(part(0), part(1))
	case data.Row:
		fields := make([]data.Field, len(p.parts))
		for i, name := range p.names {
			fields[i] = data.Field{Name: name, Type: part(i)}
		}
		return data.RowOf(fields...)
	}
	return data.Of(p.kind)
}

// partTypes returns the types inside a nested type.
func partTypes(t data.Type) []data.Type {
	switch t.Kind {
	case data.Array:
		return []data.Type{t.Elem()}
	case data.Map:
		return []data.Type{t.Key(), t.Elem()}
	}
	var parts []data.Type
	for _, f := range t.Fields() {
		parts = append(parts, f.Type)
	}
	return parts
}

func (g *generic) param(i int) typePattern { return g.params[min(i, len(g.params)-1)] }

// bind finds the types of the variables for the arguments, and the cost, -1 where
// the arguments do not fit.
func (g *generic) bind(args []Expr) (bindings, int) {
	b, total := bindings{}, 0
	for i, a := range args {
		p := g.param(i)
		l, ok := a.(*Literal)
		if ok && l.loose() {
			if p.kind != a.Type().Kind {
				total += 5
			}
			continue
		}
		cost := b.take(p, a.Type())
		if cost < 0 {
			return nil, -1
		}
		total += cost
	}
	// A text on its own is the only thing that says what T is.
	for i, a := range args {
		p := g.param(i)
		if l, ok := a.(*Literal); ok && l.loose() && p.variable != "" && b[p.variable].Kind == data.Unknown {
			b[p.variable] = a.Type()
		}
	}
	return b, total
}

// apply calls f, casting the arguments to what the signature makes of them.
func (g *generic) apply(f *Function, args []Expr, at source.Span) (Expr, error) {
	b, _ := g.bind(args)
	out := make([]Expr, len(args))
	for i, a := range args {
		out[i] = a
		p := g.param(i)
		if p.kind == data.Unknown && p.variable == "" {
			continue
		}
		t := b.fill(p)
		if len(p.parts) == 0 && p.kind == a.Type().Kind && p.kind != data.Unknown {
			continue // ROW, or DECIMAL of whatever digits
		}
		c, err := coerce(a, t)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	if f.check != nil {
		if err := f.check(out, at); err != nil {
			return nil, err
		}
	}
	t := b.fill(g.returns)
	if f.result != nil {
		t = f.result(out)
	}
	if err := checkDepth(t, at); err != nil {
		return nil, err
	}
	return &Call{Func: f, Args: out, typ: t, at: at}, nil
}

// checkDepth refuses a type that is nested too deep.
func checkDepth(t data.Type, at source.Span) error {
	if d := t.Depth(); d > data.MaxNesting {
		return errorf(at, "keep the inner values as JSON", "the value has %d levels of arrays, maps and rows; %d is the limit", d, data.MaxNesting)
	}
	return nil
}
