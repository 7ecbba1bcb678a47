package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"tidemark/runtime/engine"
)

// redrawEvery is how often the status line is drawn anew.
const redrawEvery = 200 * time.Millisecond

// statusLine is the last line of a terminal, drawn in place. Without a terminal
// it does nothing.
type statusLine struct {
	out  *os.File // nil: not a terminal
	mu   sync.Mutex
	text string // as it stands on the screen; "" when there is none
}

// draw replaces the line, cut to the terminal's width.
func (s *statusLine) draw(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if width, _, err := term.GetSize(int(s.out.Fd())); err == nil && width > 1 {
		if r := []rune(text); len(r) >= width {
			text = string(r[:width-1])
		}
	}
	s.text = text
	fmt.Fprintf(s.out, "\r%s\x1b[K", text)
}

// clear takes the line off the screen.
func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	s.text = ""
}

func (s *statusLine) erase() {
	if s.text != "" {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}

// above has write put whole lines above the status line.
func (s *statusLine) above(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	write()
	if s.text != "" {
		fmt.Fprint(s.out, s.text)
	}
}

// follow draws a job's progress until the returned function is called.
func (s *statusLine) follow(progress func() engine.Progress) (stop func()) {
	if s.out == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				s.clear()
				return
			case <-tick.C:
				s.draw(progressText(progress()))
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
	parts := []string{scaled(float64(p.Rows)) + " rows"}
	if s := p.Elapsed.Seconds(); s > 0 {
		parts = append(parts, scaled(float64(p.Rows)/s)+" rows/s")
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

// scaled prints a number in at most five characters or so.
func scaled(x float64) string {
	switch {
	case x >= 1e9:
		return fmt.Sprintf("%.2fG", x/1e9)
	case x >= 1e6:
		return fmt.Sprintf("%.1fM", x/1e6)
	case x >= 1e4:
		return fmt.Sprintf("%.0fk", x/1e3)
	}
	return fmt.Sprintf("%.0f", x)
}
