package engine

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
)

// What is said to be lost under a choice is what a run with it loses, whatever the
// windows.
func TestAdviceHolds(t *testing.T) {
	const session = 2
	for seed, query := range []string{
		"COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE) $L",
		"COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '7' SECOND, INTERVAL '3' SECOND) $L",
		session: "COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '2' SECOND) $L",
		"COUNT(*) AS n FROM s WHERE v > 3 GROUP BY HOP(ts, INTERVAL '3' SECOND, INTERVAL '10' SECOND) $L",
		"COUNT(*) AS n FROM (SELECT ts AS at FROM s WHERE v % 3 = 1) GROUP BY CUMULATE(at, INTERVAL '5' SECOND, INTERVAL '20' SECOND) $L",
		"COUNT(*) AS n FROM TUMBLE(s, ts, INTERVAL '10' SECOND) WHERE v < 5 GROUP BY window_start, window_end $L",
		"COUNT(*) AS n FROM HOP(s, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) WHERE window_end > ts - INTERVAL '1' DAY GROUP BY window_start, window_end $L LATE DATA TO late",
		"v, SUM(v) OVER (ORDER BY ts) AS x FROM s WHERE v > 3 $L",
		"v FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY v ORDER BY ts) = 1 $L",
		"v FROM TUMBLE(s, ts, INTERVAL '10' SECOND) WHERE v > 3 QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v) <= 2 $L",
	} {
		r := rand.New(rand.NewPCG(uint64(seed), 9))
		dir := t.TempDir()
		parts := 1 + seed%2 // every other stream comes in two files at once
		csv := make([]bytes.Buffer, parts)
		for i := range csv {
			csv[i].WriteString("ts,v\n")
		}
		start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
		for i := range 400 {
			at := start.Add(time.Duration(i) * time.Second).Add(-time.Duration(r.IntN(4)) * time.Second)
			if r.IntN(20) == 0 {
				at = at.Add(-time.Duration(r.IntN(400)) * time.Second)
			}
			fmt.Fprintf(&csv[i%parts], "%s,%s\n", at.Format(time.RFC3339), []string{fmt.Sprint(r.IntN(10)), "none"}[r.IntN(20)/19])
		}
		for i := range csv {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("rows%d.csv", i)), csv[i].Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		script := source.NewFile("q.sql", "CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND) WITH (path = 'rows*.csv', partitioned = true, on_error = 'skip');\n"+
			"SELECT "+strings.Replace(query, "$L", "ALLOWED LATENESS INTERVAL '${lateness}' SECOND", 1)+";")
		options := func(delay, lateness int64) Options {
			seconds := func(us int64) string { return fmt.Sprintf("%d.%06d", us/1e6, us%1e6) }
			return Options{BaseDir: dir, Output: "none", Vars: map[string]string{"delay": seconds(delay), "lateness": seconds(lateness)}}
		}
		e := New(builtin.Registry())
		advice, problems, err := e.Advise(context.Background(), script, options(2e6, 5e6))
		if err != nil || problems.HasErrors() || len(advice) != 1 || advice[0].Rows < 360 || len(advice[0].Uses) != 1 {
			t.Fatalf("%s: %+v, %v, %v", query, advice, problems, err)
		}
		choices := advice[0].Uses[0].Choices
		if len(choices) < 3 || choices[0].Lost == 0 {
			t.Errorf("%s: choices %+v", query, choices)
		}
		if last := choices[len(choices)-1]; last.Name != "all" || last.Lateness == 0 {
			t.Errorf("%s: no lateness keeps all: %+v", query, choices)
		}
		for _, c := range choices {
			job, _, err := e.Prepare(script, options(c.Delay, c.Lateness))
			if err != nil {
				t.Fatal(err)
			}
			report, err := job.Run(context.Background(), context.Background())
			if err != nil {
				t.Fatal(err)
			}
			// Less lateness than keeps all loses some.
			if c.Name == "all" && c.Lateness > 0 && seed != session {
				less := c
				less.Lateness--
				job, _, err := e.Prepare(script, options(less.Delay, less.Lateness))
				if err != nil {
					t.Fatal(err)
				}
				if report, err := job.Run(context.Background(), context.Background()); err != nil || report.Statements[0].Late == 0 {
					t.Errorf("%s: %s is more lateness than keeps all, %v", query, c.Clause, err)
				}
			}
			// A row that joins a session is judged with it, so that fewer may be late.
			late := report.Statements[0].Late
			if late != c.Lost && !(seed == session && late < c.Lost) {
				t.Errorf("%s, %s: delay %d s, lateness %d s: %d late rows, %d were foretold", query, c.Name, c.Delay/1e6, c.Lateness/1e6, late, c.Lost)
			}
		}
	}
}
