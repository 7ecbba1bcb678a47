package parser

import (
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

// jsonClauses reads what may stand behind the arguments of a JSON function, in
// any order. What the functions do anyway may be said; the rest is refused by name.
// It returns the type of RETURNING.
func (p *exprParser) jsonClauses(function string) (returning *TypeName, err error) {
	for {
		t, second := p.lex.Peek(), p.second()
		var words int
		refused := false
		hint := "leave it out"
		switch {
		case isWord(t, "RETURNING"):
			p.lex.Next()
			if returning, err = p.typeName(); err != nil {
				return nil, err
			}
			continue
		case isOneOf(t, "NULL", "ABSENT") && isWord(second, "ON") && isWord(after(p.lex, 2), "NULL"):
			words = 3
			refused = isWord(t, "NULL") == strings.HasPrefix(function, "JSON_ARRAY")
		case isOneOf(t, "NULL", "ERROR", "FALSE", "TRUE", "UNKNOWN", "EMPTY") && isWord(second, "ON"):
			words = 3
			refused = !isWord(t, "NULL") && !(isWord(t, "FALSE") && function == "JSON_EXISTS")
		case isWord(t, "EMPTY") && isOneOf(second, "ARRAY", "OBJECT"):
			words, refused = 4, true
			hint = "write COALESCE(" + function + "(…), …)"
		case isWord(t, "DEFAULT"):
			words, refused = 1, true
			hint = "write COALESCE(" + function + "(…), default)"
		case isOneOf(t, "WITH", "WITHOUT") && isOneOf(second, "WRAPPER", "ARRAY", "CONDITIONAL", "UNCONDITIONAL"):
			words = 2
			for isOneOf(after(p.lex, words-1), "ARRAY", "CONDITIONAL", "UNCONDITIONAL") {
				words++
			}
			refused = isWord(t, "WITH")
		case isOneOf(t, "KEEP", "OMIT") && isWord(second, "QUOTES"):
			words = 2
			refused = isWord(t, "OMIT")
			hint = "use JSON_VALUE for text without quotes"
		default:
			return returning, nil
		}
		if refused {
			err := failure(p.lex, p.phrase(words)+" is not supported", hint)
			err.span = err.span.Join(tokenSpan(after(p.lex, words-1)))
			return nil, err
		}
		for range words {
			p.lex.Next()
		}
	}
}

// phrase returns the next n words in upper case.
func (p *exprParser) phrase(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = strings.ToUpper(after(p.lex, i).Value)
	}
	return strings.Join(words, " ")
}
