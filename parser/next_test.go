package parser

import (
	"strings"
	"testing"
)

func TestNextStatement(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // statements in [], then what is left after |
		open Open
	}{
		{"", "|", Nothing},
		{" -- only a comment\n", "|", Nothing},
		{"SELECT 1", "|SELECT 1", InStatement},
		{"SELECT 1;", "[SELECT 1;]|", Nothing},
		{";; SELECT 1; ; SELECT 2;", "[SELECT 1;][SELECT 2;]|", Nothing},
		{"SELECT ';' ; x", "[SELECT ';' ;]|x", InStatement},
		{"SELECT 'it''s;", "|SELECT 'it''s;", InString},
		{"SELECT 'a\n;b'; y", "[SELECT 'a\n;b';]|y", InStatement},
		{"SELECT 1 -- a; 'b\n;", "[SELECT 1 -- a; 'b\n;]|", Nothing},
		{"/* ; */ SELECT 1; /* a;", "[SELECT 1;]|/* a;", InComment},
		{"SELECT /* a;", "|SELECT /* a;", InComment},
		{"SELECT \"a;b\", `c;d`;", "[SELECT \"a;b\", `c;d`;]|", Nothing},
		{"SELECT \"open;\nSELECT 2;", "[SELECT \"open;][SELECT 2;]|", Nothing},
		{"CREATE TABLE x (a INT) WITH (path = 'x;y'); SELECT", "[CREATE TABLE x (a INT) WITH (path = 'x;y');]|SELECT", InStatement},
	} {
		var got strings.Builder
		from := 0
		for {
			start, end, open := NextStatement(c.text, from)
			if open != Nothing || start == len(c.text) {
				got.WriteString("|" + c.text[start:])
				if open != c.open {
					t.Errorf("%q is open in %d, want %d", c.text, open, c.open)
				}
				break
			}
			got.WriteString("[" + c.text[start:end] + "]")
			from = end
		}
		if got.String() != c.want {
			t.Errorf("%q is cut into %s, want %s", c.text, got.String(), c.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	const text = "SELECT a, -- the key\n  'x\ny' /* two\nlines */\nFROM t;"
	const want = "SELECT a, /* the key */ 'x y' /* two lines */ FROM t;"
	if got := OneLine(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
