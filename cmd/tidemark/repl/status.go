package repl

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"tidemark/cmd/tidemark/screen"
	"tidemark/runtime/engine"
)

// redrawEvery is how often a running query is drawn anew.
const redrawEvery = 200 * time.Millisecond

// watch draws a query on the terminal while it runs, until the returned function is
// called.
func (r *REPL) watch(p *engine.Planned) (stop func()) {
	if r.screen == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	rate := meter{}
	go func() {
		defer close(done)
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case now := <-tick.C:
				r.drawQuery(p, rate.perSecond(p.Job.Progress().Rows, now))
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		r.screen.Leave(table(r.screen, p.Job)) // it stays
	}
}

// table returns the table of a result that changes, as far as there is room for it above
// a status line.
func table(s *screen.Screen, j *engine.Job) string {
	width, height := s.Size()
	return j.Draw(width-1, height-2)
}

// drawQuery draws the table of a result that changes, and the status line.
func (r *REPL) drawQuery(p *engine.Planned, rate float64) {
	block := table(r.screen, p.Job)
	if block != "" {
		block += "\n"
	}
	width, _ := r.screen.Size()
	line := status(p.Job, rate, time.Now(), true)
	if runewidth.StringWidth(line) > width-screen.Room {
		line = status(p.Job, rate, time.Now(), false)
	}
	r.screen.Draw(block + line)
}

// status is the line below a running query: rows a second, how far time has come and
// who holds it where that is asked for, windows that are open, rows that were late.
func status(j *engine.Job, rate float64, now time.Time, held bool) string {
	p, st := j.Progress(), j.Status()
	parts := []string{screen.Scaled(rate) + " rows/s"}
	if p.Total > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %%", 100*float64(p.Done)/float64(p.Total)))
	}
	timed := false
	for _, s := range st.Sources {
		timed = timed || s.Timed
	}
	if w := watermark(st.Watermark, now); timed && w != "" {
		if holder := holder(j); holder != "" && held && p.Total < 0 {
			w += ", held by " + holder
		}
		parts = append(parts, w)
	}
	if p.Open > 0 {
		parts = append(parts, "open "+screen.Scaled(float64(p.Open)))
	}
	if p.Late > 0 {
		parts = append(parts, "late "+screen.Scaled(float64(p.Late)))
	}
	return strings.Join(append(parts, "^C stop"), " · ")
}

// watermark says how far time has come: "" before it begins.
func watermark(w int64, now time.Time) string {
	switch w {
	case math.MinInt64:
		return ""
	case math.MaxInt64:
		return "W end"
	}
	t := time.UnixMicro(w).UTC()
	form := "15:04:05"
	if t.Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		form = "2006-01-02 15:04:05"
	}
	text := "W " + t.Format(form)
	if behind := now.Sub(t); behind >= time.Second {
		text += ", " + length(behind) + " behind"
	}
	return text
}

// holder names the partition that time waits for, with its source.
func holder(j *engine.Job) string {
	st := j.Status()
	if st.Holder < 0 {
		return ""
	}
	s := st.Sources[st.Holder]
	if s.Holder >= 0 && len(s.Partitions) > 1 {
		return s.Name + "/" + s.Partitions[s.Holder].Name
	}
	return s.Name
}

// length prints a duration in its greatest unit.
func length(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// meter measures rows a second over the last few seconds.
type meter struct {
	times []time.Time
	rows  []int64
}

// perSecond takes how many rows there were at a time.
func (m *meter) perSecond(rows int64, at time.Time) float64 {
	const samples = 10
	m.times, m.rows = append(m.times, at), append(m.rows, rows)
	if n := len(m.times) - samples; n > 0 {
		m.times, m.rows = m.times[n:], m.rows[n:]
	}
	if span := at.Sub(m.times[0]).Seconds(); span > 0 {
		return float64(rows-m.rows[0]) / span
	}
	return 0
}
