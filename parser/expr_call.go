package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// call reads the arguments of a function, and the clauses behind them.
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
	if err := p.behindCall(c); err != nil {
		return nil, err
	}
	c.At = p.since(name.Pos.Offset)
	return &Expr{X: c}, nil
}

// arguments reads up to the closing parenthesis. Functions whose arguments are
// separated by words have their own way.
func (p *exprParser) arguments(c *Call, open *lexer.Token) (err error) {
	function := ""
	if !c.Name.Quoted {
		function = strings.ToUpper(c.Name.Text)
	}
	t, second := p.lex.Peek(), p.second()
	switch {
	case function == "EXTRACT" && isBareWord(second):
		return p.extract(c, open)
	case function == "TRIM":
		return p.trim(c, open)
	case (function == "TIMESTAMPDIFF" || function == "TIMESTAMPADD") && isUnit(t) && isPunct(second, ","):
		unit, err := p.unitArgument()
		if err != nil {
			return err
		}
		c.Args = append(c.Args, unit)
		p.lex.Next()
	case isPunct(t, ")"):
		p.lex.Next()
		return nil
	case isWord(t, "DISTINCT"):
		p.lex.Next()
		c.Distinct = true
	case isWord(t, "ALL") && (isName(second) || second.Type == stringToken || second.Type == numberToken):
		p.lex.Next() // SUM(ALL x) is SUM(x)
	}
	if err := p.plainArguments(c, function); err != nil {
		return err
	}
	also := append([]string{`","`}, separatorWords(function, len(c.Args))...)
	clauses := jsonClauses[function]
	if err := p.jsonClauses(c, clauses); err != nil {
		return err
	}
	if isWord(p.lex.Peek(), "ORDER") {
		if c.OrderBy, err = p.orderBy(); err != nil {
			return err
		}
		if err := p.jsonClauses(c, clauses); err != nil { // JSON_ARRAYAGG(x ORDER BY y NULL ON NULL)
			return err
		}
	}
	p.nullsClause(c)
	return p.close(open, also...)
}

// plainArguments reads arguments up to one that nothing separates from a next one.
func (p *exprParser) plainArguments(c *Call, function string) error {
	least := precOr
	if function == "POSITION" {
		least = precMatch + 1 // leave IN to us
	}
	for {
		if least == precOr && isWord(p.lex.Peek(), "KEY") && startsJSONKey(function, len(c.Args), p.second()) {
			p.lex.Next()
		}
		arg, err := p.argument(least)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, arg)
		least = precOr
		t, n := p.lex.Peek(), len(c.Args)
		switch {
		case isPunct(t, ","), isPunct(t, ":") && n%2 == 1 && function == "JSON_OBJECT":
		case isOneOf(t, separatorWords(function, n)...):
			if isWord(t, "FOR") && n == 1 { // SUBSTRING(x FOR n): from the start
				c.Args = append(c.Args, Arg{X: &Expr{X: &Literal{At: At(tokenSpan(t)), Kind: IntegerLiteral, Text: "1"}}})
			}
		case isWord(t, "TO") && n == 1 && (function == "FLOOR" || function == "CEIL" || function == "CEILING"):
			p.lex.Next()
			unit, err := p.unitArgument()
			c.Args = append(c.Args, unit)
			return err
		default:
			return nil
		}
		p.lex.Next()
	}
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

// behindCall reads what may follow the parentheses of an aggregate or window function.
func (p *exprParser) behindCall(c *Call) (err error) {
	if isWord(p.lex.Peek(), "WITHIN") && isWord(p.second(), "GROUP") {
		if err := p.withinGroup(c); err != nil {
			return err
		}
	}
	if isWord(p.lex.Peek(), "FILTER") && isPunct(p.second(), "(") {
		if err := p.filter(c); err != nil {
			return err
		}
	}
	p.nullsClause(c)
	if p.overFollows() {
		c.Over, err = p.over()
	}
	return err
}

// nullsClause reads IGNORE NULLS and RESPECT NULLS, which stand in the parentheses
// or behind them.
func (p *exprParser) nullsClause(c *Call) {
	if t := p.lex.Peek(); isOneOf(t, "IGNORE", "RESPECT") && isWord(p.second(), "NULLS") {
		c.IgnoreNulls = isWord(t, "IGNORE")
		p.lex.Next()
		p.lex.Next()
	}
}

// withinGroup reads WITHIN GROUP (ORDER BY …).
func (p *exprParser) withinGroup(c *Call) (err error) {
	p.lex.Next()
	p.lex.Next()
	if !isPunct(p.lex.Peek(), "(") {
		return expected(p.lex, `"("`)
	}
	open := p.lex.Next()
	if !isWord(p.lex.Peek(), "ORDER") {
		return expected(p.lex, "ORDER BY")
	}
	if c.WithinGroup, err = p.orderBy(); err != nil {
		return err
	}
	return p.close(open, `","`)
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
