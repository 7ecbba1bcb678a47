//go:build integration

package queries_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestIntegrationConformancePostgres runs the conformance files in PostgreSQL,
// through psql, and holds the expected results against what it says: they are
// the standard's reading, not whatever Tidemark printed once. TIDEMARK_POSTGRES is
// a connection string such as "host=/tmp user=postgres". Records that are not
// meant for PostgreSQL have "skipif postgresql". -update takes its results over.
func TestIntegrationConformancePostgres(t *testing.T) {
	server := os.Getenv("TIDEMARK_POSTGRES")
	if server == "" {
		t.Fatal("TIDEMARK_POSTGRES is not set; it is the connection string of a PostgreSQL server to compare with")
	}
	paths, err := filepath.Glob("conformance/*.slt")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".slt")
		t.Run(name, func(t *testing.T) {
			text := read(t, path)
			records, err := parseSLT(text)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			pg := postgres{server: server, schema: "slt_" + name}
			pg.setUp(t)
			run := &sltRun{path: path, lines: strings.Split(text, "\n"), labels: map[string][]string{}, replace: map[int]replacement{}}
			for _, r := range records {
				if r.runsOn("postgresql") {
					pg.record(run, r)
				}
			}
			if fresh := run.fresh(); *update && fresh != text {
				if err := os.WriteFile(path, []byte(fresh), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for _, p := range run.problems {
				t.Error(p)
			}
		})
	}
}

// postgres runs statements in a schema of its own.
type postgres struct{ server, schema string }

// setUp makes the schema, with the types that PostgreSQL has under other names.
func (pg postgres) setUp(t *testing.T) {
	t.Helper()
	_, err := pg.psql("DROP SCHEMA IF EXISTS " + pg.schema + " CASCADE; CREATE SCHEMA " + pg.schema + ";" +
		`CREATE DOMAIN string AS text; CREATE DOMAIN "double" AS double precision; CREATE DOMAIN bytes AS bytea;`)
	if err != nil {
		t.Fatal(err)
	}
}

func (pg postgres) psql(script string) (string, error) {
	cmd := exec.Command("psql", pg.server, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-")
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c search_path="+pg.schema+",public -c intervalstyle=iso_8601 -c timezone=UTC -c client_min_messages=error -c statement_timeout=10s")
	cmd.Stdin = strings.NewReader(script)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, &stderr)
	}
	return string(out), nil
}

// record runs one record and compares.
func (pg postgres) record(run *sltRun, r *sltRecord) {
	sql := forPostgres(r.sql)
	if r.query && !r.fails {
		sql = "SELECT row_to_json(q) FROM (" + sql + "\n) q"
	}
	out, err := pg.psql(sql + "\n;\n")
	switch {
	case r.fails && err == nil:
		run.failf(r, "PostgreSQL does not refuse it")
		return
	case r.fails:
		return
	case err != nil:
		run.failf(r, "PostgreSQL: %v", err)
		return
	case !r.query:
		return
	}
	rows, err := sltRows(out, r.types)
	if err != nil {
		run.failf(r, "PostgreSQL: %v", err)
		return
	}
	for _, row := range rows {
		for i, v := range row {
			if r.types[i] == 'D' {
				row[i] = timeOfPostgres(v)
			}
		}
	}
	got := sltResult(r, rows)
	if !slices.EqualFunc(got, r.want, func(g, w string) bool { return sltEqual(r, g, w) }) {
		run.failf(r, "PostgreSQL has another result (- the file, + PostgreSQL)\n%s", diffLines(r, got, r.want))
		run.replace[r.wantFrom] = replacement{r.wantTo, got}
	}
}

var streamPattern = regexp.MustCompile(`(?i)^\s*CREATE STREAM\b`)

// forPostgres writes a statement as PostgreSQL knows it.
func forPostgres(sql string) string {
	return streamPattern.ReplaceAllString(sql, "CREATE TABLE")
}

var stampPattern = regexp.MustCompile(`^(\d{4,}-\d\d-\d\dT[0-9:.]+)(\+00:00)?$`)

// timeOfPostgres writes a timestamp as Tidemark does.
func timeOfPostgres(v string) string { return stampPattern.ReplaceAllString(v, "${1}Z") }
