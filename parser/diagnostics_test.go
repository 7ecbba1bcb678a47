package parser

import (
	"flag"
	"os"
	"strings"
	"testing"

	"tidemark/parser/source"
)

var update = flag.Bool("update", false, "rewrite the golden files from what the parser says now")

const goldenFile = "testdata/diagnostics.txt"

// TestDiagnostics holds what the parser says about wrong scripts against the
// golden file: scripts behind "=== name", the diagnostics behind "---".
func TestDiagnostics(t *testing.T) {
	checkDiagnostics(t, goldenFile, "q", 40)
}

// TestTestFileDiagnostics does the same with the statements of test files.
func TestTestFileDiagnostics(t *testing.T) {
	checkDiagnostics(t, "testdata/diagnostics_testfile.txt", "q.test.sql", 20)
}

func checkDiagnostics(t *testing.T, goldenFile, file string, least int) {
	raw, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split("\n"+string(raw), "\n=== ")
	var rewritten strings.Builder
	rewritten.WriteString(strings.TrimPrefix(blocks[0], "\n"))
	seen := map[string]bool{}
	for _, block := range blocks[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		script, want, _ := strings.Cut(rest, "\n---\n")
		want = strings.TrimRight(want, "\n")
		if seen[name] {
			t.Errorf("two cases are called %q", name)
		}
		seen[name] = true
		_, errs := Parse(source.NewFile(file, script))
		got := strings.TrimRight(errs.Render(), "\n")
		if rewritten.Len() > 0 {
			rewritten.WriteByte('\n')
		}
		rewritten.WriteString("=== " + name + "\n" + script + "\n---\n" + got + "\n")
		if len(errs) == 0 {
			t.Errorf("%s: no diagnostic", name)
		}
		for _, internal := range []string{"Ident", "Keyword", "token", "<EOF>", "parser.", "%!"} {
			if strings.Contains(got, internal) {
				t.Errorf("%s: the text shows %q:\n%s", name, internal, got)
			}
		}
		if !*update && got != want {
			t.Errorf("%s:\n%s\n got:\n%s\nwant:\n%s", name, script, got, want)
		}
	}
	if len(seen) < least {
		t.Errorf("%d cases, want at least %d", len(seen), least)
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(rewritten.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiagnosticsAreStable parses the same errors twice: no map order shows.
func TestDiagnosticsAreStable(t *testing.T) {
	script := "SELECT a FROM t u v; CREATE STRAEM t; SELECT a FORM; SELECT a x y FROM t; CREATE TABLE t (a INT b INT)"
	_, first := Parse(source.NewFile("q", script))
	for range 5 {
		if _, again := Parse(source.NewFile("q", script)); again.Render() != first.Render() {
			t.Fatalf("first:\n%s\nthen:\n%s", first.Render(), again.Render())
		}
	}
}

// TestRecovery checks that the good statements around wrong ones are all there.
func TestRecovery(t *testing.T) {
	script, errs := Parse(source.NewFile("q", `
		SELECT 1; SELEC 2; SELECT 'three';; CREATE TABLE (a INT); ; SELECT 4 -- ; not here
		; SELECT ';' /* ; */; SELECT 'open
		; SELECT 6`))
	if len(script.Statements) != 5 || len(errs) != 3 {
		t.Fatalf("%d statements and %d errors, want 5 and 3:\n%s", len(script.Statements), len(errs), errs.Render())
	}
}

// TestEmptyScripts are no error and no statement.
func TestEmptyScripts(t *testing.T) {
	for _, text := range []string{"", " \n", ";", ";;\n;", "-- only a comment", "/* one */ ; -- two", "\ufeff"} {
		if script, errs := Parse(source.NewFile("q", text)); len(script.Statements) != 0 || len(errs) != 0 {
			t.Errorf("%q: %d statements, %v", text, len(script.Statements), errs)
		}
	}
}

// TestDiagnosticSpans checks the place of a diagnostic, byte for byte: the
// place is marked by «».
func TestDiagnosticSpans(t *testing.T) {
	for _, marked := range []string{
		"SELECT a «FORM» clicks",
		"CREATE «STRAEM» t (a INT)",
		"SELECT a FROM t WHERE b =«»",
		"SELECT a FROM t WHERE b =  «;» SELECT 1",
		"SELECT 'grün', a «? » b",
		"SELECT a FROM t «NATURAL» JOIN u",
		"SELECT INTERVAL '5' «MINTUE»",
		"SELECT INTERVAL «'5 minuts'»",
		"SELECT «'open»\n + 1",
		"SELECT 1 «/*» never closed",
		"SELECT (a + b «FROM» t",
		"CREATE TABLE t (a INT«,»)",
		"SELECT «1.2.3»",
		"SELECT a FROM t EMIT CHANGES «EMIT FINAL»",
	} {
		marked = strings.Replace(marked, "? »", "?»", 1)
		start := strings.Index(marked, "«")
		end := strings.Index(marked, "»") - len("«")
		text := strings.NewReplacer("«", "", "»", "").Replace(marked)
		_, errs := Parse(source.NewFile("q", text))
		if len(errs) != 1 {
			t.Errorf("%s: %d diagnostics", marked, len(errs))
			continue
		}
		if want := (source.Span{Start: start, End: end}); errs[0].Span != want {
			t.Errorf("%s: span %v, want %v (%s)", marked, errs[0].Span, want, errs[0].Message)
		}
	}
}
