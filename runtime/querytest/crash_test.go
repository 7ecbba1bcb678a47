package querytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/runtime/engine"
)

// crashQueries have every operator that remembers something, over streams s and r and a
// table t.
var crashQueries = map[string]string{
	"tumble":         "SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND",
	"hop":            "SELECT window_start, k, COUNT(DISTINCT x) AS n FROM s GROUP BY HOP(ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND",
	"cumulate":       "SELECT window_start, window_end, MAX(x) AS n FROM s GROUP BY CUMULATE(ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
	"session":        "SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '4' SECOND), k ALLOWED LATENESS INTERVAL '6' SECOND",
	"early":          "SELECT window_start, k, SUM(x) AS n FROM s GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND), k EMIT EVERY INTERVAL '5' SECOND",
	"sessions":       "SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '4' SECOND), k EMIT EVERY INTERVAL '3' SECOND",
	"final":          "SELECT window_start, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND EMIT FINAL",
	"aggregate":      "SELECT k, COUNT(*) AS n, MIN(x) AS m, AVG(x) AS a, STRING_AGG(x::STRING, ',') AS l FROM s GROUP BY k",
	"median":         "SELECT window_start, MEDIAN(x) AS m, APPROX_COUNT_DISTINCT(k) AS d, ARRAY_AGG(x ORDER BY x) AS a FROM s GROUP BY HOP(ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND)",
	"cascade":        "SELECT window_start, MAX(n) AS m FROM (SELECT window_start AS w, window_time, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND) AS q GROUP BY TUMBLE(window_time, INTERVAL '20' SECOND)",
	"rows":           "SELECT k, x, ts, SUM(x) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s, LAG(x) OVER (PARTITION BY k ORDER BY ts) AS l FROM s",
	"range":          "SELECT k, x, COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW) AS s, LEAD(x) OVER (PARTITION BY k ORDER BY ts) AS l FROM s",
	"changes":        "SELECT k, x, SUM(x) OVER (PARTITION BY k ORDER BY ts) AS s FROM s EMIT CHANGES",
	"first":          "SELECT k, x, ts FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) = 1",
	"last":           "SELECT k, x, ts FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) = 1",
	"top":            "SELECT k, x FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC, ts) <= 2",
	"interval":       "SELECT a.k, a.x AS ax, b.x AS bx, b.k AS bk FROM s a FULL JOIN r b WITHIN 5 SECONDS ON a.k = b.k ALLOWED LATENESS INTERVAL '3' SECOND",
	"anti":           "SELECT a.k, a.x AS ax FROM s a ANTI JOIN r b WITHIN 5 SECONDS ON a.k = b.k",
	"asof":           "SELECT a.k, a.x AS ax, b.x AS bx FROM s a ASOF LEFT JOIN r b ON a.k = b.k AND b.ts <= a.ts",
	"temporal":       "SELECT s.k, s.x, t.v FROM s LEFT JOIN t FOR SYSTEM_TIME AS OF s.ts ON s.k = t.k",
	"windows joined": "SELECT a.window_start, a.k, a.x AS ax, b.x AS bx FROM TUMBLE(s, ts, INTERVAL '5' SECOND) a FULL JOIN TUMBLE(r, ts, INTERVAL '5' SECOND) b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k AND a.x < b.x ALLOWED LATENESS INTERVAL '3' SECOND",
	"frames":         "SELECT a.k, a.x AS ax, n, m FROM s a LEFT JOIN (SELECT k, SUM(x) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '4' SECOND PRECEDING) AS n, FIRST_VALUE(x) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '9' SECOND PRECEDING) AS m FROM r) FOR SYSTEM_TIME AS OF a.ts AS b ON a.k = b.k ALLOWED LATENESS INTERVAL '2' SECOND",
	"tables":         "SELECT a.k, a.s, b.n FROM (SELECT k, SUM(x) AS s FROM s GROUP BY k) a FULL JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) b ON a.k = b.k",
	"ranked":         "SELECT k, x FROM (SELECT k, x, RANK() OVER (PARTITION BY window_start, window_end, k ORDER BY x) AS place FROM TUMBLE(s, ts, INTERVAL '20' SECOND) ALLOWED LATENESS INTERVAL '3' SECOND) WHERE place <= 2",
	"union":          "SELECT window_start, COUNT(*) AS n FROM (SELECT ts, k FROM s UNION ALL SELECT ts, k FROM r) AS u GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
	"difference":     "SELECT k, x FROM s EXCEPT SELECT k, x FROM r",
	"limited":        "SELECT k, x FROM s LIMIT 5",
	"late":           "SELECT k, late_by, reason FROM lates",
}

// crashFile returns a test of a query over random rows, some of which are late.
func crashFile(name, query string) string {
	random := rand.New(rand.NewPCG(uint64(len(name)), uint64(len(query))))
	var b strings.Builder
	b.WriteString(`CREATE STREAM s (k STRING, x INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND);
CREATE STREAM r (k STRING, x INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND);
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP, PRIMARY KEY (k), WATERMARK FOR ts AS ts);
CREATE VIEW others AS SELECT k FROM r; CREATE VIEW rates AS SELECT k FROM t;
CREATE VIEW counts AS SELECT window_start, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '2' SECOND) LATE DATA TO lates;
`)
	fmt.Fprintf(&b, "CREATE VIEW v AS %s;\nTEST 'x';\n", query)
	for step := range 5 {
		for _, stream := range []string{"s", "t", "r"} {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES ", stream)
			for i := range 6 {
				at := 60 + 12*step + 2*i + []int{0, 0, 1, -3, -8}[random.IntN(5)]
				if stream == "t" {
					at = 60 + 12*step + 2*i
				}
				fmt.Fprintf(&b, "%s('%c', %d, '2026-01-05T10:%02d:%02dZ')", strings.Repeat(", ", min(i, 1)), 'a'+rune(random.IntN(3)), random.IntN(9), at/60, at%60)
			}
			b.WriteString(";\n")
		}
	}
	b.WriteString("FINISH;\nEXPECT EMPTY v; EXPECT EMPTY others; EXPECT EMPTY rates; EXPECT EMPTY counts;\n")
	return b.String()
}

// TestCrash restores flows of every operator in the middle: whatever the number of
// workers, the size of batches and the place of the crash, the changes are the same.
func TestCrash(t *testing.T) {
	e := engine.New(builtin.Registry())
	for name, query := range crashQueries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, problems := load("crash.test.sql", crashFile(name, query))
			if problems.HasErrors() {
				t.Fatal(problems.Render())
			}
			changes := func(v variant, o Options) []string {
				r := &run{file: f, test: f.tests[0], variant: v}
				r.all(e, o)
				if r.list.HasErrors() {
					t.Fatal(r.list.Render())
				}
				log := r.bench.captures["v"].log
				lines := make([]string, log.len())
				for i := range lines {
					lines[i] = log.line(i, true)
				}
				return lines
			}
			want := changes(asWritten, Options{Workers: 1, BatchRows: 1024})
			if len(want) < 3 {
				t.Fatalf("only %d changes", len(want))
			}
			steps := len(f.tests[0].steps)
			for crash := 1; crash < steps-3; crash += 3 {
				for save := -1; save <= crash; save += 4 {
					o := Options{Workers: 1 + crash%3, BatchRows: []int{1, 3, 1024}[crash/3%3]}
					got := changes(variant{saves: save, crashes: crash}, o)
					if !slices.Equal(got, want) {
						t.Fatalf("saved before step %d, crashed before step %d, %+v: got\n%s\nwant\n%s", save, crash, o, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
			}
		})
	}
}
