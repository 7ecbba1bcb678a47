package expr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// sql binds an expression for tests: precedence climbing over a handful of
// tokens, so that tests and the examples of the function table read as SQL.
type sql struct {
	tokens []token
	schema data.Schema
}

type token struct {
	text string
	at   source.Span
}

var tokenPattern = regexp.MustCompile(`'(?:[^']|'')*'|\d+\.\d+(?:[eE][-+]?\d+)?|\d+(?:[eE][-+]?\d+)?|[A-Za-z_][A-Za-z_0-9]*|<>|!=|<=|>=|\|\||::|->>?|#>>?|!~\*|!~|~\*|<<|>>|[-+*/%=<>(),~&|#\[\].:]`)

// bind parses and binds text over the columns of schema.
func bind(text string, schema data.Schema) (Expr, error) {
	p := &sql{schema: schema}
	for _, m := range tokenPattern.FindAllStringIndex(text, -1) {
		p.tokens = append(p.tokens, token{text[m[0]:m[1]], source.Span{Start: m[0], End: m[1]}})
	}
	e, err := p.expr(0)
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("left over: %q", p.tokens[0].text)
	}
	return e, err
}

func mustBind(t testing.TB, text string, schema data.Schema) Expr {
	t.Helper()
	e, err := bind(text, schema)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func (p *sql) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return strings.ToUpper(p.tokens[0].text)
}

func (p *sql) take(words ...string) bool {
	for i, w := range words {
		if i >= len(p.tokens) || strings.ToUpper(p.tokens[i].text) != w {
			return false
		}
	}
	p.tokens = p.tokens[len(words):]
	return true
}

func (p *sql) list(end string) ([]Expr, error) {
	var args []Expr
	for !p.take(end) {
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
		p.take(",")
		p.take("FROM")
		p.take("FOR")
		p.take("PLACING")
		p.take("IN")
		p.take(":")
		if len(p.tokens) == 0 {
			return nil, fmt.Errorf("missing %s", end)
		}
	}
	return args, nil
}

func call(name string, args ...Expr) (Expr, error) { return NewCall(name, args, spanOf(args)) }

func (p *sql) expr(least int) (Expr, error) {
	left, err := p.primary()
	for err == nil {
		word := p.peek()
		s, ok := strengths[word]
		switch {
		case word == "!=":
			s, ok = bindsCompare, true
		case word == "IS":
			s, ok = bindsIs, true
		case word == "BETWEEN" || word == "NOT" || word == "SIMILAR":
			s, ok = bindsLike, true
		case word == "IN" && least >= 0:
			s, ok = bindsLike, len(p.tokens) > 1 && p.tokens[1].text == "("
		case word == "AT":
			s, ok = bindsAt, true
		case word == "::" || word == "[" || word == ".":
			s, ok = bindsAtom, true
		}
		if !ok || s <= least {
			break
		}
		at := p.tokens[0].at
		switch {
		case p.take("::"):
			var t data.Type
			if t, err = p.typ(); err == nil {
				left, err = NewCast(left, t, false, left.Span().Join(at))
			}
		case p.take("AT", "TIME", "ZONE"):
			var zone Expr
			if zone, err = p.expr(bindsAt); err == nil {
				left, err = call("AT TIME ZONE", left, zone)
			}
		case p.take("["):
			left, err = p.subscript(left)
		case p.take("."):
			name := p.tokens[0]
			p.tokens = p.tokens[1:]
			left, err = NewField(left, name.text, name.at)
		case p.take("IS"):
			name := "IS"
			if p.take("NOT") {
				name += " NOT"
			}
			if p.take("DISTINCT", "FROM") {
				var right Expr
				if right, err = p.expr(bindsIs); err == nil {
					left, err = call(name+" DISTINCT FROM", left, right)
				}
				break
			}
			name += " " + p.peek()
			p.tokens = p.tokens[1:]
			if kind := p.peek(); kind == "OBJECT" || kind == "ARRAY" || kind == "SCALAR" {
				name += " " + kind
				p.tokens = p.tokens[1:]
			}
			left, err = call(name, left)
		default:
			not := ""
			if p.take("NOT") {
				not = "NOT "
			}
			word := p.peek()
			p.tokens = p.tokens[1:]
			switch word {
			case "IN":
				p.take("(")
				var list []Expr
				if list, err = p.list(")"); err == nil {
					left, err = NewIn(left, list, not != "", left.Span())
				}
			case "BETWEEN":
				var lo, hi Expr
				if lo, err = p.expr(bindsAnd); err != nil {
					return nil, err
				}
				p.take("AND")
				if hi, err = p.expr(bindsAnd); err == nil {
					left, err = call(not+"BETWEEN", left, lo, hi)
				}
			case "LIKE", "ILIKE", "SIMILAR":
				if p.take("TO") {
					word += " TO"
				}
				args := []Expr{left, nil}
				if args[1], err = p.expr(bindsLike); err != nil {
					return nil, err
				}
				if p.take("ESCAPE") {
					esc, err := p.expr(bindsLike)
					if err != nil {
						return nil, err
					}
					args = append(args, esc)
				}
				left, err = call(not+word, args...)
			default:
				for _, q := range []string{"ANY", "ALL"} {
					if p.take(q) {
						word += " " + q
					}
				}
				var right Expr
				if right, err = p.expr(s); err == nil {
					left, err = call(word, left, right)
				}
			}
		}
	}
	return left, err
}

func (p *sql) primary() (Expr, error) {
	if len(p.tokens) == 0 {
		return nil, fmt.Errorf("unexpected end")
	}
	tok := p.tokens[0]
	p.tokens = p.tokens[1:]
	word := strings.ToUpper(tok.text)
	switch {
	case word == "(":
		e, err := p.expr(0)
		p.take(")")
		return e, err
	case word == "-":
		e, err := p.expr(bindsUnary)
		if err != nil {
			return nil, err
		}
		return NewCall("neg", []Expr{e}, tok.at.Join(e.Span()))
	case word == "NOT":
		e, err := p.expr(bindsNot)
		if err != nil {
			return nil, err
		}
		return NewCall("not", []Expr{e}, tok.at.Join(e.Span()))
	case word[0] == '\'':
		return StringLiteral(unquote(tok.text), tok.at), nil
	case word[0] >= '0' && word[0] <= '9':
		return number(tok)
	case word == "NULL":
		return NewLiteral(nullOf(data.Of(data.Unknown)), tok.at), nil
	case word == "TRUE", word == "FALSE":
		return BoolLiteral(word == "TRUE", tok.at), nil
	case (word == "ARRAY" || word == "MAP") && p.take("["):
		list, err := p.list("]")
		if err != nil {
			return nil, err
		}
		return NewCall(word, list, tok.at)
	case word == "CASE":
		return p.caseOf(tok.at)
	case word == "CAST", word == "TRY_CAST":
		p.take("(")
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		p.take("AS")
		t, err := p.typ()
		p.take(")")
		if err != nil {
			return nil, err
		}
		return NewCast(e, t, word == "TRY_CAST", tok.at.Join(e.Span()))
	case len(p.tokens) > 0 && p.tokens[0].text[0] == '\'' && kindOf(word) != data.Unknown:
		text := unquote(p.tokens[0].text)
		p.tokens = p.tokens[1:]
		if unit := p.peek(); word == "INTERVAL" && unitMicros[strings.TrimSuffix(strings.ToLower(unit), "s")] != 0 || unit == "MONTH" || unit == "YEAR" {
			text += " " + unit
			p.tokens = p.tokens[1:]
		}
		return NewCast(StringLiteral(text, tok.at), data.Of(kindOf(word)), false, tok.at)
	case p.peek() == "(":
		p.take("(")
		if word == "EXTRACT" && p.tokens[0].text[0] != '\'' {
			p.tokens[0].text = "'" + p.tokens[0].text + "'"
		}
		var args []Expr
		if word == "POSITION" {
			sub, err := p.expr(-1)
			if err != nil {
				return nil, err
			}
			args = append(args, sub)
			p.take("IN")
		}
		rest, err := p.list(")")
		if err != nil {
			return nil, err
		}
		args = append(args, rest...)
		return NewCall(word, args, tok.at)
	}
	if i := p.schema.Find(tok.text); i >= 0 {
		return NewColumn(i, p.schema[i].Name, p.schema[i].Type, tok.at), nil
	}
	return nil, fmt.Errorf("unknown column %s", tok.text)
}

// subscript reads what follows a bracket: an index or a slice.
func (p *sql) subscript(x Expr) (Expr, error) {
	list, err := p.list("]")
	if err != nil {
		return nil, err
	}
	name := "SUBSCRIPT"
	if len(list) == 2 {
		name = "ARRAY_SLICE"
	}
	return call(name, append([]Expr{x}, list...)...)
}

func (p *sql) caseOf(at source.Span) (Expr, error) {
	var whens []When
	var els Expr
	for p.take("WHEN") {
		cond, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		p.take("THEN")
		then, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		whens = append(whens, When{cond, then})
	}
	if p.take("ELSE") {
		var err error
		if els, err = p.expr(0); err != nil {
			return nil, err
		}
	}
	if !p.take("END") {
		return nil, fmt.Errorf("CASE without END")
	}
	return NewCase(whens, els, at)
}

func (p *sql) typ() (data.Type, error) {
	word := p.peek()
	p.tokens = p.tokens[1:]
	if word == "DECIMAL" && p.take("(") {
		precision, _ := strconv.Atoi(p.peek())
		p.tokens = p.tokens[1:]
		p.take(",")
		scale, _ := strconv.Atoi(p.peek())
		p.tokens = p.tokens[1:]
		p.take(")")
		return data.DecimalType(precision, scale), nil
	}
	if word == "ARRAY" || word == "MAP" || word == "ROW" {
		return p.nestedType(word)
	}
	if k := kindOf(word); k != data.Unknown {
		return data.Of(k), nil
	}
	return data.Type{}, fmt.Errorf("unknown type %s", word)
}

// nestedType reads <T>, <K, V> or <a T, …>.
func (p *sql) nestedType(word string) (data.Type, error) {
	var fields []data.Field
	for p.take("<") || p.take(",") {
		var f data.Field
		if word == "ROW" {
			f.Name = p.tokens[0].text
			p.tokens = p.tokens[1:]
		}
		var err error
		if f.Type, err = p.typ(); err != nil {
			return data.Type{}, err
		}
		fields = append(fields, f)
	}
	if p.peek() == ">>" { // the end of two types
		p.tokens[0].text = ">"
	} else {
		p.take(">")
	}
	switch word {
	case "ARRAY":
		return data.ArrayOf(fields[0].Type), nil
	case "MAP":
		return data.MapOf(fields[0].Type, fields[1].Type), nil
	}
	return data.RowOf(fields...), nil
}

func kindOf(word string) data.Kind {
	for k := data.Boolean; k <= data.JSON; k++ {
		if k.String() == word {
			return k
		}
	}
	return data.Unknown
}

func unquote(s string) string { return strings.ReplaceAll(s[1:len(s)-1], "''", "'") }

// number reads a literal as the planner does: digits are INT or BIGINT, with a
// point DECIMAL, with an exponent DOUBLE.
func number(tok token) (Expr, error) {
	if x, err := strconv.ParseInt(tok.text, 10, 64); err == nil {
		return IntLiteral(x, tok.at), nil
	}
	t := data.Of(data.Double)
	if !strings.ContainsAny(tok.text, "eE") {
		whole, fraction, _ := strings.Cut(tok.text, ".")
		whole = strings.TrimLeft(whole, "0")
		t = data.DecimalType(max(1, len(whole)+len(fraction)), len(fraction))
	}
	l := StringLiteral(tok.text, tok.at)
	return NewCast(l, t, false, tok.at)
}

// show writes the value of row i for comparison.
func show(v *data.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	return string(data.AppendText(nil, v, v.Index(i)))
}

// evalRow evaluates e for one row.
func evalRow(e Expr, b *data.Batch, i int) (string, error) {
	var v data.Vector
	if err := Compile(e).Eval(b, []int32{int32(i)}, &v); err != nil {
		return "", err
	}
	return show(&v, i), nil
}
