package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// phrases are what the grammar's tags have for literals, as they are shown, in
// the order of the language. Words after "…" make sure that the phrase was
// understood as one and not as names.
var phrases = []string{
	"CREATE", "INSERT INTO", "EXPLAIN", "SELECT", "LOGICAL", "PHYSICAL", "STREAM", "TABLE", "SOURCE", "SINK", "VIEW", "INTO",
	"WATERMARK FOR… x AS x", "PRIMARY KEY… ( x", "KEY", "NOT NULL", "NULL", "ENFORCED", "FOR",
	"AS", "WITH… (", "FROM", "WHERE", "GROUP BY", "BY", "HAVING",
	"ALLOWED LATENESS… 1", "LATENESS… 1", "ON LATE", "LATE DATA TO", "LATE", "RECOMPUTE", "APPROXIMATE", "DATA", "TO",
	"EMIT… FINAL", "ON WINDOW CLOSE", "FINAL", "CHANGES", "EVERY", "WINDOW", "CLOSE",
}

// operatorWords continue an expression; they are near names only, never listed.
var operatorWords = []string{"AND", "OR", "IS", "IN", "NOT", "BETWEEN", "LIKE", "ILIKE", "FILTER"}

// expectedSet is what could stand at a place.
type expectedSet struct {
	shown    []string // in people's words, in the order of the language
	operator bool     // an operator could stand there too
	near     []string // the keywords among them, for near names
	closes   bool     // ")" is among them
}

// expecter finds what could stand at a place by trying it: the tokens before
// the place are parsed again with each candidate behind them. Places with the
// same tokens before them are tried once, and all tries together have a limit,
// so that a script full of errors still costs linear time.
type expecter struct {
	cache map[string]expectedSet
	left  int // how many more tokens may be parsed
}

// retryTokens bounds the tokens parsed again in one run: about a second's work.
const retryTokens = 1_000_000

func newExpecter() *expecter { return &expecter{cache: map[string]expectedSet{}, left: retryTokens} }

// at returns what could stand behind the tokens, which have no spaces. It is
// empty when the limit is used up.
func (e *expecter) at(before []lexer.Token) expectedSet {
	tries := len(phrases) + 12
	cost := tries * (len(before) + 4)
	if cost > e.left {
		return expectedSet{}
	}
	key := shape(before)
	if set, ok := e.cache[key]; ok {
		e.left -= len(before)
		return set
	}
	e.left -= cost
	t := trial{before: before, buffer: append([]lexer.Token(nil), before...)}
	set := t.set()
	e.cache[key] = set
	return set
}

// shape is equal for tokens that the grammar cannot tell apart.
func shape(tokens []lexer.Token) string {
	var b strings.Builder
	for i := range tokens {
		switch t := &tokens[i]; t.Type {
		case quotedToken, stringToken, numberToken:
			fmt.Fprintf(&b, "%d ", t.Type)
		default:
			b.WriteString(strings.ToUpper(t.Value))
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// trial tries candidates behind fixed tokens.
type trial struct {
	before, buffer []lexer.Token
}

// accepts reports whether all of text can follow the tokens.
func (t *trial) accepts(text string) bool {
	offset := 0
	if n := len(t.before); n > 0 {
		offset = tokenSpan(&t.before[n-1]).End
	}
	tokens := t.buffer[:len(t.before)]
	last := offset
	scan := scanner{text: text}
	for {
		token, _ := scan.Next() // never fails
		token.Pos.Offset += offset + 1
		if token.Type == spaceToken {
			continue
		}
		tokens = append(tokens, token)
		if token.EOF() {
			break
		}
		last = token.Pos.Offset
	}
	t.buffer = tokens
	_, err := run(tokens)
	return err == nil || errorPosition(err) > last
}

func (t *trial) set() expectedSet {
	var set expectedSet
	name, number, text, open := t.accepts("x"), t.accepts("1"), t.accepts("'x'"), t.accepts("(")
	set.operator = t.accepts("+ 1") && !number
	expression := name && number && text && open
	for _, p := range phrases {
		shown, rest, _ := strings.Cut(p, "…")
		first, tail, _ := strings.Cut(shown+rest, " ")
		if !t.accepts(shown+rest) || wordType(first) == identToken && name && t.accepts("x "+tail) {
			continue
		}
		if shown == "KEY" || shown == "NULL" && contains(set.shown, "NOT NULL") || shown == "LATE" && contains(set.shown, "LATE DATA TO") {
			if shown != "KEY" || contains(set.shown, "KEY") {
				continue
			}
		}
		if shown == "LATENESS" && contains(set.shown, "ALLOWED LATENESS") {
			continue
		}
		set.near = append(set.near, first)
		if shown == "AS" && name {
			continue // an alias needs no AS
		}
		set.shown = append(set.shown, shown)
	}
	switch {
	case expression:
		set.shown = append(set.shown, "an expression")
	default:
		if name && len(set.shown) == 0 || name && !t.accepts(",") && !t.accepts("") && !set.operator {
			set.shown = append(set.shown, t.nameWords())
		}
		if text && number {
			set.shown = append(set.shown, "a string", "a number")
		} else if text {
			set.shown = append(set.shown, t.stringWords())
		} else if number {
			set.shown = append(set.shown, "a number")
		}
		if open {
			set.shown = append(set.shown, `"("`)
		}
	}
	for _, p := range []string{"=", ",", ")", "*"} {
		if p == "*" && set.operator {
			continue
		}
		if t.accepts(p) {
			set.shown = append(set.shown, `"`+p+`"`)
			set.closes = set.closes || p == ")"
		}
	}
	if set.operator {
		set.near = append(set.near, operatorWords...)
	}
	if len(t.before) > 0 && t.accepts("") {
		set.shown = append(set.shown, endOfStatement)
	}
	return set
}

const endOfStatement = "the end of the statement"

// nameWords says what a name behind the tokens would be.
func (t *trial) nameWords() string {
	n := len(t.before)
	if n == 0 {
		return "a statement"
	}
	last := &t.before[n-1]
	switch {
	case isWord(last, "FROM"):
		return "a stream, table or view name"
	case isOneOf(last, "INTO", "TO"):
		return "a stream or table name"
	case isOneOf(last, "STREAM", "TABLE", "SOURCE", "SINK", "VIEW"):
		return "a name"
	case isWord(last, "FOR"):
		return "a column name"
	case isWord(last, "AS"):
		return "a name"
	}
	if open := openParenthesis(t.before); open >= 0 && isWord(&t.before[0], "CREATE") {
		switch {
		case open > 0 && isWord(&t.before[open-1], "WITH"):
			return "an option name"
		case isPunct(last, "(") || isPunct(last, ","):
			return "a column name"
		default:
			return "a type"
		}
	} else if open >= 0 {
		return "a column name"
	}
	return "a name"
}

func (t *trial) stringWords() string {
	if n := len(t.before); n > 0 && isWord(&t.before[n-1], "FROM") {
		return "a file name in quotes"
	}
	return "a string"
}

// openParenthesis returns the index of the innermost parenthesis that is still
// open behind the tokens, or −1.
func openParenthesis(tokens []lexer.Token) int {
	closed := 0
	for i := len(tokens) - 1; i >= 0; i-- {
		switch {
		case isPunct(&tokens[i], ")"):
			closed++
		case isPunct(&tokens[i], "(") && closed == 0:
			return i
		case isPunct(&tokens[i], "("):
			closed--
		}
	}
	return -1
}

func contains(words []string, w string) bool {
	for _, have := range words {
		if have == w {
			return true
		}
	}
	return false
}

// list joins words as a sentence does: a, b or c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
