package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/term"

	"tidemark/cmd/tidemark/screen"
	"tidemark/parser/source"
)

// console is where the command reads and writes: results on stdout, everything
// else on stderr.
type console struct {
	stdin  io.Reader
	stdout *results
	stderr io.Writer
	// screen is what the status line is drawn on; nil where standard error is no terminal.
	screen *screen.Screen
	// log is set when messages are to be JSON records.
	log *slog.Logger
}

func newConsole() *console {
	c := &console{stdin: os.Stdin, stderr: os.Stderr}
	c.stdout = &results{out: os.Stdout}
	if isTerminal(os.Stderr) {
		c.screen = screen.Of(os.Stderr)
	}
	if isTerminal(os.Stdout) {
		c.stdout.screen = c.screen // the two share the screen
	}
	return c
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// format sets the form of messages: text or json.
func (c *console) format(form string) {
	if form == "json" {
		c.log = slog.New(slog.NewJSONHandler(c.stderr, nil))
	}
}

// fail prints an error with the way out of it, which may be empty, and returns code.
func (c *console) fail(code int, message, hint string) int {
	message = strings.TrimRight(message, "\n")
	if c.log != nil {
		args := []any{}
		if hint != "" {
			args = append(args, "hint", hint)
		}
		c.log.Error(message, args...)
		return code
	}
	var b strings.Builder
	for line := range strings.Lines(message + "\n") {
		b.WriteString("error: " + line)
	}
	if hint != "" {
		b.WriteString("       " + strings.ReplaceAll(hint, "\n", "\n       ") + "\n")
	}
	io.WriteString(c.stderr, b.String())
	return code
}

// warn prints what may be wrong.
func (c *console) warn(message string) {
	if c.log != nil {
		c.log.Warn(message)
		return
	}
	c.note("warning: " + message)
}

// note prints what is neither a result nor an error.
func (c *console) note(message string) {
	message = strings.TrimRight(message, "\n")
	if c.log != nil {
		c.log.Info(message)
		return
	}
	write := func() { io.WriteString(c.stderr, message+"\n") }
	if c.screen == nil {
		write()
		return
	}
	c.screen.Above(write)
}

// diagnostics prints what is wrong with a script, each with its line and a caret.
func (c *console) diagnostics(list source.List) {
	if c.log == nil {
		io.WriteString(c.stderr, list.Render())
		return
	}
	for _, d := range list {
		level := slog.LevelError
		if d.Severity == source.Warning {
			level = slog.LevelWarn
		}
		args := []any{}
		if d.File != nil {
			line, column := d.File.Position(d.Span.Start)
			args = append(args, "file", d.File.Name, "line", line, "column", column)
		}
		if d.Hint != "" {
			args = append(args, "hint", d.Hint)
		}
		c.log.Log(context.Background(), level, d.Message, args...)
	}
}

// results is standard output. It keeps clear of the status line, and remembers
// when nobody reads any more.
type results struct {
	out    io.Writer
	screen *screen.Screen // nil when it is not shared
	mu     sync.Mutex
	gone   bool
}

// Write implements io.Writer. What is written to a terminal are whole lines.
func (r *results) Write(b []byte) (n int, err error) {
	if r.screen == nil {
		n, err = r.out.Write(b)
	} else {
		r.screen.Above(func() { n, err = r.out.Write(b) })
	}
	if errors.Is(err, syscall.EPIPE) {
		r.mu.Lock()
		r.gone = true
		r.mu.Unlock()
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the message says what could not be written
	}
	return n, err
}

// readerGone reports whether a write failed because the reading end was closed.
func (r *results) readerGone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}
