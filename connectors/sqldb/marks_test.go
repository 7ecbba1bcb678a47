package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors"
)

var job = &connectors.Job{ID: "7f3a", Sink: "agg"}

// openJob opens a sink of a job and reads its mark.
func openJob(t *testing.T, path string, key []int, want connectors.Mark, options ...string) *sink {
	t.Helper()
	m := map[string]string{"path": path}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	s, err := NewSink(connectors.SinkConfig{Name: "agg", Schema: schema, Key: key, Options: connectors.NewOptions(m), Job: job})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	got, err := s.(connectors.Transactional).Marked(context.Background())
	if err != nil || got != want {
		t.Fatalf("the mark is %v, %v; want %v", got, err, want)
	}
	return s.(*sink)
}

// TestMarks checks that rows and mark are committed together: a process that ends
// before has left neither.
func TestMarks(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.db")
	s := openJob(t, path, nil, connectors.Mark{})
	write(t, s, batch("+I 0 A 1", "+I 0 B 2"))
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2}); err != nil {
		t.Fatal(err)
	}
	write(t, s, batch("+I 0 C 3"))
	if err := s.send(ctx); err != nil {
		t.Fatal(err)
	}
	s.Close()

	s = openJob(t, path, nil, connectors.Mark{Checkpoint: 1, Rows: 2})
	write(t, s, batch("+I 0 C 3"))
	for checkpoint := int64(2); checkpoint < 4; checkpoint++ { // the second has no rows
		if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: checkpoint, Rows: 3}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	openJob(t, path, nil, connectors.Mark{Checkpoint: 3, Rows: 3})
	if got := content(t, path, "SELECT user_id FROM agg"); got != "A\nB\nC" {
		t.Errorf("got\n%s", got)
	}
	if got := content(t, path, "SELECT * FROM tidemark_marks"); got != "7f3a|agg|3|3" {
		t.Errorf("got %s", got)
	}
}

// TestMarkMoved checks that a process which another one of its job has overtaken writes
// nothing any more.
func TestMarkMoved(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.db")
	first := openJob(t, path, nil, connectors.Mark{})
	second := openJob(t, path, nil, connectors.Mark{})
	write(t, second, batch("+I 0 A 1"))
	if err := second.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	write(t, first, batch("+I 0 A 1"))
	err := first.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 1})
	const want = "'DB', table agg: another process of the same job writes here: it is at checkpoint 1, and this one at 0: end one of the two"
	if err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want || connectors.IsUnavailable(err) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if got := content(t, path, "SELECT user_id FROM agg"); got != "A" {
		t.Errorf("got\n%s", got)
	}
}

// TestMarkedBusy checks that a database which another program has locked is
// unavailable, and that the same rows are written once it is free.
func TestMarkedBusy(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.db")
	s := openJob(t, path, nil, connectors.Mark{}, "busy_timeout", "1ms")
	other, err := open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	write(t, other, batch("+I 0 Z 1"))
	if err := other.(*sink).send(ctx); err != nil {
		t.Fatal(err)
	}
	mark := connectors.Mark{Checkpoint: 1, Rows: 1}
	for range 2 {
		write(t, s, batch("+I 0 A 1"))
		if err := s.CommitMarked(ctx, mark); !connectors.IsUnavailable(err) {
			t.Fatalf("got %v", err)
		}
		if _, err := s.Marked(ctx); !connectors.IsUnavailable(err) {
			t.Fatalf("got %v", err)
		}
	}
	other.Close()
	write(t, s, batch("+I 0 A 1"))
	if err := s.CommitMarked(ctx, mark); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path, "SELECT user_id FROM agg"); got != "A" {
		t.Errorf("got\n%s", got)
	}
}

// TestFull checks that a full disk is told in clear words and leaves what was there.
func TestFull(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.db")
	s := openJob(t, path, nil, connectors.Mark{}, "journal_mode", "delete")
	write(t, s, batch("+I 0 A 1"))
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.(*sqliteStore).db.Exec("PRAGMA max_page_count = 8"); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range 5000 {
		rows = append(rows, fmt.Sprintf("+I 0 user%d 1", i))
	}
	write(t, s, batch(rows...))
	err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 2, Rows: 5001})
	const want = "the disk is full: 'DB' cannot grow; what was committed before is untouched"
	if err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want || connectors.IsUnavailable(err) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if m, err := s.Marked(ctx); err != nil || m.Checkpoint != 1 {
		t.Errorf("the mark is %v, %v", m, err)
	}
	if got := content(t, path, "SELECT user_id FROM agg"); got != "A" {
		t.Errorf("got\n%s", got)
	}
}

// TestRowFault checks that of many rows the first that the table refuses is named, and
// that rows which are only refused beside others are not.
func TestRowFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE agg (window_start TEXT, user_id TEXT PRIMARY KEY, total TEXT CONSTRAINT small CHECK (length(total) < 7))"); err != nil {
		t.Fatal(err)
	}
	s, err := open(path, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var rows []string
	for i := range 3000 {
		total := "1"
		if i == 777 || i > 2000 {
			total = "12345"
		}
		rows = append(rows, fmt.Sprintf("+U 0 u%d %s", i, total))
	}
	write(t, s, batch(rows...))
	err = s.Flush(context.Background())
	const want = "'DB', table agg: the row with user_id = u777 cannot be stored: CHECK constraint failed: small; leave such rows out, or change the table"
	if err == nil || strings.ReplaceAll(err.Error(), path, "DB") != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if got := content(t, path, "SELECT count(*) FROM agg"); got != "0" {
		t.Errorf("%s rows", got)
	}
}
