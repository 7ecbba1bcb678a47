package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// construct is something of the language that this grammar does not have yet,
// or of another dialect that it will not have.
type construct struct {
	pattern string // words and punctuation as they follow each other
	name    string // how messages call it; the pattern when empty
	hint    string
	start   bool // only at the start of a statement
	foreign bool // of another dialect: never to come
}

// refused are the constructs that are told by the words at the place where the
// grammar stops. Longer patterns stand before their beginnings.
var refused = []construct{
	{pattern: "WITH", name: "WITH (a common table expression)", hint: "write CREATE VIEW name AS SELECT …", start: true},
	{pattern: "DROP", start: true}, {pattern: "SET", start: true}, {pattern: "RESET", start: true},
	{pattern: "SHOW", start: true}, {pattern: "DESCRIBE", start: true}, {pattern: "STOP", start: true},
	{pattern: "ALTER", start: true}, {pattern: "ADVANCE WATERMARK", start: true}, {pattern: "VALUES", start: true},
	{pattern: "CREATE FUNCTION"}, {pattern: "CREATE TEMPORARY"},
	{pattern: "OR REPLACE"}, {pattern: "MATERIALIZED VIEW", hint: "write CREATE VIEW"},
	{pattern: "IF NOT EXISTS"}, {pattern: "IF EXISTS"},
	{pattern: "EXPLAIN WATERMARK"}, {pattern: "EXPLAIN STATE"}, {pattern: "EXPLAIN ANALYZE"}, {pattern: "EXPLAIN FLINK"},
	{pattern: "BY NAME", name: "INSERT … BY NAME"}, {pattern: "VALUES"},
	{pattern: "METADATA", name: "a METADATA column"}, {pattern: "DEFAULT"},
	{pattern: "PUNCTUATED WHEN", name: "a PUNCTUATED watermark"},
	{pattern: "ARRAY <", name: "the type ARRAY<…>"}, {pattern: "MAP <", name: "the type MAP<…>"},
	{pattern: "ROW <", name: "the type ROW<…>"}, {pattern: "STRUCT <", name: "the type ROW<…>"},
	{pattern: "DISTINCT ON"}, {pattern: "SELECT DISTINCT", hint: "group by the columns instead"},
	{pattern: ". *", name: "t.* (every column of one relation)", hint: "name the columns, or write *"},
	{pattern: "FROM ( SELECT", name: "a subquery in FROM", hint: "write CREATE VIEW name AS SELECT …, and select from it"},
	{pattern: "FROM (", name: "a parenthesis in FROM"},
	{pattern: "( SELECT", name: "a subquery"}, {pattern: "( WITH", name: "a subquery"},
	{pattern: "LATERAL"}, {pattern: "TABLESAMPLE"}, {pattern: "MATCH_RECOGNIZE"}, {pattern: "FOR SYSTEM_TIME"},
	{pattern: "GROUPING SETS"}, {pattern: "QUALIFY"}, {pattern: "PARTITION BY"}, {pattern: "OVER"},
	{pattern: "WITHIN GROUP"}, {pattern: "WITHIN"}, {pattern: "GRACE PERIOD"},
	{pattern: "ORDER BY"}, {pattern: "LIMIT"}, {pattern: "FETCH"}, {pattern: "OFFSET"},
	{pattern: "UNION ALL"}, {pattern: "UNION"}, {pattern: "INTERSECT"}, {pattern: "EXCEPT"},
	{pattern: "SIMILAR TO", hint: "write LIKE, or REGEXP_LIKE"},
	{pattern: "[", name: "a subscript in brackets"}, {pattern: "->", name: "the operator ->"},
	{pattern: "->>", name: "the operator ->>"}, {pattern: "~", name: "the operator ~", hint: "write REGEXP_LIKE(text, pattern)"},
	{pattern: "EMIT AFTER", hint: "write EMIT ON WINDOW CLOSE", foreign: true},
	{pattern: "WINDOW TUMBLING", hint: "write GROUP BY TUMBLE(time_column, %[1]s)", foreign: true},
	{pattern: "WINDOW HOPPING", hint: "write GROUP BY HOP(time_column, %[2]s, %[1]s)", foreign: true},
	{pattern: "WINDOW SESSION", hint: "write GROUP BY SESSION(time_column, %[1]s)", foreign: true},
	{pattern: "WINDOW", name: "a WINDOW clause"},
	{pattern: "SESSION WITH GAP", hint: "write GROUP BY SESSION(time_column, %[1]s)", foreign: true},
	{pattern: "WITH GAP", name: "SESSION WITH GAP", hint: "write GROUP BY SESSION(time_column, %[1]s)", foreign: true},
}

// refusal is a construct found in a statement.
type refusal struct {
	from, to      int // the first and last of its tokens
	message, hint string
}

// unsupported finds the construct that the grammar stopped at, if it is a known one.
func (r *failureReport) unsupported() (refusal, bool) {
	if found, ok := r.join(); ok {
		return found, true
	}
	for from := max(0, r.at-2); from <= r.at; from++ {
		for i := range refused {
			c := &refused[i]
			n := r.matches(c, from)
			if n == 0 || from+n <= r.at || c.start && from > 0 {
				continue
			}
			name, hint, when := c.name, c.hint, " yet"
			if name == "" {
				name = c.pattern
			}
			if strings.Contains(hint, "%") {
				amounts := r.amounts(from + n)
				hint = strings.NewReplacer("%[1]s", amounts[0], "%[2]s", amounts[1]).Replace(hint)
			}
			if c.foreign {
				when = ""
			}
			return refusal{from, from + n - 1, name + " is not supported" + when, hint}, true
		}
	}
	return r.byPlace()
}

// matches returns the number of tokens of the construct's pattern when they
// stand at from, else 0.
func (r *failureReport) matches(c *construct, from int) int {
	n := 0
	for rest := c.pattern; rest != ""; n++ {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		if from+n >= len(r.tokens) {
			return 0
		}
		if t := &r.tokens[from+n]; !isWord(t, word) && !isPunct(t, word) {
			return 0
		}
	}
	return n
}

// join finds a join of any kind: "LEFT OUTER JOIN", "ASOF JOIN", "SEMI JOIN".
func (r *failureReport) join() (refusal, bool) {
	kinds := []string{"INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL", "ASOF", "SEMI", "ANTI"}
	from, to := r.at, r.at
	for isOneOf(&r.tokens[to], kinds...) {
		to++
	}
	if !isWord(&r.tokens[to], "JOIN") {
		return refusal{}, false
	}
	for from > 0 && isOneOf(&r.tokens[from-1], kinds...) {
		from--
	}
	words := make([]string, 0, to-from+1)
	for i := from; i <= to; i++ {
		words = append(words, strings.ToUpper(r.tokens[i].Value))
	}
	return refusal{from, to, strings.Join(words, " ") + " is not supported yet", ""}, true
}

// byPlace finds the constructs that are told by where a token stands.
func (r *failureReport) byPlace() (refusal, bool) {
	t := &r.tokens[r.at]
	back := func(n int) *lexer.Token { return &r.tokens[max(0, r.at-n)] }
	creating := isWord(&r.tokens[0], "CREATE")
	switch {
	case r.at >= 2 && isPunct(t, "(") && isName(back(1)) && isWord(back(2), "FROM"):
		name := strings.ToUpper(back(1).Value)
		hint := ""
		switch name {
		case "TABLE", "TUMBLE", "HOP", "CUMULATE", "SESSION":
			hint = "group by the window instead: GROUP BY TUMBLE(time_column, INTERVAL '5' MINUTE)"
		}
		return refusal{r.at - 1, r.at - 1, name + "(…) in FROM is not supported yet", hint}, true
	case isPunct(t, ",") && r.inFrom():
		return refusal{r.at, r.at, "a comma join (several names in FROM) is not supported yet", ""}, true
	case creating && isWord(t, "AS") && openParenthesis(r.tokens[:r.at]) >= 0 && (isPunct(back(2), "(") || isPunct(back(2), ",")):
		return refusal{r.at - 1, r.at, "a computed column is not supported yet", "compute it in the query, or in a view"}, true
	case creating && isWord(t, "AS") && (isWord(&r.tokens[r.at+1], "SELECT") || isWord(&r.tokens[r.at+1], "WITH")):
		return refusal{r.at, r.at + 1, "CREATE … AS SELECT is not supported yet", "write CREATE first, then INSERT INTO … SELECT"}, true
	}
	return refusal{}, false
}

// inFrom reports whether the place is right behind the name in a FROM.
func (r *failureReport) inFrom() bool {
	for i := r.at - 1; i > 0 && i >= r.at-4; i-- {
		switch t := &r.tokens[i]; {
		case isWord(t, "FROM"):
			return openParenthesis(r.tokens[:i]) < 0
		case !isName(t) && t.Type != stringToken && !isWord(t, "AS"):
			return false
		}
	}
	return false
}

// amounts returns the first two intervals behind token i, as they are written
// in this language.
func (r *failureReport) amounts(i int) [2]string {
	found := [2]string{"INTERVAL '5' MINUTE", "INTERVAL '1' MINUTE"}
	n := 0
	for ; i+1 < len(r.tokens) && n < len(found); i++ {
		amount, unit := &r.tokens[i], &r.tokens[i+1]
		if (amount.Type == numberToken || amount.Type == stringToken) && isUnit(unit) {
			found[n] = fmt.Sprintf("INTERVAL '%s' %s", strings.Trim(amount.Value, "'"), unitName(unit.Value))
			n++
		}
	}
	return found
}
