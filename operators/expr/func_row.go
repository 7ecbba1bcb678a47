package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// fieldFunc is r.name; its second argument is the constant name.
var fieldFunc = &Function{Name: "FIELD", Params: []data.Kind{data.Row, data.String}, safe: true, check: checkFieldName,
	kernel: func(c *Call) kernel {
		name, _ := constantText(c.Args, 1)
		place := fieldPlace(c.Args[0].Type(), string(name))
		return valueRows(c.typ, func(f *frame, i int, one *data.Vector) error {
			e := f.elements(0, i)
			for k := 0; e.Next(); k++ {
				if k == place {
					e.Append(one)
					break
				}
			}
			return nil
		})
	}}

// fieldPlace returns the place of the field called name; one that differs only in
// case counts when there is no other; -1 when there is none.
func fieldPlace(t data.Type, name string) int {
	place := -1
	for i, f := range t.Fields() {
		if f.Name == name {
			return i
		}
		if place < 0 && strings.EqualFold(f.Name, name) {
			place = i
		}
	}
	return place
}

// NewField returns x.name: a field of a ROW, or a member of a JSON object.
func NewField(x Expr, name string, at source.Span) (Expr, error) {
	t := x.Type()
	switch t.Kind {
	case data.Row:
	case data.JSON:
		return NewCall("->", []Expr{x, StringLiteral(name, at)}, at)
	case data.Map:
		return nil, errorf(at, "write "+x.String()+"["+quote(name)+"]", "%s is a %s, which has keys and no fields", x, t)
	case data.Array:
		if t.Elem().Kind == data.Row {
			return nil, errorf(at, "pick one, as in "+x.String()+"[1]."+name+", or make rows of them with UNNEST", "%s is an array of rows; it has no field %s itself", x, name)
		}
		return nil, errorf(at, "", "%s is of type %s, which has no fields", x, t)
	default:
		return nil, errorf(at, "", "%s is of type %s, which has no fields", x, t)
	}
	place := fieldPlace(t, name)
	if place < 0 {
		var names []string
		for _, f := range t.Fields() {
			names = append(names, f.Name)
		}
		hint := "its fields are " + strings.Join(names, ", ")
		if near := source.Near(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, errorf(at, hint, "%s has no field %s", x, name)
	}
	field := t.Fields()[place]
	constant := StringLiteral(field.Name, at)
	constant.typed = true
	return &Call{Func: fieldFunc, Args: []Expr{x, constant}, typ: field.Type, at: at}, nil
}

// bindField is FIELD(r, 'name'), which is r.name.
func bindField(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) != 2 {
		return nil, noOverload(e, args, at)
	}
	if err := checkFieldName(args, at); err != nil {
		return nil, err
	}
	name, _ := constantText(args, 1)
	return NewField(args[0], string(name), at)
}

func checkFieldName(args []Expr, _ source.Span) error {
	if _, ok := constantText(args, 1); !ok {
		return errorf(args[1].Span(), "write r.name", "the name of a field must be a constant")
	}
	return nil
}

// rowComparison takes a comparison of two row constructors apart, as the standard
// has it: (a, b) = (c, d) is a = c AND b = d, and (a, b) < (c, d) is a < c OR
// a = c AND b < d. It returns nil for anything else.
func rowComparison(op string, x, y Expr, at source.Span) (Expr, error) {
	a, ok := x.(*Call)
	b, also := y.(*Call)
	if !ok || !also || a.Func != rowFunc || b.Func != rowFunc || len(a.Args) != len(b.Args) || len(a.Args) == 0 {
		return nil, nil
	}
	if _, ok := relations[op]; !ok {
		return nil, nil
	}
	if len(a.Args) == 1 {
		return NewCall(op, []Expr{a.Args[0], b.Args[0]}, at)
	}
	first, err := NewCall(strictly(op), []Expr{a.Args[0], b.Args[0]}, at)
	if err != nil {
		return nil, err
	}
	rest, err := rowComparison(op, restOf(a), restOf(b), at)
	if err != nil {
		return nil, err
	}
	switch op {
	case "=":
		return NewCall("AND", []Expr{first, rest}, at)
	case "<>":
		return NewCall("OR", []Expr{first, rest}, at)
	}
	same, err := NewCall("=", []Expr{a.Args[0], b.Args[0]}, at)
	if err != nil {
		return nil, err
	}
	tied, err := NewCall("AND", []Expr{same, rest}, at)
	if err != nil {
		return nil, err
	}
	return NewCall("OR", []Expr{first, tied}, at)
}

// strictly is how the first fields compare where they decide.
func strictly(op string) string {
	switch op {
	case "<=":
		return "<"
	case ">=":
		return ">"
	}
	return op
}

// restOf is a row constructor without its first value.
func restOf(c *Call) *Call { return &Call{Func: rowFunc, Args: c.Args[1:], at: c.at} }
