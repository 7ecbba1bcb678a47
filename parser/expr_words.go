package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// This file reads the functions whose arguments the standard separates by words,
// and turns them into plain lists.

// separatorWords are the words that may stand for the comma behind the n-th
// argument of a function.
func separatorWords(function string, n int) []string {
	switch function {
	case "POSITION":
		if n == 1 {
			return []string{"IN"}
		}
	case "SUBSTRING", "SUBSTR":
		switch n {
		case 1:
			return []string{"FROM", "FOR"}
		case 2:
			return []string{"FOR"}
		}
	case "OVERLAY":
		if n <= 3 {
			return []string{[]string{"PLACING", "FROM", "FOR"}[n-1]}
		}
	case "JSON_OBJECT", "JSON_OBJECTAGG":
		if n%2 == 1 {
			return []string{"VALUE"}
		}
	}
	return nil
}

// unitArgument reads the unit of time that t is, as a string.
func (p *exprParser) unitArgument() (Arg, error) {
	t := p.lex.Peek()
	unit := &Literal{At: At(tokenSpan(t)), Kind: StringLiteral}
	switch {
	case t.Type == stringToken, t.Type == quotedToken:
		unit.Text = strings.ToUpper(unquote(t.Value))
	case isBareWord(t):
		unit.Text = strings.ToUpper(t.Value)
	default:
		return Arg{}, expected(p.lex, "a unit of time such as HOUR")
	}
	p.lex.Next()
	return Arg{X: &Expr{X: unit}}, nil
}

// extract reads "unit FROM x".
func (p *exprParser) extract(c *Call, open *lexer.Token) error {
	unit, err := p.unitArgument()
	if err != nil {
		return err
	}
	if err := p.word("FROM"); err != nil {
		return err
	}
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	c.Args = []Arg{unit, {X: x}}
	return p.close(open)
}

// trim reads "[BOTH | LEADING | TRAILING] [characters] FROM x" and "x [, characters]".
// The side is told by the function's name: TRIM, LTRIM or RTRIM.
func (p *exprParser) trim(c *Call, open *lexer.Token) error {
	sided := false
	if t := p.lex.Peek(); isOneOf(t, "BOTH", "LEADING", "TRAILING") {
		if second := p.second(); isWord(second, "FROM") || !(isPunct(second, ",") || isPunct(second, ")") || isPunct(second, ".")) {
			sided = true
			p.lex.Next()
			switch strings.ToUpper(t.Value) {
			case "LEADING":
				c.Name = &Name{Node: c.Name.Node, Text: "LTRIM"}
			case "TRAILING":
				c.Name = &Name{Node: c.Name.Node, Text: "RTRIM"}
			}
		}
	}
	var characters *Expr
	if !isWord(p.lex.Peek(), "FROM") {
		x, err := p.operand(precOr)
		if err != nil {
			return err
		}
		if !isWord(p.lex.Peek(), "FROM") {
			return p.plainTrim(c, open, x, sided)
		}
		characters = x
	}
	p.lex.Next()
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	c.Args = []Arg{{X: x}}
	if characters != nil {
		c.Args = append(c.Args, Arg{X: characters})
	}
	return p.close(open)
}

// plainTrim reads the rest of TRIM(x), TRIM(x, characters).
func (p *exprParser) plainTrim(c *Call, open *lexer.Token, x *Expr, sided bool) error {
	c.Args = []Arg{{X: x}}
	what := []string{"FROM"}
	if !sided {
		what = []string{`","`, "FROM"}
		for isPunct(p.lex.Peek(), ",") {
			p.lex.Next()
			arg, err := p.operand(precOr)
			if err != nil {
				return err
			}
			c.Args = append(c.Args, Arg{X: arg})
			what = what[:1]
		}
	}
	return p.close(open, what...)
}
