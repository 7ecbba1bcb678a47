package expr

import (
	"strings"

	"tidemark/operators/data"
)

// writeNested writes calls that have a syntax of their own: ARRAY[1, 2], a[i],
// r.f, x = ANY (a). It reports whether c is one.
func (c *Call) writeNested(b *strings.Builder) bool {
	switch name := c.Func.Name; name {
	case "ARRAY", "MAP":
		writeList(b, name+"[", c.Args, "]")
	case "SUBSCRIPT":
		operand(b, c.Args[0], bindsAtom)
		writeList(b, "[", c.Args[1:], "]")
	case "FIELD":
		field, _ := constantText(c.Args, 1)
		operand(b, c.Args[0], bindsAtom)
		b.WriteString("." + data.QuoteName(string(field)))
	default:
		op, quantifier, ok := strings.Cut(name, " ")
		if !ok || quantifier != "ANY" && quantifier != "ALL" {
			return false
		}
		operand(b, c.Args[0], bindsCompare+1)
		writeList(b, " "+op+" "+quantifier+" (", c.Args[1:], ")")
	}
	return true
}

func writeList(b *strings.Builder, opening string, list []Expr, closing string) {
	b.WriteString(opening)
	for i, e := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	b.WriteString(closing)
}

// nestedString writes a constant of a nested type by its constructor.
func (l *Literal) nestedString() string {
	var parts []Expr
	for e := l.Value.Elements(0); e.Next(); {
		v := data.NewConst(e.Type())
		v.Const = false
		e.Append(v)
		v.Const = true
		parts = append(parts, &Literal{Value: v, typed: true})
	}
	var b strings.Builder
	if t := l.Type(); t.Kind == data.Row {
		writeList(&b, "ROW(", parts, ")")
	} else {
		writeList(&b, t.Kind.String()+"[", parts, "]")
	}
	return b.String()
}
