package parser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Phrases are what the grammar's tags have for literals, as they are shown, in
// the order of the language. Words after "…" make sure that the phrase was
// understood as one and not as names. Those behind "~" are rare: they are listed
// only where nothing else could stand, and serve as near names everywhere.
// Beginnings begin a statement, or the query in one; of the others those behind
// "^" stand in no statement that is a query (DESC ends a sort key there).
var (
	beginnings = []string{
		"^CREATE", "^INSERT INTO", "^EXPLAIN", "WITH… x AS (", "SELECT", "VALUES… (", "^DROP", "^SET", "^~RESET", "^SHOW", "^DESCRIBE", "~DESC", "^~STOP QUERY", "^~ADVANCE WATERMARK",
	}
	// testBeginnings and testContinuations are those of test files.
	testBeginnings    = []string{"LOAD", "TEST", "EXPECT", "~IDLE", "~CHECKPOINT", "~CRASH", "~FINISH", "~ADVANCE CLOCK"}
	testContinuations = []string{"^~CLOCK", "^BY", "^INTO", "^~PARTITION"}
	continuations     = []string{
		"^LOGICAL", "^PHYSICAL", "^~WATERMARK", "^~STATE", "^~ANALYZE", "^~FLINK", "^~RULES", "^~PLAN FOR", "^~OR REPLACE", "^REPLACE", "^~TEMPORARY", "^~TEMP", "~MATERIALIZED",
		"^STREAM", "^TABLE", "^SOURCE", "^SINK", "^VIEW", "^FUNCTION", "^STREAMS", "^TABLES", "^SOURCES", "^SINKS", "^VIEWS", "^FUNCTIONS", "^QUERIES", "^SETTINGS", "^QUERY", "^INTO",
		"^IF NOT EXISTS", "^IF EXISTS", "^EXISTS", "^BY NAME… SELECT 1", "^NAME", "^RETURNS… INT",
		"^WATERMARK FOR… x AS x", "^PRIMARY KEY… ( x", "^~CONSTRAINT… x PRIMARY", "^~METADATA", "^VIRTUAL", "^PRIMARY KEY", "^KEY", "NOT NULL", "NULL", "^ENFORCED", "FOR… x AS x", "FOR", "^PUNCTUATED WHEN", "WHEN",
		"AS", "WITH… (", "RECURSIVE… x AS", "~DISTINCT", "ALL", "ON… x", "FROM",
		"JOIN", "~INNER JOIN", "~LEFT JOIN", "~RIGHT JOIN", "~FULL JOIN", "~CROSS JOIN", "~SEMI JOIN", "~ANTI JOIN", "~ASOF JOIN", "OUTER", "SEMI", "ANTI", "ASOF",
		"WITHIN… 1", "~GRACE PERIOD", "PERIOD", "USING… (", "TOLERANCE… 1",
		"WHERE", "GROUP BY", "HAVING", "~WINDOW… x AS", "~QUALIFY", "UNION", "~INTERSECT", "~EXCEPT", "ORDER BY", "LIMIT", "~OFFSET", "~FETCH FIRST", "~FETCH NEXT", "FIRST", "NEXT", "ROWS", "ROW", "ONLY", "BY", "LIKE",
		"ALLOWED LATENESS… 1", "LATENESS… 1", "ON LATE", "~LATE DATA TO", "LATE", "RECOMPUTE", "APPROXIMATE", "DATA", "TO",
		"EMIT… FINAL", "ON WINDOW CLOSE", "FINAL", "CHANGES", "EVERY", "WINDOW", "CLOSE",
	}
)

// phrasesBehind returns the phrases that may stand behind the tokens.
func (e *expecter) phrasesBehind(before []lexer.Token) []string {
	first, then := beginnings, continuations
	if e.dialect == testDialect {
		first, then = slices.Concat(testBeginnings, beginnings), slices.Concat(testContinuations, continuations)
	}
	if len(before) == 0 {
		return first
	}
	all := slices.Concat(first, then)
	if isPunct(&before[0], "(") || isOneOf(&before[0], "SELECT", "VALUES", "WITH") {
		return slices.DeleteFunc(all, func(p string) bool { return p[0] == '^' })
	}
	return all
}

// operatorWords continue an expression; they serve as near names and are never listed.
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
	dialect
	cache map[string]expectedSet
	left  int // how many more tokens may be parsed
}

// retryTokens bounds the tokens parsed again in one run: about half a second's work.
const retryTokens = 300_000

func newExpecter(d dialect) *expecter {
	return &expecter{dialect: d, cache: map[string]expectedSet{}, left: retryTokens}
}

// at returns what could stand behind the tokens, which have no spaces. It is
// empty when the limit is used up.
func (e *expecter) at(before []lexer.Token) expectedSet {
	key := shape(before)
	if set, ok := e.cache[key]; ok {
		e.left -= len(before)
		return set
	}
	set := e.try(before, e.phrasesBehind(before))
	e.cache[key] = set
	return set
}

// like is at for the keywords alone that word is, or that it resembles: only they
// are tried.
func (e *expecter) like(before []lexer.Token, word string) expectedSet {
	if n := len(before); n > 0 && before[n-1].Type == clauseToken { // see words
		return e.at(before)
	}
	alike := func(keyword string) bool {
		return strings.EqualFold(keyword, word) || similar(word, []string{keyword}) != ""
	}
	var list []string
	for _, p := range e.phrasesBehind(before) {
		if alike(firstWord(p)) {
			list = append(list, p)
		}
	}
	if len(list) == 0 && !slices.ContainsFunc(operatorWords, alike) {
		return expectedSet{}
	}
	if set, ok := e.cache[shape(before)]; ok {
		e.left -= len(before)
		return set
	}
	return e.try(before, list)
}

// try returns what of a list of phrases, and of all else, could stand behind the
// tokens.
func (e *expecter) try(before []lexer.Token, phrases []string) expectedSet {
	tries := 2*len(phrases) + 12
	cost := tries * (len(before) + 4)
	if cost > e.left {
		return expectedSet{}
	}
	e.left -= cost
	t := trial{dialect: e.dialect, before: before, buffer: append([]lexer.Token(nil), before...)}
	return t.set(phrases)
}

// firstWord returns the first word of one of phrases.
func firstWord(phrase string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(phrase, "^~"), " ")
	return strings.TrimSuffix(word, "…")
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
	dialect
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
	_, err := run(tokens, t.dialect)
	return err == nil || text != "" && errorPosition(err) > last
}

// set returns what of the phrases, and of all else, can stand behind the tokens.
func (t *trial) set(phrases []string) expectedSet {
	var set expectedSet
	if t.inOptions() {
		set.shown = []string{"an option's name"}
		return set
	}
	name, number, text, open := t.accepts("x"), t.accepts("1"), t.accepts("'x'"), t.accepts("(")
	expression := name && number && text && open
	set.operator = !number && t.accepts("+ 1")
	comma, ends := t.accepts(","), t.accepts("")
	set.closes = t.accepts(")")
	if n := len(t.before); number && name && !text && isOneOf(&t.before[n-1], "LATENESS", "EVERY") {
		set.shown = []string{"an interval such as 5 MINUTES"}
		return set
	}
	// Where a name must stand, contextual words were taken for one.
	mandatory := name && !comma && !ends && !set.operator && !set.closes
	asName := func(word string) bool {
		kind := wordType(word)
		return kind == identToken && name || kind == clauseToken && mandatory
	}
	shown := map[string]bool{}
	var rare []string
	for _, p := range t.words(phrases, asName) {
		phrase, isRare := strings.CutPrefix(strings.TrimPrefix(p, "^"), "~")
		phrase, rest, _ := strings.Cut(phrase, "…")
		first, _, _ := strings.Cut(phrase, " ")
		if shown[first] || expression && (first == "NOT" || first == "NULL") || set.operator && slices.Contains(operatorWords, first) {
			continue
		}
		if asName(first) && t.accepts("x"+strings.TrimPrefix(phrase+rest, first)) {
			continue
		}
		shown[first] = true
		shown["LATENESS"] = shown["LATENESS"] || first == "ALLOWED"
		set.near = append(set.near, first)
		switch {
		case isRare:
			rare = append(rare, phrase)
		case first != "AS" || !name: // an alias needs no AS
			set.shown = append(set.shown, phrase)
		}
	}
	if len(set.shown) == 0 && !expression {
		set.shown = rare
	}
	switch {
	case expression:
		set.shown = append(set.shown, "an expression")
	case name && (len(set.shown) == 0 || mandatory):
		set.shown = append(set.shown, t.nameWords())
	}
	if text && !expression {
		set.shown = append(set.shown, t.stringWords())
	}
	for _, p := range []struct {
		sign string
		show bool
	}{
		{"=", !set.operator}, {"(", open && !expression && !comma && !set.closes && !set.operator}, {"*", !set.operator}, {",", comma}, {")", set.closes},
	} {
		if p.show && t.accepts(p.sign) {
			set.shown = append(set.shown, `"`+p.sign+`"`)
		}
	}
	if set.operator {
		set.near = append(set.near, operatorWords...)
	}
	if ends && len(t.before) > 0 {
		set.shown = append(set.shown, endOfStatement)
	}
	return set
}

// words returns the phrases that can stand behind the tokens. Behind a word that
// began a clause these are the clause's own: it was no alias. Elsewhere it leaves
// out, untried, a word alone that would be taken for a name.
func (t *trial) words(phrases []string, asName func(word string) bool) []string {
	n := len(t.before)
	inClause := n > 0 && t.before[n-1].Type == clauseToken
	var all, own []string
	for _, p := range phrases {
		words := strings.TrimLeft(strings.Replace(p, "…", "", 1), "^~")
		first, _, more := strings.Cut(words, " ")
		if !inClause && !more && asName(first) || !t.accepts(words) {
			continue
		}
		all = append(all, p)
		if first == "SELECT" || wordType(first) != keywordToken {
			own = append(own, p)
		}
	}
	if inClause && len(own) > 0 {
		return own
	}
	return all
}

// inOptions reports whether the name of an option must follow.
func (t *trial) inOptions() bool {
	n, open := len(t.before), openParenthesis(t.before)
	return open > 0 && isWord(&t.before[0], "CREATE") && isWord(&t.before[open-1], "WITH") &&
		(isPunct(&t.before[n-1], "(") || isPunct(&t.before[n-1], ","))
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
	case isOneOf(last, "FROM", "JOIN"), n > 1 && isPunct(last, "(") && isOneOf(&t.before[n-2], "FROM", "JOIN"):
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
	if n := len(t.before); n > 0 && isOneOf(&t.before[n-1], "FROM", "JOIN", "DESCRIBE", "DESC") {
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

// list joins words as a sentence does: a, b or c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
