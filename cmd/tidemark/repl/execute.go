package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// statement runs one statement.
func (r *REPL) statement(f *source.File) {
	r.last, r.began = strings.TrimSpace(f.Text), time.Now()
	if script, problems := parser.Parse(f); !problems.HasErrors() && len(script.Statements) == 1 {
		switch s := script.Statements[0]; {
		case s.Show != nil && s.Show.What == "QUERIES":
			r.showQueries(s.Show, f)
			return
		case s.Stop != nil:
			r.stopQuery(s.Stop, f)
			return
		}
	}
	p, problems, err := r.session.Prepare(f, r.options())
	r.diagnose(problems)
	switch {
	case problems.HasErrors():
		r.fail(exitWrong)
	case err != nil:
		r.failed(err)
	case p == nil: // there was nothing but comments
	case p.Job == nil:
		r.keep(p)
		r.declared(p)
	case p.Statement.Insert != nil || p.Statement.Create != nil:
		r.insert(p)
	default:
		r.ran = p.Job
		if r.query(p) {
			r.keep(p)
		}
	}
}

// keep remembers a statement that went well.
func (r *REPL) keep(p *engine.Planned) {
	p.Keep()
	done := *p
	done.Job = nil // and the memory of its state
	r.done = append(r.done, entry{text: r.last, dir: r.dir, planned: &done})
}

// options say how the next statement is run.
func (r *REPL) options() engine.Options {
	o := engine.Options{Vars: r.set.vars, Output: r.set.mode, Null: r.set.null, Limit: r.set.limit,
		BaseDir: r.dir, Stdin: keyboard{}, Stdout: r.results()}
	if r.screen != nil && r.file == nil {
		o.Screen = true // but for other forms than table, which Prepare refuses
		o.Width, _ = r.screen.Size()
	}
	return o
}

// keyboard is the standard input of statements, which has the statements themselves.
type keyboard struct{}

func (keyboard) Read([]byte) (int, error) {
	return 0, errors.New("standard input holds the statements; read rows from a file, or name the script: tidemark run FILE")
}

// results is where results go.
func (r *REPL) results() io.Writer {
	switch {
	case r.file != nil:
		return r.file
	case r.screen != nil:
		return r.screen
	}
	return r.cfg.Out
}

// query runs a query to its end, or until Ctrl-C, and reports whether it did well.
func (r *REPL) query(p *engine.Planned) bool {
	ctx, interrupted, end := r.interruptible()
	stop := r.watch(p)
	report, err := p.Job.Run(ctx, context.Background())
	end()
	stop()
	if interrupted() && r.cfg.Terminal == nil {
		r.quit, r.code = true, exitInterrupted
	}
	if err != nil {
		r.failed(err)
		return false
	}
	r.after(p, report, time.Since(r.began))
	return true
}

// exitInterrupted is the exit code of a script that Ctrl-C has ended.
const exitInterrupted = 130

// interruptible returns a context that Ctrl-C ends, whether it did, and what stops
// waiting for it.
func (r *REPL) interruptible() (ctx context.Context, interrupted func() bool, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	r.forget()
	quit, done := make(chan struct{}), make(chan struct{})
	was := false
	go func() {
		defer close(done)
		select {
		case <-r.cfg.Interrupts:
			was = true
			cancel()
		case <-quit:
		}
	}()
	return ctx, func() bool { return was }, func() { close(quit); <-done; cancel() }
}

// forget drops a Ctrl-C that came when nothing was running.
func (r *REPL) forget() {
	select {
	case <-r.cfg.Interrupts:
	default:
	}
}

// after says what a query has come to, in a line each.
func (r *REPL) after(p *engine.Planned, report *engine.Report, took time.Duration) {
	rows := p.Job.Printed()
	prints := p.Statement.Query != nil || p.Statement.Show != nil || p.Statement.Describe != nil
	switch {
	case !prints, r.cfg.Terminal == nil && !r.set.timing:
	case r.set.limit > 0 && rows > r.set.limit && p.Bounded:
		r.printf("first %d of %s%s; \\limit 0 shows all\n", r.set.limit, count(rows, "row"), r.timing(took))
	default:
		r.printf("%s%s\n", count(rows, "row"), r.timing(took))
	}
	if report.Interrupted {
		r.printf("%s\n", stopped(report))
	}
	for _, line := range report.Advice() {
		r.printf("%s\n", line)
	}
}

// stopped says what stopping a query has cost.
func stopped(report *engine.Report) string {
	if report.Open == 0 {
		return "stopped"
	}
	return fmt.Sprintf("stopped: %s not emitted", were(report.Open, "open window"))
}

// timing is how long a statement took, with its planning, where that is wanted.
func (r *REPL) timing(took time.Duration) string {
	if !r.set.timing {
		return ""
	}
	if took < time.Second {
		return fmt.Sprintf(" · %.1f ms", 1000*took.Seconds())
	}
	return fmt.Sprintf(" · %.3f s", took.Seconds())
}

// declared confirms a statement that only declares something. A script does not
// need that.
func (r *REPL) declared(p *engine.Planned) {
	if r.cfg.Terminal == nil {
		return
	}
	switch s := p.Statement; {
	case p.Inferred && s.Create.Kind != "SINK":
		r.suggest(p)
	case s.Create != nil || s.View != nil:
		r.printf("%s is declared\n", p.Target)
	case s.Function != nil:
		r.printf("%s is declared\n", s.Function.Name.Text)
	case s.Insert != nil:
		r.printf("%s has the rows whenever it is read\n", p.Target)
	}
}

// printf writes a message.
func (r *REPL) printf(format string, args ...any) {
	out := r.cfg.Err
	if r.screen != nil {
		out = r.screen
	}
	io.WriteString(out, r.wrapped(fmt.Sprintf(format, args...)))
}

// wrapped breaks the lines of a message between words where they are wider than the
// screen; what goes on begins where the line does.
func (r *REPL) wrapped(text string) string {
	if r.screen == nil {
		return text
	}
	width, _ := r.screen.Size()
	var b strings.Builder
	for line := range strings.Lines(text) {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for runewidth.StringWidth(strings.TrimRight(line, "\n")) > width {
			head := runewidth.Truncate(line, width, "")
			at := strings.LastIndexByte(head, ' ')
			if at <= len(indent) {
				break // a single word
			}
			b.WriteString(line[:at] + "\n")
			line = indent + line[at+1:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// answer writes what a meta command was asked for.
func (r *REPL) answer(format string, args ...any) {
	out := r.cfg.Out
	if r.screen != nil {
		out = r.screen
	}
	io.WriteString(out, r.wrapped(fmt.Sprintf(format, args...)))
}

// diagnose prints what is wrong with a statement.
func (r *REPL) diagnose(problems source.List) {
	switch {
	case len(problems) == 0:
	case r.screen != nil:
		width, _ := r.screen.Size()
		r.printf("%s", problems.RenderWithin(width))
	default:
		r.printf("%s", problems.Render())
	}
}

// failed prints why a statement failed.
func (r *REPL) failed(err error) {
	r.fail(exitFailed)
	var d *source.Diagnostic
	if errors.As(err, &d) {
		r.diagnose(source.List{d})
		return
	}
	r.printf("error: %s\n", err)
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		r.printf("       %s\n", strings.ReplaceAll(h.Hint(), "\n", "\n       "))
	}
}

// closeOut ends what \o has begun.
func (r *REPL) closeOut() {
	if r.file == nil {
		return
	}
	if err := r.file.Close(); err != nil {
		r.failed(fmt.Errorf("%s cannot be written: %w", r.file.Name(), reason(err)))
	}
	r.file = nil
}

// reason returns an operating system's error without the name of the call.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// were is count with its verb.
func were(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return count(n, what) + " were"
}
