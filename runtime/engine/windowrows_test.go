package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/runtime/engine"
)

// TestGroupRowsOfWindows: rows that a function in FROM has put into windows, grouped by
// these, are the same as rows grouped by the window, also where something is computed from the
// window's columns before the grouping: what comes early, what is corrected and what is late.
func TestGroupRowsOfWindows(t *testing.T) {
	windows := []struct{ group, from string }{
		{"TUMBLE(ts, INTERVAL '10' SECOND)", "TUMBLE(s, ts, INTERVAL '10' SECOND)"},
		{"HOP(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)", "HOP(s, ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)"},
		{"CUMULATE(ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND)", "CUMULATE(s, ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND)"},
	}
	clauses := []string{
		"EMIT EVERY INTERVAL '3' SECOND", "LATE DATA TO gone", "ALLOWED LATENESS INTERVAL '2' SECOND LATE DATA TO gone EMIT EVERY INTERVAL '3' SECOND", "EMIT FINAL",
	}
	for seed := range uint64(len(windows) * len(clauses)) {
		w, clause := windows[seed%3], clauses[seed/3]
		r := rand.New(rand.NewPCG(seed, 77))
		path := writeJSON(t, t.TempDir(), generate(r, 400, 4, 6))
		sql := func(sum, hour, from, group string) string {
			late := ""
			if clause != "EMIT FINAL" && clause[0] != 'E' {
				late = "SELECT * FROM gone;"
			}
			return fmt.Sprintf(`CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (connector = 'file', path = '%s', format = 'json');
				SELECT window_start, window_end, k, COUNT(*) AS n, %s AS x, %s AS h FROM %s GROUP BY %s, k %s; %s`, path, sum, hour, from, group, clause, late)
		}
		const second = "EXTRACT(SECOND FROM window_start)"
		want, _ := run(t, sql("SUM(v)", second, "s", w.group), engine.Options{Output: "changelog", Workers: 1})
		derived := sql("SUM(v)", second, w.from, "window_start, window_end, "+second)
		attached := sql("SUM(CASE WHEN window_end > ts THEN v END)", second, w.from, "window_start, window_end")
		for what, text := range map[string]string{"a key of the window": derived, "an argument of the window": attached} {
			for _, size := range []int{1, 5, 4096} {
				if got, _ := run(t, text, engine.Options{Output: "changelog", Workers: 2, BatchRows: size}); got != want {
					t.Fatalf("seed %d, %s, %s, %s, batches of %d: %s", seed, w.from, clause, what, size, firstDifference(got, want))
				}
			}
		}
	}
}
