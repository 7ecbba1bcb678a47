package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// joinWorld writes two inputs, out of order by up to disorder seconds, with skewed and
// NULL keys and equal times, and declares them as l and r.
func joinWorld(t *testing.T, r *rand.Rand, rows, disorder int) string {
	t.Helper()
	dir := t.TempDir()
	script := ""
	for _, name := range []string{"l", "r"} {
		var b strings.Builder
		for i := range rows {
			key := fmt.Sprintf(`,"k":"k%d"`, min(r.IntN(40), r.IntN(40)))
			if r.IntN(15) == 0 {
				key = ""
			}
			fmt.Fprintf(&b, `{"ts":"%s"%s,"v":%d,"id":%d}`+"\n", stamp(int64(i/3)-r.Int64N(int64(disorder)+1)), key, r.IntN(10), i)
		}
		path := filepath.Join(dir, name+".ndjson")
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		script += fmt.Sprintf("CREATE STREAM %s (ts TIMESTAMP, k STRING, v INT, id INT, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (path = '%s');\n", name, path)
	}
	return script
}

// joinQueries are joins of l and r.
var joinQueries = []string{
	"SELECT l.k, l.id, r.id AS other FROM l ASOF LEFT JOIN r ON l.k = r.k AND r.ts <= l.ts ALLOWED LATENESS INTERVAL '3' SECOND",
	"SELECT l.id, r.id AS other FROM l ASOF JOIN r ON l.k = r.k AND l.v = r.v AND r.ts < l.ts TOLERANCE INTERVAL '20' SECOND",
	"SELECT window_start, COUNT(*) AS n FROM (SELECT l.ts FROM l ASOF JOIN r ON l.k = r.k AND r.ts <= l.ts) GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
}

// The changelog of a join is the same for any size of batches and number of workers.
func TestJoinsAreDeterministic(t *testing.T) {
	for i, query := range joinQueries {
		world := joinWorld(t, rand.New(rand.NewPCG(uint64(i), 7)), 1200, 9)
		var first string
		for _, size := range []int{1, 3, 64, 4096} {
			for _, workers := range []int{1, 2, 4} {
				got, _ := run(t, world+query, engine.Options{Output: "changelog", Workers: workers, BatchRows: size})
				if first == "" {
					first = got
				}
				if got != first {
					t.Fatalf("%s\nbatches of %d, %d workers: %s", query, size, workers, firstDifference(got, first))
				}
			}
		}
		if strings.Count(first, "\n") < 20 {
			t.Errorf("%s\nhas only %s", query, first)
		}
	}
}

// sortedLines returns the lines of a result in bytewise order.
func sortedLines(t *testing.T, sql string) []string {
	t.Helper()
	got, _ := run(t, sql, engine.Options{Output: "csv"})
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")[1:]
	sort.Strings(lines)
	return lines
}

// A query without a time of its own gives what an ASOF join does: the last of all rows
// before, as none of them is late.
func TestAsofJoinIsWhatABatchGives(t *testing.T) {
	for seed := range uint64(4) {
		world := joinWorld(t, rand.New(rand.NewPCG(seed, 8)), 600, 4)
		asof := sortedLines(t, world+"SELECT l.id, r.id AS other FROM l ASOF JOIN r ON l.k = r.k AND r.ts <= l.ts")
		batch := sortedLines(t, world+`SELECT id, other FROM (
			SELECT l.id, r.id AS other, ROW_NUMBER() OVER (PARTITION BY l.id ORDER BY r.ts DESC, r.id DESC) AS place
			FROM l JOIN r WITHIN (INTERVAL '1' DAY, INTERVAL '0' DAY) ON l.k = r.k) WHERE place = 1`)
		if a, b := strings.Join(asof, "\n"), strings.Join(batch, "\n"); a != b || len(asof) < 100 {
			t.Fatalf("seed %d: %s", seed, firstDifference(a, b))
		}
	}
}
