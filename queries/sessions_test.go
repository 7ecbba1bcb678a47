package queries_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sessionTable returns the rows of a table of sessions, sorted.
func sessionTable(t *testing.T, path string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT user_id, window_start, window_end, clicks, total FROM sessions")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var f [5]string
		if err := rows.Scan(&f[0], &f[1], &f[2], &f[3], &f[4]); err != nil {
			t.Fatal(err)
		}
		for i := range f {
			f[i] = strings.TrimPrefix(strings.TrimSuffix(f[i], ":00Z"), "2026-01-05T")
		}
		list = append(list, strings.Join(f[:], " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// TestSessionsIntoSQLite: what the table holds in the end is the sessions as they
// are, whatever was deleted on the way, and however often the query was run.
func TestSessionsIntoSQLite(t *testing.T) {
	db := filepath.Join(t.TempDir(), "sessions.db")
	want := []string{"A 10:00 10:07 3 8.00", "A 10:08 10:11 1 4.00", "B 10:02 10:05 1 3.00", "B 10:06 10:09 1 1.00", "B 10:10 10:13 1 2.00"}
	for _, size := range []string{"1", "3", "4096"} {
		tidemark(t, nil, "run", "-q", "--batch-size", size, "-D", "db="+db, "clicks/sessions.sql")
		if got := sessionTable(t, db); !slices.Equal(got, want) {
			t.Fatalf("the table holds %q, want %q", got, want)
		}
	}
	// Late by a minute too many, e7 leaves things as they were without it; with a
	// longer gap it is not late.
	fresh := filepath.Join(t.TempDir(), "sessions.db")
	_, summary := tidemark(t, nil, "run", "-D", "db="+fresh, "-D", "lateness=0", "clicks/sessions.sql")
	want = []string{"A 10:00 10:03 1 5.00", "A 10:04 10:07 1 2.00", "A 10:08 10:11 1 4.00", "B 10:02 10:05 1 3.00", "B 10:06 10:09 1 1.00", "B 10:10 10:13 1 2.00"}
	if got := sessionTable(t, fresh); !slices.Equal(got, want) || !strings.Contains(summary, "7 read = 6 used + 0 filtered + 1 late") {
		t.Fatalf("without lateness the table holds %q, want %q\n%s", got, want, summary)
	}
	longer := filepath.Join(t.TempDir(), "sessions.db")
	tidemark(t, nil, "run", "-q", "-D", "db="+longer, "-D", "lateness=0", "-D", "gap=4", "clicks/sessions.sql")
	if got := sessionTable(t, longer); !slices.Equal(got, []string{"A 10:00 10:12 4 12.00", "B 10:02 10:14 3 6.00"}) {
		t.Fatalf("with a gap of four minutes the table holds %q", got)
	}
}
