package parser

import (
	"fmt"
	"strings"
)

// construct is something of another dialect that this grammar does not have.
type construct struct {
	pattern string // words and punctuation as they follow each other
	name    string // how messages call it; the pattern when empty
	hint    string
	start   bool // only at the start of a statement
	taken   bool // its last word is taken for a name, so that the grammar stops behind it
}

// testHint is the remedy for statements that only test files have.
const testHint = "put it into a file x" + TestSuffix + ", and run: tidemark test x" + TestSuffix

// refused are the constructs that are told by the words at the place where the
// grammar stops. Longer patterns stand before their beginnings.
var refused = []construct{
	{pattern: "ALTER", hint: "declare it anew: CREATE OR REPLACE …", start: true},
	{pattern: "UPDATE", hint: "write to the keyed table: INSERT INTO … updates the rows that have the key", start: true},
	{pattern: "DELETE FROM", hint: "rows leave a keyed table when the query that fills it takes them back", start: true},
	{pattern: "MERGE", hint: "INSERT INTO a keyed table updates the rows that have the key", start: true},
	{pattern: "TRUNCATE", hint: "DROP it, and declare it anew", start: true},
	{pattern: "USE", hint: "leave it out: there is one catalog", start: true},
	{pattern: "BEGIN", hint: "leave it out: all statements of a script run together", start: true},
	{pattern: "EXECUTE", hint: "leave it out: all statements of a script run together", start: true},
	{pattern: "COMMIT", hint: "leave it out: all statements of a script run together", start: true},
	{pattern: "ROLLBACK", hint: "leave it out: all statements of a script run together", start: true},
	{pattern: "END", hint: "leave it out: all statements of a script run together", start: true},
	{pattern: "EXPECT", name: "EXPECT outside of a test", hint: testHint, start: true},
	{pattern: "TEST", name: "TEST outside of a test file", hint: testHint, start: true},
	{pattern: "LOAD", name: "LOAD outside of a test file", hint: testHint, start: true},
	{pattern: "IDLE", name: "IDLE outside of a test", hint: testHint, start: true},
	{pattern: "CHECKPOINT", name: "CHECKPOINT outside of a test", hint: testHint, start: true},
	{pattern: "CRASH", name: "CRASH outside of a test", hint: testHint, start: true},
	{pattern: "FINISH", name: "FINISH outside of a test", hint: testHint, start: true},
	{pattern: "INSERT CHANGES", name: "INSERT CHANGES outside of a test", hint: testHint},
	{pattern: "ADVANCE CLOCK", name: "ADVANCE CLOCK outside of a test", hint: testHint},
	{pattern: "SELECT TOP", name: "TOP", hint: "write LIMIT behind the query", taken: true},
	{pattern: "INSERT OVERWRITE", hint: "write INSERT INTO"},
	{pattern: "CREATE INDEX", hint: "declare the key: PRIMARY KEY (…)"}, {pattern: "CREATE UNIQUE INDEX", hint: "declare the key: PRIMARY KEY (…)"},
	{pattern: "CREATE DATABASE", hint: "leave it out: there is one catalog"}, {pattern: "CREATE SCHEMA", hint: "leave it out: there is one catalog"},
	{pattern: "CREATE CATALOG", hint: "leave it out: there is one catalog"},
	{pattern: "PARTITIONED BY", hint: "leave it out"}, {pattern: "DEFAULT", hint: "use COALESCE in the query"}, {pattern: "COMMENT", hint: "write a comment: -- text"},
	{pattern: "TABLESAMPLE", hint: "choose by a hash: WHERE CRC32(id) % 10 = 0"},
	{pattern: "MATCH_RECOGNIZE", hint: "use LAG and LEAD … OVER, or a join WITHIN an interval"},
	{pattern: "NATURAL", name: "NATURAL JOIN", hint: "name the columns: JOIN … USING (…)"},
	{pattern: "INTERSECT ALL", hint: "write INTERSECT"}, {pattern: "EXCEPT ALL", hint: "write EXCEPT"},
	{pattern: "BETWEEN SYMMETRIC", hint: "write BETWEEN LEAST(a, b) AND GREATEST(a, b)", taken: true},
	{pattern: "IF EXISTS", name: "IF EXISTS in a CREATE", hint: "write IF NOT EXISTS"},
	{pattern: "CREATE MATERIALIZED TABLE", hint: "write CREATE MATERIALIZED VIEW, or CREATE TABLE … AS SELECT"},
	{pattern: "RLIKE", hint: "write x ~ pattern", taken: true}, {pattern: "REGEXP", hint: "write x ~ pattern", taken: true},
	{pattern: "EXCLUDE", name: "EXCLUDE in a window's frame"},
	{pattern: "[", name: "a list in brackets", hint: "write ARRAY[…]"}, {pattern: "{", name: "a list in braces", hint: "write MAP[key, value, …] or ROW(…)"},
	{pattern: "EMIT AFTER", hint: "write EMIT ON WINDOW CLOSE"},
	{pattern: "WINDOW TUMBLING", hint: "write GROUP BY TUMBLE(time_column, %[1]s)"},
	{pattern: "WINDOW HOPPING", hint: "write GROUP BY HOP(time_column, %[2]s, %[1]s)"},
	{pattern: "WINDOW SESSION", hint: "write GROUP BY SESSION(time_column, %[1]s)"},
	{pattern: "SESSION WITH GAP", hint: "write GROUP BY SESSION(time_column, %[1]s)"},
	{pattern: "WITH GAP", name: "SESSION WITH GAP", hint: "write GROUP BY SESSION(time_column, %[1]s)"},
}

// refusal is a construct found in a statement.
type refusal struct {
	from, to      int // the first and last of its tokens
	message, hint string
}

// unsupported finds the construct that the grammar stopped at, if it is a known one.
func (r *failureReport) unsupported() (refusal, bool) {
	for from := max(0, r.at-2); from <= r.at; from++ {
		for i := range refused {
			c := &refused[i]
			n := r.matches(c, from)
			if end := from + n; n == 0 || end < r.at || end == r.at && !c.taken || c.start && from > 0 {
				continue
			}
			name, hint := c.name, c.hint
			if name == "" {
				name = c.pattern
			}
			if strings.Contains(hint, "%") {
				amounts := r.amounts(from + n)
				hint = strings.NewReplacer("%[1]s", amounts[0], "%[2]s", amounts[1]).Replace(hint)
			}
			return refusal{from, from + n - 1, name + " is not supported", hint}, true
		}
	}
	return refusal{}, false
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
