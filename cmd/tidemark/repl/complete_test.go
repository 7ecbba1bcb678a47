package repl

import (
	"slices"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

func TestComplete(t *testing.T) {
	r := New(Config{Engine: engine.New(builtin.Registry()), Out: &strings.Builder{}, Err: &strings.Builder{}})
	r.dir = "../../../queries/clicks"
	r.script(source.NewFile("", "CREATE STREAM clicks (user_id STRING, event_time TIMESTAMP, User_Name STRING) WITH (path = 'clicks.csv'); CREATE VIEW clicked AS SELECT user_id AS who FROM clicks;"))
	for _, c := range []struct {
		before string
		want   string // candidates that must be there, those that must not behind a !
		typed  int
	}{
		{"SELECT * FROM cl", "clicks clicked !CLOSE", 2},
		{"SELECT us", "user_id user_name using", 2},
		{"SELECT US", "USER_ID USING", 2},
		{"SELECT clicks.ev", "event_time", 2},
		{"SELECT COUN", "COUNT", 4},
		{"SELECT coun", "count", 4},
		{"SEL", "SELECT", 3},
		{"sel", "select", 3},
		{"SET bat", "batch_size", 3},
		{"CREATE STREAM x WITH (pa", "path", 2},
		{"CREATE STREAM x WITH (path = 'x', on_", "on_error", 3},
		{"CREATE STREAM x WITH (path = 'cli", "clicks.csv", 3},
		{"SELECT * FROM '../clicks/cli", "clicks.csv", 3},
		{"\\mo", "mode", 2},
		{"\\mode t", "table !timing", 1},
		{"\\i su", "!SUM", 2},
		{"\\peek cli", "clicks clicked", 3},
		{".mode c", "csv changelog", 1},
		{"", "", 0},
	} {
		got, typed := r.Complete(c.before)
		for _, w := range strings.Fields(c.want) {
			not := strings.HasPrefix(w, "!")
			if slices.Contains(got, strings.TrimPrefix(w, "!")) == not {
				t.Errorf("%q is completed by %q, which %s: %v", c.before, got, map[bool]string{true: "must not have", false: "lacks"}[not], w)
			}
		}
		if len(got) > 0 && typed != c.typed {
			t.Errorf("of %q %d bytes have been typed, want %d", c.before, typed, c.typed)
		}
	}
	// The line editor only appends.
	ends, n := completer(r.Complete).Do([]rune("SELECT us FROM clicks"), len("SELECT us"))
	var texts []string
	for _, e := range ends {
		texts = append(texts, string(e))
	}
	if n != 2 || !slices.Contains(texts, "er_id") || !slices.Contains(texts, "ing") {
		t.Errorf("at Tab %d of %q", n, texts)
	}
}

func TestWords(t *testing.T) {
	if got := words("a  'b c' d''e ''"); !slices.Equal(got, []string{"a", "b c", "de", ""}) {
		t.Errorf("%q", got)
	}
}

// Sequences that the line editor does not know are translated, however they are split.
func TestKeys(t *testing.T) {
	const sent, want = "a\x1b[1~b\x1b[4~\x1b[1;5D\x1b[1;5C\x1b[A\x1b[3~\x1b[200~x\x1b[201~é\x1bb", "a\x01b\x05\x1bb\x1bf\x1b[A\x1b[3~xé\x1bb"
	for size := 2; size <= len(sent); size++ {
		k := &keys{}
		for at := 0; at < len(sent); at += size {
			k.translate([]byte(sent[at:min(at+size, len(sent))]), at+size >= len(sent))
		}
		if string(k.out) != want {
			t.Errorf("%d bytes at a time: %q, want %q", size, k.out, want)
		}
	}
}
