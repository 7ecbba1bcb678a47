package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"tidemark/parser/source"
)

// failer is what testing and rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkFormat formats a text and checks what holds for every text: formatting
// again changes nothing, the tree is the same, and every comment is there, in order.
func checkFormat(t failer, text string) string {
	t.Helper()
	script, errs := parseTemplate(source.NewFile("q", text))
	got, wrong := Format(source.NewFile("q", text))
	if errs.HasErrors() != wrong.HasErrors() {
		t.Fatalf("%q: Parse says\n%sFormat says\n%s", text, errs.Render(), wrong.Render())
	}
	if wrong.HasErrors() {
		return ""
	}
	again, wrong := Format(source.NewFile("q", got))
	if wrong.HasErrors() {
		t.Fatalf("%s\nis written as\n%s\nwhich is wrong:\n%s", text, got, wrong.Render())
	}
	if again != got {
		t.Fatalf("%s\nis written as\n%s\nand that as\n%s", text, got, again)
	}
	after, _ := parseTemplate(source.NewFile("q", got))
	if len(after.Statements) != len(script.Statements) {
		t.Fatalf("%s\nhas %d statements, and %d as\n%s", text, len(script.Statements), len(after.Statements), got)
	}
	for i, s := range script.Statements {
		if before, after := treeText(s), treeText(after.Statements[i]); before != after {
			t.Fatalf("%s\nis written as\n%s\nthe tree was\n%s\nand is\n%s", text, got, before, after)
		}
	}
	if before, after := comments(text), comments(got); !slices.Equal(before, after) {
		t.Fatalf("%s\nis written as\n%s\nthe comments were\n%q\nand are\n%q", text, got, before, after)
	}
	return got
}

// comments returns the comments of a text.
func comments(text string) []string {
	var list []string
	for scan := (scanner{text: text}); ; {
		t, _ := scan.Next()
		if t.EOF() {
			return list
		}
		if strings.HasPrefix(t.Value, "--") || strings.HasPrefix(t.Value, "/*") {
			list = append(list, strings.TrimRight(t.Value, " \t\r"))
		}
	}
}

const formatFile = "testdata/format.txt"

// TestFormat holds layouts against the golden file: texts behind "===", what
// they become behind "---".
func TestFormat(t *testing.T) {
	raw, err := os.ReadFile(formatFile)
	if err != nil {
		t.Fatal(err)
	}
	var rewritten strings.Builder
	blocks := strings.Split("\n"+string(raw), "\n===\n")[1:]
	for _, block := range blocks {
		text, want, _ := strings.Cut(strings.TrimRight(block, "\n")+"\n", "\n---\n")
		got := checkFormat(t, text)
		fmt.Fprintf(&rewritten, "===\n%s\n---\n%s\n", text, got)
		if !*update && got != want {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", text, got, want)
		}
	}
	if len(blocks) < 30 {
		t.Errorf("%d texts, want at least 30", len(blocks))
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(formatFile, []byte(rewritten.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFormatEverything formats the statements of the golden files of the parser
// and the planner, of the conformance files, the scripts and the manual.
func TestFormatEverything(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		pattern string
		least   int // texts that are there and can be formatted
		texts   func(file string) []string
	}{
		{treesFile, 80, func(file string) []string { return blocks(file, treesFile) }},
		{"../planner/testdata/*/*.txt", 200, func(file string) []string { return blocks(file, goldenFile) }},
		{"../queries/conformance/*.slt", 500, conformanceStatements},
		{"../queries/*/*.sql", 3, func(file string) []string { return []string{file} }},
		{"../cmd/tidemark/testdata/script/*.txtar", 30, archivedScripts},
		{"../docs/*.md", 25, manualExamples},
	}
	for _, kind := range kinds {
		paths, err := filepath.Glob(kind.pattern)
		if err != nil {
			t.Fatal(err)
		}
		formatted := 0
		for _, path := range paths {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range kind.texts(string(file)) {
				if checkFormat(t, text) == "" {
					continue
				}
				formatted++
				if inOneLine := strings.Join(strings.Fields(text), " "); !strings.Contains(text, "--") && !strings.Contains(text, "'") {
					checkFormat(t, inOneLine)
				}
			}
		}
		if formatted < kind.least {
			t.Errorf("%d texts of %s formatted, want at least %d", formatted, kind.pattern, kind.least)
		}
	}
}

// conformanceStatements returns the statements of a conformance file that are
// not there to fail.
func conformanceStatements(file string) (texts []string) {
	for _, record := range strings.Split(file, "\n\n") {
		directive, rest, _ := strings.Cut(strings.TrimLeft(record, "\n"), "\n")
		if words := strings.Fields(directive); len(words) > 1 && (words[0] == "statement" || words[0] == "query") && words[1] != "error" {
			text, _, _ := strings.Cut(rest, "\n----")
			texts = append(texts, text)
		}
	}
	return texts
}

// archivedScripts returns the scripts in a testscript archive.
func archivedScripts(archive string) (texts []string) {
	for _, file := range txtar.Parse([]byte(archive)).Files {
		if strings.HasSuffix(file.Name, ".sql") {
			texts = append(texts, string(file.Data))
		}
	}
	return texts
}

// manualExamples returns the SQL in a page of the manual.
func manualExamples(page string) (texts []string) {
	for _, block := range strings.Split(page, "\n```sql")[1:] {
		_, rest, _ := strings.Cut(block, "\n")
		text, _, _ := strings.Cut(rest, "\n```")
		texts = append(texts, text)
	}
	return texts
}

// TestFormatSpaces puts comments, line breaks and spaces between the tokens of
// good statements at random.
func TestFormatSpaces(t *testing.T) {
	var good []string
	for _, text := range goldenScripts(t) {
		if _, errs := Parse(source.NewFile("q", text)); !errs.HasErrors() {
			good = append(good, text)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.SampledFrom(good).Draw(rt, "text")
		var b strings.Builder
		for scan, last := (scanner{text: text}), ""; ; {
			token, _ := scan.Next()
			if token.EOF() {
				break
			}
			if last != ">" || token.Value != ">" { // a >> b
				b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "\n", "\n\n\n", " -- line\n", "\n-- own\n", " /* in */ ", "\n/* own */ ", " /* a\n b */ ", "\t/**/\n"}).Draw(rt, "space"))
			}
			last = token.Value
			if token.Type != spaceToken {
				b.WriteString(token.Value)
			}
		}
		checkFormat(rt, b.String())
	})
}

// FuzzFormat checks what holds for every text.
func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) { checkFormat(t, text) })
}
