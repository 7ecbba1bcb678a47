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
		in.WriteString("k,v,w\n")
		for range 400 {
			fmt.Fprintf(&in, "%c,%d,%d\n", 'a'+rune(r.IntN(3)), r.IntN(20+200*int(seed%2)), r.IntN(5))
		}
		path := filepath.Join(t.TempDir(), "in.csv")
		if err := os.WriteFile(path, []byte(in.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, rank := range []string{"RANK", "DENSE_RANK"} {
			for _, most := range []int{1, 2, 7} {
				sql := func(limit string) string {
					return fmt.Sprintf(`CREATE STREAM s (k STRING, v INT, w INT) WITH (path = '%s');
						SELECT k, v, w, r FROM (SELECT k, v, w, %s() OVER (PARTITION BY k ORDER BY v DESC) AS r FROM s EMIT CHANGES) WHERE %s;`, path, rank, fmt.Sprintf(limit, most))
				}
				want, _ := run(t, sql("r + 0 <= %d"), engine.Options{Output: "changelog", Workers: 1})
				for _, workers := range []int{1, 3} {
					got, _ := run(t, sql("r <= %d"), engine.Options{Output: "changelog", Workers: workers, BatchRows: 1 + int(seed)*7})
					if got != want {
						t.Fatalf("seed %d, %s <= %d, %d workers: %s", seed, rank, most, workers, firstDifference(got, want))
					}
				}
			}
		}
	}
}
