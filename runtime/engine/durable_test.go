package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
)

// holding is a job over a file that keeps its windows open at the end.
type holding struct {
	t   *testing.T
	dir string
}

func (h holding) path(name string) string { return filepath.Join(h.dir, name) }

// put adds rows to the file.
func (h holding) put(lines string) {
	h.t.Helper()
	f, err := os.OpenFile(h.path("s.csv"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = f.WriteString(lines)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// run runs the job, which writes its result to a file called out, to its end.
func (h holding) run(out string, c Checkpoints) *Job {
	h.t.Helper()
	script := fmt.Sprintf(`SET end_of_input = 'hold';
CREATE STREAM s (k STRING, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (path = '%s');
CREATE TABLE o (at TIMESTAMP, k STRING, n BIGINT) WITH (path = '%s');
INSERT INTO o SELECT window_start, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k;`, h.path("s.csv"), h.path(out))
	job, problems, err := New(builtin.Registry()).Prepare(source.NewFile("job.sql", script), Options{Output: "none", Checkpoints: c})
	if problems.HasErrors() || err != nil {
		h.t.Fatal(problems.Render(), err)
	}
	if _, err := job.Run(context.Background(), context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return job
}

// TestCheckpointReport says of the last checkpoint how large it is, how much of it was
// written, and how long it kept an operator from its rows.
func TestCheckpointReport(t *testing.T) {
	h := holding{t, t.TempDir()}
	h.put("k,ts\na,2026-01-05T10:00:00Z\nb,2026-01-05T10:00:10Z\n")
	job := h.run("o.csv", Checkpoints{Dir: h.path("state")})
	c := job.Report().Checkpoint
	if c == nil || c.Number < 1 || c.Bytes == 0 || c.Written < c.Bytes || c.Stall <= 0 {
		t.Fatalf("the report says %+v", c)
	}
	var metrics strings.Builder
	if err := job.WriteMetrics(&metrics); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(metrics.String(), "\ntidemark_checkpoint_written_bytes ") {
		t.Fatal(metrics.String())
	}
}

// TestResumeLarge goes on, again and again, with a state that is kept in chunks, of which
// little changes.
func TestResumeLarge(t *testing.T) {
	h := holding{t, t.TempDir()}
	var lines strings.Builder
	lines.WriteString("k,ts\n")
	for i := range 100_000 {
		fmt.Fprintf(&lines, "key %d,2026-01-05T10:00:00Z\n", i*7919)
	}
	h.put(lines.String())
	c := Checkpoints{Dir: h.path("state"), Continue: true}
	first := h.run("o.csv", c).Report().Checkpoint
	if files, err := filepath.Glob(h.path("state/chunks-*")); err != nil || len(files) == 0 {
		t.Fatalf("there are no chunks: %v", err)
	}
	for i := range 3 {
		h.put(fmt.Sprintf("key %d,2026-01-05T10:00:01Z\n", i))
		next := h.run("o.csv", c).Report().Checkpoint
		if next.Number <= first.Number || next.Bytes < 1<<20 || next.Written > next.Bytes/5 {
			t.Fatalf("the first checkpoint is %+v, one after it %+v", first, next)
		}
	}
	h.put("end,2026-01-05T10:02:00Z\n")
	h.run("o.csv", c)
	h.run("want.csv", Checkpoints{})
	want, err := os.ReadFile(h.path("want.csv"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(h.path("o.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 1<<20 || string(got) != string(want) {
		t.Fatalf("%d bytes instead of %d", len(got), len(want))
	}
}
