package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
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
	Shuffle     positive `placeholder:"N" help:"Run each test in N other orders of arrival too, in which late rows stay late: what is there in the end must be the same."`
	Crash       positive `placeholder:"N" help:"Run each test N times more with a crash at a random place, from a random checkpoint: nothing may change."`
	JUnit       string   `name:"junit" placeholder:"FILE" help:"Write the results as JUnit XML."`
	TAP         bool     `name:"tap" help:"Print the results in the Test Anything Protocol."`
	Coverage    bool     `help:"List the clauses and operators of the loaded scripts that no test has reached."`
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
    tidemark test --shuffle 20 --crash 20 --parallelism 3 --batch-size 1 queries/
    tidemark test --coverage queries/
    tidemark test --junit results.xml --tap queries/

Exit codes: 0 all have passed, 1 one has failed, 2 a test file or the command line is wrong.`
}

// Run runs the tests.
func (t *testCmd) Run(c *console) error {
	o := querytest.Options{Workers: max(1, int(t.Parallelism)), BatchRows: int(t.BatchSize), Update: t.Update, Shuffle: int(t.Shuffle), Crash: int(t.Crash), Files: runtime.GOMAXPROCS(0)}
	if o.BatchRows == 0 {
		o.BatchRows = engine.DefaultBatchRows
	}
	if t.Coverage {
		o.Coverage = querytest.NewCoverage()
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
	sum := &tally{console: c, verbose: t.Verbose, tap: t.TAP}
	var results []*querytest.Result
	start := time.Now()
	querytest.Run(engine.New(builtin.Registry()), names, o, func(r *querytest.Result) {
		results = append(results, r)
		sum.add(r)
	})
	if t.JUnit != "" {
		if err := writeFile(t.JUnit, func(w io.Writer) error { return querytest.WriteJUnit(w, results) }); err != nil {
			return exitError(c.fail(exitFailed, fmt.Sprintf("%s cannot be written: %s", t.JUnit, reason(err)), ""))
		}
	}
	err = sum.end(len(names), time.Since(start), o.Run != nil)
	if o.Coverage != nil {
		printCoverage(c, o.Coverage, t.TAP)
	}
	return err
}

// printCoverage lists what no test has reached.
func printCoverage(c *console, coverage *querytest.Coverage, tap bool) {
	prefix := ""
	if tap {
		prefix = "# "
	}
	total, findings := coverage.Findings()
	fmt.Fprintf(c.stdout, "%scoverage: %d of %s reached\n", prefix, total-len(findings), fmt.Sprint(total, " clauses and operators"))
	for _, f := range findings {
		fmt.Fprintf(c.stdout, "%s  %s: %s\n", prefix, f.Place, f.Text)
	}
}

// writeFile makes a file of what write writes.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// tally prints results, and counts them.
type tally struct {
	*console
	verbose, tap                   bool
	passed, failed, wrong, updated int
	lines                          int // of TAP
}

// add prints what became of a file.
func (t *tally) add(r *querytest.Result) {
	t.diagnostics(r.Problems)
	if r.Problems.HasErrors() {
		t.wrong++
	}
	t.updated += r.Updated
	if t.tap {
		t.addTAP(r)
		return
	}
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

// addTAP prints what became of a file in the Test Anything Protocol.
func (t *tally) addTAP(r *querytest.Result) {
	if t.lines == 0 {
		fmt.Fprintln(t.stdout, "TAP version 13")
	}
	point := func(ok, name string) {
		t.lines++
		fmt.Fprintf(t.stdout, "%s %d - %s\n", ok, t.lines, strings.ReplaceAll(name, "#", "\\#"))
	}
	for _, x := range r.Tests {
		if len(x.Failures) == 0 {
			t.passed++
			point("ok", r.Name+": "+x.Name)
			continue
		}
		t.failed++
		point("not ok", r.Name+": "+x.Name)
		for _, f := range x.Failures {
			for line := range strings.Lines(f.Text()) {
				fmt.Fprint(t.stdout, "# "+line)
			}
		}
	}
	if r.Problems.HasErrors() {
		point("not ok", r.Name+": the file is wrong")
	}
}

// end prints the sum.
func (t *tally) end(files int, elapsed time.Duration, chosen bool) error {
	if t.tap {
		fmt.Fprintf(t.stdout, "1..%d\n", t.lines)
		return t.code(chosen)
	}
	fmt.Fprintf(t.stdout, "%d passed, %d failed in %s, %s\n", t.passed, t.failed, count(files, "file"), elapsed.Round(time.Millisecond))
	return t.code(chosen)
}

// code returns the exit code.
func (t *tally) code(chosen bool) error {
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
