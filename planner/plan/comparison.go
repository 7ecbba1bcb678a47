package plan

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// Predicate is a comparison of a column with constants, the form of a filter
// that sources understand.
type Predicate struct {
	Column int // position in the input of the expression
	// Op is one of = <> < <= > >= in.
	Op string
	// Values are constants of exactly the column's type, none of them NULL: one
	// for a comparison, at least one for in.
	Values []*data.Vector
}

// flipped has the operator that holds for (b, a) when op holds for (a, b).
var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// Comparison takes e apart as a Predicate. It reports false for everything that
// cannot be said as one without a change of meaning.
func Comparison(e expr.Expr) (Predicate, bool) {
	switch e := e.(type) {
	case *expr.Call:
		if len(e.Args) != 2 || flipped[e.Func.Name] == "" {
			return Predicate{}, false
		}
		op, left, right := e.Func.Name, e.Args[0], e.Args[1]
		if _, ok := left.(*expr.Literal); ok {
			op, left, right = flipped[op], right, left
		}
		c, isColumn := left.(*expr.Column)
		l, isLiteral := right.(*expr.Literal)
		if !isColumn || !isLiteral {
			return Predicate{}, false
		}
		v, ok := valueAs(l, c.Type())
		return Predicate{Column: c.Index, Op: op, Values: []*data.Vector{v}}, ok
	case *expr.In:
		c, ok := e.X.(*expr.Column)
		if !ok || e.Not {
			return Predicate{}, false
		}
		p := Predicate{Column: c.Index, Op: "in"}
		for _, l := range e.List {
			if l.IsNull() {
				continue // makes NULL of FALSE, which a filter does not tell apart
			}
			v, ok := valueAs(l, c.Type())
			if !ok {
				return Predicate{}, false
			}
			p.Values = append(p.Values, v)
		}
		return p, len(p.Values) > 0
	}
	return Predicate{}, false
}

// valueAs returns the constant as a value of type t, where that is the same
// value. Decimals of one scale differ only in how they are stored.
func valueAs(l *expr.Literal, t data.Type) (*data.Vector, bool) {
	from := l.Type()
	switch {
	case l.IsNull() || t.Kind == data.Interval || t.Kind == data.JSON:
		return nil, false
	case from == t:
		return l.Value, true
	case from.Kind != data.Decimal || t.Kind != data.Decimal || from.Scale != t.Scale:
		return nil, false
	}
	wide := data.Int128{}
	if from.Class() == data.ClassInt {
		x := l.Value.Ints[0]
		wide = data.Int128{Hi: x >> 63, Lo: uint64(x)}
	} else {
		wide = l.Value.Wides[0]
	}
	v := data.NewConst(t)
	if t.Class() == data.ClassWide {
		v.AppendWide(wide)
		return v, true
	}
	if wide.Hi != int64(wide.Lo)>>63 {
		return nil, false
	}
	v.AppendInt(int64(wide.Lo))
	return v, true
}
