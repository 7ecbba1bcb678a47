package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators/agg"
	"tidemark/runtime/engine"
)

// retractable are calls of every aggregate that can take rows back, over the
// columns of retractColumns. Where the order of rows shows it is given by id.
var retractable = []string{
	"ANY_VALUE(n)", "ANY_VALUE(s)",
	"ARG_MAX(s, id)", "ARG_MIN(n, id)",
	"ARRAY_AGG(n ORDER BY id)", "ARRAY_AGG(s ORDER BY s DESC NULLS LAST)", "ARRAY_AGG(DISTINCT d)",
	"AVG(n)", "AVG(d)", "AVG(x)", "AVG(DISTINCT n)",
	"BIT_AND_AGG(n)", "BIT_OR_AGG(n)", "BIT_XOR_AGG(n)",
	"BOOL_AND(p)", "BOOL_OR(p)",
	"CORR(n, q)", "COVAR_POP(n, q)", "COVAR_SAMP(d, q)",
	"COUNT(*)", "COUNT(n)", "COUNT(DISTINCT n)", "COUNT(DISTINCT s)", "COUNT(DISTINCT x)", "COUNT_IF(p)",
	"FIRST_VALUE(s ORDER BY id)", "LAST_VALUE(n ORDER BY id)",
	"JSON_AGG(s ORDER BY id)", "JSON_ARRAYAGG(s ORDER BY id)", "JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE n ORDER BY id)",
	"MAX(n)", "MAX(d)", "MAX(x)", "MAX(s)", "MAX(ts)", "MIN(n)", "MIN(d)", "MIN(x)", "MIN(s)", "MIN(ts)",
	"MEDIAN(n)", "MEDIAN(x)", "MODE(s)",
	"PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY x)", "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY d DESC)",
	"PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY n)",
	"STDDEV_POP(x)", "STDDEV_SAMP(n)", "VAR_POP(d)", "VAR_SAMP(x)",
	"STRING_AGG(s, ',' ORDER BY id)", "STRING_AGG(DISTINCT s, '-')",
	"SUM(n)", "SUM(d)", "SUM(x)", "SUM(DISTINCT n)", "SUM(DISTINCT d)", "SUM(DISTINCT x)",
	"WINDOW_COMPLETENESS(7)",
}

// irreversible are the sketches, which cannot take rows back.
var irreversible = []string{"APPROX_COUNT_DISTINCT", "APPROX_PERCENTILE"}

// TestEveryAggregateIsTriedWithRetraction keeps the lists complete.
func TestEveryAggregateIsTriedWithRetraction(t *testing.T) {
	tried := map[string]bool{}
	for _, call := range retractable {
		name, _, _ := strings.Cut(call, "(")
		tried[name] = true
	}
	for _, info := range agg.Infos() {
		if tried[info.Name] == slices.Contains(irreversible, info.Name) {
			t.Errorf("%s is in both lists or in none", info.Name)
		}
	}
	for _, name := range irreversible {
		script := "CREATE TABLE k (id INT, n INT, PRIMARY KEY (id)); SELECT " + name + "(n) FROM k"
		if name == "APPROX_PERCENTILE" {
			script = strings.Replace(script, "(n)", "(n, 0.5)", 1)
		}
		if _, err := printed(script, engine.Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s over a table that is updated: %v", name, err)
		}
	}
}

const retractColumns = "id BIGINT, g STRING, n BIGINT, d DECIMAL(12,2), x DOUBLE, q DOUBLE, s STRING, p BOOLEAN, ts TIMESTAMP"

// retractRow makes the values of a row for INSERT. Doubles are of very different
// sizes: what a sum forgets of a small one it cannot give back.
func retractRow(r *rand.Rand, id int) string {
	one := func(list ...string) string {
		if r.IntN(7) == 0 {
			return "NULL"
		}
		return list[r.IntN(len(list))]
	}
	return fmt.Sprintf("(%d, %s, %s, %s, %s, %s, %s, %s, %s)", id,
		one("'a'", "'b'", "'c'"),
		one("0", "1", "-1", "2", "7", "1000000", "-72057594037927936"),
		one("0.00", "0.01", "-0.01", "9999999999.99", "-9999999999.99", "2.50"),
		one("0", "0.1", "0.2", "1e16", "-1e16", "1e100", "-1e100", "1e-300", "3"),
		one("1", "2", "3.5", "-4"),
		one("''", "'a'", "'b'", "'ab'", "'ü'"),
		one("TRUE", "FALSE"),
		one("'2026-01-05 10:00:00'", "'2026-01-05 09:00:00.5'", "'1969-12-31 23:59:59'"))
}

// retractCase is a sequence of upserts, and aggregates over the table.
type retractCase struct {
	ids   []int // of the upserts
	rows  []string
	where string
	by    string
	calls []string
}

// scripts returns the query over the table, and over a stream of what the table
// holds in the end.
func (c *retractCase) scripts() (updated, final string) {
	query := "SELECT " + strings.Join(append([]string{c.by}, c.calls...), ", ") + " FROM k" + c.where + " GROUP BY " + c.by
	if c.by == "" {
		query = "SELECT " + strings.Join(c.calls, ", ") + " FROM k" + c.where
	}
	last := map[int]string{}
	for i, id := range c.ids {
		last[id] = c.rows[i]
	}
	var left []string
	for i, id := range c.ids {
		if last[id] != "" && !slices.Contains(c.ids[i+1:], id) {
			left = append(left, last[id])
		}
	}
	insert := func(rows []string) string {
		if len(rows) == 0 {
			return ""
		}
		return "INSERT INTO k VALUES " + strings.Join(rows, ",\n") + ";\n"
	}
	updated = "CREATE TABLE k (" + retractColumns + ", PRIMARY KEY (id));\n" + insert(c.rows) + query
	final = "CREATE STREAM k (" + retractColumns + ");\n" + insert(left) + query
	return updated, final
}

// run returns how the results differ, "" when they do not.
func (c *retractCase) run() string {
	updated, final := c.scripts()
	want, err := printed(final, engine.Options{Workers: 2})
	if err != nil {
		return "the final rows: " + err.Error()
	}
	got, err := printed(updated, engine.Options{Workers: 1 + len(c.rows)%3, BatchRows: 1 + len(c.rows)%5})
	if err != nil {
		return "the updates: " + err.Error()
	}
	if sortLines(got) != sortLines(want) {
		return firstDifference(sortLines(got), sortLines(want))
	}
	changes, err := printed(updated, engine.Options{Workers: 1, Output: "changelog"})
	if err != nil {
		return "the changes: " + err.Error()
	}
	folded, err := fold(changes, c.by != "")
	if err != nil {
		return err.Error()
	}
	if folded != sortLines(want) {
		return "folded: " + firstDifference(folded, sortLines(want))
	}
	return ""
}

// fold applies a changelog and returns the rows that are left, sorted. What is
// taken back must be there, and no two rows of one group at a time. The key of a
// group is the first column.
func fold(changes string, grouped bool) (string, error) {
	held := map[string]string{}
	for line := range strings.Lines(changes) {
		var c struct {
			Op  string
			Row json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
		row, key := string(c.Row), ""
		if grouped {
			key, _, _ = strings.Cut(row, `,"`)
		}
		before, there := held[key]
		switch {
		case c.Op[0] == '+' && there:
			return "", fmt.Errorf("%scomes beside %s", line, before)
		case c.Op[0] == '+':
			held[key] = row
		case before != row:
			return "", fmt.Errorf("%stakes back a row that is not there", line)
		default:
			delete(held, key)
		}
	}
	var rows []string
	for _, row := range held {
		rows = append(rows, row+"\n")
	}
	slices.Sort(rows)
	return strings.Join(rows, ""), nil
}

// shrink makes a failing case smaller as long as it fails.
func (c *retractCase) shrink() {
	for i := len(c.calls) - 1; i >= 0 && len(c.calls) > 1; i-- {
		calls := c.calls
		if c.calls = slices.Delete(slices.Clone(calls), i, i+1); c.run() == "" {
			c.calls = calls
		}
	}
	for size := len(c.rows) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(c.rows); {
			ids, rows := c.ids, c.rows
			c.ids, c.rows = slices.Delete(slices.Clone(ids), i, i+size), slices.Delete(slices.Clone(rows), i, i+size)
			if c.run() == "" {
				c.ids, c.rows = ids, rows
				i += size
			}
		}
	}
}

// TestDifferentialRetraction holds every aggregate over a table that is updated
// again and again against the same over what the table holds in the end.
func TestDifferentialRetraction(t *testing.T) {
	t.Parallel()
	s := seed(t)
	cases := max(1, *differentialCases/4)
	if testing.Short() {
		cases /= 10
	}
	for i := range cases {
		r := rand.New(rand.NewPCG(s, uint64(i)))
		c := &retractCase{
			where: []string{"", "", " WHERE n > 0", " WHERE p", " WHERE x IS NOT NULL AND s <> 'a'"}[r.IntN(5)],
			by:    []string{"g", "g", "n % 2", ""}[r.IntN(4)],
		}
		for n, keys := r.IntN(60), 1+r.IntN(15); len(c.rows) < n; {
			id := r.IntN(keys)
			c.ids, c.rows = append(c.ids, id), append(c.rows, retractRow(r, id))
		}
		for _, k := range r.Perm(len(retractable))[:1+r.IntN(8)] {
			call := retractable[k]
			if r.IntN(5) == 0 {
				call += " FILTER (WHERE " + []string{"n >= 1", "p", "s <> 'ab'"}[r.IntN(3)] + ")"
			}
			c.calls = append(c.calls, call)
		}
		if c.run() != "" {
			c.shrink()
			updated, _ := c.scripts()
			t.Fatalf("-differential.seed=%d, case %d: %s\n%s", s, i, c.run(), updated)
		}
	}
}
