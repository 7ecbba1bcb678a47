package source

import (
	"strings"
	"testing"
)

func TestJoin(t *testing.T) {
	script := NewFile("a.sql", "one\ntwo ${x} three\nfour")
	two, _ := Expand(script.Part(Span{4, 18}), map[string]string{"x": "a long value"})
	typed := NewFile("", "SELECT\n  nope")
	f := Join(NewFile("b.sql", "-- no end"), two, typed)
	if want := "-- no end\n;\ntwo a long value three\n;\nSELECT\n  nope"; f.Text != want {
		t.Fatalf("joined %q, want %q", f.Text, want)
	}
	for _, c := range []struct {
		at, want string
	}{
		{at: "no end", want: "b.sql:1:4: wrong"},
		{at: "two", want: "a.sql:2:1: wrong"},
		{at: "long", want: "a.sql:2:5: wrong"},
		{at: "three", want: "a.sql:2:10: wrong"},
		{at: "nope", want: "error: wrong"},
	} {
		at := strings.Index(f.Text, c.at)
		d := &Diagnostic{File: f, Span: Span{at, at + len(c.at)}, Message: "wrong"}
		if got := d.Error(); got != c.want {
			t.Errorf("a message about %q begins %q, want %q", c.at, got, c.want)
		}
	}
	at := strings.Index(f.Text, "nope")
	d := &Diagnostic{File: f, Span: Span{at, at + 4}, Message: "there is no column nope", Hint: "leave it out"}
	const want = "error: there is no column nope\n    2 |   nope\n      |   ^^^^\n        leave it out\n"
	if got := d.Render(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestRenderWithin(t *testing.T) {
	f := NewFile("", "SELECT "+strings.Repeat("a, ", 30)+"nope, "+strings.Repeat("b, ", 30)+"c")
	var l List
	at := strings.Index(f.Text, "nope")
	l.Errorf(f, Span{at, at + 4}, "", "there is no column nope")
	for line := range strings.Lines(l.RenderWithin(60)) {
		if n := len([]rune(line)); n > 60 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	lines := strings.Split(l.RenderWithin(60), "\n")
	if at := strings.Index(lines[2], "^^^^"); at < 0 || string([]rune(lines[1])[at:at+4]) != "nope" {
		t.Errorf("the caret is elsewhere:\n%s\n%s", lines[1], lines[2])
	}
}
