package planner

import (
	"fmt"
	"strings"
	"testing"
)

// What would grow exponentially, or nest without end, is refused with its limit.
func TestLimits(t *testing.T) {
	t.Parallel()
	times := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("{i}", fmt.Sprint(i), "{-}", fmt.Sprint(i-1)).Replace(format))
		}
		return b.String()
	}
	for _, c := range []struct{ name, text, want string }{
		{"functions of functions",
			"CREATE FUNCTION f0(x INT) RETURNS INT AS x; " + strings.TrimPrefix(times(40, "CREATE FUNCTION f{i}(x INT) RETURNS INT AS f{-}(x) + f{-}(x); "), "CREATE FUNCTION f0(x INT) RETURNS INT AS f-1(x) + f-1(x); ") + "SELECT f39(n) FROM plain;",
			"the functions of the script stand for more than"},
		{"calls within calls", "CREATE FUNCTION f(x INT) RETURNS INT AS x + x; SELECT " + strings.Repeat("f(", 40) + "n" + strings.Repeat(")", 40) + " FROM plain;",
			"the functions of the script stand for more than"},
		{"views on views", "CREATE VIEW v0 AS SELECT n FROM plain; " + strings.TrimPrefix(times(300, "CREATE VIEW v{i} AS SELECT n FROM v{-}; "), "CREATE VIEW v0 AS SELECT n FROM v-1; ") + "SELECT * FROM v299;",
			"v200 is built on more than 200 views and the like, one on the other"},
		{"common table expressions", "WITH c0 AS (SELECT n FROM plain)" + strings.TrimPrefix(times(300, ", c{i} AS (SELECT n FROM c{-})"), ", c0 AS (SELECT n FROM c-1)") + " SELECT * FROM c299;",
			"c200 is built on more than 200 views and the like"},
		{"streams that fill streams", "CREATE STREAM s0 (n INT); INSERT INTO s0 SELECT n FROM plain; " + strings.TrimPrefix(times(300, "CREATE STREAM s{i} (n INT); INSERT INTO s{i} SELECT n FROM s{-}; "), "CREATE STREAM s0 (n INT); INSERT INTO s0 SELECT n FROM s-1; ") + "SELECT n FROM s299;", "s200 is built on more than 200 views and the like, one on the other"},
		{"set operations", "SELECT n FROM plain" + times(300, " EXCEPT SELECT n + {i} FROM plain") + ";", "set operations follow one another more than 200 deep"},
		{"unions", "SELECT n FROM plain" + times(2000, " UNION SELECT n + {i} FROM plain") + ";", ""},
	} {
		_, problems := planText(t, "q.sql", c.text, prelude(t))
		text := ""
		for _, p := range problems {
			text += p.Message + "\n"
		}
		if c.want == "" && text != "" || !strings.HasPrefix(text, c.want) || strings.Count(text, "\n") > 1 {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
	}
}

// Long scripts and expressions are planned in time that grows with their length:
// quadratic work would not come to an end here.
func TestLongQueries(t *testing.T) {
	t.Parallel()
	list := func(n int, format, separator string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = strings.ReplaceAll(format, "{i}", fmt.Sprint(i))
		}
		return strings.Join(parts, separator)
	}
	doubled := "SELECT n FROM plain"
	for range 80 {
		doubled = "SELECT n + n AS n FROM (" + doubled + ")"
	}
	for name, text := range map[string]string{
		"sum":                       "SELECT " + list(10_000, "n * {i}", " + ") + " AS x FROM plain",
		"conditions":                "SELECT n FROM plain WHERE " + list(10_000, "n <> {i}", " AND "),
		"alternatives":              "SELECT n FROM plain WHERE " + list(10_000, "n + 1 = {i}", " OR "),
		"branches":                  "SELECT CASE " + list(10_000, "WHEN n = {i} THEN 'v{i}'", " ") + " END AS x FROM plain",
		"columns":                   "SELECT " + list(3_000, "UPPER(name) || '{i}' AS c{i}", ", ") + " FROM plain",
		"aggregates":                "SELECT " + list(3_000, "SUM(n + {i}) AS c{i}", ", ") + " FROM plain",
		"keys":                      "SELECT COUNT(*) FROM plain GROUP BY " + list(3_000, "n + {i}", ", "),
		"conditions of groups":      "SELECT name FROM plain GROUP BY name HAVING " + list(3_000, "SUM(n + {i}) > 0", " AND "),
		"union":                     list(3_000, "SELECT n + {i} AS n FROM plain", " UNION ALL "),
		"inserts":                   "CREATE STREAM s (a INT); " + list(3_000, "INSERT INTO s VALUES ({i})", "; "),
		"doubled":                   doubled,
		"doubled under a condition": "SELECT n FROM (" + doubled + ") WHERE n > 5 AND n < 9",
	} {
		if _, problems := planText(t, "q.sql", text+";", prelude(t)); len(problems) > 0 {
			t.Errorf("%s: %s", name, problems[0].Message)
		}
	}
}
