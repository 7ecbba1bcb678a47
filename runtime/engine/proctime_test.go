package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/runtime/engine"
)

func TestProcTime(t *testing.T) { synctest.Test(t, testProcTime) }

// Windows over the time of processing close by the clock, without a further row; hours of
// silence take no time, and no row is ever late.
func testProcTime(t *testing.T) {
	l := startJob(t, `CREATE STREAM s (v INT, p AS PROCTIME()) WITH (path = '-', format = 'csv', header = 'false', bounded = 'false');
SELECT window_start, SUM(v) AS v FROM s GROUP BY TUMBLE(p, INTERVAL '1' MINUTE);`)
	l.write("1", "2")
	l.later(59 * time.Second)
	l.write("4")
	l.expect()
	l.later(900 * time.Millisecond)
	l.expect()
	l.later(time.Second)
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-05T12:00:00Z","v":7}}`)
	l.write("8")
	l.later(12 * time.Hour)
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-05T12:01:00Z","v":8}}`)
	l.write("16")
	if st := l.job.Status().Sources[0]; st.State.String() != "active" || st.Watermark != l.clock.Now().UnixMicro() {
		t.Fatalf("%+v", st)
	}
	l.in.Close()
	if r := <-l.done; r.Statements[0].Late != 0 || r.Statements[0].Read != 5 {
		t.Fatalf("%+v", r.Statements)
	}
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-06T00:01:00Z","v":16}}`)
}

func TestIngestTime(t *testing.T) { synctest.Test(t, testIngestTime) }

// The time of reading as metadata, with a delay of its own, and sessions by it.
func testIngestTime(t *testing.T) {
	l := startJob(t, `CREATE STREAM s (v INT, at TIMESTAMP METADATA FROM 'ingest_time', WATERMARK FOR at AS at - INTERVAL '10' SECOND)
WITH (path = '-', format = 'csv', header = 'false', bounded = 'false');
SELECT window_start, window_end, SUM(v) AS v FROM s GROUP BY SESSION(at, INTERVAL '5' SECOND);`)
	l.write("1")
	l.later(5 * time.Second)
	l.write("2")
	l.later(14 * time.Second)
	l.expect()
	l.later(time.Second + time.Second)
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-05T12:00:00Z","window_end":"2026-01-05T12:00:10Z","v":3}}`)
	l.stop()
	<-l.done
	l.expect()
}

// However many workers read, and whenever the clock ticks, no row comes after its time
// has been passed.
func TestProcTimeIsNeverLate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte("v\n"+strings.Repeat("12345\n", 400_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	sql := fmt.Sprintf(`CREATE STREAM s (v INT, p AS PROCTIME()) WITH (path = '%s');
SELECT window_start, COUNT(*) AS n FROM s GROUP BY TUMBLE(p, INTERVAL '0.001' SECOND);`, path)
	for _, workers := range []int{1, 4} {
		_, report := run(t, sql, engine.Options{Output: "changelog", Workers: workers, BatchRows: 100})
		if s := report.Statements[0]; s.Late != 0 || s.Used != 400_000 {
			t.Fatalf("%d workers: %+v", workers, s)
		}
	}
}
