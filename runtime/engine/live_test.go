package engine_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/operators/clock"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// liveJob is a script at work on what a test writes to its standard input, under a clock
// that the test moves.
type liveJob struct {
	t     *testing.T
	job   *engine.Job
	clock *clock.Manual
	in    *io.PipeWriter
	out   *shared
	stop  context.CancelFunc
	done  chan *engine.Report
}

// shared is a buffer that is written and read by several goroutines.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func startJob(t *testing.T, script string) *liveJob {
	t.Helper()
	in, write := io.Pipe()
	l := &liveJob{t: t, clock: clock.NewManual(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)), in: write, out: &shared{}, done: make(chan *engine.Report, 1)}
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("live.sql", script),
		engine.Options{Output: "changelog", Workers: 2, Stdin: in, Stdout: l.out, Clock: l.clock})
	if problems.HasErrors() {
		t.Fatal(problems.Render())
	}
	if err != nil {
		t.Fatal(err)
	}
	l.job = job
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	t.Cleanup(func() { write.Close(); stop() })
	go func() {
		report, err := job.Run(ctx, context.Background())
		if err != nil {
			t.Error(err)
		}
		l.done <- report
	}()
	return l
}

func (l *liveJob) write(lines ...string) {
	synctest.Wait()
	io.WriteString(l.in, strings.Join(lines, "\n")+"\n")
}

// expect checks what has been printed since it was called before.
func (l *liveJob) expect(want ...string) {
	l.t.Helper()
	synctest.Wait()
	l.out.mu.Lock()
	defer l.out.mu.Unlock()
	got := strings.TrimSuffix(l.out.b.String(), "\n")
	l.out.b.Reset()
	if got != strings.Join(want, "\n") {
		l.t.Fatalf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (l *liveJob) later(d time.Duration) {
	synctest.Wait()
	l.clock.Advance(d)
	synctest.Wait()
}

func TestAdvanceWatermark(t *testing.T) { synctest.Test(t, testAdvanceWatermark) }

// A floor closes windows, in its place in the stream; rows that come later are judged
// by it. Silence makes the source idle, which moves nothing.
func testAdvanceWatermark(t *testing.T) {
	l := startJob(t, `CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND)
WITH (path = '-', format = 'csv', header = 'false', bounded = 'false', typical_delay = '1s');
SELECT window_start, SUM(v) AS v FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`)
	at := func(text string) int64 {
		ts, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return ts.UnixMicro()
	}
	l.write("2026-01-05T10:00:05Z,1", "2026-01-05T10:01:05Z,2")
	l.expect()
	if err := l.job.AdvanceWatermark("S", at("2026-01-05T10:01:00Z")); err != nil {
		t.Fatal(err)
	}
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-05T10:00:00Z","v":1}}`)
	l.job.AdvanceWatermark("", at("2026-01-05T10:00:59Z"))
	l.write("2026-01-05T10:00:30Z,4", "2026-01-05T10:01:00Z,8")
	l.expect()
	l.later(31 * time.Second)
	if st := l.job.Status().Sources[0]; st.State.String() != "idle" || !st.Lagging || st.Watermark != at("2026-01-05T10:01:00Z") {
		t.Fatalf("%+v", st)
	}
	l.write("2026-01-05T10:02:10Z,16")
	l.expect(`{"op":"+I","row":{"window_start":"2026-01-05T10:01:00Z","v":10}}`)
	if err := l.job.AdvanceWatermark("clicks", 0); err == nil || !strings.Contains(err.Error(), "no stream clicks with a watermark is being read") {
		t.Fatal(err)
	}
	l.stop()
	r := <-l.done
	if s := r.Sources[0]; s.State != "active" || s.Watermark != "2026-01-05T10:02:00Z" || r.HeldBy != "s" || r.Confidence == nil || r.Statements[0].Late != 1 {
		t.Fatalf("%+v", r)
	}
	l.expect()
}
