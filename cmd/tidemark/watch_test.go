package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// What is asked over HTTP is answered for the job in hand, while it runs and after.
func TestWatch(t *testing.T) {
	w := &watch{}
	server := httptest.NewServer(w.handler())
	defer server.Close()
	get := func(path string) (int, string) {
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(b)
	}
	if code, _ := get("/metrics"); code != http.StatusServiceUnavailable {
		t.Fatalf("%d without a job", code)
	}
	script := `CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE) WITH (path = '-', format = 'csv', header = 'false');
SELECT window_start, SUM(v) AS v FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`
	in, write := io.Pipe()
	out := &strings.Builder{}
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("q.sql", script), engine.Options{Stdin: in, Stdout: out, Output: "csv"})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems.Render())
	}
	w.job.Store(job)
	if _, text := get("/watermark"); !strings.HasPrefix(text, "W has not begun\n") {
		t.Fatalf("before the run: %s", text)
	}
	done := make(chan error)
	go func() {
		_, err := job.Run(context.Background(), context.Background())
		done <- err
	}()
	io.WriteString(write, "2026-01-05T10:00:00Z,1\n2026-01-05T10:05:30Z,2\n2026-01-05T10:01:00Z,4\n")
	write.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if code, text := get("/watermark"); code != 200 || !strings.Contains(text, "s: W at the end of time · finished\n") {
		t.Fatalf("%d %s", code, text)
	}
	_, text := get("/metrics")
	for _, want := range []string{
		`tidemark_source_rows_read_total{source="s"} 3` + "\n",
		`tidemark_source_skew_rows{source="s",bucket="30s-5m"} 1` + "\n",
		`tidemark_source_severity_rows{source="s",severity="slightly_late"} 1` + "\n",
		`tidemark_source_skew_max_seconds{source="s"} 270` + "\n",
		`tidemark_statement_rows_total{statement="query 1",outcome="late"} 1` + "\n",
		"# TYPE tidemark_statement_rows_emitted_total counter\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	var report engine.Report
	if _, text := get("/status"); json.Unmarshal([]byte(text), &report) != nil || len(report.Sources) != 1 || !report.Sources[0].Skew.Problematic || len(report.Sources[0].Skew.Choices) == 0 {
		t.Errorf("%s", text)
	}
	if code, _ := get("/nothing"); code != http.StatusNotFound {
		t.Errorf("%d for a path that is none", code)
	}
}
