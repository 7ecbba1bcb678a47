package queries_test

import (
	"database/sql"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// clickTable is what window_agg must hold, however often and after whatever
// crash the query was run.
var clickTable = []string{"10:00 A 8.00", "10:00 B 3.00", "10:05 A 4.00", "10:05 B 1.00", "10:10 B 2.00"}

// contents returns the rows of window_agg, sorted; nil when there is no table.
func contents(t *testing.T, path string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT window_start, user_id, sum_amount FROM window_agg")
	if err != nil {
		return nil
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var start, user, sum string
		if err := rows.Scan(&start, &user, &sum); err != nil {
			t.Fatal(err)
		}
		start = strings.TrimPrefix(strings.TrimSuffix(start, ":00Z"), "2026-01-05T")
		list = append(list, fmt.Sprintf("%s %s %s", start, user, sum))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func wantContents(t *testing.T, path, when string) {
	t.Helper()
	if got := contents(t, path); !slices.Equal(got, clickTable) {
		t.Fatalf("%s the table holds %q, want %q", when, got, clickTable)
	}
}

func TestClicksIntoSQLiteTwice(t *testing.T) {
	db := filepath.Join(t.TempDir(), "agg.db")
	for _, when := range []string{"after the first run", "after the second run"} {
		tidemark(t, nil, "run", "-q", "-D", "db="+db, "clicks/sqlite.sql")
		wantContents(t, db, when)
	}
	// A run that drops the late click must leave 7 for the window it corrected.
	tidemark(t, nil, "run", "-q", "-D", "db="+db, "-D", "lateness=2", "clicks/sqlite.sql")
	if got := contents(t, db); !slices.Contains(got, "10:00 A 7.00") || len(got) != len(clickTable) {
		t.Fatalf("after a run with less lateness the table holds %q", got)
	}
}

// TestClicksIntoSQLiteAfterKill kills the process after its sink has written the
// first windows and before the input's end, and runs it again.
func TestClicksIntoSQLiteAfterKill(t *testing.T) {
	for _, killAfter := range []string{"10:00 A 7.00", "10:00 A 8.00"} {
		t.Run(killAfter, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "agg.db")
			clicks := read(t, "clicks/clicks.csv")
			if killAfter == "10:00 A 7.00" {
				clicks = clicks[:strings.Index(clicks, "e7")]
			}
			killed := exec.Command(binary, "run", "-q", "-D", "input=-", "-D", "db="+db, "clicks/sqlite.sql")
			stdin, err := killed.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := killed.Start(); err != nil {
				t.Fatal(err)
			}
			defer stdin.Close() // only after the kill: the process never sees its end
			if _, err := io.WriteString(stdin, clicks+"\n"); err != nil {
				t.Fatal(err)
			}
			awaitRow(t, db, killAfter)
			if err := killed.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := killed.Wait(); err == nil {
				t.Fatal("the process ended well before it was killed")
			}
			if got := contents(t, db); slices.Contains(got, "10:10 B 2.00") {
				t.Fatalf("the killed run had come to its end: %q", got)
			}
			tidemark(t, nil, "run", "-q", "-D", "db="+db, "clicks/sqlite.sql")
			wantContents(t, db, "after the run that followed the kill")
		})
	}
}

// awaitRow returns once the table holds the row.
func awaitRow(t *testing.T, db, row string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			t.Fatalf("the sink did not write %q while the input was quiet; the table holds %q", row, contents(t, db))
		case <-tick.C:
			if slices.Contains(contents(t, db), row) {
				return
			}
		}
	}
}
