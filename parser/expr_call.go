package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// call reads the arguments of a function, and the FILTER behind them.
func (p *exprParser) call(name *Name) (*Expr, error) {
	c := &Call{Name: name}
	open := p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in an argument
	err := p.arguments(c, open)
	p.bare = bare
	if err != nil {
		return nil, err
	}
	if isWord(p.lex.Peek(), "FILTER") && isPunct(p.second(), "(") {
		if err := p.filter(c); err != nil {
			return nil, err
		}
	}
	c.At = p.since(name.Pos.Offset)
	return &Expr{X: c}, nil
}

// arguments reads up to the closing parenthesis. Functions whose arguments are
// separated by words have their own way.
func (p *exprParser) arguments(c *Call, open *lexer.Token) error {
	function := ""
	if !c.Name.Quoted {
		function = strings.ToUpper(c.Name.Text)
	}
	switch {
	case function == "EXTRACT" && isBareWord(p.second()):
		return p.extract(c, open)
	case function == "TRIM":
		return p.trim(c, open)
	case isPunct(p.lex.Peek(), ")"):
		p.lex.Next()
		return nil
	}
	if isWord(p.lex.Peek(), "DISTINCT") {
		p.lex.Next()
		c.Distinct = true
	}
	least := precOr
	if function == "POSITION" {
		least = precMatch + 1 // leave IN to us
	}
	for {
		arg, err := p.argument(least)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, arg)
		least = precOr
		t := p.lex.Peek()
		separators := separatorWords(function, len(c.Args))
		switch {
		case isPunct(t, ","):
		case isOneOf(t, separators...):
			if isWord(t, "FOR") && len(c.Args) == 1 { // from the start
				c.Args = append(c.Args, Arg{X: &Expr{X: &Literal{At: At(tokenSpan(t)), Kind: IntegerLiteral, Text: "1"}}})
			}
		default:
			return p.close(open, append([]string{`","`}, separators...)...)
		}
		p.lex.Next()
	}
}

// separatorWords are the words that may stand for the comma behind the n-th
// argument of a function.
func separatorWords(function string, n int) []string {
	switch {
	case function == "POSITION" && n == 1:
		return []string{"IN"}
	case (function == "SUBSTRING" || function == "SUBSTR") && n == 1:
		return []string{"FROM", "FOR"}
	case (function == "SUBSTRING" || function == "SUBSTR") && n == 2:
		return []string{"FOR"}
	}
	return nil
}

// argument reads "x", "name => x" or "*".
func (p *exprParser) argument(least int) (Arg, error) {
	t := p.lex.Peek()
	if isPunct(t, "*") {
		p.lex.Next()
		return Arg{X: &Expr{X: &Star{At(tokenSpan(t))}}}, nil
	}
	var arg Arg
	if isName(t) && isPunct(p.second(), "=>") {
		arg.Name = takeName(p.lex)
		p.lex.Next()
	}
	var err error
	arg.X, err = p.operand(least)
	return arg, err
}

// extract reads "unit FROM x": the unit becomes a string.
func (p *exprParser) extract(c *Call, open *lexer.Token) error {
	t := p.lex.Next()
	unit := &Literal{At: At(tokenSpan(t)), Kind: StringLiteral}
	switch {
	case t.Type == stringToken, t.Type == quotedToken:
		unit.Text = strings.ToUpper(unquote(t.Value))
	case isBareWord(t):
		unit.Text = strings.ToUpper(t.Value)
	default:
		return &syntaxError{pos: t.Pos, expected: []string{"a unit of time such as HOUR"}}
	}
	if err := p.word("FROM"); err != nil {
		return err
	}
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	c.Args = []Arg{{X: &Expr{X: unit}}, {X: x}}
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

// filter reads FILTER (WHERE condition).
func (p *exprParser) filter(c *Call) error {
	p.lex.Next()
	open := p.lex.Next()
	if err := p.word("WHERE"); err != nil {
		return err
	}
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	c.Filter = x
	return p.close(open)
}
