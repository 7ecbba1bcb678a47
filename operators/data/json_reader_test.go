package data

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestJSONReaderTexts(t *testing.T) {
	for _, c := range []struct {
		json, text string
		ok         bool
	}{
		{`"a"`, "a", true}, {` "\u00e4\n" `, "ä\n", true}, {`"\ud83d\ude00"`, "😀", true}, {`"\ud83d"`, "", false}, {`"\ude00x"`, "", false}, {`"\ud83d\u0041"`, "", false}, {`"\ud83d\n"`, "", false},
		{`"\ud83d\ud83d\ude00"`, "", false}, {`"\ude00\ud83d"`, "", false}, {`"\ud83d\u"`, "", false}, {`"\u12"`, "", false}, {`"\x"`, "", false}, {`"a`, "", false}, {"\"\xff\"", "", false}, {"1", "", false}, {"", "", false},
	} {
		var r JSONReader
		r.Reset([]byte(c.json))
		if got, ok := r.Text(); string(got) != c.text || ok != c.ok {
			t.Errorf("%s is %q, %v", c.json, got, ok)
		}
	}
}

func FuzzJSONReader(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,"x\u0041",null,true],"b":{}}`, `[`, `"\ud800"`, ` 1 `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r JSONReader
		r.Reset(text)
		// The library takes half of a surrogate pair, too.
		strict := utf8.Valid(text) && len(text) < MaxJSONDepth && !bytes.Contains(bytes.ToLower(text), []byte(`\ud`))
		if got, want := r.Valid(), json.Valid(text); got != want && (got || strict) {
			t.Fatalf("%q is valid: %v; the library says %v", text, got, want)
		}
	})
}
