package engine_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// words makes a database with a table of words, and declares it.
func words(t *testing.T, options string) (db *sql.DB, script string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "words.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	execute(t, db, "PRAGMA journal_mode = delete; CREATE TABLE words (k TEXT PRIMARY KEY, n INTEGER, word TEXT); INSERT INTO words VALUES ('a', 1, 'ant'), ('b', 2, 'bee'), ('c', 3, NULL)")
	return db, "CREATE STREAM s (k STRING, x INT);\nCREATE TABLE words (k STRING PRIMARY KEY, n INT, word STRING) WITH (connector = 'sqlite', path = '" + path + "', table = 'words'" + options + ");\n"
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// What ON and WHERE say of what is looked up decides about matches and rows behind the lookup.
func TestLookupConditions(t *testing.T) {
	_, script := words(t, "")
	script += "INSERT INTO s VALUES ('a', 1), ('b', 9), ('c', 1), ('d', 1), (NULL, 1);\n"
	for query, want := range map[string]string{
		"JOIN words w ON s.k = w.k WHERE w.word <> 'ant'":                  "b bee",
		"JOIN words w ON s.k = w.k AND w.n >= 2":                           "b bee|c ",
		"JOIN words w ON s.k = w.k AND w.n >= 2 WHERE w.n < 3 AND s.x > 1": "b bee",
		"LEFT JOIN words w ON s.k = w.k AND w.n = 2":                       " |a |b bee|c |d ",
		"LEFT JOIN words w ON s.k = w.k AND s.x = 1":                       " |a ant|b |c |d ",
		"LEFT JOIN words w ON s.k = w.k WHERE w.n = 1":                     "a ant",
		"LEFT JOIN words w ON s.k = w.k WHERE w.n IS NULL":                 " |d ",
		", words w WHERE s.k = w.k AND w.n > 1":                            "b bee|c ",
		"JOIN words w ON s.k = w.k AND s.x = w.n":                          "a ant",
	} {
		got := sortedLines(t, script+"SELECT s.k, word FROM s "+query)
		if lines := strings.ReplaceAll(strings.Join(got, "|"), ",", " "); lines != want {
			t.Errorf("%s: got %s, want %s", query, lines, want)
		}
	}
}

// A wait for a database that cannot be reached ends with the run.
func TestLookupGivesUp(t *testing.T) {
	db, script := words(t, ", busy_timeout = '0s', lookup_retries = '30', lookup_delay = '10h'")
	script += "INSERT INTO s VALUES ('a', 1); SELECT s.k, word FROM s LEFT JOIN words ON s.k = words.k;"
	var out bytes.Buffer
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("test.sql", script), engine.Options{Stdout: &out, Output: "csv"})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems.Render())
	}
	execute(t, db, "BEGIN EXCLUSIVE")
	hard, end := context.WithCancel(context.Background())
	end()
	if _, err := job.Run(context.Background(), hard); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends with %v", err)
	}
}
