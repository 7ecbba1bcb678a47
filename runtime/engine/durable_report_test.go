package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
)

// TestCheckpointReport says of the last checkpoint how large it is, how much of it was
// written, and how long it kept an operator from its rows.
func TestCheckpointReport(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "s.csv")
	if err := os.WriteFile(in, []byte("k,ts\na,2026-01-05T10:00:00Z\nb,2026-01-05T10:00:10Z\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	script := "SET end_of_input = 'hold';\nCREATE STREAM s (k STRING, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (path = '" + in + "');\nSELECT window_start, k, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k;"
	job, problems, err := New(builtin.Registry()).Prepare(source.NewFile("job.sql", script), Options{Output: "none", Checkpoints: Checkpoints{Dir: filepath.Join(dir, "state")}})
	if problems.HasErrors() || err != nil {
		t.Fatal(problems.Render(), err)
	}
	if _, err := job.Run(context.Background(), context.Background()); err != nil {
		t.Fatal(err)
	}
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
