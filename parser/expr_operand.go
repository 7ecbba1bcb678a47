package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

func tokenSpan(t *lexer.Token) source.Span {
	return source.Span{Start: t.Pos.Offset, End: t.Pos.Offset + len(t.Value)}
}

// prefix reads NOT, ~ and the signs, then an operand with its casts.
func (p *exprParser) prefix() (*Expr, error) {
	t := p.lex.Peek()
	least := 0
	switch {
	case isWord(t, "NOT"):
		least = precNot
	case isPunct(t, "-"), isPunct(t, "+"):
		least = precSign
	case isPunct(t, "~"):
		least = precOther + 1
	default:
		return p.postfix()
	}
	p.lex.Next()
	x, err := p.operand(least)
	if err != nil {
		return nil, err
	}
	return &Expr{X: &Unary{At: p.since(t.Pos.Offset), Op: strings.ToUpper(t.Value), X: x}}, nil
}

// postfix reads an operand and the casts, subscripts and fields behind it.
func (p *exprParser) postfix() (*Expr, error) {
	start := p.lex.Peek().Pos.Offset
	x, err := p.primary()
	for err == nil {
		t := p.lex.Peek()
		if !isPunct(t, "::") && !isPunct(t, "[") && !isPunct(t, ".") {
			return x, nil
		}
		switch {
		case isPunct(t, "::"):
			p.lex.Next()
			var to *TypeName
			if to, err = p.typeName(); err == nil {
				x = &Expr{X: &Cast{At: p.since(start), X: x, Type: to}}
			}
		case isPunct(t, "["):
			x, err = p.subscript(start, x)
		default:
			p.lex.Next()
			if !isName(p.lex.Peek()) {
				return nil, expected(p.lex, "a field's name")
			}
			name := takeName(p.lex)
			x = &Expr{X: &Field{At: p.since(start), X: x, Name: name}}
		}
		if err == nil {
			err = p.raise(t)
		}
	}
	return nil, err
}

// subscript reads "[i]" and "[i:j]", in which either may be left out.
func (p *exprParser) subscript(start int, x *Expr) (*Expr, error) {
	p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in brackets
	defer func() { p.bare = bare }()
	s := &Subscript{X: x}
	var err error
	if !isPunct(p.lex.Peek(), ":") {
		if s.Index, err = p.operand(precOr); err != nil {
			return nil, err
		}
	}
	if isPunct(p.lex.Peek(), ":") {
		p.lex.Next()
		s.Slice = true
		if !isPunct(p.lex.Peek(), "]") {
			if s.To, err = p.operand(precOr); err != nil {
				return nil, err
			}
		}
	}
	if !isPunct(p.lex.Peek(), "]") {
		if s.Slice {
			return nil, expected(p.lex, `"]"`)
		}
		return nil, expected(p.lex, `"]"`, `":"`)
	}
	p.lex.Next()
	s.At = p.since(start)
	return &Expr{X: s}, nil
}

// elements reads "[a, b, …]", which may be empty. With nested, elements may be
// lists in brackets, which are arrays: [[1, 2], [3]].
func (p *exprParser) elements(nested bool) ([]*Expr, error) {
	p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in brackets
	defer func() { p.bare = bare }()
	var list []*Expr
	var err error
	if nested && isPunct(p.lex.Peek(), "[") {
		list, err = p.rows()
	} else if !isPunct(p.lex.Peek(), "]") {
		list, err = p.exprs()
	}
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		if !isPunct(p.lex.Peek(), "]") {
			return nil, expected(p.lex, `","`, `"]"`)
		}
	}
	p.lex.Next()
	return list, nil
}

// rows reads "[1, 2], [3], …", each an array.
func (p *exprParser) rows() ([]*Expr, error) {
	if p.depth++; p.depth > MaxNesting {
		return nil, tooDeep(p.lex, "the expression")
	}
	defer func() { p.depth-- }()
	var list []*Expr
	for isPunct(p.lex.Peek(), "[") {
		start := p.lex.Peek().Pos.Offset
		elems, err := p.elements(true)
		if err != nil {
			return nil, err
		}
		list = append(list, &Expr{X: &Array{At: p.since(start), Elems: elems}})
		if !isPunct(p.lex.Peek(), ",") {
			break
		}
		if p.lex.Next(); !isPunct(p.lex.Peek(), "[") {
			return nil, expected(p.lex, `"["`)
		}
	}
	return list, nil
}

func (p *exprParser) typeName() (*TypeName, error) {
	n := new(TypeName)
	if err := n.Parse(p.lex); err == participle.NextMatch {
		return nil, expected(p.lex, "a type")
	} else if err != nil {
		return nil, err
	}
	return n, nil
}

// primary reads a literal, a column, a call, CASE, a cast or a parenthesis.
func (p *exprParser) primary() (*Expr, error) {
	t := p.lex.Peek()
	if p.bare && t.Type == numberToken && isUnit(p.second()) {
		literal, err := p.interval(t)
		if err != nil {
			return nil, err
		}
		return &Expr{X: literal}, nil
	}
	if literal := plainLiteral(t); literal != nil {
		p.lex.Next()
		return &Expr{X: literal}, nil
	}
	switch {
	case isPunct(t, "("):
		return p.parenthesis()
	case isWord(t, "CASE"):
		return p.caseOf()
	case isName(t):
		return p.named(t)
	}
	return nil, expected(p.lex, "an expression")
}

// parenthesis reads "(x)", which leaves no node, the row "(x, y)" and "(query)".
func (p *exprParser) parenthesis() (*Expr, error) {
	open := p.lex.Peek()
	if opensQuery(p.lex) {
		q, err := nestedQuery(p.lex)
		if err != nil {
			return nil, err
		}
		return &Expr{X: &Subquery{At: p.since(open.Pos.Offset), Query: q}}, nil
	}
	list, err := p.parenthesized()
	if err != nil || len(list) == 1 {
		return first(list), err
	}
	return &Expr{X: &Row{At: p.since(open.Pos.Offset), Elems: list}}, nil
}

func first(list []*Expr) *Expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// parenthesized reads "(x, y, …)".
func (p *exprParser) parenthesized() ([]*Expr, error) {
	open := p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in parentheses
	list, err := p.exprs()
	p.bare = bare
	if err != nil {
		return nil, err
	}
	return list, p.close(open, `","`)
}

// named reads what begins with a name: typed literals, casts, calls, columns.
func (p *exprParser) named(t *lexer.Token) (*Expr, error) {
	if t.Type == identToken {
		second := p.second()
		switch {
		case isWord(t, "INTERVAL") && p.intervalFollows(second):
			p.lex.Next()
			literal, err := p.interval(t)
			if err != nil {
				return nil, err
			}
			return &Expr{X: literal}, nil
		case second.Type == stringToken && isOneOf(t, "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMPTZ"):
			p.lex.Next()
			p.lex.Next()
			return &Expr{X: &TypedLiteral{At: p.since(t.Pos.Offset), Type: strings.ToUpper(t.Value), Text: unquote(second.Value)}}, nil
		case isPunct(second, "(") && isOneOf(t, "CAST", "TRY_CAST"):
			return p.cast()
		case isPunct(second, "(") && isOneOf(t, "EXISTS", "ROW"), isPunct(second, "[") && isOneOf(t, "ARRAY", "MAP"):
			return p.constructor(t)
		}
	}
	name := takeName(p.lex)
	if isPunct(p.lex.Peek(), "(") {
		return p.call(name)
	}
	ref := &Ref{Parts: []*Name{name}}
	for isPunct(p.lex.Peek(), ".") {
		point := p.lex.Next()
		t := p.lex.Peek()
		reserved := t.Type == keywordToken && t.Pos.Offset == point.Pos.Offset+1 // t.from, but not "t. FROM"
		if !isName(t) && !reserved {
			return nil, expected(p.lex, "a column name")
		}
		ref.Parts = append(ref.Parts, takeName(p.lex))
	}
	ref.At = p.since(t.Pos.Offset)
	return &Expr{X: ref}, nil
}

// constructor reads EXISTS (query), ROW(…), ARRAY[…] and MAP[…].
func (p *exprParser) constructor(t *lexer.Token) (*Expr, error) {
	p.lex.Next()
	start := t.Pos.Offset
	var list []*Expr
	var err error
	switch {
	case isWord(t, "EXISTS"):
		if !opensQuery(p.lex) {
			p.lex.Next()
			return nil, expected(p.lex, "a query")
		}
		q, err := nestedQuery(p.lex)
		if err != nil {
			return nil, err
		}
		return &Expr{X: &Exists{At: p.since(start), Query: q}}, nil
	case isWord(t, "ROW"):
		list, err = p.parenthesized()
	default:
		list, err = p.elements(isWord(t, "ARRAY"))
	}
	if err != nil {
		return nil, err
	}
	switch {
	case isWord(t, "ARRAY"):
		return &Expr{X: &Array{At: p.since(start), Elems: list}}, nil
	case isWord(t, "MAP"):
		return &Expr{X: &Map{At: p.since(start), Elems: list}}, nil
	}
	return &Expr{X: &Row{At: p.since(start), Elems: list}}, nil
}

// cast reads CAST(x AS type) and TRY_CAST.
func (p *exprParser) cast() (*Expr, error) {
	t := p.lex.Next()
	open := p.lex.Next()
	x, err := p.operand(precOr)
	if err != nil {
		return nil, err
	}
	if err := p.word("AS"); err != nil {
		return nil, err
	}
	to, err := p.typeName()
	if err != nil {
		return nil, err
	}
	if err := p.close(open); err != nil {
		return nil, err
	}
	return &Expr{X: &Cast{At: p.since(t.Pos.Offset), X: x, Type: to, Try: isWord(t, "TRY_CAST")}}, nil
}

// caseOf reads CASE [x] WHEN … THEN … [ELSE …] END.
func (p *exprParser) caseOf() (*Expr, error) {
	t := p.lex.Next()
	p.cases++
	defer func() { p.cases-- }()
	c := &Case{}
	var err error
	if p.startsExpr() {
		if c.Operand, err = p.parse(precOr); err != nil {
			return nil, err
		}
	}
	for isWord(p.lex.Peek(), "WHEN") {
		p.lex.Next()
		var w When
		if w.Cond, err = p.operand(precOr); err != nil {
			return nil, err
		}
		if err = p.word("THEN"); err != nil {
			return nil, err
		}
		if w.Then, err = p.operand(precOr); err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		return nil, expected(p.lex, "WHEN")
	}
	what := []string{"WHEN", "ELSE", "END"}
	if isWord(p.lex.Peek(), "ELSE") {
		p.lex.Next()
		if c.Else, err = p.operand(precOr); err != nil {
			return nil, err
		}
		what = what[2:]
	}
	if !isWord(p.lex.Peek(), "END") {
		return nil, expected(p.lex, what...)
	}
	p.lex.Next()
	c.At = p.since(t.Pos.Offset)
	return &Expr{X: c}, nil
}
