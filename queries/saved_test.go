package queries_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSavedQueries runs the query tests of the saved queries: as they are, then with
// crashes, other orders of arrival, workers and batches.
func TestSavedQueries(t *testing.T) {
	for _, args := range [][]string{
		{"test", "."},
		{"test", "--crash", "3", "--shuffle", "2", "--parallelism", "3", "--batch-size", "7", "."},
	} {
		out, _ := tidemark(t, nil, args...)
		if !strings.Contains(out, " passed, 0 failed") || strings.HasPrefix(out, "0 passed") {
			t.Errorf("%s:\n%s", strings.Join(args, " "), out)
		}
	}
}

// TestSavedQueriesAreExplained checks that each saved query begins with a comment that
// says what it shows, is right by itself, and is loaded by a test where its folder has some.
func TestSavedQueriesAreExplained(t *testing.T) {
	files, err := filepath.Glob("*/*.sql")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d saved queries, %v", len(files), err)
	}
	var tests strings.Builder
	var scripts []string
	for _, name := range files {
		text := read(t, name)
		if strings.HasSuffix(name, ".test.sql") {
			tests.WriteString(text)
			continue
		}
		scripts = append(scripts, name)
		if !strings.HasPrefix(text, "-- ") {
			t.Errorf("%s does not begin with a comment", name)
		}
	}
	for _, name := range scripts {
		if beside, _ := filepath.Glob(filepath.Dir(name) + "/*.test.sql"); len(beside) > 0 && !strings.Contains(tests.String(), "LOAD '"+filepath.Base(name)+"'") {
			t.Errorf("no test loads %s", name)
		}
	}
	out, _ := tidemark(t, nil, append([]string{"check"}, scripts...)...)
	if n := strings.Count(out, ": ok"); n != len(scripts) {
		t.Errorf("%d of %d are right:\n%s", n, len(scripts), out)
	}
}
