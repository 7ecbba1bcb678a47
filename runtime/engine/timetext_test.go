package engine_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimeText(t *testing.T) { synctest.Test(t, testTimeText) }

// While a job runs it says where time stands, who holds it, and what the next window
// waits for; through silence, hours of it, and to the end.
func testTimeText(t *testing.T) {
	l := startJob(t, `CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND)
WITH (path = '-', format = 'csv', header = 'false', bounded = 'false', typical_delay = '1s', idle_timeout = '10m');
SELECT window_start, SUM(v) AS v FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE) ALLOWED LATENESS INTERVAL '5' SECOND EMIT FINAL;
CREATE STREAM sessions AS SELECT window_start, SUM(v) AS v FROM s GROUP BY SESSION(ts, INTERVAL '1' MINUTE);`)
	says := func(lines ...string) {
		t.Helper()
		synctest.Wait()
		text := l.job.TimeText()
		for _, want := range lines {
			if !strings.Contains(text, want+"\n") {
				t.Fatalf("no %q in\n%s", want, text)
			}
		}
	}
	synctest.Wait()
	says("W has not begun · confidence 1.00", "s: W has not begun · active",
		"query 1: TUMBLE(ts, 1 minute): no window can close before the watermark has begun, held by s (active)")
	l.write("2026-01-05T12:00:20Z,1")
	says("W 2026-01-05T12:00:10Z · confidence 1.00",
		"query 1: TUMBLE(ts, 1 minute): the next window is [2026-01-05T12:00:00Z, 2026-01-05T12:01:00Z), and fires when W > 2026-01-05T12:01:05Z, "+
			"that is with a row of s at 2026-01-05T12:01:15Z or later; W is 2026-01-05T12:00:10Z, held by s (active)",
		"sessions: SESSION(ts, gap 1 minute): a session whose last row is at t fires when W > t + 1 minute; W is 2026-01-05T12:00:10Z, held by s (active)")
	l.later(4 * time.Second)
	says("s: W 2026-01-05T12:00:10Z · stalled · silent for 4s · lagging")
	l.later(12 * time.Hour)
	says("s: W 2026-01-05T12:00:10Z · idle · silent for 12h0m4s · lagging")
	if text := l.job.TimeText(); !strings.Contains(text, "W is 2026-01-05T12:00:10Z, and no source is active\n") {
		t.Fatal(text)
	}
	l.write("2026-01-05T12:00:40Z,2") // it wakes, and is far behind the clock
	says("s: W 2026-01-05T12:00:30Z · active")
	var metrics bytes.Buffer
	if err := l.job.WriteMetrics(&metrics); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`tidemark_source_skew_rows{source="s",bucket="future"} 1`, `tidemark_source_skew_rows{source="s",bucket="5m+"} 1`,
		`tidemark_source_state{source="s",state="active"} 1`, `tidemark_confidence 1`,
	} {
		if !strings.Contains(metrics.String(), want+"\n") {
			t.Fatalf("no %s in\n%s", want, metrics.String())
		}
	}
	l.in.Close()
	r := <-l.done
	says("W at the end of time · confidence 1.00", "sessions: SESSION(ts, gap 1 minute): time has ended, and every window has been closed")
	if k := r.Sources[0].Skew; k.Against != "clock" || k.Rows != 2 || k.Problematic || r.RowsPerSecond <= 0 {
		t.Fatalf("%+v", r)
	}
}
