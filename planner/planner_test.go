package planner

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// fakeConnectors knows file, sqlite and generator, and the options that the
// tests use.
type fakeConnectors struct{}

func (fakeConnectors) connector(r *catalog.Relation) string {
	if c := r.Option("connector"); c != "" {
		return c
	}
	if r.Option("path") != "" {
		return "file"
	}
	return ""
}

func (f fakeConnectors) CheckOptions(r *catalog.Relation, sink bool) []catalog.OptionProblem {
	var problems []catalog.OptionProblem
	known := []string{"connector", "path", "format", "on_error", "dead_letter", "rows", "idle_timeout"}
	name := f.connector(r)
	switch name {
	case "":
		return []catalog.OptionProblem{{Message: r.Name + " has no connector", Hint: "add WITH (connector = '…')"}}
	case "file", "sqlite":
		if r.Option("path") == "" {
			problems = append(problems, catalog.OptionProblem{Key: "path", Message: "connector '" + name + "' needs the option path"})
		}
	case "generator":
		if sink {
			problems = append(problems, catalog.OptionProblem{Key: "connector", Message: "connector 'generator' cannot be written to"})
		}
	default:
		return []catalog.OptionProblem{{Key: "connector", Message: "there is no connector '" + name + "'"}}
	}
	for _, o := range r.Options {
		if near := source.Near(o.Key, known); near != o.Key {
			problems = append(problems, catalog.OptionProblem{Key: o.Key, Message: "connector '" + name + "' has no option " + o.Key, Hint: "did you mean " + near + "?"})
		}
	}
	return problems
}

func (f fakeConnectors) AppendOnly(r *catalog.Relation) (bool, string) {
	if f.connector(r) == "file" && r.Option("format") != "changelog-json" {
		return true, "changelog-json"
	}
	return false, ""
}

func (f fakeConnectors) Changes(r *catalog.Relation) bool {
	return r.Option("format") == "changelog-json"
}

func (f fakeConnectors) Bounded(r *catalog.Relation) bool {
	return f.connector(r) != "generator" || r.Option("rows") != ""
}

func (f fakeConnectors) Lookups(r *catalog.Relation) bool { return f.connector(r) == "sqlite" }

func (f fakeConnectors) Infer(r *catalog.Relation) (data.Schema, error) {
	if f.connector(r) != "file" {
		return nil, fmt.Errorf("connector '%s' does not know them", f.connector(r))
	}
	if strings.HasPrefix(r.Option("path"), "missing") {
		return nil, fmt.Errorf("there is no file %s", r.Option("path"))
	}
	return data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "at", Type: data.Of(data.Timestamp)}, {Name: "name", Type: data.Of(data.String)}}, nil
}

func (fakeConnectors) Metadata(*catalog.Relation) []catalog.MetadataColumn {
	return []catalog.MetadataColumn{{Key: "path", Type: data.Of(data.String)}, {Key: "line", Type: data.Of(data.BigInt)}, {Key: "ingest_time", Type: data.Of(data.Timestamp)}}
}

func (fakeConnectors) Executed(*source.File, source.Span) int64 { return 1_767_600_000_000_000 }

func (fakeConnectors) FileRelation(path string) (map[string]string, error) {
	if !strings.HasSuffix(path, ".csv") {
		return nil, fmt.Errorf("the format of '%s' cannot be told from its name", path)
	}
	return map[string]string{"connector": "file", "path": path}, nil
}

// prelude returns a catalog with the relations of testdata/prelude.sql.
func prelude(t *testing.T) *catalog.Catalog {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "prelude.sql"))
	if err != nil {
		t.Fatal(err)
	}
	r, problems := planText(t, "prelude.sql", string(text), catalog.New())
	if len(problems) > 0 {
		t.Fatalf("the prelude is wrong:\n%s", problems.Render())
	}
	return r.Catalog
}

// planText parses and plans a script.
func planText(t *testing.T, name, text string, cat *catalog.Catalog) (*Result, source.List) {
	t.Helper()
	script, problems := parser.Parse(source.NewFile(name, text))
	r, more := Plan(script, cat, fakeConnectors{})
	problems = append(problems, more...)
	problems.Sort()
	return r, problems
}

// mustPlan plans a script that is right.
func mustPlan(t *testing.T, text string) *Result {
	t.Helper()
	r, problems := planText(t, "q.sql", text, prelude(t))
	if len(problems) > 0 {
		t.Fatalf("%s\n%s", text, problems.Render())
	}
	return r
}

// planQuery plans one query that is right, and returns its plan.
func planQuery(t *testing.T, text string) *plan.Sink {
	t.Helper()
	r := mustPlan(t, text)
	if len(r.Queries) != 1 {
		t.Fatalf("%s has %d queries", text, len(r.Queries))
	}
	return r.Queries[0].Root
}

// goldenCase is a script with what it should give.
type goldenCase struct{ name, text, want string }

// readGolden reads the cases of a file: "=== name", the script, "---", the
// expected output.
func readGolden(t testing.TB, path string) []goldenCase {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	for _, part := range strings.Split("\n"+string(raw), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		text, want, ok := strings.Cut("\n"+rest, "\n---\n")
		if !ok {
			text, want = strings.TrimSuffix("\n"+rest, "\n---"), ""
		}
		cases = append(cases, goldenCase{name, strings.TrimSpace(text), strings.Trim(want, "\n")})
	}
	return cases
}

// runGolden runs the cases of a file. With -update their output is rewritten.
func runGolden(t *testing.T, path string, run func(t *testing.T, text string) string) int {
	t.Helper()
	cases := readGolden(t, path)
	var out strings.Builder
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := strings.TrimRight(run(t, c.text), "\n")
			fmt.Fprintf(&out, "=== %s\n%s\n---\n%s\n\n", c.name, c.text, got)
			if !*update && got != c.want {
				t.Errorf("%s\n--- got\n%s\n--- want\n%s", c.text, got, c.want)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return len(cases)
}

// runGoldenPlans hands the queries of a file's cases to f, those after EXPLAIN too.
func runGoldenPlans(t *testing.T, path string, f func(*plan.Query)) {
	t.Helper()
	for _, c := range readGolden(t, path) {
		for _, word := range []string{"EXPLAIN LOGICAL ", "EXPLAIN PHYSICAL ", "EXPLAIN WATERMARK ", "EXPLAIN STATE ", "EXPLAIN "} {
			c.text = strings.ReplaceAll(c.text, word, "")
		}
		r, problems := planText(t, "q.sql", c.text, prelude(t))
		if problems.HasErrors() || len(r.Queries) == 0 {
			t.Errorf("%s\n%s", c.text, problems.Render())
		}
		for _, q := range r.Queries {
			f(q)
		}
	}
}

// goldenFiles returns the files of a folder in testdata.
func goldenFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data in %s: %v", folder, err)
	}
	return files
}

// Every wrong script gives its messages, in full.
func TestDiagnostics(t *testing.T) {
	total := 0
	for _, path := range goldenFiles(t, "diagnostics") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			total += runGolden(t, path, func(t *testing.T, text string) string {
				_, problems := planText(t, "q.sql", text, prelude(t))
				if len(problems) == 0 {
					t.Errorf("nothing was found wrong with\n%s", text)
				}
				return problems.Render()
			})
		})
	}
	if total < 45 {
		t.Errorf("there are only %d wrong scripts", total)
	}
}

// Plans as EXPLAIN shows them.
func TestExplain(t *testing.T) {
	for _, path := range goldenFiles(t, "explain") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			runGolden(t, path, func(t *testing.T, text string) string {
				r, problems := planText(t, "q.sql", text, prelude(t))
				return problems.Render() + r.Explain(Physical)
			})
		})
	}
}
