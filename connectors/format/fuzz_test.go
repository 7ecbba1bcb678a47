package format

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidemark/operators/data"
)

// FuzzCSV holds the decoder against encoding/csv: the same records up to the
// first fault, and the same verdict on whether there is one.
func FuzzCSV(f *testing.F) {
	for _, c := range cases {
		if strings.Contains(c.options, "csv") {
			f.Add(c.text, uint8(2), uint16(5))
		}
	}
	f.Add("\"a\"\"b\",\"\r\n\"\r\nx,y\r", uint8(2), uint16(1))
	f.Fuzz(func(t *testing.T, text string, columns uint8, block uint16) {
		if !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") || block == 0 {
			return
		}
		n := int(columns%4) + 1
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("c%d STRING", i)
		}
		got := read(t, config(schema(t, strings.Join(names, ",")), "format", "csv", "header", "false"), text, int(block), 3)
		if got.err != "" {
			t.Fatal(got.err)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = n
		var want []string
		for {
			record, err := r.Read()
			if err == io.EOF {
				if len(got.bad) > 0 {
					t.Fatalf("refused: %q", got.bad)
				}
				break
			}
			if err != nil {
				if len(got.bad) == 0 {
					t.Fatalf("accepted what encoding/csv refuses: %v", err)
				}
				break
			}
			line, _ := r.FieldPos(0)
			want = append(want, fmt.Sprintf("%d|%s", line, strings.Join(record, "|")))
		}
		if n == 1 { // encoding/csv passes over blank lines, which are NULLs here
			lines := strings.Split(text, "\n")
			got.rows = slices.DeleteFunc(got.rows, func(row string) bool {
				number, _, _ := strings.Cut(row, "|")
				line, _ := strconv.Atoi(number)
				return strings.TrimSuffix(lines[line-1], "\r") == ""
			})
		}
		for i, row := range got.rows {
			row = strings.ReplaceAll(strings.ReplaceAll(row, "NULL", ""), "\r\n", "\n")
			got.rows[i] = row
		}
		for i := range want {
			want[i] = strings.ReplaceAll(want[i], "NULL", "")
		}
		if d := cmp.Diff(want, got.rows, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(-encoding/csv +got)\n%s", d)
		}
	})
}

// FuzzJSON holds the decoder against encoding/json: what that accepts as an
// object must decode to the same values, what it refuses must be a bad record.
func FuzzJSON(f *testing.F) {
	for _, c := range cases {
		if strings.Contains(c.options, "json") {
			f.Add([]byte(c.text), uint16(5))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, block uint16) {
		if block == 0 || bytes.HasPrefix(text, bom) || bytes.Contains(bytes.ToLower(text), []byte(`\ud`)) {
			return // a half of a surrogate pair is U+FFFD for encoding/json
		}
		got := read(t, config(schema(t, "a STRING, j JSON"), "format", "json", "on_error", "skip"), string(text), int(block), 3)
		if got.err != "" {
			t.Fatal(got.err)
		}
		var rows []string
		bad := 0
		for i, line := range bytes.Split(text, []byte("\n")) {
			if len(bytes.Trim(line, " \t\r")) == 0 {
				continue
			}
			want, ok := oracle(line)
			if ok && (!utf8.Valid(line) || bytes.Count(line, []byte("[")) >= maxDepth || bytes.Count(line, []byte("{")) >= maxDepth) {
				return // may be refused for what stands in a needed value
			}
			if !ok {
				bad++
				continue
			}
			rows = append(rows, fmt.Sprintf("%d|%s", i+1, want))
		}
		if d := cmp.Diff(rows, got.rows); d != "" {
			t.Fatalf("(-encoding/json +got)\n%s", d)
		}
		if len(got.bad) != bad {
			t.Fatalf("%d bad records, want %d: %q", len(got.bad), bad, got.bad)
		}
	})
}

// FuzzNestedJSON holds arrays and maps in lines of JSON against encoding/json.
func FuzzNestedJSON(f *testing.F) {
	for _, text := range []string{`["a",null,"\u00e9",7,{"k":[1]},[],true,1.50]`, `[`, `[1,]`, ` [ ] `, `null`, `7`, `"[1]"`, `"{\"a\":\"b\"}"`, `{"a":"b","a":null,"":"x"}`, `{"a":{"b":"c"}}`, `{"a"}`} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, array, object string) {
		if strings.ContainsAny(array+object, "\n\r\\") || !utf8.ValidString(array+object) || strings.Count(array+object, "[")+strings.Count(array+object, "{") > maxDepth {
			return // escapes are FuzzJSON's
		}
		line := `{"a":` + array + `,"m":` + object + `}`
		got := read(t, config(schema(t, "a ARRAY<STRING>, m MAP<STRING;STRING>"), "format", "json", "on_error", "skip"), line, 64, 3)
		if got.err != "" {
			t.Fatal(got.err)
		}
		if !json.Valid([]byte(array)) || !json.Valid([]byte(object)) {
			if len(got.bad) == 0 && !json.Valid([]byte(line)) {
				t.Fatalf("%s was taken", line)
			}
			return
		}
		var list []json.RawMessage
		var members map[string]json.RawMessage
		if strings.TrimSpace(array)[0] == '"' || strings.TrimSpace(object)[0] == '"' {
			return // text in which JSON may stand
		}
		if json.Unmarshal([]byte(array), &list) != nil || json.Unmarshal([]byte(object), &members) != nil {
			if len(got.bad) == 0 {
				t.Fatalf("%s was taken: %q", line, got.rows)
			}
			return
		}
		want := "1|NULL"
		if list != nil {
			var texts []string
			for _, e := range list {
				texts = append(texts, asText(e))
			}
			want = "1|[" + strings.Join(texts, ",") + "]"
		}
		if members == nil {
			want += "|NULL"
		} else {
			var texts []string
			for _, name := range slices.Sorted(maps.Keys(members)) {
				texts = append(texts, string(data.AppendJSONString(nil, []byte(name)))+":"+asText(members[name]))
			}
			want += "|{" + strings.Join(texts, ",") + "}"
		}
		if d := cmp.Diff([]string{want}, got.rows); d != "" {
			t.Fatalf("%s (-encoding/json +got)\n%s", line, d)
		}
	})
}

// asText is what a JSON value is as an element of type STRING, written as JSON.
func asText(raw json.RawMessage) string {
	if raw[0] == '"' || string(raw) == "null" {
		return string(raw)
	}
	return string(data.AppendJSONString(nil, raw))
}

// oracle decodes a line through encoding/json; false when it is no object.
func oracle(line []byte) (string, bool) {
	if !json.Valid(line) {
		return "", false
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return "", false
	}
	values := map[string]json.RawMessage{}
	exact := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return "", false
		}
		key := tok.(string)
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return "", false
		}
		for _, name := range []string{"a", "j"} {
			_, seen := values[name]
			if key == name {
				values[name], exact[name] = raw, true
			} else if strings.EqualFold(key, name) && len(key) == len(name) && !seen {
				values[name] = raw
			}
		}
	}
	a, j := "NULL", "NULL"
	if raw, ok := values["a"]; ok && string(raw) != "null" {
		if a = string(raw); raw[0] == '"' {
			if json.Unmarshal(raw, &a) != nil {
				return "", false
			}
		}
	}
	if raw, ok := values["j"]; ok && string(raw) != "null" {
		j = string(raw)
	}
	return a + "|" + j, true
}

// FuzzChanges decodes any text as changes: pairs stay together, and what is read does
// not depend on where the text is cut.
func FuzzChanges(f *testing.F) {
	f.Add(`{"before":{"a":"x"},"after":{"a":"y"},"op":"u"}`, true, false, uint16(7))
	f.Add(`{"payload":{"after":{"a":"y"},"op":"c"}}`+"\n\n"+`{"payload":null}`, true, true, uint16(9))
	f.Add(`{"op":"-U","row":{"b":1}}`+"\n"+`{"op":"+U","row":{"b":2}}`, false, true, uint16(3))
	f.Fuzz(func(t *testing.T, text string, debezium, keyed bool, block uint16) {
		cfg := config(schema(t, "a STRING, b BIGINT"), "format", "changelog-json", "on_error", "skip")
		if debezium {
			cfg.Options = cfg.Options.With("format", "debezium-json")
		}
		if keyed {
			cfg.Key = []int{0}
		}
		rows, bad, records := readChanges(t, cfg, text, int(block)+1, 1)
		rows2, bad2, records2 := readChanges(t, cfg, text, 1<<16, 1000)
		if d := cmp.Diff(rows2, rows) + cmp.Diff(bad2, bad); d != "" || records != records2 {
			t.Fatalf("%d and %d records\n%s", records, records2, d)
		}
	})
}

// FuzzRaw decodes any text as raw lines, which are those of a split.
func FuzzRaw(f *testing.F) {
	f.Add("a\nb\r\n\nc", uint16(2))
	f.Fuzz(func(t *testing.T, text string, block uint16) {
		if !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") {
			return
		}
		got := read(t, config(schema(t, "a STRING"), "format", "raw"), text, int(block)+1, 3)
		var want []string
		lines := strings.Split(text, "\n")
		if lines[len(lines)-1] == "" {
			lines = lines[:len(lines)-1]
		}
		for i, line := range lines {
			want = append(want, fmt.Sprintf("%d|%s", i+1, strings.TrimSuffix(line, "\r")))
		}
		if d := cmp.Diff(want, got.rows, cmpopts.EquateEmpty()); d != "" || got.bad != nil {
			t.Fatal(d, got.bad)
		}
	})
}
