package engine_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// TestEvery: windows that are also shown while they are open have a changelog that
// is legal, longer, and the same for any batch size and number of workers; and what
// is left of it in the end is what there is without.
func TestEvery(t *testing.T) {
	for seed, window := range []string{
		"TUMBLE(ts, INTERVAL '20' SECOND, INTERVAL '3' SECOND)", "HOP(ts, INTERVAL '7' SECOND, INTERVAL '30' SECOND)",
		"CUMULATE(ts, INTERVAL '5' SECOND, INTERVAL '40' SECOND)", "SESSION(ts, INTERVAL '6' SECOND)",
	} {
		r := rand.New(rand.NewPCG(uint64(seed), 15))
		q := sessionQuery{delay: 8}
		rows := generate(r, 1000, 20, 10)
		for _, lateness := range []string{"", "\nALLOWED LATENESS INTERVAL '25' SECOND"} {
			query := q.stream(writeJSON(t, t.TempDir(), rows)) +
				"SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS s, COUNT(DISTINCT v) AS d FROM s GROUP BY " + window + ", k" + lateness
			sql := query + "\nEMIT EVERY INTERVAL '4' SECOND;\n"
			first := ""
			for _, opts := range []engine.Options{{Workers: 1, BatchRows: 1}, {Workers: 3, BatchRows: 7}, {Workers: 2, BatchRows: 1000}} {
				opts.Output = "changelog"
				got, _ := run(t, sql, opts)
				if first == "" {
					first = got
				}
				if got != first {
					t.Fatalf("%d workers\n%s\n%s", opts.Workers, sql, firstDifference(got, first))
				}
			}
			if err := checkLegal(first); err != nil {
				t.Fatalf("%s\nno legal changelog: %v", sql, err)
			}
			plain, _ := run(t, query+";\n", engine.Options{Output: "changelog", Workers: 2, BatchRows: 16})
			if strings.Count(first, "\n") <= strings.Count(plain, "\n") {
				t.Fatalf("%s\nnothing is emitted before windows close", sql)
			}
			got, _ := run(t, sql, engine.Options{Output: "json", Workers: 2, BatchRows: 16})
			want, _ := run(t, query+";\n", engine.Options{Output: "json", Workers: 2, BatchRows: 16})
			if got, want = sortLines(got), sortLines(want); got != want {
				t.Fatalf("%s\n%s", sql, firstDifference(got, want))
			}
		}
	}
}
