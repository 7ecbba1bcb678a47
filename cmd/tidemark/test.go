package main

import (
	"fmt"
	"io"
	"regexp"
	"runtime"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/runtime/engine"
	"tidemark/runtime/querytest"
)

// testCmd is tidemark test.
type testCmd struct {
	Paths       []string `arg:"" name:"path" help:"Test files, and folders whose files *.test.sql are run."`
	Filter      string   `name:"run" placeholder:"REGEXP" help:"Run only the tests whose names match."`
	Update      bool     `help:"Rewrite the rows of EXPECT … VALUES that differ to those that came."`
	Parallelism positive `env:"TIDEMARK_PARALLELISM" placeholder:"N" help:"Workers for each source and keyed operator (default 1)."`
	BatchSize   positive `env:"TIDEMARK_BATCH_SIZE" placeholder:"N" help:"Most rows of a batch (default 8192); never changes a result."`
	Verbose     bool     `short:"v" help:"Name the tests that pass too."`
}

// Help is the part of tidemark test --help below the usage.
func (*testCmd) Help() string {
	return `A test file is a script that loads the script under test, feeds its sources, and says what its sinks should hold. Time is virtual.

    LOAD 'clicks.sql';
    TEST 'a late click corrects its window';
    INSERT INTO clicks VALUES ('e1', 'A', '2026-01-05T10:00:00Z', 5);
    FINISH;
    EXPECT window_agg VALUES ('2026-01-05T10:00:00Z', 'A', 5);

Examples:

    tidemark test queries/
    tidemark test --run late clicks.test.sql
    tidemark test --update clicks.test.sql

Exit codes: 0 all have passed, 1 one has failed, 2 a test file or the command line is wrong.`
}

// Run runs the tests.
func (t *testCmd) Run(c *console) error {
	o := querytest.Options{Workers: max(1, int(t.Parallelism)), BatchRows: int(t.BatchSize), Update: t.Update, Files: runtime.GOMAXPROCS(0)}
	if o.BatchRows == 0 {
		o.BatchRows = engine.DefaultBatchRows
	}
	var err error
	if t.Filter != "" {
		if o.Run, err = regexp.Compile(t.Filter); err != nil {
			return exitError(c.fail(exitWrong, "--run is no regular expression: "+err.Error(), ""))
		}
	}
	var names []string
	for _, p := range t.Paths {
		found, err := querytest.Find(p)
		if err != nil {
			message, hint := unreadable(p, err)
			return exitError(c.fail(exitWrong, message, hint))
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		return exitError(c.fail(exitWrong, "there is no file *.test.sql there", "see tidemark test --help for what a test file looks like"))
	}
	tally := tally{console: c, verbose: t.Verbose}
	start := time.Now()
	querytest.Run(engine.New(builtin.Registry()), names, o, tally.add)
	return tally.end(len(names), time.Since(start), o.Run != nil)
}

// tally prints results, and counts them.
type tally struct {
	*console
	verbose                        bool
	passed, failed, wrong, updated int
}

// add prints what became of a file.
func (t *tally) add(r *querytest.Result) {
	t.diagnostics(r.Problems)
	if r.Problems.HasErrors() {
		t.wrong++
	}
	t.updated += r.Updated
	failed := 0
	for _, x := range r.Tests {
		if len(x.Failures) == 0 {
			t.passed++
			if t.verbose {
				fmt.Fprintf(t.stdout, "ok    %s: %s\n", r.Name, x.Name)
			}
			continue
		}
		failed++
		fmt.Fprintf(t.stdout, "FAIL  %s: %s\n", r.Name, x.Name)
		for _, f := range x.Failures {
			io.WriteString(t.stdout, f.Text())
		}
	}
	t.failed += failed
	switch {
	case r.Problems.HasErrors():
		fmt.Fprintf(t.stdout, "WRONG %s\n", r.Name)
	case failed == 0 && !t.verbose:
		fmt.Fprintf(t.stdout, "ok    %s  %s\n", r.Name, count(len(r.Tests), "test"))
	}
	if r.Updated > 0 {
		fmt.Fprintf(t.stdout, "      %s rewritten\n", count(r.Updated, "expectation"))
	}
}

// end prints the sum.
func (t *tally) end(files int, elapsed time.Duration, chosen bool) error {
	fmt.Fprintf(t.stdout, "%d passed, %d failed in %s, %s\n", t.passed, t.failed, count(files, "file"), elapsed.Round(time.Millisecond))
	switch {
	case t.wrong > 0:
		return exitError(exitWrong)
	case t.failed > 0:
		return exitError(exitFailed)
	case chosen && t.passed == 0:
		return exitError(t.fail(exitWrong, "no test has a name that --run matches", ""))
	}
	return nil
}
