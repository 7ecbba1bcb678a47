package repl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/chzyer/readline"

	"tidemark/cmd/tidemark/screen"
)

// tty is the terminal that the process runs on.
type tty struct {
	line    *readline.Instance
	out     *os.File
	entries []string // of the history, the oldest first
	file    string   // that keeps them; "" for none
}

// mostEntries is how many entries of the history are kept.
const mostEntries = 1000

// NewTerminal returns the terminal of a process. history is the file that keeps the
// entries, one a line; "" keeps none. complete is asked at Tab.
func NewTerminal(in, out *os.File, history string, complete func(before string) (candidates []string, typed int)) (Terminal, func(), error) {
	t := &tty{out: out, file: history}
	t.load()
	line, err := readline.NewEx(&readline.Config{
		Stdin: readline.NewCancelableStdin(&keys{in: in}), Stdout: out, Stderr: out,
		AutoComplete: completer(complete), DisableAutoSaveHistory: true, HistorySearchFold: true, HistoryLimit: mostEntries,
		InterruptPrompt: "^C", EOFPrompt: "\\q",
	})
	if err != nil {
		return nil, nil, fmt.Errorf("the terminal cannot be used: %w", err)
	}
	t.line = line
	t.replay()
	return t, func() { line.Close() }, nil
}

// Line implements Terminal.
func (t *tty) Line(prompt string) (string, error) {
	t.line.SetPrompt(prompt)
	text, err := t.line.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", ErrInterrupt
	}
	return text, err
}

// Size implements Terminal.
func (t *tty) Size() (width, height int) {
	return screen.Size(t.out)
}

// History implements Terminal.
func (t *tty) History() []string { return t.entries }

// Remember implements Terminal. What has just been remembered is not again.
func (t *tty) Remember(entry string) {
	if n := len(t.entries); entry == "" || n > 0 && t.entries[n-1] == entry {
		t.replay()
		return
	}
	t.entries = append(t.entries, entry)
	t.replay()
	if t.file == "" {
		return
	}
	f, err := os.OpenFile(t.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // the history is a convenience: the conversation goes on without
	}
	io.WriteString(f, entry+"\n")
	f.Close()
}

// replay gives the entries to the line editor anew: told of one entry, it would take
// what Up has brought up instead.
func (t *tty) replay() {
	t.line.ResetHistory()
	for _, e := range t.entries {
		t.line.SaveHistory(e)
	}
}

// load reads the history, and shortens a file that has grown.
func (t *tty) load() {
	if t.file == "" {
		return
	}
	f, err := os.Open(t.file)
	if err != nil {
		os.MkdirAll(filepath.Dir(t.file), 0o700)
		return
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		t.entries = append(t.entries, lines.Text())
	}
	if n := len(t.entries); n > mostEntries {
		t.entries = t.entries[n-mostEntries:]
		if n > 2*mostEntries {
			os.WriteFile(t.file, []byte(strings.Join(t.entries, "\n")+"\n"), 0o600)
		}
	}
}

// HistoryFile is where the history is kept: TIDEMARK_HISTORY, which may be empty for
// nowhere, else a file among the user's state.
func HistoryFile() string {
	if name, ok := os.LookupEnv("TIDEMARK_HISTORY"); ok {
		return name
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "tidemark", "history")
}

// keys translates the keys that the line editor does not know: Home and End of some
// terminals, and Ctrl with an arrow.
type keys struct {
	in   io.Reader
	held []byte // the beginning of a sequence
	out  []byte // translated, not yet read
	eof  error
}

// sequences are what terminals send and what the line editor takes for it.
var sequences = map[string]string{
	"\x1b[1~": "\x01", "\x1b[7~": "\x01", "\x1b[4~": "\x05", "\x1b[8~": "\x05",
	"\x1b[1;5D": "\x1bb", "\x1b[1;5C": "\x1bf", "\x1b[5D": "\x1bb", "\x1b[5C": "\x1bf",
	"\x1b[200~": "", "\x1b[201~": "", // the brackets around what is pasted
}

// Read implements io.Reader.
func (k *keys) Read(p []byte) (int, error) {
	for len(k.out) == 0 {
		if k.eof != nil {
			return 0, k.eof
		}
		buf := make([]byte, 256)
		n, err := k.in.Read(buf)
		k.eof = err
		k.translate(buf[:n], err != nil)
	}
	n := copy(p, k.out)
	k.out = k.out[n:]
	return n, nil
}

// translate takes bytes as they come; a sequence may come in several reads.
func (k *keys) translate(b []byte, last bool) {
	for _, c := range b {
		k.held = append(k.held, c)
		if to, ok := sequences[string(k.held)]; ok {
			k.out, k.held = append(k.out, to...), nil
		} else if !begins(string(k.held)) {
			k.out, k.held = append(k.out, k.held...), nil
		}
	}
	// Escape alone, or all that a key sent, is passed on.
	if last || string(k.held) == "\x1b" && len(b) == 1 {
		k.out, k.held = append(k.out, k.held...), nil
	}
}

// begins reports whether a longer sequence begins with some bytes.
func begins(held string) bool {
	for s := range sequences {
		if len(s) > len(held) && strings.HasPrefix(s, held) {
			return true
		}
	}
	return false
}
