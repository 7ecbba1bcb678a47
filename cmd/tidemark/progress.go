package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"tidemark/cmd/tidemark/screen"
	"tidemark/runtime/engine"
)

// redrawEvery is how often the status line is drawn anew.
const redrawEvery = 200 * time.Millisecond

// follow draws a job on a terminal until the returned function is called: its progress,
// below the table of a result that is updated for as long as the job runs. quiet leaves
// the progress out.
func follow(s *screen.Screen, j *engine.Job, quiet bool) (stop func()) {
	if s == nil {
		return func() {}
	}
	table := func() string {
		width, height := s.Size()
		return j.Draw(width-1, height-2)
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				s.Leave(table())
				return
			case <-tick.C:
				block := table()
				switch {
				case quiet:
				case block == "":
					block = progressText(j.Progress())
				default:
					block += "\n" + progressText(j.Progress())
				}
				s.Draw(block)
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// progressText is the status line: rows, throughput, how much of the input is
// done, the watermark and the late rows.
func progressText(p engine.Progress) string {
	parts := []string{screen.Scaled(float64(p.Rows)) + " rows"}
	if s := p.Elapsed.Seconds(); s > 0 {
		parts = append(parts, screen.Scaled(float64(p.Rows)/s)+" rows/s")
		if p.Bytes > 0 {
			parts = append(parts, fmt.Sprintf("%.1f MB/s", float64(p.Bytes)/1e6/s))
		}
	}
	if p.Total > 0 {
		parts = append(parts, fmt.Sprintf("%.0f%%", 100*float64(p.Done)/float64(p.Total)))
	}
	switch {
	case p.Watermark == math.MinInt64 || p.Watermark == -1:
	case p.Watermark == math.MaxInt64:
		parts = append(parts, "W end")
	default:
		parts = append(parts, "W "+time.UnixMicro(p.Watermark).UTC().Format("2006-01-02 15:04:05"))
	}
	if p.Late > 0 {
		parts = append(parts, fmt.Sprintf("late %d", p.Late))
	}
	return strings.Join(parts, " · ")
}
