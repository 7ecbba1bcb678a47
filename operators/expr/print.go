package expr

import (
	"strconv"
	"strings"

	"tidemark/operators/data"
)

// Binding strengths, loosest first, as PostgreSQL has them.
const (
	bindsOr = iota + 1
	bindsAnd
	bindsNot
	bindsIs
	bindsCompare
	bindsLike
	bindsConcat
	bindsAdd
	bindsMultiply
	bindsAt
	bindsUnary
	bindsAtom
)

var strengths = map[string]int{
	"AT TIME ZONE": bindsAt, "->": bindsConcat, "->>": bindsConcat, "#>": bindsConcat, "#>>": bindsConcat, "OR": bindsOr, "AND": bindsAnd, "NOT": bindsNot,
	"=": bindsCompare, "<>": bindsCompare, "<": bindsCompare, "<=": bindsCompare, ">": bindsCompare, ">=": bindsCompare,
	"IS DISTINCT FROM": bindsIs, "IS NOT DISTINCT FROM": bindsIs,
	"LIKE": bindsLike, "ILIKE": bindsLike, "NOT LIKE": bindsLike, "NOT ILIKE": bindsLike, "SIMILAR TO": bindsLike, "NOT SIMILAR TO": bindsLike,
	"~": bindsConcat, "~*": bindsConcat, "!~": bindsConcat, "!~*": bindsConcat,
	"&": bindsConcat, "|": bindsConcat, "#": bindsConcat, "<<": bindsConcat, ">>": bindsConcat,
	"||": bindsConcat, "+": bindsAdd, "-": bindsAdd, "*": bindsMultiply, "/": bindsMultiply, "%": bindsMultiply, "NEG": bindsUnary,
}

// strength returns how tightly e holds its operands together.
func strength(e Expr) int {
	switch e := e.(type) {
	case *Call:
		if s, ok := strengths[e.Func.Name]; ok {
			return s
		}
		switch name := e.Func.Name; {
		case strings.HasPrefix(name, "IS "):
			return bindsIs
		case strings.HasSuffix(name, " ANY"), strings.HasSuffix(name, " ALL"):
			return bindsCompare
		}
	case *Cast:
		if e.Implicit {
			return strength(e.X)
		}
	case *Column:
		if e.of != nil {
			return strength(e.of)
		}
	case *In:
		return bindsLike
	case *Literal:
		if s := e.String(); s[0] == '-' {
			return bindsUnary
		}
	}
	return bindsAtom
}

// operand writes e, in parentheses when it binds more loosely than its context.
func operand(b *strings.Builder, e Expr, least int) {
	if strength(e) < least {
		b.WriteByte('(')
		b.WriteString(e.String())
		b.WriteByte(')')
		return
	}
	b.WriteString(e.String())
}

// String implements Expr.
func (c *Column) String() string { return c.Name }

// String implements Expr.
func (l *Literal) String() string {
	if l.IsNull() {
		return "NULL"
	}
	if l.Type().Nested() {
		return l.nestedString()
	}
	text := string(data.AppendText(nil, l.Value, 0))
	switch t := l.Type(); t.Kind {
	case data.Boolean:
		return strings.ToUpper(text)
	case data.Int, data.BigInt, data.Decimal:
		return text
	case data.Double:
		if !strings.ContainsAny(text, "eEnN") {
			return strconv.FormatFloat(l.Value.Floats[0], 'e', -1, 64)
		}
		if strings.ContainsAny(text, "nN") {
			return "DOUBLE '" + text + "'"
		}
		return text
	case data.String:
		return quote(text)
	default:
		return t.String() + " " + quote(text)
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// String implements Expr.
func (c *Call) String() string {
	var b strings.Builder
	if c.writeNested(&b) || c.writeState(&b) {
		return b.String()
	}
	name := c.Func.Name
	s := strength(c)
	switch {
	case s == bindsAtom:
		b.WriteString(name)
		b.WriteByte('(')
		for i, a := range c.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(a.String())
		}
		b.WriteByte(')')
	case name == "NEG":
		b.WriteByte('-')
		operand(&b, c.Args[0], bindsAtom)
	case name == "NOT":
		b.WriteString("NOT ")
		operand(&b, c.Args[0], s)
	case len(c.Args) == 1: // IS …
		operand(&b, c.Args[0], s+1)
		b.WriteByte(' ')
		b.WriteString(name)
	default:
		left := s
		if s == bindsCompare || s == bindsIs || s == bindsLike {
			left++ // these do not chain
		}
		operand(&b, c.Args[0], left)
		word := name
		if s == bindsLike {
			operandList(&b, word, c.Args[1:2], s)
			if len(c.Args) == 3 {
				operandList(&b, "ESCAPE", c.Args[2:], s)
			}
			break
		}
		operandList(&b, word, c.Args[1:], s)
	}
	return b.String()
}

// operandList writes " word operand" for each operand.
func operandList(b *strings.Builder, word string, args []Expr, s int) {
	for _, a := range args {
		b.WriteByte(' ')
		b.WriteString(word)
		b.WriteByte(' ')
		operand(b, a, s+1)
	}
}

// String implements Expr.
func (c *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range c.Whens {
		b.WriteString(" WHEN " + w.Cond.String() + " THEN " + w.Then.String())
	}
	if l, ok := c.Else.(*Literal); !ok || !l.IsNull() {
		b.WriteString(" ELSE " + c.Else.String())
	}
	b.WriteString(" END")
	return b.String()
}

// String implements Expr.
func (c *Cast) String() string {
	switch {
	case c.Implicit:
		return c.X.String()
	case c.Try:
		return "TRY_CAST(" + c.X.String() + " AS " + c.To.String() + ")"
	}
	return "CAST(" + c.X.String() + " AS " + c.To.String() + ")"
}

// String implements Expr.
func (in *In) String() string {
	var b strings.Builder
	operand(&b, in.X, bindsLike+1)
	if in.Not {
		b.WriteString(" NOT")
	}
	b.WriteString(" IN (")
	for i, l := range in.List {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(l.String())
	}
	b.WriteByte(')')
	return b.String()
}
