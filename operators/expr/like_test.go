package expr

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// naiveLike matches by trying everything.
func naiveLike(s, p []rune, escape rune, fold bool) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	literal := p[0]
	switch {
	case p[0] == escape:
		literal, p = p[1], p[1:]
	case p[0] == '%':
		return naiveLike(s, p[1:], escape, fold) || len(s) > 0 && naiveLike(s[1:], p, escape, fold)
	case p[0] == '_':
		return len(s) > 0 && naiveLike(s[1:], p[1:], escape, fold)
	}
	if len(s) == 0 || s[0] != literal && !(fold && unicode.ToLower(s[0]) == unicode.ToLower(literal)) {
		return false
	}
	return naiveLike(s[1:], p[1:], escape, fold)
}

func TestLikeAgainstNaiveMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "A", "ï", "%", "_", "Ï"}), 0, 9).Draw(t, "text"), "")
		escapes := []string{`\a`, `\%`, `\_`, `\\`}
		pattern := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(escapes, "a", "b", "A", "ï", "%", "_", "ab", "%", "_")), 0, 7).Draw(t, "pattern"), "")
		fold := rapid.Bool().Draw(t, "fold")
		p, err := compilePattern(nil, []byte(pattern), defaultEscape, fold)
		if err != nil {
			t.Fatal(err)
		}
		want := naiveLike([]rune(text), []rune(pattern), '\\', fold)
		if got := p.match([]byte(text)); got != want {
			t.Fatalf("%q LIKE %q (fold %v) is %v", text, pattern, fold, got)
		}
	})
}

func TestLikeEscape(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`'a%' LIKE 'a!%' ESCAPE '!'`, "true"}, {`'ab' LIKE 'a!%' ESCAPE '!'`, "false"}, {`'a\b' LIKE 'a\_' ESCAPE ''`, "true"},
		{`'' LIKE ''`, "true"}, {`'' LIKE '%'`, "true"}, {`'a' LIKE ''`, "false"}, {`'abc' LIKE '%b%'`, "true"}, {`NULL LIKE 'a'`, "NULL"},
	} {
		e := mustBind(t, c.expr, nil)
		if got, err := evalRow(e, single1, 0); err != nil || got != c.want {
			t.Errorf("%s = %s, %v; want %s", c.expr, got, err, c.want)
		}
	}
}
