package format

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// leftOutRow is a row of three columns: a and b, of which conditions are pushed down, and c.
type leftOutRow struct {
	A string `parquet:"a"`
	B string `parquet:"b"`
	C string `parquet:"c"`
}

// leftOutRows are all combinations of values: one that passes, one that does not,
// none, and one that cannot be had.
func leftOutRows() (rows []leftOutRow, want []string) {
	for _, a := range []string{"7", "1", "x"} {
		for _, b := range []string{"1", "7", "x"} {
			for _, c := range []string{"5", "x"} {
				rows = append(rows, leftOutRow{a, b, c})
				switch {
				case a == "1" || b == "7":
					want = append(want, "left out")
				case a == "x" || b == "x" || c == "x":
					want = append(want, "bad")
				default:
					want = append(want, "7|1|5")
				}
			}
		}
	}
	return rows, want
}

// outcome tells for each record what has become of it.
func outcome(got result, n int) []string {
	out := make([]string, n)
	for _, r := range got.rows {
		var line int
		at, values, _ := strings.Cut(r, "|")
		fmt.Sscan(strings.TrimPrefix(at, "-"), &line)
		out[line-1] = values
		if strings.HasPrefix(at, "-") {
			out[line-1] = "left out"
		}
	}
	for _, b := range got.bad {
		var line int
		fmt.Sscan(b, &line)
		out[line-1] = "bad"
	}
	return out
}

// A row that a condition leaves out is left out, whatever is wrong with its other
// values, and in whatever order they stand.
func TestLeftOut(t *testing.T) {
	rows, want := leftOutRows()
	s := schema(t, "a INT, b INT, c INT")
	preds := []connectors.Predicate{{Column: 0, Op: ">", Values: []*data.Vector{constant(t, data.Of(data.Int), "5")}}, {Column: 1, Op: "<", Values: []*data.Vector{constant(t, data.Of(data.Int), "3")}}}
	for _, order := range []string{"abc", "acb", "bac", "bca", "cab", "cba"} {
		var csv, quoted, json, twice strings.Builder
		header := strings.Join(strings.Split(order, ""), ",") + "\n"
		csv.WriteString(header)
		quoted.WriteString(header)
		for _, r := range rows {
			var values, members []string
			for _, name := range order {
				v := map[rune]string{'a': r.A, 'b': r.B, 'c': r.C}[name]
				values, members = append(values, v), append(members, fmt.Sprintf("%q:%q", string(name), v))
			}
			fmt.Fprintln(&csv, strings.Join(values, ","))
			fmt.Fprintf(&quoted, "\"%s\"\n", strings.Join(values, `","`))
			fmt.Fprintf(&json, "{%s}\n", strings.Join(members, ","))
			fmt.Fprintf(&twice, "{\"a\":1,\"b\":7,%s}\n", strings.Join(members, ","))
		}
		for _, c := range []struct{ name, format, text string }{
			{"csv", "csv", csv.String()}, {"quoted csv", "csv", quoted.String()}, {"json", "json", json.String()}, {"members twice", "json", twice.String()},
		} {
			cfg := config(s, "format", c.format, "on_error", "skip")
			cfg.Filter = preds
			got := read(t, cfg, c.text, 64, 5)
			lines := strings.Count(c.text, "\n") // a header among them
			compareOutcomes(t, c.name+" "+order, outcome(got, lines)[lines-len(rows):], want)
			if got.count != int64(len(rows)) {
				t.Errorf("%s %s: %d records", c.name, order, got.count)
			}
		}
	}
	cfg := config(s, "format", "parquet", "on_error", "skip")
	cfg.Filter = preds
	compareOutcomes(t, "parquet", outcome(readParquet(t, cfg, writeParquet(t, t.TempDir(), rows), 60, 5), len(rows)), want)
}

// The event time is needed of rows that are left out too.
func TestLeftOutWithoutTime(t *testing.T) {
	s := schema(t, "ts TIMESTAMP, a INT")
	for _, text := range []string{"ts,a\nx,1\nx,7\n2026-01-01T00:00:00Z,1\n", "{\"a\":1,\"ts\":\"x\"}\n\n{\"ts\":\"x\",\"a\":7}\n"} {
		cfg := config(s, "format", map[bool]string{true: "json", false: "csv"}[text[0] == '{'], "on_error", "skip")
		cfg.Filter, cfg.Always = []connectors.Predicate{{Column: 1, Op: ">", Values: []*data.Vector{constant(t, data.Of(data.Int), "5")}}}, []int{0}
		if got := read(t, cfg, text, 100, 10); len(got.bad) != 2 {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func compareOutcomes(t *testing.T, name string, got, want []string) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s, row %d: %s, want %s", name, i+1, got[i], want[i])
		}
	}
}
