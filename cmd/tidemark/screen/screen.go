// Package screen draws what changes at the end of a terminal, while other text scrolls
// above it.
package screen

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// Screen is a terminal with a block of lines at its end that is drawn in place: a table
// that changes, a status line. It is safe for concurrent use.
type Screen struct {
	out   io.Writer
	size  func() (width, height int)
	mu    sync.Mutex
	block string // as it stands; without a line end
}

// New returns a screen that is written to out.
func New(out io.Writer, size func() (width, height int)) *Screen {
	return &Screen{out: out, size: size}
}

// Of returns the screen of a terminal.
func Of(f *os.File) *Screen { return New(f, func() (int, int) { return Size(f) }) }

// Size returns the width and height of a terminal, 80 by 24 where it does not tell.
func Size(f *os.File) (width, height int) {
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 1 || height < 1 {
		return 80, 24
	}
	return width, height
}

// Size returns the width and height of the screen.
func (s *Screen) Size() (width, height int) { return s.size() }

// Write puts whole lines above the block.
func (s *Screen) Write(b []byte) (n int, err error) {
	s.Above(func() { n, err = s.out.Write(b) })
	return n, err
}

// Above has write put whole lines on the terminal, above the block.
func (s *Screen) Above(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	write()
	if s.block != "" {
		io.WriteString(s.out, s.block)
	}
}

// Draw replaces the block, "" being none. Its lines are cut to the width of the screen,
// less room at the end for what the keyboard shows.
func (s *Screen) Draw(block string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	s.block = s.cut(block)
	io.WriteString(s.out, s.block)
}

// Leave draws the block for the last time: it stays, and what comes goes below.
func (s *Screen) Leave(block string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	if block != "" {
		io.WriteString(s.out, s.cut(block)+"\n")
	}
	s.block = ""
}

// Room is how many places of the last line are kept free for the ^C of a keyboard.
const Room = len("^C") + 1

// cut cuts the lines of a block.
func (s *Screen) cut(block string) string {
	width, _ := s.size()
	lines := strings.Split(block, "\n")
	for i, line := range lines {
		most := width - 1
		if i == len(lines)-1 {
			most = width - Room
		}
		if most > 0 && runewidth.StringWidth(line) > most {
			lines[i] = runewidth.Truncate(line, most, "…")
		}
	}
	return strings.Join(lines, "\n")
}

// erase takes the block off the screen. mu is held.
func (s *Screen) erase() {
	if s.block == "" {
		return
	}
	text := "\r"
	if n := strings.Count(s.block, "\n"); n > 0 {
		text += fmt.Sprintf("\x1b[%dA", n)
	}
	io.WriteString(s.out, text+"\x1b[J")
}
