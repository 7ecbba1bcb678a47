package repl

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// screen is a terminal with a block of lines at the end that is drawn in place: a table
// that changes, and the status line. What is written goes above it.
type screen struct {
	out   io.Writer
	size  func() (width, height int)
	mu    sync.Mutex
	block string // as it stands; without a line end
}

// Write puts whole lines above the block.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.erase() + string(b) + s.block
	if _, err := io.WriteString(s.out, text); err != nil {
		return 0, err
	}
	return len(b), nil
}

// draw replaces the block, whose lines must fit.
func (s *screen) draw(block string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(s.out, s.erase()+block)
	s.block = block
}

// leave ends the block: what it shows stays, and what comes goes below.
func (s *screen) leave(block string) {
	s.draw(block)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.block != "" {
		io.WriteString(s.out, "\n")
	}
	s.block = ""
}

// erase returns what takes the block off the screen. mu is held.
func (s *screen) erase() string {
	if s.block == "" {
		return ""
	}
	text := "\r"
	if n := strings.Count(s.block, "\n"); n > 0 {
		text += fmt.Sprintf("\x1b[%dA", n)
	}
	return text + "\x1b[J"
}
