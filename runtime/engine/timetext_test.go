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
			"that is with a row of s at 2026-01-05T12:01:15.000001Z or later; W is 2026-01-05T12:00:10Z, held by s (active)",
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

func TestTimeTextComposed(t *testing.T) { synctest.Test(t, testTimeTextComposed) }

// Behind a join and behind windows that are emitted late, what is said goes by the watermark
// that the operator itself has seen.
func testTimeTextComposed(t *testing.T) {
	l := startJob(t, `CREATE STREAM s (ts TIMESTAMP, k INT, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND)
WITH (path = '-', format = 'csv', header = 'false', bounded = 'false');
CREATE VIEW totals AS SELECT window_time, SUM(k) AS k FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE) ALLOWED LATENESS INTERVAL '20' SECOND EMIT FINAL;
CREATE STREAM hours AS SELECT window_start, SUM(k) AS k FROM totals GROUP BY TUMBLE(window_time, INTERVAL '5' MINUTE);
CREATE STREAM pairs AS SELECT window_start, COUNT(*) AS n FROM (SELECT a.ts FROM s a LEFT JOIN s b WITHIN INTERVAL '30' SECOND ON a.k = b.k) GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`)
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
	l.write("2026-01-05T12:01:20Z,1")
	says("hours: TUMBLE(window_time, 5 minutes): the next window is [2026-01-05T12:00:00Z, 2026-01-05T12:05:00Z), and fires when W >= 2026-01-05T12:05:00Z, "+
		"that is with a row of s at 2026-01-05T12:05:30.000001Z or later; W is 2026-01-05T12:00:59.999999Z, held by s (active)",
		"pairs: TUMBLE(ts, 1 minute): the next window is [2026-01-05T12:00:00Z, 2026-01-05T12:01:00Z), and fires when W >= 2026-01-05T12:01:00Z, "+
			"that is with a row of s at 2026-01-05T12:01:40Z or later; W is 2026-01-05T12:00:40Z, held by s (active)",
		"pairs: LEFT interval join on a.k = b.k: waits for W > a.ts + 30 seconds; a left row without a match is emitted then; W is 2026-01-05T12:01:10Z, held by s (active)")
	l.write("2026-01-05T12:01:40Z,1")
	says("pairs: TUMBLE(ts, 1 minute): the next window is [2026-01-05T12:01:00Z, 2026-01-05T12:02:00Z), and fires when W >= 2026-01-05T12:02:00Z, " +
		"that is with a row of s at 2026-01-05T12:02:40Z or later; W is 2026-01-05T12:01:00Z, held by s (active)")
	l.write("2026-01-05T12:05:30Z,1")
	says("hours: TUMBLE(window_time, 5 minutes): the next window is [2026-01-05T12:00:00Z, 2026-01-05T12:05:00Z), and fires when W >= 2026-01-05T12:05:00Z, " +
		"that is with a row of s at 2026-01-05T12:05:30.000001Z or later; W is 2026-01-05T12:04:59.999999Z, held by s (active)")
	l.write("2026-01-05T12:05:30.000001Z,1")
	says("hours: TUMBLE(window_time, 5 minutes): the next window is [2026-01-05T12:05:00Z, 2026-01-05T12:10:00Z), and fires when W >= 2026-01-05T12:10:00Z, " +
		"that is with a row of s at 2026-01-05T12:10:30.000001Z or later; W is 2026-01-05T12:05:20.000001Z, held by s (active)")
	l.in.Close()
	<-l.done
}
