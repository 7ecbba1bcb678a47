package parser

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"tidemark/parser/source"
)

// seeds are the scripts that fuzzing starts from.
func seeds(f *testing.F) {
	f.Add(clicks)
	for _, s := range []string{
		"", ";", "'", "\"", "`", "/*", "--", "/**/", "1e", "1.e5", ".", "..", "a.b.c", "''''", "'a''", "\"a\"\"b\"", "->>", "::", "\xff", "\ufeffSELECT 1", "ſELECT", "K\u0301",
		"SELECT a late FROM t late WHERE x LATE DATA TO s EMIT EVERY 5 MINUTES",
		"SELECT CASE WHEN a THEN b END, CAST(a AS DECIMAL(1,2)), a::TIMESTAMP WITH TIME ZONE, EXTRACT(DAY FROM x), TRIM(BOTH FROM x)",
		"SELECT INTERVAL '1 02:03:04' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH, INTERVAL -5 DAYS, a AT TIME ZONE 'UTC'",
		"SELECT ((((((((((1", "SELECT - - - - NOT NOT a", "CREATE TABLE t (a INT,) WITH (a.b = ,",
	} {
		f.Add(s)
	}
	for _, script := range goldenScripts(f) {
		f.Add(script)
	}
}

// goldenScripts returns the scripts of the golden files, right and wrong ones.
func goldenScripts(tb testing.TB) []string {
	var scripts []string
	for _, name := range []string{goldenFile, treesFile} {
		golden, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		scripts = append(scripts, blocks(string(golden), name)...)
	}
	return scripts
}

// blocks returns the scripts in the text of a golden file.
func blocks(golden, name string) (scripts []string) {
	separator := "\n===\n"
	if name == goldenFile {
		separator = "\n=== "
	}
	for _, block := range strings.Split("\n"+golden, separator)[1:] {
		script, _, _ := strings.Cut(block, "\n---\n")
		if name == goldenFile {
			_, script, _ = strings.Cut(script, "\n") // behind the case's name
		}
		scripts = append(scripts, script)
	}
	return scripts
}

// FuzzLexer checks that the tokens cover any text exactly, in order.
func FuzzLexer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		lex, err := definition{}.Lex("", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for {
			token, err := lex.Next()
			if err != nil {
				t.Fatal(err)
			}
			if token.Pos.Offset != at {
				t.Fatalf("token %q at %d, want %d", token.Value, token.Pos.Offset, at)
			}
			if token.EOF() {
				break
			}
			if token.Value == "" || !strings.HasPrefix(text[at:], token.Value) {
				t.Fatalf("token %q does not stand at %d", token.Value, at)
			}
			at += len(token.Value)
		}
		if at != len(text) {
			t.Fatalf("the tokens end at %d of %d", at, len(text))
		}
	})
}

// FuzzParse checks that every statement becomes a tree or one diagnostic, and
// that every place lies inside the text and inside what it is a part of.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		script, errs := Parse(source.NewFile("q", text))
		wrong := 0
		for _, d := range errs {
			if d.Severity == source.Error {
				wrong++
			}
		}
		want := 0
		for all := (splitter{scan: scanner{text: text}}); ; want++ {
			if _, ok := all.next(); !ok {
				break
			}
		}
		if len(script.Statements)+wrong != want {
			t.Fatalf("%d statements and %d errors of %d", len(script.Statements), wrong, want)
		}
		whole := source.Span{Start: 0, End: len(text)}
		for _, d := range errs {
			if d.Message == "" || d.File == nil {
				t.Fatalf("diagnostic %+v", d)
			}
			inside(t, text, d.Span, whole)
		}
		_ = errs.Render()
		last := 0
		for _, s := range script.Statements {
			if s.Span().Start < last {
				t.Fatalf("statement at %v begins before %d", s.Span(), last)
			}
			last = s.Span().End
			checkSpans(t, text, reflect.ValueOf(s), whole)
		}
	})
}

func inside(t *testing.T, text string, s, outer source.Span) {
	t.Helper()
	if s.Start < outer.Start || s.End > outer.End || s.Start > s.End {
		t.Fatalf("span %v is not inside %v of %q", s, outer, text)
	}
}

// checkSpans walks a tree: every node lies inside its parent.
func checkSpans(t *testing.T, text string, v reflect.Value, outer source.Span) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if node, ok := v.Interface().(interface{ Span() source.Span }); ok && v.Kind() == reflect.Pointer {
			span := node.Span()
			inside(t, text, span, outer)
			outer = span
		}
		checkSpans(t, text, v.Elem(), outer)
	case reflect.Slice:
		for i := range v.Len() {
			checkSpans(t, text, v.Index(i), outer)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			checkSpans(t, text, v.Field(i), outer)
		}
	}
}

// FuzzExpression checks the same of what can stand in a SELECT list.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		"a[1:2].b::INT[] || ARRAY[1] -> 'x'", "(a, b) IN (SELECT 1, 2)", "f(DISTINCT a ORDER BY b) FILTER (WHERE c) OVER (w ROWS 5 PRECEDING)",
		"JSON_OBJECT(KEY a VALUE b NULL ON NULL)", "a >> 1 ^ 2 ~ 'x' !~* 'y'", "CASE a WHEN 1 THEN EXISTS (VALUES (1)) END IS NOT JSON",
		"a = ANY (b) AT TIME ZONE 'UTC' NOT SIMILAR TO 'x' ESCAPE '!'", "FLOOR(a TO DAY), OVERLAY(a PLACING b FROM 1)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		script, errs := Parse(source.NewFile("q", "SELECT "+text))
		for _, s := range script.Statements {
			checkSpans(t, "SELECT "+text, reflect.ValueOf(s), source.Span{Start: 0, End: len(text) + len("SELECT ")})
		}
		_ = errs.Render()
	})
}
