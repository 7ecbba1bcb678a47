package engine_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// A wait for a database that cannot be reached ends with the run.
func TestLookupGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	do := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	do("PRAGMA journal_mode = delete; CREATE TABLE words (k TEXT PRIMARY KEY, word TEXT)")
	var out bytes.Buffer
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("test.sql", `CREATE STREAM s (k STRING);
		CREATE TABLE words (k STRING PRIMARY KEY, word STRING)
		WITH (connector = 'sqlite', path = '`+path+`', table = 'words', busy_timeout = '0s', lookup_retries = '30', lookup_delay = '10h');
		INSERT INTO s VALUES ('a');
		SELECT s.k, word FROM s LEFT JOIN words ON s.k = words.k;`), engine.Options{Stdout: &out, Output: "csv"})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems.Render())
	}
	do("BEGIN EXCLUSIVE")
	hard, end := context.WithCancel(context.Background())
	end()
	if _, err := job.Run(context.Background(), hard); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends with %v", err)
	}
}
