package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// reservedWords can begin or continue an expression or a query in so many places
// that unquoted they never are names, except after a point.
var reservedWords = []string{
	"AND", "AS", "BETWEEN", "CASE", "DISTINCT", "FALSE", "FROM", "GROUP", "HAVING", "ILIKE", "IN", "IS",
	"LIKE", "NOT", "NULL", "OR", "SELECT", "TRUE", "WHERE",
}

// clauseWords may follow a place where an alias is optional. They are names
// everywhere, but an alias without AS only where the next token tells.
var clauseWords = []string{
	"ALLOW", "ALLOWED", "ANTI", "ASOF", "CROSS", "ELSE", "EMIT", "END", "EXCEPT", "FETCH", "FOR", "FULL", "GRACE", "INNER",
	"INTERSECT", "JOIN", "LATE", "LATENESS", "LEFT", "LIMIT", "MATCH_RECOGNIZE", "NATURAL", "OFFSET", "ON", "ORDER", "OVER",
	"QUALIFY", "RIGHT", "SEMI", "SIMILAR", "TABLESAMPLE", "THEN", "TOLERANCE", "UNION", "USING", "WHEN", "WINDOW", "WITH", "WITHIN",
}

// otherWords have a meaning in one place and are names everywhere else.
var otherWords = []string{
	"ABSENT", "ADVANCE", "ALL", "ANALYZE", "ANY", "APPROXIMATE", "ARRAY", "ASC", "AT", "BOTH", "BY", "CAST", "CHANGES",
	"CHECKPOINT", "CLOCK", "CLOSE", "CONSTRAINT", "CRASH", "CREATE", "CUBE", "CURRENT", "DATA", "DATE", "DESC",
	"DESCRIBE", "DESCRIPTOR", "DROP", "EMPTY", "ENFORCED", "ERROR", "ESCAPE", "EVERY", "EXISTS", "EXPECT", "EXPLAIN",
	"EXTRACT", "FILTER", "FINAL", "FINISH", "FIRST", "FLINK", "FOLLOWING", "FUNCTION", "FUNCTIONS", "GROUPING",
	"GROUPS", "IDLE", "IF", "IGNORE", "INSERT", "INTERVAL", "INTO", "JSON", "KEY", "LAST", "LATERAL", "LEADING", "LOAD",
	"LOGICAL", "MAP", "MATERIALIZED", "METADATA", "NAME", "NEXT", "NO", "NULLS", "OF", "ONLY", "ORDINALITY", "OUTER",
	"OVERLAY", "PARTITION", "PERIOD", "PHYSICAL", "PLACING", "PLAN", "POSITION", "PRECEDING", "PRIMARY", "PUNCTUATED",
	"QUERIES", "QUERY", "QUOTES", "RANGE", "RECOMPUTE", "RECURSIVE", "REJECTED", "REPLACE", "RESET", "RESPECT",
	"RETURNING", "RETURNS", "ROLLUP", "ROW", "ROWS", "RULES", "SET", "SETS", "SETTINGS", "SHOW", "SINK", "SINKS",
	"SOME", "SOURCE", "SOURCES", "STATE", "STOP", "STREAM", "STREAMS", "STRUCT", "SUBSTRING", "SYSTEM_TIME", "TABLE",
	"TABLES", "TEMP", "TEMPORARY", "TEST", "TIME", "TIMESTAMP", "TO", "TRAILING", "TRIM", "TRY_CAST", "UNBOUNDED",
	"UNKNOWN", "VALUE", "VALUES", "VIEW", "VIEWS", "VIRTUAL", "WATERMARK", "WRAPPER", "ZONE",
}

// Keywords returns every word that the language gives a meaning, in upper case
// and sorted. The slice is the caller's.
func Keywords() []string {
	words := slices.Concat(reservedWords, clauseWords, otherWords)
	slices.Sort(words)
	return words
}

// longestWord is the length of the longest word that wordType knows.
const longestWord = len("MATCH_RECOGNIZE")

var wordTypes = func() map[string]lexer.TokenType {
	types := make(map[string]lexer.TokenType, len(reservedWords)+len(clauseWords))
	for _, w := range reservedWords {
		types[w] = keywordToken
	}
	for _, w := range clauseWords {
		types[w] = clauseToken
	}
	return types
}()

// wordType returns the token type of an unquoted word.
func wordType(word string) lexer.TokenType {
	if len(word) > longestWord {
		return identToken
	}
	var upper [longestWord]byte
	for i := 0; i < len(word); i++ {
		c := word[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	if t, ok := wordTypes[string(upper[:len(word)])]; ok {
		return t
	}
	return identToken
}

// isWord reports whether t is the unquoted word w, given in upper case.
func isWord(t *lexer.Token, w string) bool {
	return len(t.Value) == len(w) && isBareWord(t) && strings.EqualFold(t.Value, w)
}

// isBareWord reports whether t is a name or keyword without quotes.
func isBareWord(t *lexer.Token) bool {
	return t.Type == identToken || t.Type == clauseToken || t.Type == keywordToken
}

// isOneOf reports whether t is one of the unquoted words, given in upper case.
func isOneOf(t *lexer.Token, words ...string) bool {
	for _, w := range words {
		if isWord(t, w) {
			return true
		}
	}
	return false
}

// isPunct reports whether t is the punctuation or operator p.
func isPunct(t *lexer.Token, p string) bool { return t.Type == punctToken && t.Value == p }

// isName reports whether t can be a name: quoted, or not reserved.
func isName(t *lexer.Token) bool {
	return t.Type == identToken || t.Type == clauseToken || t.Type == quotedToken
}
