package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
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

// A watermark that is moved by a request is a floor: what is before it is late.
func TestWatchAdvance(t *testing.T) {
	w := &watch{}
	server := httptest.NewServer(w.handler())
	defer server.Close()
	ask := func(r *http.Response, err error) (int, string) {
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
	const formed = "application/x-www-form-urlencoded"
	advance := func(form string) (int, string) {
		return ask(http.Post(server.URL+"/watermark", formed, strings.NewReader(form)))
	}
	if code, _ := advance("to=2026-01-05T11:00:00Z"); code != http.StatusServiceUnavailable {
		t.Fatalf("%d without a job", code)
	}
	script := `CREATE STREAM clicks (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE) WITH (path = '-', format = 'csv', header = 'false');
SELECT window_start, SUM(v) AS v FROM clicks GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`
	in, write := io.Pipe()
	out := &strings.Builder{}
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("q.sql", script), engine.Options{Stdin: in, Stdout: out, Output: "csv"})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems.Render())
	}
	w.job.Store(job)
	done := make(chan error)
	go func() {
		_, err := job.Run(context.Background(), context.Background())
		done <- err
	}()
	for form, want := range map[string]string{
		"stream=clicks&to=soon":              "to = 'soon' is not a valid TIMESTAMP: send for example stream=clicks&to=2026-01-05T10:00:00Z",
		"stream=clicks":                      "to = '' is not a valid TIMESTAMP",
		"stream=click&to=2026-01-05T10:00Z":  "no stream click with a watermark is being read: did you mean clicks?",
		"stream=orders&to=2026-01-05T10:00Z": "no stream orders with a watermark is being read: those are clicks",
	} {
		if code, text := advance(form); code != http.StatusBadRequest || !strings.HasPrefix(text, want) {
			t.Errorf("%s: %d %s", form, code, text)
		}
	}
	stranger, _ := http.NewRequest("POST", server.URL+"/watermark?to=2027-01-01T00:00:00Z", nil)
	stranger.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, _ := ask(http.DefaultClient.Do(stranger)); code != http.StatusForbidden {
		t.Errorf("%d for the page of another", code)
	}
	// Until the job has begun it changes nothing.
	for moved := false; !moved; runtime.Gosched() {
		if code, text := advance("stream=Clicks&to=2026-01-05T11:00:00Z"); code != http.StatusOK {
			t.Fatalf("%d %s", code, text)
		}
		_, text := ask(http.Get(server.URL + "/watermark"))
		moved = strings.Contains(text, "W 2026-01-05T11:00:00Z")
	}
	advance("to=2026-01-05T10:00:00Z") // never back
	io.WriteString(write, "2026-01-05T10:59:00Z,1\n2026-01-05T11:00:00Z,2\n")
	write.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if want := "window_start,v\n2026-01-05T11:00:00Z,2\n"; out.String() != want {
		t.Errorf("%s", out)
	}
}
