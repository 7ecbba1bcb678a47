package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// risky makes random queries whose expressions fail for some rows: they divide by
// zero, overflow and read numbers from texts that are none.
type risky struct{ r *rand.Rand }

func (g *risky) oneOf(list ...string) string { return list[g.r.IntN(len(list))] }

// number is an expression over columns that are INT.
func (g *risky) number(cols []string, depth int) string {
	if depth == 0 || g.r.IntN(4) == 0 {
		return g.oneOf(append([]string{"0", "1", "2", "-3"}, cols...)...)
	}
	x, y := g.number(cols, depth-1), g.number(cols, depth-1)
	switch g.r.IntN(7) {
	case 0, 1:
		return "(" + x + g.oneOf(" + ", " - ", " * ", " / ", " % ") + y + ")"
	case 2:
		return "CASE WHEN " + g.condition(cols, depth-1) + " THEN " + x + " ELSE " + y + " END"
	case 3:
		return "COALESCE(NULLIF(" + x + ", 1), " + y + ")"
	case 4:
		return "CAST(CAST(" + x + " AS STRING) || '" + g.oneOf("0", "", "x") + "' AS INT)"
	case 5:
		return "(" + x + " / " + x + ")" // shared
	}
	return "ABS(" + x + ")"
}

func (g *risky) condition(cols []string, depth int) string {
	if depth == 0 || g.r.IntN(3) == 0 {
		return g.oneOf(cols...) + g.oneOf(" = ", " <> ", " < ", " >= ") + g.oneOf("0", "1", "2")
	}
	switch g.r.IntN(5) {
	case 0:
		return "(" + g.condition(cols, depth-1) + g.oneOf(" AND ", " OR ") + g.condition(cols, depth-1) + ")"
	case 1:
		return g.number(cols, depth-1) + " IN (0, 1, 5)"
	case 2:
		return g.number(cols, depth-1) + " BETWEEN -5 AND 5"
	}
	return g.number(cols, depth-1) + g.oneOf(" = ", " <> ", " < ", " >= ") + g.number(cols, depth-1)
}

// query returns a SELECT and the names of its columns.
func (g *risky) query(depth int) (string, []string) {
	from, cols := "t", []string{"id", "n", "m"}
	switch {
	case depth > 0 && g.r.IntN(4) > 0:
		from, cols = g.query(depth - 1)
		from = "(" + from + ")"
	case depth > 0 && g.r.IntN(3) == 0:
		a, b := g.rows("t", cols), g.rows("t", cols)
		from, cols = "("+a+" UNION ALL "+b+")", []string{"a", "b"}
	}
	if depth > 0 && g.r.IntN(6) == 0 {
		key := g.oneOf(cols...)
		return fmt.Sprintf("SELECT %s AS a, COUNT(*) + 0 AS c, MAX(%s) AS b FROM %s WHERE %s GROUP BY %s HAVING %s",
			key, g.number(cols, 1), from, g.conditions(cols), key, g.oneOf(key+" > 0", "10 / "+key+" > 0 AND "+key+" < 9", "COUNT(*) > 1")), []string{"a", "b"}
	}
	return g.rows(from, cols), []string{"a", "b"}
}

// rows is a SELECT of two columns.
func (g *risky) rows(from string, cols []string) string {
	q := fmt.Sprintf("SELECT %s AS a, %s AS b FROM %s", g.number(cols, 2), g.number(cols, 1), from)
	if g.r.IntN(4) > 0 {
		q += " WHERE " + g.conditions(cols)
	}
	return q
}

// conditions are a few conditions in a row.
func (g *risky) conditions(cols []string) string {
	parts := make([]string, 1+g.r.IntN(3))
	for i := range parts {
		parts[i] = g.condition(cols, 2)
	}
	return strings.Join(parts, " AND ")
}

// TestRewriteKeepsResults runs queries that fail for some rows as they are written
// and rewritten. What works as written gives the same; rewritten nothing fails
// that does not fail as written, and no sooner; a query without queries in its
// FROM fails alike.
func TestRewriteKeepsResults(t *testing.T) {
	t.Parallel()
	s := seed(t)
	cases := *differentialCases / 2
	if testing.Short() {
		cases /= 10
	}
	path := filepath.Join(t.TempDir(), "t.csv")
	worked, failed, spared := 0, 0, 0
	for i := range cases {
		g := &risky{rand.New(rand.NewPCG(s, uint64(i)))}
		if i%tablePeriod == 0 {
			if err := os.WriteFile(path, g.table(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		depth := g.r.IntN(4)
		query, _ := g.query(depth)
		script := fmt.Sprintf("CREATE STREAM t (id INT, n INT, m INT) WITH (path = '%s');\n%s;\n", path, query)
		opts := engine.Options{Output: "changelog", Workers: 1 + i%3, BatchRows: 1 + i%5}
		want, wantErr := runScript(t, script+"SET rewrite = 'off';\n", opts)
		got, gotErr := runScript(t, script, opts)
		want, got = effects(want), effects(got)
		bad := ""
		switch {
		case gotErr != nil && wantErr == nil:
			bad = "it fails only when it is rewritten"
		case wantErr == nil && got != want:
			bad = "the results differ"
		case wantErr != nil && !strings.HasPrefix(got, want) && !strings.Contains(query, "GROUP BY"):
			bad = "it emits less than as written"
		case depth == 0 && (reason(gotErr) != reason(wantErr) || got != want):
			bad = "the errors differ"
		}
		if bad != "" {
			t.Fatalf("-differential.seed=%d, case %d: %s\n%s\nas written: %v\n%srewritten: %v\n%s", s, i, bad, query, wantErr, want, gotErr, got)
		}
		switch {
		case gotErr != nil:
			failed++
		case wantErr != nil:
			spared++
		default:
			worked++
		}
	}
	t.Logf("%d queries worked, %d failed, %d did not fail for what nobody needs", worked, failed, spared)
	if worked == 0 || failed == 0 {
		t.Error("the queries are all of one kind")
	}
}

// effects leaves out the updates that change nothing: an aggregate that nobody
// reads makes them, and is left out of a rewritten query.
func effects(changelog string) string {
	var kept []string
	for line := range strings.Lines(changelog) {
		row, isNew := strings.CutPrefix(line, `{"op":"+U"`)
		if k := len(kept); isNew && k > 0 && kept[k-1] == `{"op":"-U"`+row {
			kept = kept[:k-1]
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "")
}

// reason is an error's place and what is wrong, without the expression, whose
// constants may have been worked out.
func reason(err error) string {
	what, _, _ := strings.Cut(fmt.Sprint(err), " in ")
	return what
}

// table makes rows of small numbers, as csv.
func (g *risky) table() []byte {
	var b bytes.Buffer
	b.WriteString("id,n,m\n")
	for id := range g.r.IntN(30) {
		fmt.Fprintf(&b, "%d,%s,%s\n", id, g.oneOf("", "1", "2", "3", "-1", "7", "0"), g.oneOf("1", "2", "5", "2147483647", "3"))
	}
	return b.Bytes()
}

// runScript returns what a script prints, and the error that ends it.
func runScript(t *testing.T, script string, opts engine.Options) (string, error) {
	t.Helper()
	var out bytes.Buffer
	opts.Stdout = &out
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("rewrite.sql", script), opts)
	if problems.HasErrors() {
		err = errors.New(problems.Render())
	}
	if err != nil {
		t.Fatalf("%s\n%v", script, err)
	}
	_, err = job.Run(context.Background(), context.Background())
	return out.String(), err
}
