//go:build integration

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// prompt starts the REPL on a terminal of 80 columns, in a folder with the clicks.
func prompt(t *testing.T, env string) (*terminal, string) {
	t.Helper()
	dir := t.TempDir()
	if err := copyFolder(filepath.Join("..", "..", "queries", "clicks"), dir); err != nil {
		t.Fatal(err)
	}
	term := newTerminalSized(t, 80, 50, fmt.Sprintf("sh -c 'trap : INT; cd %s; TIDEMARK_HISTORY=%s/history %s %s; echo ended with $?; read x'", dir, dir, env, realBinary(t)))
	term.await(`tidemark>$`)
	return term, dir
}

// enter types a line.
func (s *terminal) enter(line string) {
	s.t.Helper()
	for i, part := range strings.Split(line, ";") { // which tmux would take for itself
		if i > 0 {
			s.keys("-l", `\;`)
		}
		if part != "" {
			s.keys("-l", part)
		}
	}
	s.keys("Enter")
}

// TestIntegrationPrompt has a conversation and compares the screen.
func TestIntegrationPrompt(t *testing.T) {
	term, dir := prompt(t, "")
	term.enter("SELECT user_id, amount")
	term.await(`\.\.\.>$`)
	term.enter("FROM 'clicks.csv' LIMIT 2;")
	term.await(`2 rows\ntidemark>$`)
	term.enter("SELECT nope FROM 'clicks.csv';")
	term.await(`its columns are.*\ntidemark>$`)
	term.keys("Up")
	term.await(`tidemark> SELECT nope FROM 'clicks.csv';$`)
	term.keys("C-c")
	term.await(`\^C\ntidemark>$`)
	term.enter("SELECT '日本' AS wide, 'é' AS small;")
	screen := term.await(`1 row\ntidemark>$`)
	_, screen, _ = strings.Cut(screen, "\n") // the greeting
	const want = `tidemark> SELECT user_id, amount
     ...> FROM 'clicks.csv' LIMIT 2;
┌─────────┬────────┐
│ user_id │ amount │
├─────────┼────────┤
│ A       │      5 │
│ B       │      3 │
└─────────┴────────┘
2 rows
tidemark> SELECT nope FROM 'clicks.csv';
error: there is no column nope in clicks
    1 | SELECT nope FROM 'clicks.csv';
      |        ^^^^
        its columns are event_id, user_id, event_time, amount
tidemark> SELECT nope FROM 'clicks.csv';^C
tidemark> SELECT '日本' AS wide, 'é' AS small;
┌──────┬───────┐
│ wide │ small │
├──────┼───────┤
│ 日本 │ é     │
└──────┴───────┘
1 row
tidemark>`
	if screen != want {
		t.Errorf("the screen shows\n%s\nwant\n%s", screen, want)
	}
	term.keys("C-r")
	term.keys("-l", "user_id")
	term.await(`LIMIT 2;`)
	term.keys("Enter")
	term.await(`(?s)2 rows.*2 rows\ntidemark>$`)
	term.keys("C-d")
	term.await(`ended with 0`)
	history, err := os.ReadFile(filepath.Join(dir, "history"))
	if err != nil || !strings.HasPrefix(string(history), "SELECT user_id, amount FROM 'clicks.csv' LIMIT 2;\nSELECT nope FROM 'clicks.csv';\n") {
		t.Errorf("the history is\n%s%v", history, err)
	}
}

// TestIntegrationComplete completes a name, a path and a keyword, and goes to the ends
// of the line.
func TestIntegrationComplete(t *testing.T) {
	term, _ := prompt(t, "")
	term.enter("CREATE STREAM clicks WITH (path = 'clicks.csv');")
	term.await(`Up and Enter declare it\s+tidemark>$`)
	term.keys("Up", "Enter") // what was suggested
	term.await(`clicks is declared\ntidemark>$`)
	term.keys("-l", "SEL")
	term.keys("Tab")
	term.await(`tidemark> SELECT$`)
	term.keys("-l", " event_t")
	term.keys("Tab")
	term.keys("-l", " FROM cli")
	term.keys("Tab")
	term.await(`tidemark> SELECT event_time FROM clicks$`)
	term.keys("Home")
	term.keys("-l", "EXPLAIN ")
	term.keys("End")
	term.enter(";")
	term.await(`(?s)EXPLAIN SELECT event_time FROM clicks;\nPrint event_time.*tidemark>$`)
	term.keys("-l", "SELECT COUNT(*) FROM 'clicks.c")
	term.keys("Tab")
	term.await(`'clicks.csv$`)
}

// TestIntegrationLive watches results that go on: rows that are appended scroll above
// the status line, rows that are corrected are drawn in place, and Ctrl-C stops both.
func TestIntegrationLive(t *testing.T) {
	for _, env := range []string{"", "NO_COLOR=1"} {
		term, _ := prompt(t, env)
		term.enter("CREATE STREAM g (id BIGINT, k INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (connector = 'datagen', rate = '200', 'fields.id.kind' = 'sequence', 'fields.k.min' = '1', 'fields.k.max' = '50', 'fields.ts.step' = '1s');")
		term.await(`g is declared\ntidemark>$`)
		term.enter("SELECT window_start, COUNT(*) AS n FROM g GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);")
		screen := term.await(`(?s)00:00:00Z │ .*00:01:00Z │ .*\n[0-9.k]+ rows/s · W 2026-.*, [0-9]+d behind.* · open [12] · \^C stop$`)
		if n := strings.Count(screen, "rows/s"); n != 1 {
			t.Errorf("there are %d status lines:\n%s", n, screen)
		}
		for _, line := range strings.Split(screen, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("a line is wider than the terminal: %s", line)
			}
		}
		term.keys("C-c")
		screen = term.await(`(?s)stopped: [12] open windows? (was|were) not emitted.*\ntidemark>$`)
		if strings.Contains(screen, "rows/s") {
			t.Errorf("the status line is left on the screen:\n%s", screen)
		}
		term.keys("C-l")
		term.enter("SELECT k, COUNT(*) AS n FROM g GROUP BY k;")
		// The rows do not fit: the last ones are drawn, each once.
		screen = term.await(`(?s)│ 50 │ .*rows/s`)
		if n := strings.Count(screen, "│ 50 │"); n != 1 {
			t.Errorf("the table is not drawn in place:\n%s", screen)
		}
		term.keys("C-c")
		screen = term.await(`(?s)[0-9]+ rows\nstopped\ntidemark>$`)
		if n := strings.Count(screen, "│ 50 │"); n != 1 {
			t.Errorf("the table does not stand once at the end:\n%s", screen)
		}
		term.keys("C-d")
		term.await(`ended with 0`)
	}
}

// TestIntegrationBackground lists, watches and stops a query in the background.
func TestIntegrationBackground(t *testing.T) {
	term, _ := prompt(t, "")
	term.enter("CREATE STREAM g (id BIGINT) WITH (connector = 'datagen', rate = '100'); CREATE STREAM o (id BIGINT) WITH (path = 'o.csv');")
	term.await(`o is declared\ntidemark>$`)
	term.enter("INSERT INTO o SELECT id FROM g;")
	term.await(`query 1 runs in the background.*\ntidemark>$`)
	term.enter(`\attach 1`)
	term.await(`rows/s · \^C stop$`)
	term.keys("C-c")
	term.await(`query 1 goes on\ntidemark>$`)
	term.enter("STOP QUERY 1;")
	screen := term.await(`query 1 was stopped: .*\ntidemark>$`)
	if !regexp.MustCompile(`query 1 was stopped: [0-9]+ rows in [0-9.]+ s`).MatchString(screen) {
		t.Errorf("the screen shows\n%s", screen)
	}
}

// TestIntegrationRedraw watches a run whose result is corrected for as long as it lasts.
func TestIntegrationRedraw(t *testing.T) {
	script := filepath.Join(t.TempDir(), "counts.sql")
	if err := os.WriteFile(script, []byte("CREATE STREAM g (k INT) WITH (connector = 'datagen', rate = '200', 'fields.k.min' = '1', 'fields.k.max' = '3');\nSELECT k, COUNT(*) AS n FROM g GROUP BY k;\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	term := newTerminalSized(t, 80, 24, fmt.Sprintf("sh -c 'trap : INT; %s run %s; echo ended with $?; read x'", realBinary(t), script))
	term.await(`(?s)│ 3 │ +[0-9]{2} │\n└─+┴─+┘\n[0-9]+ rows · `)
	term.keys("C-c")
	screen := term.await(`ended with 0`)
	if n := strings.Count(screen, "│ 3 │"); n != 1 || !strings.Contains(screen, "interrupted") || strings.Contains(screen, " rows · ") {
		t.Errorf("at the end the screen shows\n%s", screen)
	}
}
