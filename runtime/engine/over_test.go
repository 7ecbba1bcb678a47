package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// overQueries are window functions of every kind of emission, over a stream s.
var overQueries = []string{
	`SELECT k, ts, v, SUM(v) OVER w AS s, COUNT(*) OVER (w RANGE INTERVAL '20' SECOND PRECEDING) AS n, LAG(v) OVER w AS before, RANK() OVER w AS r
	 FROM s WINDOW w AS (PARTITION BY k ORDER BY ts)`,
	`SELECT k, ts, pad, LEAD(pad, 2) OVER (PARTITION BY k ORDER BY ts) AS next, MAX(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS m FROM s
	 ALLOWED LATENESS INTERVAL '10' SECOND`,
	`SELECT ts, v, AVG(v) OVER (ORDER BY ts, v ROWS 5 PRECEDING) AS m, COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND INTERVAL '5' SECOND FOLLOWING) AS n FROM s`,
	`SELECT k, ts, pad, SUM(v) OVER (PARTITION BY k ORDER BY ts ROWS 3 PRECEDING) AS s FROM s EMIT CHANGES`,
	`SELECT k, pad, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, pad) AS r FROM s WHERE CAST(pad AS INT) < 300 EMIT CHANGES`,
	`SELECT k, pad, CUME_DIST() OVER (PARTITION BY k ORDER BY v) AS d, NTILE(4) OVER (ORDER BY v, pad) AS q FROM s`,
	`SELECT window_start, k, SUM(v) AS s, RANK() OVER (PARTITION BY window_start ORDER BY SUM(v) DESC NULLS LAST) AS r, SUM(v) - LAG(SUM(v)) OVER (PARTITION BY k ORDER BY window_time) AS up
	 FROM s GROUP BY TUMBLE(ts, INTERVAL '30' SECOND), k ALLOWED LATENESS INTERVAL '15' SECOND`,
	`SELECT window_start, COUNT(*) AS n, MAX(s) AS most FROM (SELECT ts, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '30' SECOND PRECEDING) AS s FROM s ALLOWED LATENESS INTERVAL '7' SECOND)
	 GROUP BY TUMBLE(ts, INTERVAL '20' SECOND)`,
	`SELECT k, n, RANK() OVER (ORDER BY n DESC) AS r FROM (SELECT k, COUNT(*) AS n FROM s WHERE CAST(pad AS INT) < 400 GROUP BY k) EMIT CHANGES`,
}

// TestOverDeterminism: what window functions emit is the same, byte for byte, for
// any batch size and number of workers, and every row is accounted for.
func TestOverDeterminism(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	path := writeJSON(t, t.TempDir(), generate(r, 2500, 12, 8))
	declare := fmt.Sprintf("CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '6' SECOND) WITH (path = '%s');\n", path)
	for i, q := range overQueries {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			first, report := run(t, declare+q+";", engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
			if strings.Count(first, "\n") < 10 {
				t.Fatalf("only\n%s", first)
			}
			if s := report.Statements[0]; s.Read != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
				t.Errorf("account %+v", s)
			}
			for _, shape := range []struct{ size, workers int }{{7, 1}, {64, 3}, {4096, 2}, {1, 4}} {
				got, _ := run(t, declare+q+";", engine.Options{Output: "changelog", Workers: shape.workers, BatchRows: shape.size})
				if got != first {
					t.Fatalf("batches of %d, %d workers: %s", shape.size, shape.workers, firstDifference(got, first))
				}
			}
		})
	}
}
