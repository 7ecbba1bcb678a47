package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// startsJSONKey reports whether KEY, which next follows, is the standard's word
// before a key, as in JSON_OBJECT(KEY 'a' VALUE 1), and not a column.
func startsJSONKey(function string, n int, next *lexer.Token) bool {
	if function != "JSON_OBJECT" && function != "JSON_OBJECTAGG" || n%2 == 1 {
		return false
	}
	return next.Type == stringToken || next.Type == quotedToken || isName(next) && !isWord(next, "VALUE")
}

// jsonClauses are the clauses that the standard has for each function.
var jsonClauses = map[string][]string{
	"JSON_VALUE": {"RETURNING", "ON"}, "JSON_QUERY": {"RETURNING", "WRAPPER", "QUOTES", "ON"}, "JSON_EXISTS": {"ON"},
	"JSON_OBJECT": {"NULLS"}, "JSON_ARRAY": {"NULLS"}, "JSON_OBJECTAGG": {"NULLS"}, "JSON_ARRAYAGG": {"NULLS"},
}

// jsonClauses reads those clauses that come next, in any order.
func (p *exprParser) jsonClauses(c *Call, known []string) error {
	for {
		var clauses JSONClauses
		if c.JSON != nil {
			clauses = *c.JSON
		}
		t, second := p.lex.Peek(), p.second()
		start := t.Pos.Offset
		var err error
		switch {
		case isWord(t, "RETURNING") && slices.Contains(known, "RETURNING"):
			p.lex.Next()
			clauses.Returning, err = p.typeName()
		case isOneOf(t, "NULL", "ABSENT") && isWord(second, "ON") && slices.Contains(known, "NULLS"):
			p.lex.Next()
			p.lex.Next()
			clauses.Nulls = strings.ToUpper(t.Value)
			err = p.word("NULL")
		case slices.Contains(known, "ON") && p.startsBehavior(t, second):
			err = p.jsonBehavior(&clauses)
		case isOneOf(t, "WITH", "WITHOUT") && slices.Contains(known, "WRAPPER"):
			err = p.wrapper(&clauses)
		case isOneOf(t, "KEEP", "OMIT") && isWord(second, "QUOTES") && slices.Contains(known, "QUOTES"):
			if isWord(t, "OMIT") {
				err := failure(p.lex, "OMIT QUOTES is not supported", "use JSON_VALUE for text without quotes")
				err.span = err.span.Join(tokenSpan(second))
				return err
			}
			p.lex.Next()
			p.lex.Next()
		default:
			return nil
		}
		if err != nil {
			return err
		}
		if c.JSON != nil {
			start = c.JSON.Start
		}
		clauses.At = p.since(start)
		c.JSON = &clauses
	}
}

// startsBehavior reports whether ON EMPTY or ON ERROR may follow from two tokens on.
func (p *exprParser) startsBehavior(t, second *lexer.Token) bool {
	switch {
	case isOneOf(t, "NULL", "ERROR", "TRUE", "FALSE", "UNKNOWN"):
		return isWord(second, "ON")
	case isWord(t, "EMPTY"):
		return isOneOf(second, "ON", "ARRAY", "OBJECT")
	}
	return isWord(t, "DEFAULT")
}

// jsonBehavior reads NULL ON EMPTY, DEFAULT x ON ERROR and their like.
func (p *exprParser) jsonBehavior(c *JSONClauses) error {
	t := p.lex.Next()
	b := &JSONBehavior{Kind: strings.ToUpper(t.Value)}
	switch b.Kind {
	case "DEFAULT":
		var err error
		if b.Default, err = p.operand(precOr); err != nil {
			return err
		}
	case "EMPTY": // alone it is an empty array
		b.Kind = "EMPTY ARRAY"
		if isOneOf(p.lex.Peek(), "ARRAY", "OBJECT") {
			b.Kind = "EMPTY " + strings.ToUpper(p.lex.Next().Value)
		}
	}
	if err := p.word("ON"); err != nil {
		return err
	}
	which := &c.OnError
	switch t := p.lex.Peek(); {
	case isWord(t, "EMPTY"):
		which = &c.OnEmpty
	case !isWord(t, "ERROR"):
		return expected(p.lex, "EMPTY", "ERROR")
	}
	p.lex.Next()
	b.At = p.since(t.Pos.Offset)
	*which = b
	return nil
}

// wrapper reads WITHOUT [ARRAY] WRAPPER and WITH [CONDITIONAL | UNCONDITIONAL]
// [ARRAY] WRAPPER.
func (p *exprParser) wrapper(c *JSONClauses) error {
	c.Wrapper = strings.ToUpper(p.lex.Next().Value)
	if t := p.lex.Peek(); isOneOf(t, "CONDITIONAL", "UNCONDITIONAL") && c.Wrapper == "WITH" {
		if isWord(t, "CONDITIONAL") {
			c.Wrapper = "CONDITIONAL"
		}
		p.lex.Next()
	}
	if isWord(p.lex.Peek(), "ARRAY") {
		p.lex.Next()
	}
	return p.word("WRAPPER")
}
