package parser

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

var limitNamed = regexp.MustCompile(fmt.Sprintf("deeper than (%d|%d) levels", MaxNesting, maxQueries))

// TestNesting checks that every way to nest is bounded by a named limit.
func TestNesting(t *testing.T) {
	t.Parallel()
	const deep = 20_000
	for name, text := range map[string]string{
		"parentheses": strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep),
		"not closed":  strings.Repeat("(", deep),
		"signs":       strings.Repeat("- ", deep) + "1",
		"NOT":         strings.Repeat("NOT ", deep) + "a",
		"calls":       strings.Repeat("f(", deep) + "1" + strings.Repeat(")", deep),
		"CASE":        strings.Repeat("CASE WHEN ", deep) + "a",
		"IN":          strings.Repeat("a IN (", deep) + "1",
		"CAST":        strings.Repeat("CAST(", deep) + "1",
		"brackets":    strings.Repeat("ARRAY[", deep) + "1" + strings.Repeat("]", deep),
		"subscripts":  strings.Repeat("a[", deep),
		"rows":        strings.Repeat("ROW(1, ", deep),
		"subqueries":  strings.Repeat("(SELECT ", deep) + "1" + strings.Repeat(")", deep),
		"VALUES":      strings.Repeat("(VALUES ((SELECT ", deep),
		"EXISTS":      strings.Repeat("EXISTS (SELECT 1 WHERE ", deep),
		"in FROM":     "a FROM " + strings.Repeat("(SELECT a FROM ", deep),
		"joins":       "a FROM " + strings.Repeat("(", deep) + "t",
		"UNION":       "a UNION " + strings.Repeat("(", deep) + "SELECT 1",
		"WITH":        "a IN (" + strings.Repeat("WITH a AS (SELECT a IN (", deep),
		"functions":   "a FROM " + strings.Repeat("f((SELECT 1 FROM ", deep),
		"types":       "a::" + strings.Repeat("ARRAY<", deep) + "INT",
		"type arrays": "a::INT" + strings.Repeat("[]", deep),
		"row types":   "a::" + strings.Repeat("ROW(a ", deep),
		"mixed":       strings.Repeat("- (NOT a IN (CASE WHEN ARRAY[(SELECT 1 WHERE ", deep),
	} {
		script, errs := Parse(source.NewFile("q", "SELECT "+text+"; SELECT 1"))
		if len(errs) != 1 || !limitNamed.MatchString(errs[0].Message) || len(script.Statements) != 1 {
			t.Errorf("%s: %d statements, %d diagnostics", name, len(script.Statements), len(errs))
		}
	}
	half := MaxNesting / 2
	if _, errs := Parse(source.NewFile("q", "SELECT "+strings.Repeat("(", half)+"1"+strings.Repeat(")", half))); len(errs) > 0 {
		t.Errorf("%d parentheses: %s", half, errs[0].Message)
	}
}

// longTexts are statements as long as their number of terms, or of clauses.
func longTexts(terms, clauses int) map[string]string {
	return map[string]string{
		"sum":      "SELECT a" + strings.Repeat(" + a", terms),
		"OR":       "SELECT a FROM t WHERE a = 1" + strings.Repeat(" OR a = 1", terms),
		"IN":       "SELECT a IN (1" + strings.Repeat(", 1", terms) + ")",
		"items":    "SELECT a" + strings.Repeat(", a", terms),
		"casts":    "SELECT a" + strings.Repeat("::INT", terms),
		"IS NULL":  "SELECT a" + strings.Repeat(" IS NULL", terms),
		"WHEN":     "SELECT CASE" + strings.Repeat(" WHEN a THEN 1", terms) + " END",
		"columns":  "CREATE STREAM s (a INT" + strings.Repeat(", a INT", terms) + ")",
		"options":  "CREATE STREAM s WITH (a = 1" + strings.Repeat(", a = 1", terms) + ")",
		"names":    "SELECT " + strings.Repeat(`"a"."b", `, terms) + "c",
		"keys":     "SELECT a FROM t GROUP BY a" + strings.Repeat(", a", terms),
		"comments": "SELECT a" + strings.Repeat(" /* */ -- c\n", terms),
		"rows":     "INSERT INTO t VALUES (1, 2)" + strings.Repeat(", (1, 2)", terms),
		"array":    "SELECT ARRAY[1" + strings.Repeat(", 1", terms) + "]",
		"slices":   "SELECT a" + strings.Repeat("[1:2]", terms),
		"fields":   "SELECT f(a)" + strings.Repeat(".b", terms),
		"path":     "SELECT a" + strings.Repeat(".b", terms),
		"sets":     "SELECT a FROM t GROUP BY ROLLUP(a" + strings.Repeat(", (a, b)", terms) + ")",
		"row type": "SELECT a::ROW(a INT" + strings.Repeat(", a INT", terms) + ")",
		"joins":    "SELECT a FROM t" + strings.Repeat(" JOIN t ON a = b", clauses),
		"tables":   "SELECT a FROM t" + strings.Repeat(", t", clauses),
		"unions":   "SELECT a" + strings.Repeat(" UNION ALL SELECT a", clauses),
		"common":   "WITH a AS (SELECT 1)" + strings.Repeat(", a AS (SELECT 1)", clauses) + " SELECT 1",
		"windows":  "SELECT a FROM t WINDOW w AS ()" + strings.Repeat(", w AS (ORDER BY a)", clauses),
		"nested": "SELECT " + strings.Repeat("(", MaxNesting-10) + "(SELECT a" + strings.Repeat(", a", terms) + ")" +
			strings.Repeat(" + 1)", MaxNesting-10),
		"nested joins": "SELECT 1 FROM " + strings.Repeat("(", MaxNesting-10) + "(SELECT a" + strings.Repeat(", a", terms) + ")" +
			strings.Repeat(" a JOIN b ON c)", MaxNesting-10),
	}
}

// TestLongTexts parses a script of five megabytes with statements of ten thousand
// terms, in time that is linear: quadratic work would take minutes.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	const terms, size = 10_000, 5 << 20
	var script strings.Builder
	var names []string
	for name, text := range longTexts(terms, terms) {
		script.WriteString(text + ";")
		names = append(names, name)
	}
	row := "('e1', '2026-01-05T10:00:00Z', '" + strings.Repeat("some text; ", 30) + "', 12.50),\n"
	script.WriteString("INSERT INTO t VALUES\n" + strings.Repeat(row, (size-script.Len())/len(row)) + "(NULL, NULL, NULL, NULL);")
	parsed, errs := Parse(source.NewFile("q", script.String()))
	for _, d := range errs {
		t.Errorf("%s: %s", append(names, "inserted rows")[strings.Count(script.String()[:d.Span.Start], ";")], d.Message)
	}
	if len(parsed.Statements) != len(names)+1 {
		t.Errorf("%d statements, want %d", len(parsed.Statements), len(names)+1)
	}
}

// TestOperators checks the limit of what makes a tree deep without parentheses:
// it holds for operators one above the other, not for all that there are.
func TestOperators(t *testing.T) {
	t.Parallel()
	const third = maxOperators / 3
	deep := "SELECT 1 + f(1, (a" + strings.Repeat(" + a", third) + ")" + strings.Repeat("[1]", third) + strings.Repeat("::INT", third) + ") IS NULL OR b"
	_, errs := Parse(source.NewFile("q", deep))
	if len(errs) != 1 || errs[0].Message != "the expression is more than 200000 operators deep" {
		t.Errorf("deep: %s", errs.Render())
	}
	wide := "SELECT a = 1" + strings.Repeat(" OR a = 1", maxOperators/2)
	if _, errs := Parse(source.NewFile("q", wide)); len(errs) != 0 {
		t.Errorf("refused though it is not deep: %s", errs[0].Message)
	}
}

// TestManyErrors checks that expected sets are worked out for as many statements
// as the limit allows, and that all statements have a diagnostic nevertheless.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	const statements = 1000
	b.WriteString("SELECT a" + strings.Repeat(", a", retryTokens/10) + " FROM t u v;\n") // too long to try anything
	for i := range statements {
		fmt.Fprintf(&b, "SELECT a%d, b FROM t u v;\n", i)
	}
	script, errs := Parse(source.NewFile("q", b.String()))
	if len(script.Statements) != 0 || len(errs) != statements+1 {
		t.Fatalf("%d statements, %d diagnostics", len(script.Statements), len(errs))
	}
	for i, d := range errs {
		switch within := i > 0 && i < 50; {
		case within && !strings.HasPrefix(d.Message, "unexpected v, expected JOIN, WHERE"), (i == 0 || i > statements/2) && d.Message != "unexpected v":
			t.Errorf("%d: %s", i, d.Message)
		}
	}
}

// TestUnclosedQuotes checks that one quote that is never closed on each of many
// lines costs one diagnostic each and no more than one look at the rest.
func TestUnclosedQuotes(t *testing.T) {
	const lines = 5_000
	for _, quote := range []string{`"`, "`"} {
		_, errs := Parse(source.NewFile("q", strings.Repeat("SELECT "+quote+"a;\n", lines)))
		if len(errs) != lines {
			t.Errorf("%s: %d diagnostics, want %d", quote, len(errs), lines)
		}
	}
	if _, errs := Parse(source.NewFile("q", "SELECT 'a;\n"+strings.Repeat("SELECT '';\n", lines))); len(errs) != 1 {
		t.Errorf("%d diagnostics, want 1", len(errs))
	}
}

// TestLongLists checks that participle's limit on the length of a list is told
// in our words.
func TestLongLists(t *testing.T) {
	f := source.NewFile("q", "SELECT a, b")
	var errs source.List
	statements := splitter{scan: scanner{text: f.Text}}
	st, _ := statements.next()
	limit := participle.Errorf(lexer.Position{Offset: 10}, "too many iterations of x (> %d)", participle.MaxIterations)
	newFailure(f, st, newExpecter(scriptDialect), limit).report(&errs)
	if len(errs) != 1 || errs[0].Message != "a list has more than 1000000 parts" || errs[0].Span.Start != 10 {
		t.Errorf("%v", errs)
	}
}
