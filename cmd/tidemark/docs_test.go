package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/builtin"
)

// block is a fenced block of a page.
type block struct {
	info       string // what follows the fence: "sql", "csv", …
	text       string
	line       int // of the fence
	start, end int // of the text in the page
}

// blocks returns the fenced blocks of a page.
func blocks(page string) []block {
	var list []block
	var open *block
	at, line := 0, 0
	for l := range strings.Lines(page) {
		line++
		fence := strings.HasPrefix(l, "```")
		switch {
		case fence && open == nil:
			open = &block{info: strings.TrimSpace(l[3:]), line: line, start: at + len(l)}
		case fence:
			open.end = at
			open.text = page[open.start:at]
			list = append(list, *open)
			open = nil
		}
		at += len(l)
	}
	return list
}

// TestDocs runs every sql block of the pages and compares what comes out with
// the block that follows it: csv, json and changelog are the form of output,
// error means that the script is refused so, text is printed as it is.
// A block "sql prelude" goes before all that follow but "sql alone"; "sql only"
// is checked, not run. "sql test" is a test file, which must pass where no text follows.
func TestDocs(t *testing.T) {
	for _, name := range []string{"language.md", "connectors.md", "testing.md", "semantics.md", "kafka.md", "formats.md"} {
		t.Run(name, func(t *testing.T) { testPage(t, filepath.Join("..", "..", "docs", name)) })
	}
}

// TestDocLinks looks for the files that the pages link to.
func TestDocLinks(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func testPage(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, prelude, tested := string(text), "", 0
	list := blocks(page)
	var fresh strings.Builder // the page with what came out
	at := 0
	for i, b := range list {
		kind, word, _ := strings.Cut(b.info, " ")
		if kind != "sql" {
			continue
		}
		tested++
		if word == "prelude" {
			prelude += b.text
			continue
		}
		form := "none"
		var want *block
		if i+1 < len(list) && word != "only" {
			switch list[i+1].info {
			case "csv", "json", "changelog", "error", "text":
				want, form = &list[i+1], list[i+1].info
			}
		}
		script := b.text
		if word != "alone" {
			script = prelude + script
		}
		run := runBlock
		if word == "test" {
			script, run = b.text, runTestBlock
		}
		got, ok := run(t, script, b, form, word == "only")
		if !ok || want == nil || got == want.text {
			continue
		}
		if !*update {
			t.Errorf("%s:%d: got\n%swant\n%s", path, b.line, got, want.text)
		}
		fresh.WriteString(page[at:want.start] + got)
		at = want.end
	}
	if tested == 0 {
		t.Errorf("%s has no sql blocks", path)
	}
	if *update && at > 0 {
		if err := os.WriteFile(path, []byte(fresh.String()+page[at:]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// runTestBlock runs a block as a test file. What comes out lacks the last line, which has
// a time.
func runTestBlock(t *testing.T, script string, b block, form string, _ bool) (out string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	if err := copyFolder(filepath.Join("..", "..", "queries", "clicks"), dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "clicks.test.sql"), []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tidemark", "test", "clicks.test.sql")
	cmd.Dir, cmd.Env = dir, withoutTidemark(os.Environ())
	raw, err := cmd.CombinedOutput()
	if (err != nil) != (form == "text") {
		t.Errorf("line %d: %v\n%s", b.line, err, raw)
		return "", false
	}
	lines := slices.Collect(strings.Lines(string(raw)))
	return strings.Join(lines[:len(lines)-1], ""), true
}

// runBlock runs a block in a folder of its own, with the clicks. It reports
// whether the block went as its form says.
func runBlock(t *testing.T, script string, b block, form string, checkOnly bool) (out string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	if err := copyFolder(filepath.Join("..", "..", "queries", "clicks"), dir); err != nil {
		t.Fatal(err)
	}
	output := form
	if form == "error" || form == "text" {
		output = "json"
	}
	args := []string{"run", "-q", "-o", output, "page.sql"}
	if checkOnly {
		args = []string{"check", "page.sql"}
	}
	if err := os.WriteFile(filepath.Join(dir, "page.sql"), []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tidemark", args...)
	cmd.Dir, cmd.Env = dir, withoutTidemark(os.Environ())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if form == "error" {
		if err == nil {
			t.Errorf("line %d: the script was not refused", b.line)
		}
		return stderr.String(), err != nil
	}
	if err != nil {
		t.Errorf("line %d: %v\n%s", b.line, err, &stderr)
	}
	return stdout.String(), err == nil
}

// TestConnectorsPage holds the tables of docs/connectors.md to the options that
// the connectors know. -update rewrites them.
func TestConnectorsPage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "connectors.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	all := map[string]connectors.Connector{}
	for _, name := range builtin.Registry().Names() {
		all[name], _ = builtin.Registry().Lookup(name)
	}
	every := connectors.EngineOptions()
	every = slices.DeleteFunc(every, func(o connectors.OptionSpec) bool { return o.Name == "connector" })
	all["every source"] = connectors.Connector{Options: every, NewSource: all["file"].NewSource}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		before, rest, ok := strings.Cut(page, "<!-- options "+name+" -->\n")
		if !ok {
			t.Errorf("connector %s is not described", name)
			continue
		}
		old, after, ok := strings.Cut(rest, "<!-- end -->")
		if !ok {
			t.Fatalf("the table of connector %s has no end", name)
		}
		table := optionTable(all[name])
		if old != table && !*update {
			t.Errorf("connector %s: the page has\n%s\nthe code\n%s", name, old, table)
		}
		page = before + "<!-- options " + name + " -->\n" + table + "<!-- end -->" + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// optionTable returns the table of a connector's options.
func optionTable(c connectors.Connector) string {
	var b strings.Builder
	b.WriteString("| Option | For | Values | Default | |\n|---|---|---|---|---|\n")
	var formats []string // that it has
	for _, o := range c.Options {
		if o.Name == "format" {
			formats = append(formats, o.Values...)
		}
	}
	for _, o := range c.Options {
		if len(o.Formats) > 0 && !slices.ContainsFunc(o.Formats, func(f string) bool { return slices.Contains(formats, f) }) {
			continue
		}
		var uses []string
		if o.Source && c.NewSource != nil {
			uses = append(uses, "source")
		}
		if o.Sink && c.NewSink != nil {
			uses = append(uses, "sink")
		}
		if len(uses) == 0 {
			continue
		}
		values := o.Kind
		if len(o.Values) > 0 {
			values = strings.Join(o.Values, ", ")
		}
		if len(o.Formats) > 0 {
			uses = append(uses, strings.Join(o.Formats, ", "))
		}
		def := o.Default
		if o.Required {
			def = "required"
		}
		cells := []string{"`" + o.Name + "`", strings.Join(uses, ", "), values, def, o.Doc}
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cell, "|", `\|`))
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	return b.String()
}
