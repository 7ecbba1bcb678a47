package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/connectors/builtin"
	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/runtime/dataflow"
)

// resumeQueries have every operator that remembers something, and every way of merging
// streams, over s, r and the table t.
var resumeQueries = map[string]string{
	"plain":          "SELECT k, x, ts FROM s WHERE x > 2",
	"tumble":         "SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND",
	"two phases":     "SELECT window_start, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k",
	"hop":            "SELECT window_start, k, COUNT(DISTINCT x) AS n FROM s GROUP BY HOP(ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND",
	"session":        "SELECT window_start, window_end, k, COUNT(*) AS n FROM s GROUP BY SESSION(ts, INTERVAL '1' SECOND), k ALLOWED LATENESS INTERVAL '6' SECOND",
	"aggregate":      "SELECT k, COUNT(*) AS n, MIN(x) AS m, AVG(x) AS a FROM s GROUP BY k",
	"cascade":        "SELECT window_start, MAX(n) AS m FROM (SELECT window_start AS w, window_time, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k ALLOWED LATENESS INTERVAL '5' SECOND) AS q GROUP BY TUMBLE(window_time, INTERVAL '20' SECOND)",
	"over":           "SELECT k, x, ts, SUM(x) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s, LAG(x) OVER (PARTITION BY k ORDER BY ts) AS l FROM s",
	"top":            "SELECT k, x FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC, ts) <= 2",
	"interval":       "SELECT a.k, a.x AS ax, b.x AS bx, b.k AS bk FROM s a FULL JOIN r b WITHIN 2 SECONDS ON a.k = b.k ALLOWED LATENESS INTERVAL '3' SECOND",
	"self":           "SELECT a.k, a.x AS ax, b.x AS bx FROM s a JOIN s b WITHIN 1 SECOND ON a.k = b.k AND a.x < b.x",
	"asof":           "SELECT a.k, a.x AS ax, b.x AS bx FROM s a ASOF LEFT JOIN r b ON a.k = b.k AND b.ts <= a.ts",
	"temporal":       "SELECT s.k, s.x, t.v FROM s LEFT JOIN t FOR SYSTEM_TIME AS OF s.ts ON s.k = t.k",
	"dimension":      "SELECT s.k, s.x, d.v FROM s LEFT JOIN d ON s.k = d.k",
	"windows joined": "SELECT a.window_start, a.k, a.x AS ax, b.x AS bx FROM TUMBLE(s, ts, INTERVAL '5' SECOND) a FULL JOIN TUMBLE(r, ts, INTERVAL '5' SECOND) b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k AND a.x < b.x ALLOWED LATENESS INTERVAL '3' SECOND",
	"frames":         "SELECT a.k, a.x AS ax, n, m FROM s a LEFT JOIN (SELECT k, SUM(x) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '4' SECOND PRECEDING) AS n, FIRST_VALUE(x) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '9' SECOND PRECEDING) AS m FROM r) FOR SYSTEM_TIME AS OF a.ts AS b ON a.k = b.k ALLOWED LATENESS INTERVAL '2' SECOND",
	"tables":         "SELECT a.k, a.s, b.n FROM (SELECT k, SUM(x) AS s FROM s GROUP BY k) a FULL JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) b ON a.k = b.k",
	"ranked":         "SELECT k, x FROM (SELECT k, x, RANK() OVER (PARTITION BY window_start, window_end, k ORDER BY x) AS place FROM TUMBLE(s, ts, INTERVAL '20' SECOND) ALLOWED LATENESS INTERVAL '3' SECOND) WHERE place <= 2",
	"union":          "SELECT window_start, COUNT(*) AS n FROM (SELECT ts, k FROM s UNION ALL SELECT ts, k FROM r) AS u GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)",
	"lanes":          "SELECT ts, k, x FROM s WHERE x > 4 UNION ALL SELECT ts, k, -x FROM s WHERE x < 6",
	"difference":     "SELECT k, x FROM s EXCEPT SELECT k, x FROM r",
	"partitioned":    "SELECT window_start, k, COUNT(*) AS n FROM p GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k",
	"perfect":        "SELECT window_start, k, COUNT(*) AS n FROM perfect GROUP BY TUMBLE(ts, INTERVAL '3' SECOND), k",
	"limited":        "SELECT k, x FROM s WHERE x > 7 LIMIT 300",
	"series":         "SELECT k, x, n FROM s JOIN (SELECT n, 'k' || (n % 7)::STRING AS g FROM GENERATE_SERIES(1, 30000) AS q(n)) g ON s.k = g.g AND s.x = g.n",
}

// resumeWorld writes files of rows, of which some are late, and declares them.
func resumeWorld(t *testing.T) string {
	t.Helper()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	var script strings.Builder
	for _, name := range []string{"s", "r", "p"} {
		for file := range 24 {
			var b strings.Builder
			for i := range 40 {
				at := file*8 + i/5 - random.IntN(3)
				if random.IntN(20) == 0 {
					at -= random.IntN(30)
				}
				if name == "p" {
					at = at*3 + file%3 // files whose times overlap
				}
				at += 100
				fmt.Fprintf(&b, `{"ts":"2026-01-05T10:%02d:%02d.%03dZ","k":"k%d","x":%d}`+"\n", at/60, at%60, random.IntN(1000), random.IntN(7), random.IntN(10))
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s%02d.ndjson", name, file)), []byte(b.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	declare := func(stream, files, watermark, options string) {
		fmt.Fprintf(&script, "CREATE STREAM %s (k STRING, x INT, ts TIMESTAMP, WATERMARK FOR ts AS %s) WITH (path = '%s'%s);\n", stream, watermark, filepath.Join(dir, files), options)
	}
	declare("s", "s*.ndjson", "ts - INTERVAL '2' SECOND", "")
	declare("r", "r*.ndjson", "ADAPTIVE(0.9, 50)", "")
	declare("p", "p*.ndjson", "ts - INTERVAL '2' SECOND", ", partitioned = true")
	declare("perfect", "s*.ndjson", "PERFECT", "")
	script.WriteString("CREATE TABLE t (k STRING, v INT, ts TIMESTAMP, PRIMARY KEY (k), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND);\nINSERT INTO t SELECT k, x, ts FROM r;\n")
	fmt.Fprintf(&script, "CREATE STREAM d (k STRING, v INT) WITH (path = '%s');\n", filepath.Join(dir, "dim.csv"))
	if err := os.WriteFile(filepath.Join(dir, "dim.csv"), []byte("k,v\nk1,10\nk2,20\nk3,30\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return script.String()
}

// record is a sink that keeps the changes.
type record struct {
	mu    sync.Mutex
	lines []string
}

func (r *record) Write(_ context.Context, b *data.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range b.Rows() {
		i := b.Row(k)
		line := []byte(b.Change(i).String())
		for _, c := range b.Cols {
			line = append(line, ' ')
			if c.IsNull(i) {
				line = append(line, "NULL"...)
			} else {
				line = data.AppendText(line, c, i)
			}
		}
		r.lines = append(r.lines, string(line))
	}
	return nil
}

func (r *record) Flush(context.Context) error { return nil }
func (r *record) Close() error                { return nil }

// saved is a checkpoint and what had come out before it.
type saved struct {
	state *dataflow.Snapshot
	lines []string
}

// runRecorded runs a query, from a checkpoint or from the beginning, and returns its
// changes and the checkpoints that were made on the way. The size of batches and the
// number of workers are drawn.
func runRecorded(t *testing.T, script string, workers int, random *rand.Rand, from *dataflow.Snapshot, saves int) (lines []string, points []saved) {
	t.Helper()
	lines, points, _ = runAccounted(t, script, workers, random, from, saves)
	return lines, points
}

// runAccounted is runRecorded that also returns the accounts of the statements.
func runAccounted(t *testing.T, script string, workers int, random *rand.Rand, from *dataflow.Snapshot, saves int) (lines []string, points []saved, accounts []StatementReport) {
	t.Helper()
	e := New(builtin.Registry())
	o := Options{Output: "changelog", Workers: workers, BatchRows: []int{1, 7, 64, 1024}[random.IntN(4)]}
	job, problems, err := e.Prepare(source.NewFile("resume.sql", script), o)
	if problems.HasErrors() || err != nil {
		t.Fatal(problems.Render(), err)
	}
	rec := &record{}
	flow := job.program.Flow
	var sink *dataflow.Sink
	for _, s := range job.program.Statements {
		if s.Query.Root.Relation == nil {
			sink = s.Sink
		}
	}
	sink.Sink = rec
	running, err := flow.Start(context.Background(), context.Background(), from)
	if err != nil {
		t.Fatal(err)
	}
	for range saves {
		var at []string
		reached := false
		state, err := running.Checkpoint(func(s connectors.Sink) error {
			if s == connectors.Sink(rec) {
				reached = true
				at = slices.Clone(rec.lines)
			}
			return nil
		})
		if errors.Is(err, dataflow.ErrOver) {
			break
		}
		if err != nil {
			t.Fatal(err, running.Wait())
		}
		if !reached {
			rec.mu.Lock()
			at = slices.Clone(rec.lines)
			rec.mu.Unlock()
		}
		points = append(points, saved{state, at})
	}
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, st := range job.program.Statements {
		accounts = append(accounts, statementReport(st))
	}
	return rec.lines, points, accounts
}

// TestResume makes checkpoints while rows flow, at any moment, and goes on from each of
// them: together with what came before the changes are those of a run that nothing has
// interrupted.
func TestResume(t *testing.T) {
	world := resumeWorld(t)
	for name, query := range resumeQueries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script, random := world+query+";", rand.New(rand.NewPCG(uint64(len(name)), 7))
			want, _, counted := runAccounted(t, script, 1, random, nil, 0)
			if len(want) < 10 {
				t.Fatalf("only %d changes", len(want))
			}
			made := 0
			for round := range 3 {
				workers := 1 + round%3
				lines, points := runRecorded(t, script, workers, random, nil, 40)
				compareLines(t, fmt.Sprintf("round %d", round), want, lines)
				made += len(points)
				for range min(4, len(points)) {
					p := points[random.IntN(len(points))]
					rest, more, accounts := runAccounted(t, script, workers, random, p.state, 10)
					if d := cmp.Diff(counted, accounts, cmp.AllowUnexported(StatementReport{})); d != "" && !strings.Contains(query, "LIMIT") {
						t.Fatalf("round %d: the accounts differ (-want +got)\n%s", round, d)
					}
					compareLines(t, fmt.Sprintf("round %d, behind %d rows", round, len(p.lines)), want, append(slices.Clone(p.lines), rest...))
					for _, m := range more[:min(1, len(more))] { // a checkpoint of what goes on from one
						before := append(slices.Clone(p.lines), m.lines...)
						rest, _ := runRecorded(t, script, workers, random, m.state, 0)
						compareLines(t, fmt.Sprintf("round %d, behind %d rows", round, len(before)), want, append(before, rest...))
					}
				}
			}
			t.Logf("%d changes, %d checkpoints", len(want), made)
		})
	}
}

func compareLines(t *testing.T, what string, want, got []string) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			around := func(l []string) string { return strings.Join(l[min(max(0, i-2), len(l)):min(i+4, len(l))], "\n") }
			t.Fatalf("%s: %d changes, want %d; from change %d:\n%s\nwant\n%s", what, len(got), len(want), i, around(got), around(want))
		}
	}
}
