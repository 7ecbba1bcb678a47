package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// TestRankAtMost: rows that are beyond a rank are forgotten, and nothing shows of it; a condition
// that the planner does not see through gives the same changelog from all rows.
func TestRankAtMost(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 13))
		var in strings.Builder
		in.WriteString("k,v,w,n\n")
		for n := range 400 {
			fmt.Fprintf(&in, "%c,%d,%d,%d\n", 'a'+rune(r.IntN(3)), r.IntN(20+200*int(seed%2)), r.IntN(5), max(0, n-r.IntN(30)))
		}
		path := filepath.Join(t.TempDir(), "in.csv")
		if err := os.WriteFile(path, []byte(in.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, rank := range []string{"RANK", "DENSE_RANK"} {
			for _, most := range []int{1, 2, 7} {
				for _, query := range rankedQueries {
					sql := func(limit string) string {
						return fmt.Sprintf(`CREATE STREAM s (k STRING, v INT, w INT, n BIGINT, ts AS TO_TIMESTAMP(n), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH (path = '%s', format = 'csv');
							SELECT k, v, w, r FROM (%s) WHERE %s;`, path, strings.Replace(query, "RANK", rank, 1), fmt.Sprintf(limit, most))
					}
					want, _ := run(t, sql("r + 0 <= %d"), engine.Options{Output: "changelog", Workers: 1})
					for _, workers := range []int{1, 3} {
						got, report := run(t, sql("r <= %d"), engine.Options{Output: "changelog", Workers: workers, BatchRows: 1 + int(seed)*7})
						if got != want {
							t.Fatalf("seed %d, %s, %s <= %d, %d workers: %s", seed, query, rank, most, workers, firstDifference(got, want))
						}
						if s := report.Statements[0]; s.Read != s.Used+s.Filtered+s.Late+s.Rejected {
							t.Fatalf("seed %d, %s: %+v", seed, query, s)
						}
					}
				}
			}
		}
	}
}

// rankedQueries rank rows as they come, when their window closes with and without rows that
// come later, and at the end of the input.
var rankedQueries = []string{
	"SELECT k, v, w, RANK() OVER (PARTITION BY k ORDER BY v DESC) AS r FROM s EMIT CHANGES",
	"SELECT k, v, w, RANK() OVER (PARTITION BY window_start, window_end, k ORDER BY v DESC) AS r FROM TUMBLE(s, ts, INTERVAL '100' SECOND)",
	"SELECT k, v, w, RANK() OVER (PARTITION BY window_start, window_end, k ORDER BY v) AS r FROM TUMBLE(s, ts, INTERVAL '100' SECOND) ALLOWED LATENESS INTERVAL '15' SECOND",
	"SELECT k, v, w, RANK() OVER (PARTITION BY k ORDER BY v) AS r FROM s",
}
