package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// topQueries are queries for the first rows of others, over a stream s: $N stands for
// how many of them, and $R for the number that is held against it.
var topQueries = []string{
	// At once, with corrections: of rows, of those that change, and of windows' results.
	`SELECT k, v, pad, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, pad) AS rn FROM s EMIT CHANGES) WHERE $R <= $N`,
	`SELECT k, v, pad FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v NULLS FIRST) AS rn FROM s EMIT CHANGES) WHERE $R <= $N`,
	`SELECT k, ts, pad FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM s EMIT CHANGES) WHERE $R = 1`,
	`SELECT k, n, most, rn FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS rn FROM (SELECT k, COUNT(*) AS n, MAX(v) AS most FROM s GROUP BY k) EMIT CHANGES) WHERE $R <= $N`,
	`SELECT k, n FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS rn FROM (SELECT k, COUNT(*) AS n FROM s GROUP BY k) EMIT CHANGES) WHERE $R BETWEEN 2 AND $N`,
	`SELECT window_start, k, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY n DESC, window_start) AS rn FROM
	 (SELECT window_start, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '20' SECOND), k ALLOWED LATENESS INTERVAL '20' SECOND) EMIT CHANGES) WHERE $R <= $N`,
	// When the window closes: of its rows and of its results, which may be corrected.
	`SELECT window_start, k, pad, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k ORDER BY v DESC) AS rn FROM TUMBLE(s, ts, INTERVAL '20' SECOND)) WHERE $R <= $N`,
	`SELECT window_start, k, pad, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v DESC, pad DESC) AS rn FROM HOP(s, ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND)) WHERE $R <= $N`,
	`SELECT window_start, k, total FROM (SELECT window_start, k, SUM(v) AS total, ROW_NUMBER() OVER (PARTITION BY window_start ORDER BY SUM(v) DESC, k) AS rn FROM s GROUP BY TUMBLE(ts, INTERVAL '20' SECOND), k) WHERE $R <= $N`,
	`SELECT window_start, k, total, rn FROM (SELECT window_start, k, SUM(v) AS total, ROW_NUMBER() OVER (PARTITION BY window_start ORDER BY SUM(v) DESC, k) AS rn
	 FROM s GROUP BY TUMBLE(ts, INTERVAL '20' SECOND), k ALLOWED LATENESS INTERVAL '30' SECOND) WHERE $R <= $N`,
	`SELECT window_start, k, total FROM (SELECT window_start, k, SUM(v) AS total, ROW_NUMBER() OVER (PARTITION BY window_start ORDER BY SUM(v) DESC, k) AS rn
	 FROM s GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND), k EMIT CHANGES) WHERE $R <= $N`,
	// When the watermark has passed the row.
	`SELECT k, ts, pad FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS rn FROM s) WHERE $R = 1`,
	`SELECT k, ts, pad, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts, v DESC) AS rn FROM s ALLOWED LATENESS INTERVAL '5' SECOND) WHERE $R < $N + 1`,
	`SELECT window_start, COUNT(*) AS n FROM (SELECT ts, k FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY v ORDER BY ts) AS rn FROM s) WHERE $R <= $N) GROUP BY TUMBLE(ts, INTERVAL '20' SECOND)`,
}

// left applies a changelog and lists the rows that are left, sorted. What is taken
// back must be there.
func left(changelog string) (string, error) {
	held := map[string]int{}
	for line := range strings.Lines(changelog) {
		var c struct {
			Op  string
			Row json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
		row := string(c.Row)
		if c.Op[0] == '+' {
			held[row]++
		} else if held[row]--; held[row] < 0 {
			return "", fmt.Errorf("%stakes back a row that is not there", line)
		}
	}
	var rows []string
	for row, n := range held {
		for range n {
			rows = append(rows, row+"\n")
		}
	}
	slices.Sort(rows)
	return strings.Join(rows, ""), nil
}

// surplus looks for updates that change nothing, and for a -U without its +U.
func surplus(changelog string) error {
	lines := strings.Split(strings.TrimSpace(changelog), "\n")
	for i, line := range lines {
		row, old := strings.CutPrefix(line, `{"op":"-U"`)
		switch {
		case !old && (i == 0 || !strings.HasPrefix(lines[i-1], `{"op":"-U"`)) && strings.HasPrefix(line, `{"op":"+U"`):
			return fmt.Errorf("line %d: +U alone", i+1)
		case old && (i+1 == len(lines) || !strings.HasPrefix(lines[i+1], `{"op":"+U"`)):
			return fmt.Errorf("line %d: -U alone", i+1)
		case old && lines[i+1] == `{"op":"+U"`+row:
			return fmt.Errorf("line %d changes nothing: %s", i+1, line)
		}
	}
	return nil
}

// TestFirstRowsAreThoseOfTheWindowFunction: a limit on ROW_NUMBER leaves what a filter
// on the number would, whatever comes late, is corrected or taken back; its changelog
// is legal, changes nothing without need, and is the same for any batch size and number
// of workers; and every row is accounted for.
func TestFirstRowsAreThoseOfTheWindowFunction(t *testing.T) {
	for i, q := range topQueries {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(3) {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				path := writeJSON(t, t.TempDir(), generate(r, 300, 12, 8))
				declare := fmt.Sprintf("CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '6' SECOND) WITH (path = '%s');\n", path)
				n := fmt.Sprint(1 + r.IntN(4) + strings.Count(q, "BETWEEN"))
				whole := declare + strings.NewReplacer("$N", n, "$R", "rn + 0").Replace(q) + ";"
				top := declare + strings.NewReplacer("$N", n, "$R", "rn").Replace(q) + ";"
				explain := func(script string) string {
					plan, _ := run(t, strings.Replace(script, ";\nSELECT", ";\nEXPLAIN SELECT", 1), engine.Options{})
					return plan
				}
				if has := "── Top "; !strings.Contains(strings.ReplaceAll(explain(top), "── First row ", has), has) || strings.Contains(explain(whole), has) {
					t.Fatalf("the plans are\n%s\nand\n%s", explain(top), explain(whole))
				}
				got, report := run(t, top, engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
				changes, _ := run(t, whole, engine.Options{Output: "changelog"})
				have, err := left(got)
				if err == nil {
					err = surplus(got)
				}
				if err != nil {
					t.Fatalf("seed %d: %s\n%v\n%s", seed, top, err, got)
				}
				want, err := left(changes)
				if err != nil {
					t.Fatal(err)
				}
				if have != want || have == "" {
					t.Fatalf("seed %d: %s\n%s", seed, top, firstDifference(have, want))
				}
				if s := report.Statements[0]; s.Read+s.Repeated != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
					t.Errorf("account %+v", s)
				}
				for _, shape := range []struct{ size, workers int }{{7, 1}, {64, 3}, {4096, 2}, {1, 4}} {
					if again, _ := run(t, top, engine.Options{Output: "changelog", Workers: shape.workers, BatchRows: shape.size}); again != got {
						t.Fatalf("seed %d, batches of %d, %d workers: %s\n%s", seed, shape.size, shape.workers, top, firstDifference(again, got))
					}
				}
			}
		})
	}
}
