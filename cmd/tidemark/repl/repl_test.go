package repl

import (
	"bytes"
	"io"
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

// screenOf is a terminal of a test: it takes lines from a list, and prints on out.
type screenOf struct {
	out     bytes.Buffer
	lines   []string
	history []string
}

func (s *screenOf) Line(prompt string) (string, error) {
	s.out.WriteString(prompt)
	if len(s.lines) == 0 {
		s.out.WriteString("\n")
		return "", io.EOF
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	s.out.WriteString(line + "\n")
	if line == "^C" {
		return "", ErrInterrupt
	}
	return line, nil
}

func (s *screenOf) Remember(entry string)     { s.history = append(s.history, entry) }
func (s *screenOf) History() []string         { return s.history }
func (s *screenOf) Size() (width, height int) { return 80, 24 }

// talk has a conversation and returns what the screen shows after the greeting.
func talk(t *testing.T, lines ...string) (string, *screenOf) {
	t.Helper()
	s := &screenOf{lines: lines}
	r := New(Config{Engine: engine.New(builtin.Registry()), Out: &s.out, Err: &s.out, Terminal: s, Version: "test"})
	r.dir = filepath.Join("..", "..", "..", "queries", "clicks")
	if code := r.Talk(); code != 0 {
		t.Errorf("the conversation ended with %d", code)
	}
	_, shown, _ := strings.Cut(s.out.String(), "\n")
	return shown, s
}

func TestConversation(t *testing.T) {
	got, s := talk(t,
		"SELECT user_id, -- who",
		"  amount FROM 'clicks.csv' LIMIT 1;",
		"SELECT nope FROM 'clicks.csv';",
		"SELECT 'a;", "b' AS x;",
		"CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts); INSERT INTO s VALUES ('2026-01-05T10:00:00Z', 1); INSERT INTO s VALUES ('2026-01-05T10:01:00Z', 1/0);",
		"SELECT COUNT(*) AS n FROM s;",
		"half a statement", "^C",
		"DROP STREAM s;",
		"SELECT * FROM s;")
	const want = `tidemark> SELECT user_id, -- who
     ...>   amount FROM 'clicks.csv' LIMIT 1;
┌─────────┬────────┐
│ user_id │ amount │
├─────────┼────────┤
│ A       │      5 │
└─────────┴────────┘
1 row
tidemark> SELECT nope FROM 'clicks.csv';
error: there is no column nope in clicks
    1 | SELECT nope FROM 'clicks.csv';
      |        ^^^^
        its columns are event_id, user_id, event_time, amount
tidemark> SELECT 'a;
       '> b' AS x;
┌───────┐
│ x     │
├───────┤
│ a;\nb │
└───────┘
1 row
tidemark> CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts); INSERT INTO s VALUES ('2026-01-05T10:00:00Z', 1); INSERT INTO s VALUES ('2026-01-05T10:01:00Z', 1/0);
s is declared
s has the rows whenever it is read
error: division by zero in 1 / 0
tidemark> SELECT COUNT(*) AS n FROM s;
┌───┐
│ n │
├───┤
│ 1 │
└───┘
1 row
tidemark> half a statement
     ...> ^C
tidemark> DROP STREAM s;
tidemark> SELECT * FROM s;
error: there is no stream, table or view s
    1 | SELECT * FROM s;
      |               ^
        declare it with CREATE STREAM s (…) WITH (…)
tidemark> 
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// One entry a statement, those that failed too, on one line each.
	history := []string{
		"SELECT user_id, /* who */ amount FROM 'clicks.csv' LIMIT 1;", "SELECT nope FROM 'clicks.csv';", "SELECT 'a; b' AS x;",
		"CREATE STREAM s (ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts);", "INSERT INTO s VALUES ('2026-01-05T10:00:00Z', 1);",
		"INSERT INTO s VALUES ('2026-01-05T10:01:00Z', 1/0);", "SELECT COUNT(*) AS n FROM s;", "DROP STREAM s;", "SELECT * FROM s;",
	}
	if !slices.Equal(s.history, history) {
		t.Errorf("the history is %q", s.history)
	}
}

// A declaration whose columns are read from the input is printed in full, with the
// watermark that its rows call for, and offered for Up and Enter.
func TestSuggestion(t *testing.T) {
	got, s := talk(t, "CREATE STREAM clicks WITH (path = 'clicks.csv');")
	for _, want := range []string{
		"CREATE STREAM clicks (\n  event_id STRING,\n  user_id STRING,\n  event_time TIMESTAMP,\n  amount BIGINT,\n" +
			"  WATERMARK FOR event_time AS event_time - INTERVAL '10' MINUTE\n) WITH (path = 'clicks.csv');\n",
		"7 rows came up to 9m late",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen lacks %q:\n%s", want, got)
		}
	}
	last := s.history[len(s.history)-1]
	if !strings.HasPrefix(last, "CREATE OR REPLACE STREAM clicks (") {
		t.Fatalf("the last entry of the history is %s", last)
	}
	got, _ = talk(t, "CREATE STREAM clicks WITH (path = 'clicks.csv');", last,
		"SELECT COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '1' DAY);")
	if !strings.Contains(got, "│ 7 │") {
		t.Errorf("what was suggested does not work:\n%s", got)
	}
}

// An INSERT into a sink runs in the background; the prompt waits for one that ends soon.
func TestInsert(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	got, _ := talk(t,
		"CREATE STREAM clicks (user_id STRING, amount INT) WITH (path = 'clicks.csv');",
		"CREATE STREAM out (user_id STRING, amount INT) WITH (path = '"+out+"');",
		"INSERT INTO out SELECT * FROM clicks;", "SELECT COUNT(*) AS n FROM out;", "SHOW QUERIES LIKE '%clicks%';", "STOP QUERY 1;")
	for _, want := range []string{"query 1 is done: 7 rows in ", "│ n │\n├───┤\n│ 7 │", "│  1 │ done  │         7 │ INSERT INTO out SELECT * FROM clicks │",
		"error: there is no query 1 that is running"} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen lacks %q:\n%s", want, got)
		}
	}
}

// One without an end goes on until it is stopped.
func TestBackground(t *testing.T) {
	got, _ := talk(t,
		"CREATE STREAM g (id BIGINT) WITH (connector = 'datagen', rate = '100');",
		"CREATE STREAM out (id BIGINT) WITH (path = '"+filepath.Join(t.TempDir(), "out.csv")+"');",
		"INSERT INTO out SELECT id FROM g;", "\\dq", "STOP QUERY 1;", "\\dq")
	for _, want := range []string{"query 1 runs in the background", "│  1 │ running │", "query 1 was stopped: ", "│  1 │ stopped │"} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen lacks %q:\n%s", want, got)
		}
	}
}

// What an editor makes of the last statement is run, of several lines too; so is a script.
func TestEdit(t *testing.T) {
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", "sed -i 's/one/two,\\n 2 AS b/'")
	script := filepath.Join(t.TempDir(), "x.sql")
	if err := os.WriteFile(script, []byte("\\null none\nSELECT NULL AS c;\nSELECT nope;\nSELECT 'never' AS d;\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, s := talk(t, "SELECT 1 AS one;", "\\e", "\\i "+script, "\\s nope", "SELECT 5 AS e;", "\\i nothing.sql", "\\x maybe", "\\limit -1")
	for _, want := range []string{"│ two │ b │", "│ none │", "x.sql:3:8: ", "│ e │", "error: nothing.sql cannot be read: no such file or directory", "write \\x on or \\x off", "\\limit takes a number of rows, not -1"} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "never") {
		t.Error("a script went on after an error")
	}
	if !slices.Contains(s.history, "SELECT 1 AS two, 2 AS b;") {
		t.Errorf("the history is %q", s.history)
	}
}

func TestTiming(t *testing.T) {
	got, _ := talk(t, "\\timing", "SELECT 1 AS one;", "\\timing off", "SELECT 2 AS two;")
	if !regexp.MustCompile(`(?s)timing: on\n.*1 row · [0-9.]+ m?s\n.*timing: off\n.*1 row\n`).MatchString(got) {
		t.Errorf("the screen shows\n%s", got)
	}
}

// What cannot be read yet is declared all the same.
func TestNotThereYet(t *testing.T) {
	got, _ := talk(t, "CREATE STREAM x WITH (path = 'missing.csv');", "\\d")
	if !strings.Contains(got, "x is declared; yet the columns of x cannot be read from its input") || !strings.Contains(got, "│ x    │ stream │") {
		t.Errorf("the screen shows\n%s", got)
	}
}

// Messages are broken between words.
func TestWrapped(t *testing.T) {
	_, s := talk(t)
	r := New(Config{Engine: engine.New(builtin.Registry()), Out: &s.out, Err: &s.out, Terminal: s})
	long := strings.Repeat("word ", 20)
	const first = "  word word word word word word word word word word word word word word word\n"
	if got := r.wrapped("short\n  " + long + "end\n"); got != "short\n"+first+"  word word word word word end\n" {
		t.Errorf("got\n%s", got)
	}
	if unbroken := strings.Repeat("x", 100) + "\n"; r.wrapped(unbroken) != unbroken {
		t.Error("a word was broken")
	}
}

// Paths of a statement start from where it was declared.
func TestFolders(t *testing.T) {
	got, _ := talk(t, "CREATE STREAM clicks (user_id STRING) WITH (path = 'clicks.csv');", "\\cd ..", "SELECT COUNT(*) AS n FROM clicks;", "SELECT 1 AS one FROM 'clicks/clicks.csv' LIMIT 1;")
	if !strings.Contains(got, "│ 7 │") || !strings.Contains(got, "│   1 │") {
		t.Errorf("after \\cd:\n%s", got)
	}
}

// A file that is written by \o has the results and nothing else.
func TestOutputFile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.txt")
	got, _ := talk(t, "\\o "+out, "\\mode csv", "SELECT 1 AS a;", "\\o", "\\mode json", "SELECT 2 AS a;")
	if text, err := os.ReadFile(out); err != nil || string(text) != "a\n1\n" {
		t.Errorf("the file has %q: %v", text, err)
	}
	if !strings.Contains(got, `{"a":2}`) || strings.Contains(got, "a\n1") {
		t.Errorf("the screen:\n%s", got)
	}
}

func TestHasCommands(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1;\n\\d\n":                    true,
		"-- a comment\n.mode csv\nSELECT 1;":  true,
		"\\q":                                 true,
		"SELECT '\n\\d\n';":                   false,
		"SELECT 1\n/*\n\\d\n*/;":              false,
		"SELECT t\n.a FROM t;":                false,
		"SELECT 1;":                           false,
		"":                                    false,
		"SELECT .5;":                          false,
		"SELECT 1; -- then\n  \\mode csv  \n": true,
	} {
		if got := HasCommands(text); got != want {
			t.Errorf("%q has commands: %v, want %v", text, got, want)
		}
	}
}

// A script stops at the first error, and its code is that of the error.
func TestScript(t *testing.T) {
	for _, c := range []struct {
		text, out string
		code      int
	}{
		{"\\mode csv\nSELECT 1 AS a;\nSELECT nope;\nSELECT 2 AS b;", "a\n1\n", 2},
		{"\\set on_error continue\n\\mode csv\nSELECT nope;\nSELECT CAST('x' AS INT) AS n FROM (VALUES (1)) AS t (a);\nSELECT 2 AS b;", "b\n2\n", 2},
		{"\\set on_error continue\n\\mode csv\nSELECT 1 / (a - 1) AS n FROM (VALUES (1)) AS t (a);\nSELECT nope;\nSELECT 2 AS b", "n\nb\n2\n", 1},
		{"\\mode csv\nSELECT 1 AS a;\n\\q\nSELECT 2 AS b;", "a\n1\n", 0},
	} {
		var out, errs bytes.Buffer
		r := New(Config{Engine: engine.New(builtin.Registry()), Out: &out, Err: &errs})
		if code := r.Run(source.NewFile("<stdin>", c.text)); code != c.code || out.String() != c.out {
			t.Errorf("%q ended with %d and %q, want %d and %q\n%s", c.text, code, out.String(), c.code, c.out, errs.String())
		}
	}
}
