package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/runtime/engine"
)

// TestAdviceAgrees: what the summary says of a source and what it says of a statement name the
// same clause where they speak of keeping all rows, and that clause keeps them.
func TestAdviceAgrees(t *testing.T) {
	agreed := 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 91))
		path := writeJSON(t, t.TempDir(), generate(r, 300, 20, 3))
		job := func(clause string) *engine.Report {
			sql := fmt.Sprintf(`CREATE STREAM s (ts TIMESTAMP, k STRING, v DECIMAL(12,2), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (connector = 'file', path = '%s', format = 'json');
				SELECT window_start, COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '15' SECOND) %s;`, path, clause)
			_, report := run(t, sql, engine.Options{Output: "changelog"})
			return report
		}
		report := job("")
		if report.Statements[0].Late == 0 || report.Sources[0].Skew == nil {
			continue
		}
		advice := strings.Join(report.Advice(), "\n")
		for _, c := range report.Sources[0].Skew.Choices {
			if c.Name != "all" {
				continue
			}
			agreed++
			if !strings.Contains(advice, "; "+c.Clause+" keeps them all") {
				t.Errorf("seed %d: %s for the source, but %s", seed, c.Clause, advice)
			}
			if kept := job(c.Clause); kept.Statements[0].Late != 0 {
				t.Errorf("seed %d: %d rows are late with %s", seed, kept.Statements[0].Late, c.Clause)
			}
		}
	}
	if agreed == 0 {
		t.Error("no advice keeps all rows")
	}
}
