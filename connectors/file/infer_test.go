package file

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// infer returns the schema as "a BIGINT, b STRING", or the error without the folder.
func infer(dir string, options ...string) string {
	r := connectors.NewRegistry()
	r.Register(Connector())
	s, err := r.Infer(context.Background(), "file", config(dir, options...))
	if err != nil {
		return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
	}
	return described(s)
}

func described(s data.Schema) string {
	var cols []string
	for _, c := range s {
		cols = append(cols, c.Name+" "+c.Type.String())
	}
	return strings.Join(cols, ", ")
}

func TestInfer(t *testing.T) {
	dir := folder(t, map[string]string{
		"one.csv": "a,b\nx,1\n", "days/2.csv": "a\nx\n", "days/1.csv": "a\n1.5\n", "z.json.gz": zipped(`{"a":`, `[1]}`+"\n"),
		"empty.csv": "", "cut.csv.gz": zipped("a\n1\n")[:15], "plain.csv.gz": "a\n1\n", "sub/x": "", "data.bin": "", "secret.csv": "a\n",
	})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "secret.csv"), 0); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, want string }{
		{"one.csv", "a STRING, b BIGINT"},
		{"days/*.csv", "a DECIMAL(18,1)"},
		{"z.json.gz", "a ARRAY<BIGINT>"},
		{"empty.csv", "the columns of empty.csv cannot be told: it is empty (declare the columns: CREATE STREAM name (id BIGINT, …) WITH (…))"},
		{"oen.csv", "there is no file 'oen.csv' (did you mean 'one.csv'?)"},
		{"no*.csv", "no file matches 'no*.csv' (did you mean 'one.csv'?)"},
		{"sub", "'sub' is a folder (to read the files in it write for example path = 'sub/*.csv')"},
		{"cut.csv.gz", "cut.csv.gz: the compressed data ends too early: is the file cut off, or not gzip data at all?"},
		{"plain.csv.gz", "plain.csv.gz: the compressed data ends too early: is the file cut off, or not gzip data at all?"},
		{"data.bin", "the format cannot be told from the path 'data.bin' (add format = 'csv' or another of csv, tsv, json)"},
		{"pipe.csv", "the columns of 'pipe.csv' cannot be told: what is read from it to see them is gone for the query (declare the columns, or read it as the standard input)"},
	}
	if os.Geteuid() != 0 {
		tests = append(tests, struct{ path, want string }{"secret.csv", "no permission to open 'secret.csv' (let the user that runs tidemark read it: chmod a+r, and a+x for its folders)"})
	}
	for _, c := range tests {
		if got := infer(dir, "path", c.path); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.path, got, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Infer(ctx, config(dir, "path", "one.csv")); err != context.Canceled {
		t.Errorf("after the end of the context: %v", err)
	}
}
