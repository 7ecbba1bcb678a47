package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// afterIntervalKeyword reports whether the expression that begins here is the
// interval of a clause: there "5 MINUTES" cannot be a number with an alias.
func afterIntervalKeyword(lex *lexer.PeekingLexer) bool {
	tokens := lex.Range(0, lex.RawCursor())
	// back returns the n-th last token before the expression.
	at := len(tokens)
	back := func() *lexer.Token {
		for at--; at >= 0; at-- {
			if tokens[at].Type != spaceToken {
				return &tokens[at]
			}
		}
		return &lexer.Token{Type: lexer.EOF}
	}
	switch t := back(); {
	case isOneOf(t, "LATENESS", "EVERY", "WITHIN", "TOLERANCE"):
		return true
	case isWord(t, "PERIOD"):
		return isWord(back(), "GRACE")
	case isWord(t, "BY"):
		return isWord(back(), "CLOCK")
	case isPunct(t, "("):
		return isWord(back(), "WITHIN")
	case isPunct(t, ",") && (isPunct(lex.Peek(), "-") || lex.Peek().Type == numberToken):
		// WITHIN (1 MINUTE, 5 MINUTES)
		for range 6 {
			if isPunct(back(), "(") {
				return isWord(back(), "WITHIN")
			}
		}
	}
	return false
}

// clauseInterval reads what a clause keyword allows besides expressions: an
// interval without the word INTERVAL. It returns nil when something else stands there.
func (p *exprParser) clauseInterval() (*IntervalLiteral, error) {
	t := p.lex.Peek()
	if t.Type == stringToken {
		return p.interval(t)
	}
	return nil, nil
}

// intervalFollows reports whether the token after INTERVAL makes it a literal.
func (p *exprParser) intervalFollows(t *lexer.Token) bool {
	if isPunct(t, "-") || isPunct(t, "+") {
		before := p.lex.MakeCheckpoint()
		defer p.lex.LoadCheckpoint(before)
		p.lex.Next()
		p.lex.Next()
		number := p.lex.Next()
		return number.Type == numberToken && isUnit(p.lex.Peek())
	}
	return t.Type == stringToken || t.Type == numberToken
}

// interval reads the amount and units of an interval that begins at first.
func (p *exprParser) interval(first *lexer.Token) (*IntervalLiteral, error) {
	sign := ""
	if t := p.lex.Peek(); t.Type == punctToken {
		sign = p.lex.Next().Value
	}
	amount := p.lex.Next()
	text, quoted := sign+amount.Value, amount.Type == stringToken
	if quoted {
		text = unquote(amount.Value)
	}
	if strings.ContainsAny(text, "eE") && !quoted {
		return nil, &syntaxError{pos: amount.Pos, span: tokenSpan(amount), message: amount.Value + " is not an amount of time",
			hint: "write the number without an exponent"}
	}
	from, to, err := p.intervalUnits(text, quoted)
	if err != nil {
		return nil, err
	}
	months, micros, lengthErr := parseInterval(text, from, to)
	if lengthErr != nil {
		return nil, &syntaxError{pos: amount.Pos, span: tokenSpan(amount), message: amount.Value + " " + lengthErr.Error(), hint: intervalHint(text, lengthErr)}
	}
	return &IntervalLiteral{At: p.since(first.Pos.Offset), Months: months, Micros: micros}, nil
}

// intervalUnits reads "MINUTE" or "DAY TO SECOND" behind an amount. A text that
// has its units inside takes none: a word behind it is an alias.
func (p *exprParser) intervalUnits(text string, quoted bool) (from, to string, err error) {
	t := p.lex.Peek()
	if quoted {
		_, _, err := parseInterval(text, "", "")
		if err != errNoUnit && !(isUnit(t) && (err != nil || p.follows("TO"))) {
			return "", "", nil
		}
	}
	if !isUnit(t) {
		switch {
		case t.Type == identToken:
			return "", "", &syntaxError{pos: t.Pos, span: tokenSpan(t), message: t.Value + " is not a unit of time",
				hint: intervalHint("", badUnitError{t.Value})}
		case quoted:
			return "", "", nil // parseInterval says that the unit is missing
		}
		return "", "", expected(p.lex, "a unit of time such as MINUTE")
	}
	from = unitName(p.lex.Next().Value)
	if isWord(p.lex.Peek(), "TO") {
		p.lex.Next()
		t := p.lex.Peek()
		if !isUnit(t) {
			return "", "", expected(p.lex, "a unit of time such as SECOND")
		}
		to = unitName(p.lex.Next().Value)
	}
	return from, to, nil
}
