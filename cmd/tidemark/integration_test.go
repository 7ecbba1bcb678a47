//go:build integration

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// realBinary returns the path of the built program.
func realBinary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("TIDEMARK_BINARY")
	if path == "" {
		t.Fatal("TIDEMARK_BINARY does not name the binary to test; make test-integration sets it")
	}
	return path
}

// program fails the test when a program that it needs is not there.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this test needs the program %s, which is not installed", name)
	}
	return path
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = withoutTidemark(os.Environ())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestIntegrationStatic runs the binary as it is shipped.
func TestIntegrationStatic(t *testing.T) {
	got := output(t, realBinary(t), "version")
	if !strings.HasPrefix(got, "tidemark ") || strings.HasPrefix(got, "tidemark dev") {
		t.Errorf("the binary does not know its version: %s", got)
	}
	if file, err := exec.LookPath("ldd"); err == nil {
		out, err := exec.Command(file, realBinary(t)).CombinedOutput()
		if err == nil && !strings.Contains(string(out), "not a dynamic executable") {
			t.Errorf("the binary is not static:\n%s", out)
		}
	}
}

// TestIntegrationSQLite lets the sqlite3 program read what a run has written,
// before and after a second run.
func TestIntegrationSQLite(t *testing.T) {
	sqlite := program(t, "sqlite3")
	db := filepath.Join(t.TempDir(), "agg.db")
	script := filepath.Join("..", "..", "queries", "clicks", "sqlite.sql")
	const want = `2026-01-05T10:00:00Z|A|8.00
2026-01-05T10:00:00Z|B|3.00
2026-01-05T10:05:00Z|A|4.00
2026-01-05T10:05:00Z|B|1.00
2026-01-05T10:10:00Z|B|2.00
`
	for run := range 2 {
		output(t, realBinary(t), "run", "-D", "db="+db, script)
		got := output(t, sqlite, db, "SELECT window_start, user_id, sum_amount FROM window_agg ORDER BY 1, 2")
		if got != want {
			t.Errorf("after run %d sqlite3 shows\n%swant\n%s", run+1, got, want)
		}
	}
	if got := output(t, sqlite, db, "PRAGMA integrity_check"); got != "ok\n" {
		t.Errorf("integrity_check: %s", got)
	}
	key := output(t, sqlite, db, "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('window_agg') WHERE pk > 0 ORDER BY pk)")
	if key != "window_start,user_id\n" {
		t.Errorf("the table's primary key is %s", key)
	}
}

// terminal is a tmux server of its own with one window.
type terminal struct {
	t          *testing.T
	tmux, sock string
}

func newTerminal(t *testing.T, command string) *terminal {
	t.Helper()
	return newTerminalSized(t, 100, 60, command)
}

func newTerminalSized(t *testing.T, width, height int, command string) *terminal {
	t.Helper()
	term := &terminal{t: t, tmux: program(t, "tmux"), sock: filepath.Join(t.TempDir(), "tmux")}
	output(t, term.tmux, "-S", term.sock, "-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), command)
	t.Cleanup(func() { exec.Command(term.tmux, "-S", term.sock, "kill-server").Run() })
	return term
}

func (s *terminal) screen() string {
	out, _ := exec.Command(s.tmux, "-S", s.sock, "capture-pane", "-p").Output()
	return strings.TrimRight(string(out), "\n")
}

// await returns the screen once it matches.
func (s *terminal) await(pattern string) string {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			s.t.Fatalf("the screen never matched %s:\n%s", pattern, s.screen())
		case <-tick.C:
			if screen := s.screen(); re.MatchString(screen) {
				return screen
			}
		}
	}
}

func (s *terminal) keys(keys ...string) {
	s.t.Helper()
	output(s.t, s.tmux, append([]string{"-S", s.sock, "send-keys"}, keys...)...)
}

// TestIntegrationProgress watches the progress line of a real terminal: it shows
// rows, the share of the input, the watermark and late rows, and is gone at the end.
func TestIntegrationProgress(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "rate.sql")
	const query = `CREATE STREAM g (id BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH (connector = 'datagen', rows = '3000', rate = '1000');
SELECT COUNT(*) AS n FROM g GROUP BY TUMBLE(ts, INTERVAL '1' DAY);
`
	if err := os.WriteFile(script, []byte(query), 0o666); err != nil {
		t.Fatal(err)
	}
	term := newTerminal(t, fmt.Sprintf("sh -c '%s run %s; echo ended with $?; read x'", realBinary(t), script))
	screen := term.await(`[0-9]+ rows · `)
	for _, want := range []string{`rows/s`, `[0-9]+%`, `W [0-9]{4}-[0-9]{2}-[0-9]{2} `} {
		if !regexp.MustCompile(want).MatchString(screen) {
			screen = term.await(want)
		}
	}
	screen = term.await(`ended with 0`)
	if strings.Contains(screen, "rows · ") {
		t.Errorf("the progress line is left on the screen:\n%s", screen)
	}
	if !strings.Contains(screen, "3000 read = 3000 used") {
		t.Errorf("the summary is missing:\n%s", screen)
	}
	// The default form on a terminal is a table: no JSON.
	if strings.Contains(screen, `{"n":`) {
		t.Errorf("a terminal got JSON:\n%s", screen)
	}
}

// TestIntegrationCtrlC stops an unbounded run at the keyboard.
func TestIntegrationCtrlC(t *testing.T) {
	const query = `CREATE STREAM g (id BIGINT) WITH (connector = "datagen", rate = "50"); SELECT id FROM g`
	script := filepath.Join(t.TempDir(), "live.sql")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(query, `"`, `'`)), 0o666); err != nil {
		t.Fatal(err)
	}
	term := newTerminal(t, fmt.Sprintf("sh -c 'trap : INT; %s run -o csv %s; echo ended with $?; read x'", realBinary(t), script))
	term.await(`[0-9]+ rows · `)
	term.keys("C-c")
	screen := term.await(`ended with [0-9]+`)
	if !strings.Contains(screen, "ended with 0") || !strings.Contains(screen, "interrupted") {
		t.Errorf("after Ctrl-C:\n%s", screen)
	}
}

// TestIntegrationLargeInput runs a file that is read in many pieces through a
// real pipe, and compares the answer with that of another program.
func TestIntegrationLargeInput(t *testing.T) {
	sqlite := program(t, "sqlite3")
	dir := t.TempDir()
	csv, db := filepath.Join(dir, "n.csv"), filepath.Join(dir, "n.db")
	output(t, realBinary(t), "run", "-q", "-e", fmt.Sprintf(`
CREATE STREAM g (k BIGINT, v BIGINT) WITH (connector = 'datagen', rows = '200000', seed = '3',
  'fields.k.min' = '0', 'fields.k.max' = '99', 'fields.v.min' = '-1000', 'fields.v.max' = '1000');
CREATE STREAM out (k BIGINT, v BIGINT) WITH (path = '%s');
INSERT INTO out SELECT k, v FROM g`, csv))
	got := output(t, realBinary(t), "run", "-q", "-o", "csv", "-e", fmt.Sprintf(`
CREATE STREAM n (k BIGINT, v BIGINT) WITH (path = '%s');
SELECT k, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi FROM n GROUP BY k`, csv))
	want := output(t, sqlite, "-csv", "-header", db, ".import "+csv+" n",
		"SELECT CAST(k AS INT) AS k, COUNT(*) AS n, SUM(CAST(v AS INT)) AS s, MIN(CAST(v AS INT)) AS lo, MAX(CAST(v AS INT)) AS hi FROM n GROUP BY 1 ORDER BY 1")
	if want = strings.ReplaceAll(want, "\r", ""); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if strings.Count(got, "\n") != 101 {
		t.Errorf("got %d lines, want a header and 100 groups", strings.Count(got, "\n"))
	}
}
