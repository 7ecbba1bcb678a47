package source

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPosition(t *testing.T) {
	f := NewFile("q.sql", "SELECT ä\r\nFROM x\n")
	for _, c := range []struct{ offset, line, column int }{
		{0, 1, 1}, {7, 1, 8}, {9, 1, 9}, {11, 2, 1}, {16, 2, 6}, {18, 3, 1}, {99, 3, 1}, {-1, 1, 1},
	} {
		if line, column := f.Position(c.offset); line != c.line || column != c.column {
			t.Errorf("offset %d is at %d:%d, want %d:%d", c.offset, line, column, c.line, c.column)
		}
	}
	for line, want := range []string{"SELECT ä", "FROM x", ""} {
		if got := f.Line(line + 1); got != want {
			t.Errorf("line %d is %q, want %q", line+1, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	text := "SELECT a,\n\tüser_id FORM clicks"
	f := NewFile("q.sql", text)
	at := strings.Index(text, "FORM")
	var l List
	l.Warnf(f, Span{at, at + 4}, "", "second")
	l.Errorf(f, Span{0, 6}, "did you mean %s?", "first")
	l.Errorf(f, Span{len(text), len(text)}, "", "at the %s", "end")
	l.Sort()
	want := `q.sql:1:1: first
    1 | SELECT a,
      | ^^^^^^
        did you mean %s?
q.sql:2:10: warning: second
    2 |  üser_id FORM clicks
      |          ^^^^
q.sql:2:21: at the end
    2 |  üser_id FORM clicks
      |                     ^
`
	if got := l.Render(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !l.HasErrors() || l[1:2].HasErrors() {
		t.Error("a warning is taken for an error, or an error is not")
	}
	if got := l.Error(); got != "q.sql:1:1: first\nq.sql:2:10: warning: second\nq.sql:2:21: at the end" {
		t.Errorf("as an error: %s", got)
	}
}

// Of a line that is very long, what is around the place is shown.
func TestRenderLongLine(t *testing.T) {
	long := strings.Repeat("ä, ", 1000)
	text := "SELECT 1,\n" + long + "oops, " + long
	f := NewFile("q.sql", text)
	for _, c := range []struct {
		span Span
		want string
	}{
		{Span{strings.Index(text, "oops"), strings.Index(text, "oops") + 4}, `^…[ä, ]{73,77}oops, [ä, ]+…\n {6}\| {75,79}\^{4}\n$`},
		{Span{10, 12}, `^ä, [ä, ]+…\n {6}\| \^\n$`},
		{Span{len(text), len(text)}, `^…[ä, ]+\n {6}\| {70,82}\^\n$`},
		{Span{strings.Index(text, "oops"), len(text)}, `^…[ä, ]+oops, [ä, ]+…\n {6}\| +\^{150,160}\n$`},
	} {
		var l List
		l.Errorf(f, c.span, "", "wrong")
		_, got, _ := strings.Cut(l.Render(), "    2 | ")
		if !regexp.MustCompile(c.want).MatchString(got) || !utf8.ValidString(got) {
			t.Errorf("%v: got\n%s\nwant %s", c.span, got, c.want)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"event_time", "event_id", "amount", "ts"}
	for name, want := range map[string]string{
		"evnt_time": "event_time", "EVENT_ID": "event_id", "amuont": "amount", "amount2": "amount", "price": "", "tss": "ts", "x": "", "st": "ts",
	} {
		if got := Near(name, names); got != want {
			t.Errorf("near %s is %q, want %q", name, got, want)
		}
	}
}

func TestExpand(t *testing.T) {
	vars := map[string]string{"dir": "/data", "n": "3"}
	for _, c := range []struct{ text, want, fail string }{
		{"no variables", "no variables", ""},
		{"'${dir}/x' ${n}${n}", "'/data/x' 33", ""},
		{"${m:-7} ${n:-7} ${e:-}.", "7 3 .", ""},
		{"$ {n} $n", "$ {n} $n", ""},
		{"a\n ${dri}", "", "q.sql:2:2: variable dri is not set|did you mean ${dir}?"},
		{"${zzz}", "", "q.sql:1:1: variable zzz is not set|set it with -D zzz=value, or write ${zzz:-default}"},
		{"x ${n", "", "q.sql:1:3: a variable is not closed by }|write ${name}, or ${name:-default}"},
		{"${n\n}", "", "q.sql:1:1: a variable is not closed by }|write ${name}, or ${name:-default}"},
		{"-- ${x}\n${n} /* ${y} */ ${n} -- ${z}", "-- ${x}\n3 /* ${y} */ 3 -- ${z}", ""},
		{"'--${n}' \"/*${n}\" `--${n}` '' --${n}", "'--3' \"/*3\" `--3` '' --${n}", ""},
		{"'it''s -- ${n}' -- ${n}", "'it''s -- 3' -- ${n}", ""},
		{"${d:-it's} -- ${n}", "it's -- ${n}", ""},
		{"it's ${n} -- ${n}", "it's 3 -- ${n}", ""},
		{"/* ${n}", "/* ${n}", ""},
	} {
		f, errs := Expand(NewFile("q.sql", c.text), vars)
		if c.fail != "" {
			if len(errs) != 1 || errs[0].Error()+"|"+errs[0].Hint != c.fail {
				t.Errorf("%q: %v", c.text, errs)
			}
			continue
		}
		if len(errs) > 0 || f.Text != c.want {
			t.Errorf("%q becomes %q, %v", c.text, f.Text, errs)
		}
	}
}

// TestPlacesOfExpandedText: messages tell the places of the text that has the
// variables, and show the text that was read.
func TestPlacesOfExpandedText(t *testing.T) {
	f, errs := Expand(NewFile("q.sql", "a ${two} bad1\n${lines} bad2\n${none}bad3"), map[string]string{"two": "1\n2", "lines": "x\ny bad4\nz", "none": ""})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for word, want := range map[string]string{
		"bad1": "q.sql:1:10: x\n    1 | 2 bad1\n      |   ^^^^\n",
		"bad2": "q.sql:2:10: x\n    2 | z bad2\n      |   ^^^^\n",
		"bad3": "q.sql:3:8: x\n    3 | bad3\n      | ^^^^\n",
		"bad4": "q.sql:2:1: x\n    2 | y bad4\n      |   ^^^^\n",
	} {
		at := strings.Index(f.Text, word)
		d := &Diagnostic{File: f, Span: Span{at, at + len(word)}, Message: "x"}
		if got := d.Render(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", word, got, want)
		}
	}
}
