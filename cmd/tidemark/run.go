package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// runCmd is tidemark run.
type runCmd struct {
	scripts
	Output             outputForm    `short:"o" env:"TIDEMARK_OUTPUT" placeholder:"FORM" help:"Form of results: table, csv, json, changelog or none. The default is table on a terminal, else json."`
	Tag                bool          `env:"TIDEMARK_TAG" help:"With json and changelog, name the query in each line."`
	Parallelism        positive      `env:"TIDEMARK_PARALLELISM" placeholder:"N" help:"Workers for each source and keyed operator. The default is the number of processors."`
	BatchSize          positive      `env:"TIDEMARK_BATCH_SIZE" placeholder:"N" help:"Most rows of a batch (default 8192); never changes a result."`
	DataRoot           string        `env:"TIDEMARK_DATA_ROOT" placeholder:"DIR" help:"Folder that relative paths start from, and that no path of a script may leave. The default is the script's folder; for -e and standard input, the working directory."`
	CheckpointDir      string        `env:"TIDEMARK_CHECKPOINT_DIR" placeholder:"DIR" help:"Folder for what the job remembers: run again with it after a crash or a stop, it goes on where it was, and its sinks get each row once."`
	CheckpointInterval time.Duration `env:"TIDEMARK_CHECKPOINT_INTERVAL" default:"10s" placeholder:"D" help:"Time between two checkpoints, such as 500ms or 1m. Rows become visible with them. The default is ${default}."`
	CheckpointRetain   positive      `env:"TIDEMARK_CHECKPOINT_RETAIN" placeholder:"N" help:"How many checkpoints are kept (default 3)."`
	Continue           bool          `env:"TIDEMARK_CONTINUE" help:"Go on with a job in --checkpoint-dir that had come to the end of its inputs, which SET end_of_input = 'hold' has kept open."`
	MemoryLimit        size          `env:"TIDEMARK_MEMORY_LIMIT" placeholder:"SIZE" help:"End the run with an error when it needs more memory than this, such as 512MB or 2GiB."`
	Report             string        `env:"TIDEMARK_REPORT" placeholder:"FILE" help:"Write what the run did as JSON, one line for each script."`
	HTTP               string        `name:"http" env:"TIDEMARK_HTTP" placeholder:"ADDR" help:"While it runs, answer at this address: /metrics for Prometheus, /status as JSON, /watermark as text."`
	Watermark          bool          `name:"explain-watermark" env:"TIDEMARK_EXPLAIN_WATERMARK" help:"At the end, say where each watermark stands, who holds it, and what would make the next window fire. SIGUSR1 says it at any time."`
	Quiet              bool          `short:"q" env:"TIDEMARK_QUIET" help:"No progress line and no summary."`
	LogFormat          string        `enum:"text,json" default:"text" env:"TIDEMARK_LOG_FORMAT" help:"Form of messages on standard error: ${enum}."`
}

// Help is the part of tidemark run --help below the usage.
func (*runCmd) Help() string {
	return `A run ends when its inputs end, else at Ctrl-C or SIGTERM: what was read is finished and written first. Asked twice, it ends at once.

With --checkpoint-dir a job can be run again after it was stopped or has crashed: it goes on where it was, and files and databases get each row once. Its rows become visible with the checkpoints.

Examples:

    tidemark run clicks.sql
    tidemark run -o csv -e "CREATE STREAM c (user_id STRING) WITH (path = 'clicks.csv'); SELECT user_id FROM c"
    tidemark run -D lateness=3 -o changelog clicks.sql
    tail -f clicks.ndjson | tidemark run from_stdin.sql
    tidemark run --data-root /data --report report.json clicks.sql
    tidemark run --checkpoint-dir state --checkpoint-interval 1s clicks.sql`
}

// outputForm is the value of --output.
type outputForm string

var outputForms = []string{"table", "csv", "json", "changelog", "none"}

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *outputForm) UnmarshalText(text []byte) error {
	for _, f := range outputForms {
		if string(text) == f {
			*o = outputForm(f)
			return nil
		}
	}
	if near := source.Near(string(text), outputForms); near != "" {
		return fmt.Errorf("there is no form %q, did you mean %q?", text, near)
	}
	return fmt.Errorf("there is no form %q: it is table, csv, json, changelog or none", text)
}

// positive is a flag's whole number of at least 1; 0 when it is not given.
type positive int

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *positive) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("expected a whole number of at least 1, got %q", text)
	}
	*p = positive(n)
	return nil
}

// size is a flag's number of bytes; 0 when it is not given.
type size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *size) UnmarshalText(text []byte) error {
	n, err := engine.ParseSize(string(text))
	*s = size(n)
	return err
}

// Run runs the scripts one after the other, up to the first that fails.
func (r *runCmd) Run(c *console) error {
	c.format(r.LogFormat)
	list, err := r.load(c)
	if err != nil {
		return err
	}
	if r.Continue && r.CheckpointDir == "" {
		return exitError(c.fail(exitWrong, "--continue goes on with the job of a checkpoint folder, and none is named", "add --checkpoint-dir DIR"))
	}
	var report io.Writer = io.Discard
	if r.Report != "" {
		f, err := os.Create(r.Report)
		if err != nil {
			return exitError(c.fail(exitFailed, fmt.Sprintf("the report %s cannot be written: %s", r.Report, reason(err)), ""))
		}
		defer f.Close()
		report = f
	}
	signals := watchSignals()
	defer signals.close()
	w, err := newWatch(c, r.HTTP, r.Quiet)
	if err != nil {
		return exitError(c.fail(exitFailed, fmt.Sprintf("the address %s cannot be listened at: %s", r.HTTP, err), "write --http localhost:8080, or another port that is free"))
	}
	defer w.close()
	for _, s := range list {
		code := r.one(c, s, signals, report, w)
		if code != 0 {
			return exitError(code)
		}
		if signals.stopped() != 0 {
			break
		}
	}
	return nil
}

// options returns how a script is run.
func (r *runCmd) options(c *console, s script) engine.Options {
	o := engine.Options{Vars: r.Define, Workers: int(r.Parallelism), BatchRows: int(r.BatchSize), Output: string(r.Output),
		Tag: r.Tag, BaseDir: s.dir, Stdin: c.stdin, Stdout: c.stdout}
	o.Checkpoints = engine.Checkpoints{Dir: r.CheckpointDir, Interval: r.CheckpointInterval, Retain: int(r.CheckpointRetain), Continue: r.Continue}
	o.MemoryLimit = int64(r.MemoryLimit)
	o.Warn = c.warn
	if o.Output == "" {
		o.Output = "json"
		if isTerminal(os.Stdout) {
			o.Output = "table"
		}
	}
	if c.stdout.screen != nil && o.Output == "table" {
		o.Screen = true
	}
	if r.DataRoot != "" {
		o.BaseDir, o.DataRoot = r.DataRoot, r.DataRoot
	}
	if s.stdin {
		o.Stdin = taken{}
	}
	return o
}

// one runs one script and returns its exit code.
func (r *runCmd) one(c *console, s script, signals *stopper, reports io.Writer, w *watch) int {
	if s.isTest() {
		return c.fail(exitWrong, s.file.Name+" is a query test, not a script", "run it with: tidemark test "+s.file.Name)
	}
	job, problems, err := engine.New(builtin.Registry()).Prepare(s.file, r.options(c, s))
	c.diagnostics(problems)
	if problems.HasErrors() {
		return exitWrong
	}
	if err != nil {
		return c.failed(err)
	}
	w.job.Store(job)
	stop := func() {}
	if shared := c.stdout.screen != nil; shared || !r.Quiet {
		stop = follow(c.screen, job, r.Quiet)
	}
	report, err := job.Run(signals.ctx, context.Background())
	stop()
	if errors.Is(err, engine.ErrFinished) {
		c.note("this job had come to the end of its inputs, and all its rows are where they belong: nothing to do\n")
		return 0
	}
	if werr := writeReport(reports, s, report); werr != nil {
		c.fail(exitFailed, fmt.Sprintf("the report %s cannot be written: %s", r.Report, reason(werr)), "")
		if err == nil {
			return exitFailed
		}
	}
	if c.stdout.readerGone() {
		return exitClosed
	}
	if r.Watermark {
		c.note(job.TimeText())
	}
	if !r.Quiet {
		c.summary(s, report)
	}
	if err != nil {
		return c.failed(err)
	}
	// To stop is the only end that a live input has. An input whose end is known
	// has been cut short.
	if report.Interrupted && job.Progress().Total >= 0 {
		return signals.stopped()
	}
	return 0
}

// writeReport adds a line to the report file.
func writeReport(w io.Writer, s script, report *engine.Report) error {
	return json.NewEncoder(w).Encode(struct {
		Script string `json:"script"`
		*engine.Report
	}{s.file.Name, report})
}

// summary prints what a run did.
func (c *console) summary(s script, report *engine.Report) {
	if c.log != nil {
		c.log.Info("the run has ended", "script", s.file.Name, "report", report)
		return
	}
	io.WriteString(c.stderr, report.Summary())
}
