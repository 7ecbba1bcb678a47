package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/operators/clock"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// talk gives statements to a session and returns what each printed, or what was wrong
// with it.
func talk(t *testing.T, s *engine.Session, dir string, statements ...string) []string {
	t.Helper()
	var all []string
	for _, text := range statements {
		var out bytes.Buffer
		p, problems, err := s.Prepare(source.NewFile("", text), engine.Options{Output: "csv", BaseDir: dir, Stdout: &out, Workers: 2, BatchRows: 3})
		out.WriteString(problems.Render())
		if err == nil && p != nil && p.Job != nil {
			_, err = p.Job.Run(context.Background(), context.Background())
		}
		switch {
		case err != nil:
			out.WriteString("failed: " + err.Error() + "\n")
		case p != nil:
			p.Keep()
		}
		all = append(all, out.String())
	}
	return all
}

func newSession() *engine.Session { return engine.New(builtin.Registry()).NewSession() }

func TestSession(t *testing.T) {
	s := newSession()
	for _, c := range []struct{ statement, want string }{
		{"CREATE STREAM m (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts)", ""},
		{"SELECT COUNT(*) AS n FROM m", "n\n0\n"},
		{"INSERT INTO m VALUES ('2026-01-05T10:00:00Z', 1), ('2026-01-05T10:01:00Z', 2);", ""},
		{"CREATE VIEW w AS SELECT window_start, SUM(v) AS s FROM m GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE);", ""},
		{"SELECT s FROM w", "s\n3\n"},
		{"INSERT INTO m VALUES ('2026-01-05T10:02:00Z', 4)", ""},
		{"SELECT s FROM w", "s\n7\n"},
		// What is refused or fails is forgotten.
		{"INSERT INTO m VALUES ('2026-01-05T10:02:00Z', 1 / 0)", "failed: division by zero in 1 / 0\n"},
		{"INSERT INTO m SELECT ts, 'x' FROM m", "error: reading m here would feed it with its own rows\n    1 | INSERT INTO m SELECT ts, 'x' FROM m\n      |                                   ^\n        read what fills it, or fill another relation\n"},
		{"CREATE VIEW w AS SELECT 1 AS one", "error: w is already declared\n    1 | CREATE VIEW w AS SELECT 1 AS one\n      |             ^\n        give one of them another name; or write CREATE OR REPLACE\n"},
		{"SELECT s, nope FROM w", "error: there is no column nope in w\n"},
		{"SELECT (SELECT MAX(v) FROM m) AS most, s FROM w", "most,s\n4,7\n"},
		// A stream in memory may be filled by a query; it is read when the stream is.
		{"CREATE STREAM d (v INT)", ""},
		{"INSERT INTO d SELECT v * 2 FROM m", ""},
		{"SELECT SUM(v) AS s FROM d", "s\n14\n"},
		{"ADVANCE WATERMARK FOR m TO '2026-01-05T11:00:00Z'", ""},
		{"INSERT INTO m VALUES ('2026-01-05T10:03:00Z', 8)", ""}, // late
		{"SELECT s FROM w", "s\n7\n"},
		{"SET rewrite = 'off'", ""},
		{"SHOW SETTINGS LIKE 'rewrite'", "name,value,"},
		{"DROP VIEW w", ""},
		{"SELECT s FROM w", "error: there is no stream, table or view w\n"},
		{"", ""},
	} {
		if got := talk(t, s, "", c.statement)[0]; got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s gives\n%swant\n%s", c.statement, got, c.want)
		}
	}
	if got := s.Kept(); len(got) != 10 {
		t.Errorf("%d statements are kept: %q", len(got), got)
	}
	var names []string
	for _, n := range s.Names() {
		names = append(names, n.Kind+" "+n.Name+"("+strings.Join(n.Columns, " ")+")")
	}
	if got := strings.Join(names, ", "); got != "stream m(ts v), stream d(v)" {
		t.Errorf("the names are %s", got)
	}
}

// Rows that are inserted one by one are kept together, as long as they fill alike.
func TestSessionInserts(t *testing.T) {
	s := newSession()
	got := talk(t, s, "", "CREATE STREAM m (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts)",
		"INSERT INTO m VALUES ('2026-01-05T10:00:00Z', 1) -- a comment", "INSERT INTO m VALUES ('2026-01-05T10:01:00Z', (1 + 1)),\n ('2026-01-05T10:02:00Z', NULL);",
		"INSERT INTO m (ts) VALUES ('2026-01-05T10:02:10Z')", "INSERT INTO m (ts) VALUES ('2026-01-05T10:02:20Z');", "INSERT INTO m (ts) VALUES ('x');",
		"ADVANCE WATERMARK FOR m TO '2026-01-05T11:00:00Z'", "INSERT INTO m VALUES ('2026-01-05T10:03:00Z', 9);", "INSERT INTO m VALUES ('2026-01-05T11:03:00Z', 9);",
		"SELECT * FROM m", "SELECT COUNT(*) AS n FROM m GROUP BY TUMBLE(ts, INTERVAL '1' DAY)")
	if want := "ts,v\n2026-01-05T10:00:00Z,1\n2026-01-05T10:01:00Z,2\n2026-01-05T10:02:00Z,\n2026-01-05T10:02:10Z,\n2026-01-05T10:02:20Z,\n2026-01-05T10:03:00Z,9\n2026-01-05T11:03:00Z,9\n"; got[9] != want {
		t.Errorf("the rows are\n%swant\n%s", got[9], want)
	}
	if n := len(s.Kept()); n != 5 {
		t.Errorf("%d statements are kept: %q", n, s.Kept())
	}
}

// Warnings are about the statement in hand alone, and only its own subqueries are worked
// out.
func TestSessionAlone(t *testing.T) {
	s, dir := newSession(), t.TempDir()
	talk(t, s, dir, "CREATE VIEW broken AS SELECT (SELECT x FROM (VALUES (1), (2)) AS t (x)) AS y;", "CREATE VIEW hinted AS SELECT /*+ FAST */ 1 AS a")
	if got := talk(t, s, dir, "SELECT 1 AS one")[0]; got != "one\n1\n" {
		t.Errorf("got %q", got)
	}
	if got := talk(t, s, dir, "SELECT * FROM broken")[0]; !strings.Contains(got, "the subquery stands for one value, and gives 2 rows") {
		t.Errorf("got %q", got)
	}
}

// A sink is written when its INSERT runs, and not again; paths start from where the
// statement that has them was given.
func TestSessionFiles(t *testing.T) {
	s, dir, other := newSession(), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.csv"), []byte("a,ts\n1,2026-01-05T10:00:30Z\n2,2026-01-05T10:01:30Z\n3,2026-01-05T10:00:00Z\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got := talk(t, s, dir, "CREATE STREAM i WITH (path = 'in.csv')", "CREATE STREAM o (a BIGINT) WITH (path = 'out.csv')", "INSERT INTO o SELECT a * 10 FROM i")
	if strings.Join(got, "") != "" {
		t.Fatalf("got %q", got)
	}
	if err := os.WriteFile(filepath.Join(other, "in.csv"), []byte("a\n7\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got = talk(t, s, other, "SELECT SUM(a) AS s FROM o", "SELECT SUM(a) AS s FROM i", "SELECT a FROM 'in.csv'")
	if strings.Join(got, "") != "s\n60\ns\n6\na\n7\n" {
		t.Errorf("got %q", got)
	}
	// So does CREATE … AS.
	got = talk(t, s, dir, "CREATE STREAM c WITH (path = 'c.csv') AS\nSELECT a + 1 AS b FROM i;", "SELECT SUM(b) AS s FROM c", "INSERT INTO c SELECT 100 AS b FROM i WHERE a = 1", "SELECT SUM(b) AS s FROM c")
	if strings.Join(got, "") != "s\n9\ns\n100\n" {
		t.Errorf("got %q", got)
	}
	x, err := s.Suggest(context.Background(), "i", engine.Options{BaseDir: other})
	if err != nil {
		t.Fatal(err)
	}
	const want = "CREATE OR REPLACE STREAM i (\n  a BIGINT,\n  ts TIMESTAMP,\n  WATERMARK FOR ts AS ts - INTERVAL '2' MINUTE\n) WITH (path = 'in.csv');"
	if x.Statement != want || x.Rows != 3 || x.Most != 90*time.Second || x.Lost != 0 {
		t.Errorf("suggested is %+v", x)
	}
}

// A result that is updated without end is drawn as it stands, and counted at the end.
func TestDraw(t *testing.T) {
	s := newSession()
	talk(t, s, "", "CREATE STREAM g (id BIGINT, k INT) WITH (connector = 'datagen', rate = '2000', 'fields.id.kind' = 'sequence', 'fields.k.min' = '1', 'fields.k.max' = '9')")
	p, problems, err := s.Prepare(source.NewFile("", "SELECT k, COUNT(*) AS n FROM g GROUP BY k"), engine.Options{Output: "table", Screen: true, Stdout: os.Stderr})
	if len(problems) > 0 || err != nil {
		t.Fatal(problems, err)
	}
	if p.Bounded || !p.Updating {
		t.Errorf("bounded %v, updating %v", p.Bounded, p.Updating)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { _, err := p.Job.Run(ctx, context.Background()); done <- err }()
	for !strings.Contains(p.Job.Draw(80, 20), "│ 9 │") {
		select { // until all keys are there
		case err := <-done:
			t.Fatal("the query has ended:", err)
		default:
			runtime.Gosched()
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	table := p.Job.Draw(80, 6)
	if lines := strings.Split(table, "\n"); len(lines) != 6 || lines[0] != "… 8 more before these" || !strings.HasPrefix(lines[4], "│ 9 │") {
		t.Errorf("on six lines the table is\n%s", table)
	}
	if n := p.Job.Printed(); n != 9 {
		t.Errorf("%d rows were counted", n)
	}
	_, problems, _ = s.Prepare(source.NewFile("", "SELECT k, COUNT(*) AS n FROM g GROUP BY k"), engine.Options{Output: "csv", Screen: true, Stdout: os.Stderr})
	if !problems.HasErrors() {
		t.Error("csv cannot show a result that is updated without end")
	}
}

// The windows that are open at the end are counted once, however many workers have them.
func TestOpenWindows(t *testing.T) {
	s := newSession()
	talk(t, s, "", "SET end_of_input = 'hold'", "CREATE STREAM m (ts TIMESTAMP, k INT, WATERMARK FOR ts AS ts - INTERVAL '10' MINUTE)",
		"INSERT INTO m VALUES ('2026-01-05T10:00:00Z', 1), ('2026-01-05T10:01:00Z', 2), ('2026-01-05T10:06:00Z', 1), ('2026-01-05T10:12:00Z', 1), ('2026-01-05T10:12:00Z', 3), ('2026-01-05T10:17:00Z', 3)")
	for group, want := range map[string]int64{
		"TUMBLE(ts, INTERVAL '5' MINUTE)":                        3, // from 10:05, 10:10 and 10:15
		"HOP(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)":     4, // slices
		"SESSION(ts, INTERVAL '4' MINUTE), k % 2":                3, // of odd keys
		"TUMBLE(ts, INTERVAL '5' MINUTE), k":                     3,
		"CUMULATE(ts, INTERVAL '5' MINUTE, INTERVAL '1' HOUR)":   4,
		"TUMBLE(ts, INTERVAL '1' MINUTE), k HAVING COUNT(*) > 9": 2,
	} {
		for workers := 1; workers <= 3; workers++ {
			p, problems, err := s.Prepare(source.NewFile("", "SELECT window_start, COUNT(*) AS n FROM m GROUP BY "+group), engine.Options{Output: "none", Workers: workers, BatchRows: 1})
			if len(problems) > 0 || err != nil {
				t.Fatal(group, problems, err)
			}
			report, err := p.Job.Run(context.Background(), context.Background())
			if err != nil || report.Open != want {
				t.Errorf("%s with %d workers leaves %d windows open, want %d: %v", group, workers, report.Open, want, err)
			}
		}
	}
}

// A row that is inserted into memory has the time of its statement as its PROCTIME(),
// whenever it is read.
func TestSessionProcTime(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC))
	s := newSession()
	for _, step := range []struct {
		statement, want string
		later           time.Duration
	}{
		{"CREATE STREAM m (v INT, p AS PROCTIME())", "", 0},
		{"INSERT INTO m VALUES (1), (2);", "", 50 * time.Second},
		{"INSERT INTO m VALUES (4);", "", 20 * time.Second},
		{"INSERT INTO m (v) VALUES (8);", "", time.Hour},
		{"SELECT v, p FROM m", "v,p\n1,2026-01-05T12:00:00Z\n2,2026-01-05T12:00:00Z\n4,2026-01-05T12:00:50Z\n8,2026-01-05T12:01:10Z\n", 0},
		{"SELECT window_start, SUM(v) AS s FROM m GROUP BY TUMBLE(p, INTERVAL '1' MINUTE)", "window_start,s\n2026-01-05T12:00:00Z,7\n2026-01-05T12:01:00Z,8\n", 0},
	} {
		var out strings.Builder
		p, problems, err := s.Prepare(source.NewFile("", step.statement), engine.Options{Output: "csv", Stdout: &out, Clock: c})
		if err != nil || problems.HasErrors() {
			t.Fatal(step.statement, problems, err)
		}
		if p.Job != nil {
			if _, err := p.Job.Run(t.Context(), t.Context()); err != nil {
				t.Fatal(step.statement, err)
			}
		}
		p.Keep()
		if out.String() != step.want {
			t.Errorf("%s\ngives %s\nwant %s", step.statement, out.String(), step.want)
		}
		c.Advance(step.later)
	}
}
