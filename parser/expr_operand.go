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

// prefix reads NOT and the signs, then an operand with its casts.
func (p *exprParser) prefix() (*Expr, error) {
	t := p.lex.Peek()
	least := 0
	switch {
	case isWord(t, "NOT"):
		least = precNot
	case isPunct(t, "-"), isPunct(t, "+"):
		least = precSign
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

// postfix reads an operand and the :: casts behind it.
func (p *exprParser) postfix() (*Expr, error) {
	start := p.lex.Peek().Pos.Offset
	x, err := p.primary()
	for err == nil && isPunct(p.lex.Peek(), "::") {
		p.lex.Next()
		var to *TypeName
		if to, err = p.typeName(); err == nil {
			x = &Expr{X: &Cast{At: p.since(start), X: x, Type: to}}
		}
	}
	return x, err
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

// parenthesis reads "(x)"; the parentheses leave no node.
func (p *exprParser) parenthesis() (*Expr, error) {
	open := p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in parentheses
	x, err := p.operand(precOr)
	p.bare = bare
	if err != nil {
		return nil, err
	}
	return x, p.close(open)
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
