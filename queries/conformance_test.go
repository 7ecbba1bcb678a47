package queries_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

var update = flag.Bool("update", false, "rewrite the expected results in queries/conformance with what came")

// TestConformance runs the files in conformance. Every query runs three times, row
// by row with one worker, in large batches with several, and without the rewrite
// rules, and must give the result of the file each time.
func TestConformance(t *testing.T) {
	paths, err := filepath.Glob("conformance/*.slt")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatal("there are no conformance files")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".slt"), func(t *testing.T) {
			t.Parallel()
			text := read(t, path)
			fresh, problems := runSLT(path, text)
			if *update && fresh != text {
				if err := os.WriteFile(path, []byte(fresh), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, p := range problems {
				t.Error(p)
			}
		})
	}
}

// sltRun is the state of a conformance file while it runs.
type sltRun struct {
	path     string
	lines    []string
	prefix   strings.Builder // the statements so far, as a script
	labels   map[string][]string
	problems []string
	// replace has, by the index of the first line that goes, what -update writes
	// in place of lines.
	replace map[int]replacement
}

type replacement struct {
	to    int // index of the first line that stays
	lines []string
}

// runSLT runs a conformance file and returns what is wrong with it, and its text
// with the results that came.
func runSLT(path, text string) (fresh string, problems []string) {
	records, err := parseSLT(text)
	if err != nil {
		return text, []string{fmt.Sprintf("%s: %v", path, err)}
	}
	run := &sltRun{path: path, lines: strings.Split(text, "\n"), labels: map[string][]string{}, replace: map[int]replacement{}}
	for _, r := range records {
		if r.runsOn("tidemark") {
			run.record(r)
		}
	}
	return run.fresh(), run.problems
}

func (run *sltRun) failf(r *sltRecord, format string, args ...any) {
	run.problems = append(run.problems, fmt.Sprintf("%s:%d: %s\n%s", run.path, r.line, fmt.Sprintf(format, args...), r.sql))
}

// record runs one record: as the end of a script of all that was declared and
// inserted before it.
func (run *sltRun) record(r *sltRecord) {
	script := run.prefix.String() + r.sql + "\n;\n"
	out, err := execute(script, engine.Options{Workers: 1, BatchRows: 1})
	if r.fails {
		run.refused(r, err)
		if _, again := execute(script, engine.Options{Workers: 3}); fmt.Sprint(again) != fmt.Sprint(err) {
			run.failf(r, "in large batches with three workers the error is\n%v\nbut row by row with one\n%v", again, err)
		}
		// What the rules leave out may fail as well, and earlier.
		if _, written := execute(script+asWritten, engine.Options{}); written == nil && err != nil {
			run.failf(r, "as written it does not fail; rewritten\n%v", err)
		}
		return
	}
	if err != nil {
		run.failf(r, "%v", err)
		return
	}
	if !r.query {
		if declares(r.sql) {
			run.prefix.WriteString(r.sql + "\n;\n")
		}
		return
	}
	rows, err := sltRows(out, r.types)
	if err != nil {
		run.failf(r, "%v", err)
		return
	}
	got := sltResult(r, rows)
	run.compare(r, got)
	again, err := execute(script, engine.Options{Workers: 3})
	if err != nil || again != out {
		run.failf(r, "in large batches with three workers: %v\n%sbut row by row with one\n%s", err, again, out)
	}
	if written, err := execute(script+asWritten, engine.Options{}); err != nil || written != out {
		run.failf(r, "as written: %v\n%sbut rewritten\n%s", err, written, out)
	}
	if r.label != "" {
		if before, ok := run.labels[r.label]; ok && !slices.Equal(before, got) {
			run.failf(r, "the result differs from that of the query with the same label %s\n%s", r.label, diffLines(r, got, before))
		}
		run.labels[r.label] = got
	}
}

// asWritten turns the rewrite rules off.
const asWritten = "SET rewrite = 'off';\n"

// refused checks the error of a record that is to fail.
func (run *sltRun) refused(r *sltRecord, err error) {
	if err == nil {
		run.failf(r, "it should fail with %q, and did not", r.errPattern)
		return
	}
	pattern, perr := regexp.Compile(r.errPattern)
	if perr != nil {
		run.failf(r, "%v", perr)
		return
	}
	if r.errPattern == "" || !pattern.MatchString(err.Error()) {
		run.failf(r, "the message does not match %q:\n%v", r.errPattern, err)
		message, _, _ := strings.Cut(err.Error(), "\n")
		message = placePattern.ReplaceAllString(message, "")
		kind := strings.Fields(run.lines[r.line-1])[0]
		run.replace[r.line-1] = replacement{r.line, []string{kind + " error " + regexp.QuoteMeta(message)}}
	}
}

// placePattern is the place at the start of a diagnostic.
var placePattern = regexp.MustCompile(`^[^ ]*:\d+:\d+: `)

// compare holds a result against the expected one.
func (run *sltRun) compare(r *sltRecord, got []string) {
	if slices.EqualFunc(got, r.want, func(g, w string) bool { return sltEqual(r, g, w) }) {
		return
	}
	run.failf(r, "the result is not as expected (- expected, + came)\n%s", diffLines(r, got, r.want))
	run.replace[r.wantFrom] = replacement{r.wantTo, got}
}

// fresh returns the file with the results that came.
func (run *sltRun) fresh() string {
	var out []string
	for i := 0; i <= len(run.lines); {
		if r, ok := run.replace[i]; ok {
			out = append(out, r.lines...)
			if r.to > i {
				i = r.to
				continue
			}
		}
		if i < len(run.lines) {
			out = append(out, run.lines[i])
		}
		i++
	}
	return strings.Join(out, "\n")
}

// declares reports whether a statement matters to those after it.
func declares(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(sql, "( \n\t"), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "VALUES", "WITH", "SHOW", "DESCRIBE", "EXPLAIN", "TABLE":
		return false
	}
	return true
}

// diffLines shows two results line by line: those only expected, and those that
// came instead.
func diffLines(r *sltRecord, got, want []string) string {
	var b strings.Builder
	for i := range max(len(got), len(want)) {
		switch {
		case i < len(got) && i < len(want) && sltEqual(r, got[i], want[i]):
			fmt.Fprintf(&b, "  %s\n", got[i])
		default:
			if i < len(want) {
				fmt.Fprintf(&b, "- %s\n", want[i])
			}
			if i < len(got) {
				fmt.Fprintf(&b, "+ %s\n", got[i])
			}
		}
	}
	return b.String()
}

// execute runs a script in this process and returns what it printed as JSON lines.
func execute(script string, opts engine.Options) (string, error) {
	var out bytes.Buffer
	opts.Stdout, opts.Output, opts.BaseDir = &out, "json", "conformance"
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("script.sql", script), opts)
	if problems.HasErrors() {
		return "", fmt.Errorf("%s", problems.Render())
	}
	if err != nil {
		return "", err
	}
	_, err = job.Run(context.Background(), context.Background())
	return out.String(), err
}
