package querytest

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/runtime/engine"
)

// Options say how tests are run.
type Options struct {
	// Run chooses the tests whose names match; nil is all.
	Run *regexp.Regexp
	// Workers and BatchRows are those of engine.Options.
	Workers, BatchRows int
	// Update rewrites the rows of EXPECT … VALUES that differ to those that came.
	Update bool
	// Shuffle is how many random orders of arrival each test is run in besides its own,
	// Crash how many times it crashes at a random place.
	Shuffle, Crash int
	// Coverage, when not nil, notes what the tests have reached.
	Coverage *Coverage
	// Files is how many files are run at the same time; at least 1.
	Files int
}

// Result is what became of a test file.
type Result struct {
	Name string
	// Problems are what is wrong with the file, and the warnings; with errors it was not
	// run to its end.
	Problems source.List
	Tests    []TestResult
	Elapsed  time.Duration
	Updated  int // expectations that were rewritten
}

// TestResult is what became of a test.
type TestResult struct {
	Name     string
	Failures []Failure
	Elapsed  time.Duration
	Line     int
}

// Run runs test files and calls report with each result, in order of the names.
func Run(e *engine.Engine, names []string, o Options, report func(*Result)) {
	done := make([]chan *Result, len(names))
	for i := range done {
		done[i] = make(chan *Result, 1)
	}
	slots := make(chan struct{}, max(1, o.Files))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			done[i] <- runFile(e, name, o)
		})
	}
	for _, c := range done {
		report(<-c)
	}
	all.Wait()
}

// runFile runs the tests of a file.
func runFile(e *engine.Engine, name string, o Options) *Result {
	start := time.Now()
	result := &Result{Name: name}
	defer func() { result.Elapsed = time.Since(start) }()
	text, err := os.ReadFile(name)
	if err != nil {
		result.Problems.Errorf(nil, source.Span{}, "", "%s cannot be read: %s", name, reason(err))
		return result
	}
	f, problems := load(name, string(text))
	result.Problems = problems
	if problems.HasErrors() {
		return result
	}
	var edits []edit
	for _, t := range f.tests {
		if o.Run != nil && !o.Run.MatchString(t.name) {
			continue
		}
		began := time.Now()
		r := &run{file: f, test: t, update: o.Update, variant: asWritten}
		r.all(e, o)
		if !r.list.HasErrors() && len(r.failures) == 0 {
			r.failures = variants(f, t, e, o)
		}
		line, _ := f.source.Position(t.at.Start)
		result.Problems = addNew(result.Problems, r.list)
		if r.list.HasErrors() {
			return result
		}
		result.Tests = append(result.Tests, TestResult{Name: t.name, Failures: r.failures, Elapsed: time.Since(began), Line: line})
		edits = append(edits, r.updates...)
	}
	if len(edits) > 0 {
		if err := os.WriteFile(name, []byte(apply(f.source.Text, edits)), 0o666); err != nil {
			result.Problems.Errorf(nil, source.Span{}, "", "%s cannot be written: %s", name, reason(err))
		}
		result.Updated = len(edits)
	}
	return result
}

// Check returns what is wrong with a test file and the scripts that it loads, without
// running anything.
func Check(e *engine.Engine, file *source.File) source.List {
	f, problems := load(file.Name, file.Text)
	if problems.HasErrors() {
		return problems
	}
	for _, t := range f.tests {
		_, more := newBench(f, t, e, Options{})
		problems = addNew(problems, more)
	}
	return problems
}

// variants runs a test that has passed in other orders of arrival, and with crashes. It
// returns the failures of the first that fails.
func variants(f *file, t *test, e *engine.Engine, o Options) []Failure {
	var list []variant
	for n := range o.Shuffle {
		v := asWritten
		v.random = newRandom(0, n)
		v.how = fmt.Sprintf("with the rows in another order: that of --shuffle %d", n+1)
		list = append(list, v)
	}
	steps := append(slices.Clone(f.setup), t.steps...)
	for n := range min(o.Crash, o.Crash*len(steps)) {
		random := newRandom(1, n)
		v := asWritten
		v.crashes = random.IntN(max(1, len(steps)))
		v.saves = random.IntN(v.crashes+1) - 1 // none: it begins anew
		v.how = "with a crash " + before(f, steps, v.crashes) + ", from the beginning"
		if v.saves >= 0 {
			v.how = "with a checkpoint " + before(f, steps, v.saves) + " and a crash " + before(f, steps, v.crashes)
		}
		list = append(list, v)
	}
	for _, v := range list {
		r := &run{file: f, test: t, variant: v}
		r.all(e, o)
		for _, d := range r.list {
			if d.Severity == source.Error { // of an order that cannot be: say so
				r.fail(d.Span, d.Message, nil)
			}
		}
		if len(r.failures) > 0 {
			for i := range r.failures {
				r.failures[i].How = v.how
			}
			return r.failures
		}
	}
	return nil
}

// before names the place before step i.
func before(f *file, steps []*parser.Statement, i int) string {
	line, _ := f.source.Position(steps[i].Span().Start)
	return fmt.Sprintf("before line %d", line)
}

// all runs the whole test.
func (r *run) all(e *engine.Engine, o Options) {
	b, problems := newBench(r.file, r.test, e, o)
	r.list = append(r.list, problems...)
	if problems.HasErrors() {
		return
	}
	r.bench, r.offsets, r.seen = b, map[*catalog.Relation]int64{}, map[lane]int64{}
	if err := b.start(nil); err != nil {
		var d *source.Diagnostic
		if errors.As(err, &d) {
			r.list = append(r.list, d)
		} else {
			r.list.Errorf(r.file.source, r.test.at, "", "the script cannot be run: %s", err)
		}
		return
	}
	err := r.steps(append(slices.Clone(r.file.setup), r.test.steps...))
	if stop := b.stop(); err == nil && stop != nil && !errors.Is(stop, errWrong) {
		r.fail(r.test.at, "the run has failed: "+stop.Error(), nil)
	}
}

// addNew appends the messages that are not there yet: several tests share a script.
func addNew(list, more source.List) source.List {
next:
	for _, d := range more {
		for _, x := range list {
			if x.File == d.File && x.Span == d.Span && x.Message == d.Message {
				continue next
			}
		}
		list = append(list, d)
	}
	return list
}
