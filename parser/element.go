package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads one item of a CREATE. It is called by participle. There can be very
// many columns, for which tags would cost several times as much.
func (e *Element) Parse(lex *lexer.PeekingLexer) (err error) {
	t := lex.Peek()
	if !isName(t) {
		return participle.NextMatch
	}
	e.Pos = t.Pos
	next := after(lex, 1)
	switch {
	case isWord(t, "WATERMARK") && isWord(next, "FOR"):
		e.Watermark, err = watermark(lex)
	case isWord(t, "PRIMARY") && isWord(next, "KEY"), isWord(t, "CONSTRAINT") && isName(next) && isWord(after(lex, 2), "PRIMARY"):
		e.PrimaryKey, err = primaryKey(lex)
	default:
		e.Column, err = column(lex)
	}
	e.EndPos = lex.RawPeek().Pos
	return err
}

// watermark reads WATERMARK FOR column AS and how it is made.
func watermark(lex *lexer.PeekingLexer) (*Watermark, error) {
	w := &Watermark{Node: Node{Pos: lex.Next().Pos}}
	lex.Next()
	if !isName(lex.Peek()) {
		return nil, expected(lex, "a column name")
	}
	w.Column = takeName(lex)
	p := &exprParser{lex: lex, bare: true} // no alias can follow the delay
	if err := p.word("AS"); err != nil {
		return nil, err
	}
	made := &w.Expr
	if isWord(lex.Peek(), "PUNCTUATED") && isWord(p.second(), "WHEN") {
		lex.Next()
		lex.Next()
		made = &w.Punctuated
	}
	x, err := p.operand(precOr)
	if err != nil {
		return nil, err
	}
	*made = x
	w.EndPos = lex.RawPeek().Pos
	return w, nil
}

// primaryKey reads [CONSTRAINT name] PRIMARY KEY (a, b) [NOT ENFORCED].
func primaryKey(lex *lexer.PeekingLexer) (*PrimaryKey, error) {
	k := &PrimaryKey{Node: Node{Pos: lex.Peek().Pos}}
	if isWord(lex.Peek(), "CONSTRAINT") {
		lex.Next()
		k.Constraint = takeName(lex)
	}
	p := &exprParser{lex: lex}
	for _, w := range []string{"PRIMARY", "KEY"} {
		if err := p.word(w); err != nil {
			return nil, err
		}
	}
	var err error
	if k.Columns, err = names(lex); err != nil {
		return nil, err
	}
	if isWord(lex.Peek(), "NOT") && p.follows("ENFORCED") {
		lex.Next()
		lex.Next()
	}
	k.EndPos = lex.RawPeek().Pos
	return k, nil
}

// column reads a column's name, its type or expression, and its constraints.
func column(lex *lexer.PeekingLexer) (*ColumnDef, error) {
	c := &ColumnDef{Name: takeName(lex)}
	c.Pos = c.Name.Pos
	p := &exprParser{lex: lex}
	if !isWord(lex.Peek(), "AS") {
		var err error
		if isWord(lex.Peek(), "KEY") && isPunct(p.second(), "(") {
			return nil, &syntaxError{pos: c.Pos, span: c.Name.Span(), message: "unexpected " + c.Name.Text + " before KEY", hint: "did you mean PRIMARY KEY (…)?"}
		}
		if c.Type, err = p.typeName(); err != nil {
			return nil, err
		}
		if err := c.parseMetadata(lex); err != nil {
			return nil, err
		}
	}
	if isWord(lex.Peek(), "AS") {
		lex.Next()
		x, err := p.operand(precOr)
		if err != nil {
			return nil, err
		}
		c.Computed = x
	}
	if err := c.parseConstraints(p); err != nil {
		return nil, err
	}
	c.EndPos = lex.RawPeek().Pos
	return c, nil
}

// parseMetadata reads METADATA [FROM 'key'] [VIRTUAL] when it is there.
func (c *ColumnDef) parseMetadata(lex *lexer.PeekingLexer) error {
	if !isWord(lex.Peek(), "METADATA") {
		return nil
	}
	lex.Next()
	c.Metadata = true
	if isWord(lex.Peek(), "FROM") {
		lex.Next()
		t := lex.Peek()
		if t.Type != stringToken {
			return expected(lex, "the metadata's name in quotes")
		}
		lex.Next()
		c.MetadataKey = unquote(t.Value)
	}
	if isWord(lex.Peek(), "VIRTUAL") {
		lex.Next()
	}
	return nil
}

// parseConstraints reads NOT NULL, NULL and PRIMARY KEY [NOT ENFORCED] in any order.
func (c *ColumnDef) parseConstraints(p *exprParser) error {
	for {
		switch t := p.lex.Peek(); {
		case isWord(t, "NULL"):
			p.lex.Next()
		case isWord(t, "NOT"):
			p.lex.Next()
			if err := p.word("NULL"); err != nil {
				return err
			}
			c.NotNull = true
		case isWord(t, "PRIMARY"):
			p.lex.Next()
			if err := p.word("KEY"); err != nil {
				return err
			}
			c.PrimaryKey = true
			if isWord(p.lex.Peek(), "NOT") && p.follows("ENFORCED") {
				p.lex.Next()
				p.lex.Next()
			}
		default:
			return nil
		}
	}
}
