// Package repl is the conversation of tidemark on a terminal, and the running of scripts
// that have meta commands: statements are run one after the other, and what they declare
// stays.
package repl

import (
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"tidemark/cmd/tidemark/screen"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// The exit codes of a conversation.
const (
	exitOK     = 0
	exitFailed = 1
	exitWrong  = 2
)

// Config is what a conversation needs of its surroundings.
type Config struct {
	Engine *engine.Engine
	// Out takes results, Err everything else.
	Out, Err io.Writer
	// Terminal is the screen and the keyboard; nil when there are none.
	Terminal Terminal
	// Interrupts has a value for each Ctrl-C; nil where nobody asks.
	Interrupts <-chan os.Signal
	// Vars are the values of ${name} to begin with.
	Vars map[string]string
	// Version is what \? begins with.
	Version string
}

// Terminal is a screen and its keyboard.
type Terminal interface {
	// Line reads a line after a prompt. It returns errInterrupt for Ctrl-C and io.EOF
	// for Ctrl-D on an empty line.
	Line(prompt string) (string, error)
	// Remember adds an entry, on one line, to the history.
	Remember(entry string)
	// History returns the entries, the oldest first.
	History() []string
	// Size returns the width and height of the screen.
	Size() (width, height int)
}

// ErrInterrupt is what Terminal.Line returns for Ctrl-C.
var ErrInterrupt = errors.New("interrupted")

// REPL is a conversation.
type REPL struct {
	cfg     Config
	session *engine.Session
	set     settings
	queries background
	depth   int    // of \i within \i
	dir     string // that paths start from: the folder of the script of \i
	quit    bool
	code    int            // of the first error
	buffer  string         // lines of a statement that is not complete
	last    string         // the last statement, for \e
	began   time.Time      // when it began
	done    []entry        // statements that went well, for \save
	screen  *screen.Screen // nil without a terminal
	file    *os.File       // of \o
	ran     *engine.Job    // the last query, for \wm and \late
}

// New returns a conversation that has not begun.
func New(cfg Config) *REPL {
	r := &REPL{cfg: cfg, session: cfg.Engine.NewSession()}
	r.set = defaults(cfg.Terminal != nil)
	if cfg.Terminal != nil {
		r.screen = screen.New(cfg.Out, cfg.Terminal.Size)
	}
	for name, value := range cfg.Vars {
		r.set.vars[name] = value
	}
	return r
}

// Talk reads statements and meta commands from the terminal until it is left, and
// returns the exit code.
func (r *REPL) Talk() int {
	r.printf("tidemark %s · \\? for help, \\demo for examples, Ctrl-D to leave\n", r.cfg.Version)
	for !r.quit {
		r.announce()
		line, err := r.cfg.Terminal.Line(r.prompt())
		switch {
		case errors.Is(err, ErrInterrupt):
			r.buffer = ""
			continue
		case err != nil: // Ctrl-D, or the terminal is gone
			r.quit = true
			continue
		}
		r.Feed(line)
	}
	if ids := r.runningIDs(); len(ids) > 0 {
		r.printf("stopping what runs in the background: %s\n", strings.Join(ids, ", "))
	}
	r.queries.stopAll()
	r.closeOut()
	return exitOK
}

// prompt says what the line to come is part of.
func (r *REPL) prompt() string {
	if r.buffer == "" {
		return "tidemark> "
	}
	switch _, _, open := parser.NextStatement(r.buffer, 0); open {
	case parser.InString:
		return "       '> "
	case parser.InComment:
		return "      /*> "
	}
	return "     ...> "
}

// Feed takes a line from the terminal: a meta command, or a part of a statement.
func (r *REPL) Feed(line string) {
	if r.buffer == "" && strings.TrimSpace(line) == "" {
		return
	}
	if c, ok := metaCommand(line); ok && (r.buffer == "" || r.between(line)) {
		r.cfg.Terminal.Remember(strings.TrimSpace(line))
		r.meta(c)
		return
	}
	r.buffer += line + "\n"
	for !r.quit {
		start, end, open := parser.NextStatement(r.buffer, 0)
		if open != parser.Nothing {
			r.buffer = r.buffer[start:]
			return
		}
		if start == len(r.buffer) { // only space and comments
			r.buffer = ""
			return
		}
		text := r.buffer[start:end]
		r.buffer = r.buffer[end:]
		r.cfg.Terminal.Remember(strings.TrimSpace(parser.OneLine(text)))
		r.statement(source.NewFile("", text))
	}
}

// between reports whether a line within a statement is a meta command all the same.
func (r *REPL) between(line string) bool {
	_, _, open := parser.NextStatement(r.buffer, 0)
	return open == parser.InStatement && strings.HasPrefix(strings.TrimSpace(line), `\\`)
}

// HasCommands reports whether a text has meta commands between its statements.
func HasCommands(text string) bool {
	found := false
	walk(text, func(command, source.Span) bool { found = true; return false }, func(source.Span) bool { return true })
	return found
}

// Run runs the statements and meta commands of a file in order. It stops at the first
// error unless \set on_error continue says otherwise, and returns the exit code of the
// first error.
func (r *REPL) Run(f *source.File) int {
	r.script(f)
	r.queries.wait(r.cfg.Interrupts)
	r.announce()
	r.closeOut()
	return r.code
}

// script runs the statements and commands of a text.
func (r *REPL) script(f *source.File) {
	goesOn := func() bool {
		return !r.quit && (r.code == exitOK || r.set.onError == "continue" || r.cfg.Terminal != nil && r.depth == 0)
	}
	walk(f.Text,
		func(c command, at source.Span) bool {
			c.file, c.at = f, at
			r.meta(c)
			return goesOn()
		},
		func(at source.Span) bool {
			r.statement(f.Part(at))
			return goesOn()
		})
}

// walk goes through the statements and meta commands of a text until one of the
// functions returns false. A statement may lack its semicolon at the end of the text.
func walk(text string, meta func(command, source.Span) bool, statement func(source.Span) bool) {
	for at := 0; at < len(text); {
		start, end, _ := parser.NextStatement(text, at)
		// A command stands at the beginning of a line, before the next statement.
		line := lineOf(text, start)
		if c, ok := metaCommand(text[line.Start:line.End]); ok && line.Start >= at && strings.TrimSpace(text[line.Start:start]) == "" {
			if !meta(c, line) {
				return
			}
			at = line.End
			continue
		}
		if start == len(text) || !statement(source.Span{Start: start, End: end}) {
			return
		}
		at = end
	}
}

// lineOf returns the line that a byte is in.
func lineOf(text string, at int) source.Span {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := len(text)
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		end = at + n
	}
	return source.Span{Start: start, End: end}
}

// fail notes an exit code.
func (r *REPL) fail(code int) {
	if r.code == exitOK {
		r.code = code
	}
}
