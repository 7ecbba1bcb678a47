package parser

import "strings"

// is reads IS [NOT] and what is tested.
func (p *exprParser) is(start int, left *Expr) (*Expr, error) {
	opAt := tokenSpan(p.lex.Next())
	not := isWord(p.lex.Peek(), "NOT")
	if not {
		p.lex.Next()
	}
	t := p.lex.Peek()
	switch {
	case isOneOf(t, "NULL", "TRUE", "FALSE", "UNKNOWN", "JSON"):
		p.lex.Next()
		what := strings.ToUpper(t.Value)
		if kind := p.lex.Peek(); what == "JSON" && isOneOf(kind, "VALUE", "SCALAR", "ARRAY", "OBJECT") && !isPunct(p.second(), "[") {
			p.lex.Next()
			if !isWord(kind, "VALUE") { // any document is one
				what += " " + strings.ToUpper(kind.Value)
			}
		}
		return &Expr{X: &Is{At: p.since(start), X: left, Not: not, What: what}}, nil
	case isWord(t, "DISTINCT"):
		p.lex.Next()
		opAt.End = p.lex.Peek().Pos.Offset + len("FROM")
		if err := p.word("FROM"); err != nil {
			return nil, err
		}
		right, err := p.operand(precIs + 1)
		if err != nil {
			return nil, err
		}
		op := "IS DISTINCT FROM"
		if not {
			op = "IS NOT DISTINCT FROM"
		}
		return &Expr{X: &Binary{At: p.since(start), Op: op, OpAt: opAt, L: left, R: right}}, nil
	}
	what := []string{"NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT FROM", "JSON"}
	if !not {
		what = append([]string{"NOT"}, what...)
	}
	return nil, expected(p.lex, what...)
}

// match reads [NOT] IN, BETWEEN, LIKE, ILIKE and SIMILAR TO.
func (p *exprParser) match(start int, left *Expr) (*Expr, error) {
	not := isWord(p.lex.Peek(), "NOT")
	if not {
		p.lex.Next()
	}
	t := p.lex.Peek()
	switch {
	case isWord(t, "IN"):
		p.lex.Next()
		return p.in(start, left, not)
	case isWord(t, "BETWEEN"):
		p.lex.Next()
		lo, err := p.operand(precMatch + 1)
		if err != nil {
			return nil, err
		}
		if err := p.word("AND"); err != nil {
			return nil, err
		}
		hi, err := p.operand(precMatch + 1)
		if err != nil {
			return nil, err
		}
		return &Expr{X: &Between{At: p.since(start), X: left, Lo: lo, Hi: hi, Not: not}}, nil
	case isOneOf(t, "LIKE", "ILIKE"):
		p.lex.Next()
		return p.like(start, left, not, strings.ToUpper(t.Value))
	case isWord(t, "SIMILAR"):
		p.lex.Next()
		if err := p.word("TO"); err != nil {
			return nil, err
		}
		return p.like(start, left, not, "SIMILAR TO")
	}
	return nil, expected(p.lex, "IN", "BETWEEN", "LIKE", "ILIKE", "SIMILAR TO")
}

// like reads the pattern behind LIKE and its kin.
func (p *exprParser) like(start int, left *Expr, not bool, kind string) (*Expr, error) {
	pattern, err := p.operand(precMatch + 1)
	if err != nil {
		return nil, err
	}
	var escape *Expr
	if isWord(p.lex.Peek(), "ESCAPE") && p.second().Type == stringToken {
		p.lex.Next()
		if escape, err = p.operand(precMatch + 1); err != nil {
			return nil, err
		}
	}
	return &Expr{X: &Like{At: p.since(start), X: left, Pattern: pattern, Escape: escape, Not: not, Kind: kind}}, nil
}

// in reads the list or query behind IN.
func (p *exprParser) in(start int, left *Expr, not bool) (*Expr, error) {
	open := p.lex.Peek()
	if !isPunct(open, "(") {
		return nil, expected(p.lex, `"("`)
	}
	in := &In{X: left, Not: not}
	var err error
	if opensQuery(p.lex) {
		in.Query, err = nestedQuery(p.lex)
	} else {
		p.lex.Next()
		if in.List, err = p.exprs(); err == nil {
			err = p.close(open, `","`)
		}
	}
	if err != nil {
		return nil, err
	}
	in.At = p.since(start)
	return &Expr{X: in}, nil
}

// quantified reads "ANY | SOME | ALL (array or query)" behind a comparison.
func (p *exprParser) quantified(start int, left *Expr, op string) (*Expr, error) {
	q := &Quantified{X: left, Op: op, All: isWord(p.lex.Next(), "ALL")}
	var err error
	if opensQuery(p.lex) {
		q.Query, err = nestedQuery(p.lex)
	} else {
		q.Array, err = p.parenthesis()
	}
	if err != nil {
		return nil, err
	}
	q.At = p.since(start)
	return &Expr{X: q}, nil
}
