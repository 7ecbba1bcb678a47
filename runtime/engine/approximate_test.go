package engine_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// folded is the result that a changelog comes to, by window and key.
func folded(t *testing.T, changelog string) map[string]map[string]any {
	t.Helper()
	rows := map[string]map[string]any{}
	for line := range strings.Lines(changelog) {
		var c struct {
			Op  string
			Row map[string]any
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(c.Row["window_start"], c.Row["window_end"], c.Row["k"])
		if c.Op[0] == '+' {
			rows[key] = c.Row
		} else {
			delete(rows, key)
		}
	}
	return rows
}

// TestApproximate holds ON LATE APPROXIMATE against the exact correction of late rows:
// as many rows are late, the changelog is legal and the same for all batches and
// workers, and results are within the bound.
func TestApproximate(t *testing.T) {
	windows := []string{
		"TUMBLE(ts, INTERVAL '60' SECOND)", "HOP(ts, INTERVAL '20' SECOND, INTERVAL '60' SECOND)", "SESSION(ts, INTERVAL '2' SECOND)",
		"CUMULATE(ts, INTERVAL '15' SECOND, INTERVAL '60' SECOND)", "HOP(ts, INTERVAL '3' SECOND, INTERVAL '70' SECOND)",
	}
	emits := []string{"", " EMIT FINAL", " EMIT CHANGES", " EMIT EVERY INTERVAL '7' SECOND"}
	for seed := range uint64(4 * len(windows)) {
		window, emit := windows[seed/4], emits[seed%4]
		r := rand.New(rand.NewPCG(seed, 51))
		rows := generate(r, 1500, 20, 6)
		path := writeJSON(t, t.TempDir(), rows)
		sql := func(onLate string) string {
			return fmt.Sprintf(`CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) WITH (connector = 'file', path = '%s', format = 'json');
				SELECT window_start, window_end, k, COUNT(*) AS n, SUM(v) AS s, MAX(v) AS hi, COUNT(DISTINCT v) AS d, MEDIAN(v) AS m FROM s
				GROUP BY %s, k ALLOWED LATENESS INTERVAL '30' SECOND%s%s;`, path, window, onLate, emit)
		}
		exact, want := run(t, sql(""), engine.Options{Output: "changelog", Workers: 1})
		first, got := run(t, sql(" ON LATE APPROXIMATE"), engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
		if err := checkLegal(first); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, workers := range []int{1, 3} {
			for _, size := range []int{7, 4096} {
				again, _ := run(t, sql(" ON LATE APPROXIMATE"), engine.Options{Output: "changelog", Workers: workers, BatchRows: size})
				if again != first {
					t.Fatalf("seed %d, batches of %d, %d workers: %s", seed, size, workers, firstDifference(again, first))
				}
			}
		}
		if g, w := got.Statements[0], want.Statements[0]; g.Late != w.Late || g.Emitted != w.Emitted {
			t.Fatalf("seed %d, %s%s: %+v, exactly %+v", seed, window, emit, g, w)
		}
		about, exactly := folded(t, first), folded(t, exact)
		if len(about) != len(exactly) {
			t.Fatalf("seed %d: %d rows, exactly %d", seed, len(about), len(exactly))
		}
		differs := 0
		for key, w := range exactly {
			g := about[key]
			for _, c := range []string{"n", "s", "hi", "d"} { // few enough values to count them exactly
				if g[c] != w[c] {
					t.Fatalf("seed %d: %s is %v, exactly %v", seed, c, g, w)
				}
			}
			if g["m"] == w["m"] {
				continue
			}
			differs++
			if x, y := g["m"].(float64), w["m"].(float64); math.Abs(x-y) > 0.01*20 { // no value is beyond 20
				t.Fatalf("seed %d: median %v, exactly %v", seed, x, y)
			}
		}
		if differs == 0 {
			t.Fatalf("seed %d: no median was approximated", seed)
		}
	}
}
