package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// withLateData lets the late rows of a generated query be read by another one.
func withLateData(sql string) string {
	return strings.TrimSuffix(sql, ";\n") + "\nLATE DATA TO gone;\n" +
		"SELECT pad, late_by = watermark - ts AS by_time, missed_by = watermark - window_end AS by_window, watermark, window_start, window_end, reason FROM gone;\n"
}

// lateOracle lists the rows that no window can use.
func lateOracle(q query, rows []row) (list []string) {
	w := int64(-1 << 62)
	after := q.watermarks(q.delay, rows)
	for i, r := range rows {
		if q.where == nil || r.cents != nil && *r.cents > *q.where {
			windows := q.windows(r.ts)
			last := windows[len(windows)-1]
			if q.lateness == 0 && w >= last[1] || q.lateness > 0 && w > last[1]+q.lateness {
				list = append(list, fmt.Sprintf(`{"op":"+I","row":{"pad":"%d","by_time":true,"by_window":true,"watermark":"%s","window_start":"%s","window_end":"%s","reason":"window_closed"}}`,
					i, stamp(w), stamp(last[0]), stamp(last[1])))
			}
		}
		w = max(w, after[i])
	}
	return list
}

// TestLateData holds the rows that LATE DATA TO receives against the oracle, and the
// query itself to what it is without the clause.
func TestLateData(t *testing.T) {
	rounds, total := 60, 0
	if testing.Short() {
		rounds = 10
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 41))
		q := randomQuery(r)
		rows := generate(r, r.IntN(400), q.slide, q.delay+r.Int64N(5))
		sql := withLateData(q.sql(writeJSON(t, t.TempDir(), rows), "json"))
		want, late, _ := oracle(q, rows)
		gone := lateOracle(q, rows)
		if len(gone) != late {
			t.Fatalf("seed %d: the oracles do not agree: %d and %d late", seed, len(gone), late)
		}
		total += late
		wantText := strings.Join(append(append(want, gone...), ""), "\n")
		for _, workers := range []int{1, 3} {
			got, report := run(t, sql, engine.Options{Output: "changelog", Workers: workers, BatchRows: 1 + r.IntN(100)})
			if got != wantText {
				t.Fatalf("seed %d\n%s\n%s", seed, sql, firstDifference(got, wantText))
			}
			main, side := report.Statements[0], report.Statements[1]
			if main.Late != int64(late) || main.Read != main.Used+main.Filtered+main.Late+main.Rejected {
				t.Fatalf("seed %d: the account does not close: %+v", seed, main)
			}
			if side.Read != int64(late) || side.Emitted != int64(late) || side.Used != int64(late) {
				t.Fatalf("seed %d: %d late rows, %+v", seed, late, side)
			}
		}
	}
	if total < 3*rounds/2 {
		t.Fatalf("only %d rows were late", total)
	}
}

// lateShapes are queries whose late rows go somewhere, over the stream s (ts, k, v,
// pad) and the stream u, which is the same with other names.
var lateShapes = map[string]string{
	"session": `SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '4' SECOND), k LATE DATA TO gone;`,
	"kept session": `SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '4' SECOND), k
		ALLOWED LATENESS INTERVAL '3' SECOND LATE DATA TO gone;`,
	"inner join": `SELECT a.pad, b.pad AS other FROM s a JOIN u b WITHIN INTERVAL '5' SECOND ON a.k = b.k ALLOWED LATENESS INTERVAL '2' SECOND LATE DATA TO gone;`,
	"left join":  `SELECT a.pad, b.pad AS other FROM s a LEFT JOIN u b WITHIN INTERVAL '5' SECOND ON a.k = b.k LATE DATA TO gone;`,
	"asof join":  `SELECT a.pad, b.pad AS other FROM s a ASOF LEFT JOIN u b ON a.k = b.k AND b.ts <= a.ts ALLOWED LATENESS INTERVAL '1' SECOND LATE DATA TO gone;`,
	"from":       `SELECT window_start, COUNT(*) AS n FROM TUMBLE(s, ts, INTERVAL '5' SECOND) GROUP BY window_start, window_end LATE DATA TO gone;`,
	"over": `SELECT pad, COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND CURRENT ROW) AS n FROM s
		ALLOWED LATENESS INTERVAL '1' SECOND LATE DATA TO gone;`,
	"over of windows": `SELECT pad, window_end, RANK() OVER (PARTITION BY window_start, window_end ORDER BY v) AS n FROM TUMBLE(s, ts, INTERVAL '5' SECOND) LATE DATA TO gone;`,
	"first of windows": `SELECT pad, n FROM (SELECT pad, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v) AS n FROM TUMBLE(s, ts, INTERVAL '5' SECOND)
		ALLOWED LATENESS INTERVAL '2' SECOND LATE DATA TO gone) WHERE n <= 2;`,
	"first of hop": `SELECT pad, window_end FROM HOP(s, ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)
		QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v) = 1 LATE DATA TO gone;`,
	"first rows":     `SELECT pad, k FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) = 1 ALLOWED LATENESS INTERVAL '1' SECOND LATE DATA TO gone;`,
	"first, in view": `CREATE VIEW v AS SELECT pad, k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM s LATE DATA TO gone; SELECT k FROM v WHERE n = 1; SELECT n FROM v WHERE n > 400;`,
	"over changes":   `SELECT pad, SUM(v) OVER (PARTITION BY k ORDER BY ts) AS n FROM s EMIT CHANGES LATE DATA TO gone;`,
	"two clauses": `SELECT window_end, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND) LATE DATA TO gone;
		SELECT window_end, COUNT(*) AS n FROM u GROUP BY HOP(ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND) LATE DATA TO gone;`,
	"view": `CREATE VIEW v AS SELECT window_end, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND) LATE DATA TO gone;
		SELECT SUM(n) AS n FROM v; SELECT MAX(n) AS n FROM v;`,
	"only the late": `CREATE VIEW v AS SELECT window_end, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND) LATE DATA TO gone;`,
	"grouping sets": `SELECT window_end, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), ROLLUP(k) LATE DATA TO gone;`,
	"late again": `CREATE STREAM gone (ts TIMESTAMP, pad STRING, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND);
		SELECT window_end, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k LATE DATA TO gone;
		SELECT window_end, COUNT(*) AS n FROM gone GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) LATE DATA TO never;
		SELECT pad, watermark FROM never;`,
}

// TestLateDataShapes: what LATE DATA TO receives does not hang on batches and workers,
// and is as much as is counted.
func TestLateDataShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 42))
	path := writeJSON(t, t.TempDir(), generate(r, 2000, 20, 4))
	declare := ""
	for _, name := range []string{"s", "u"} {
		declare += fmt.Sprintf("CREATE STREAM %s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) WITH (connector = 'file', path = '%s', format = 'json');\n", name, path)
	}
	for name, query := range lateShapes {
		t.Run(name, func(t *testing.T) {
			sql := declare + query + "\nSELECT pad FROM gone;\n"
			first, report := run(t, sql, engine.Options{Output: "changelog", Workers: 1, BatchRows: 1})
			received := int64(-1)
			late := int64(0)
			for _, s := range report.Statements {
				switch s.Name {
				case "gone":
					received = s.Emitted
				case "never":
				default:
					if !strings.HasPrefix(s.Source, "the late rows") {
						late = max(late, s.Late)
					}
				}
				if s.Read+s.Repeated != s.Used+s.Filtered+s.Late+s.Rejected || s.Used < 0 {
					t.Errorf("the account does not close: %+v", s)
				}
			}
			if name == "two clauses" {
				late = report.Statements[0].Late + report.Statements[2].Late
			}
			if name == "only the late" {
				late = received // nobody counts but who reads them
			}
			if received <= 0 || received != late {
				t.Errorf("%d rows received, %d late:\n%s", received, late, report.Summary())
			}
			for _, workers := range []int{1, 2, 4} {
				for _, size := range []int{1, 7, 500, 8192} {
					got, _ := run(t, sql, engine.Options{Output: "changelog", Workers: workers, BatchRows: size})
					if got != first {
						t.Fatalf("batches of %d, %d workers: %s", size, workers, firstDifference(got, first))
					}
				}
			}
		})
	}
}

// TestLateForAllWindows: a row of overlapping windows is late when it has missed all of them,
// however the windows are written and whatever is made of their rows.
func TestLateForAllWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 42))
	declare := fmt.Sprintf("CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), pad STRING, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) WITH (path = '%s');\n",
		writeJSON(t, t.TempDir(), generate(r, 2000, 20, 4)))
	const number = "ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v)"
	for _, window := range []string{"HOP(%s ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)", "CUMULATE(%s ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND)"} {
		rows := fmt.Sprintf(window, "s,")
		want := int64(-1)
		for _, query := range []string{
			"SELECT COUNT(*) AS n FROM s GROUP BY " + fmt.Sprintf(window, ""),
			"SELECT COUNT(*) AS n FROM " + rows + " GROUP BY window_start, window_end",
			"SELECT COUNT(*) AS n FROM " + rows + " WHERE window_end > ts - INTERVAL '1' SECOND GROUP BY window_start, window_end",
			"SELECT COUNT(*) AS n FROM " + rows + " WHERE window_end > ts - INTERVAL '1' SECOND GROUP BY window_start, window_end EMIT EVERY INTERVAL '3' SECOND",
			"SELECT v, " + number + " AS n FROM " + rows,
			"SELECT v FROM " + rows + " QUALIFY " + number + " <= 2",
		} {
			_, report := run(t, declare+query+";", engine.Options{Output: "changelog", Workers: 2})
			s := report.Statements[0]
			if want < 0 {
				want = s.Late
			}
			if s.Late != want || want < 10 || s.PartlyLate == 0 || s.Read+s.Repeated != s.Used+s.Filtered+s.Late+s.Rejected {
				t.Errorf("%s: %d rows are late, want %d: %+v", query, s.Late, want, s)
			}
		}
	}
}
