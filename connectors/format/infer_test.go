package format

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// inferred returns the schema of a text as "a BIGINT, b STRING", or the error.
func inferred(cfg connectors.SourceConfig, text string) (data.Schema, string) {
	s, err := Infer(context.Background(), cfg, &input{r: strings.NewReader(text)}, "in.txt")
	if err != nil {
		return nil, err.Error()
	}
	var cols []string
	for _, c := range s {
		cols = append(cols, c.Name+" "+c.Type.String())
	}
	return s, strings.Join(cols, ", ")
}

func TestInferCSVTypes(t *testing.T) {
	for _, c := range []struct{ cells, want string }{
		{"", "STRING"},
		{"1;2;-3;0", "BIGINT"},
		{"1;;3", "BIGINT"},
		{" 1;2 ", "BIGINT"},
		{"9223372036854775807", "BIGINT"},
		{"9223372036854775808;1", "DECIMAL(38,0)"},
		{"123456789012345678901234567890123456789", "STRING"}, // 39 digits
		{"12345678901234567890123456789012345678", "DECIMAL(38,0)"},
		{"007", "STRING"}, {"+49", "STRING"}, {"-", "STRING"}, {"1,2", "STRING"}, {"1 2", "STRING"}, {"1_000", "STRING"}, {"0x10", "STRING"},
		{"9.99;10;1234.5", "DECIMAL(18,2)"},
		{"0.5;.25", "DECIMAL(18,2)"}, {"5.", "DECIMAL(18,0)"},
		{"0.000001", "DECIMAL(18,6)"},
		{"0.0000001;1", "DOUBLE"},
		{"52.520006599999", "DOUBLE"},
		{"0.30000000000000004", "DOUBLE"},
		{"0.123456789012345678", "DECIMAL(18,18)"}, // more than a DOUBLE keeps
		{"123456789012345678.5", "DECIMAL(38,1)"},
		{"12345678901234567890123456789012345678.5", "STRING"},
		{"1e3", "DOUBLE"}, {"1.5E-7;2", "DOUBLE"}, {"1e999", "STRING"}, {"1e", "STRING"}, {"e", "STRING"}, {".", "STRING"},
		{"NaN;1.5;-Infinity;inf", "DOUBLE"},
		{"true;FALSE", "BOOLEAN"}, {"yes;no", "STRING"}, {"true;1", "STRING"}, {"t", "STRING"},
		{"2026-01-05;1999-12-31", "DATE"}, {"2026-02-30", "STRING"}, {"0000-01-01", "STRING"}, {"05.01.2026", "STRING"},
		{"10:00;23:59:59.5", "TIME"}, {"24:00", "STRING"},
		{"2026-01-05T10:00:00Z", "TIMESTAMP"}, {"2026-01-05 10:00:00.123456+01:00;2026-01-05", "TIMESTAMP"},
		{"2026-01-05;10:00", "STRING"}, {"2026-01-05;5", "STRING"}, {"5;x", "STRING"},
		{`"";1`, "STRING"}, {`"5"`, "BIGINT"},
	} {
		cells := strings.Split(c.cells, ";")
		text := "a,b\n"
		for _, cell := range cells {
			text += "x," + cell + "\n"
		}
		if strings.Contains(c.cells, ",") {
			text = strings.ReplaceAll(text, "1,2", `"1,2"`)
		}
		if _, got := inferred(config(nil, "format", "csv"), text); got != "a STRING, b "+c.want {
			t.Errorf("%q: %s, want %s", cells, got, c.want)
		}
	}
}

func TestInferCSVColumns(t *testing.T) {
	for _, c := range []struct {
		text, want string
		options    []string
	}{
		{"a,b\n", "a STRING, b STRING", nil},
		{"a,b", "a STRING, b STRING", nil},
		{"\xef\xbb\xbf\r\n\"a,1\", B \r\n1,2\r\n", "a,1 BIGINT, B BIGINT", nil},
		{"a,A,a_2,,a\n1,2,3,4,5\n", "a BIGINT, A_3 BIGINT, a_2 BIGINT, column4 BIGINT, a_4 BIGINT", nil},
		{"a;b\n1;2,5\n", "a BIGINT, b STRING", []string{"delimiter", ";"}},
		{"a\tb\n1\t2\n", "a BIGINT, b BIGINT", []string{"format", "tsv"}},
		{"a,b\nNA,1\n2,NA\n", "a BIGINT, b BIGINT", []string{"null", "NA"}},
		{"a,b\n1\n2,x,y\n3,4\n", "a BIGINT, b BIGINT", nil}, // bad records are the run's to report
		{"", "the columns of in.txt cannot be told: it is empty (declare the columns: CREATE STREAM name (id BIGINT, …) WITH (…))", nil},
		{"a;b\n1;2\n", "the columns of in.txt cannot be told: its header has no ',' (write delimiter = ';')", nil},
		{"1,2\n", "the columns of in.txt cannot be told: with header = 'false' nothing names them (declare the columns: CREATE STREAM name (id BIGINT, …) WITH (…))", []string{"header", "false"}},
		{"\"a,b\n", "in.txt: a quoted name in the header is not closed before the delimiter: \"a,b\n", nil},
	} {
		if _, got := inferred(config(nil, append([]string{"format", "csv"}, c.options...)...), c.text); got != c.want {
			t.Errorf("%q:\n%s, want\n%s", c.text, got, c.want)
		}
	}
}

func TestInferJSON(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"b":1,"a":"x"}` + "\n\n" + `{"c":true,"B":2}`, "b BIGINT, a STRING, c BOOLEAN"},
		{`{"a":null}`, "a STRING"},
		{`{"a":null}` + "\n" + `{"a":1.5}` + "\n" + `{"a":2}`, "a DECIMAL(18,1)"},
		{`{"a":1e3}`, "a DOUBLE"}, {`{"a":0.1234567}`, "a DOUBLE"}, {`{"a":12345678901234567890}`, "a DECIMAL(38,0)"},
		{`{"a":"1"}`, "a STRING"}, {`{"a":"true"}`, "a STRING"}, {`{"a":"10:00"}`, "a STRING"}, {`{"a":""}`, "a STRING"},
		{`{"a":"2026-01-05T10:00:00Z","b":"2026-01-05","c":"\u0032026-01-05 10:00"}`, "a TIMESTAMP, b DATE, c TIMESTAMP"},
		{`{"a":1}` + "\n" + `{"a":"x"}`, "a JSON"}, {`{"a":1}` + "\n" + `{"a":true}`, "a JSON"}, {`{"a":[1]}` + "\n" + `{"a":{"b":1}}`, "a JSON"},
		{`{"a":[1,null,2.5],"b":[[1],[]],"c":[]}`, "a ARRAY<DECIMAL(18,1)>, b ARRAY<ARRAY<BIGINT>>, c JSON"},
		{`{"a":[1,"x"]}`, "a ARRAY<JSON>"},
		{`{"u":{"id":1}}` + "\n" + `{"u":{"name":"x","ID":2.5}}` + "\n" + `{"u":null}`, "u ROW<id DECIMAL(18,1),name STRING>"},
		{`{"a":{}}`, "a JSON"},
		{`{"a":[{"b":[{"c":1}]}]}`, "a ARRAY<ROW<b ARRAY<ROW<c BIGINT>>>>"},
		{`not json` + "\n" + `{"a":1}` + "\n" + `{"a":1,}` + "\n" + `{"a":1} x`, "a BIGINT"},
		{`{"a":"\ud800","b":1}`, "a STRING, b BIGINT"},
		{`{"a":` + strings.Repeat("[", 40) + "1" + strings.Repeat("]", 40) + "}", "a " + strings.Repeat("ARRAY<", 32) + "JSON" + strings.Repeat(">", 32)},
		{"", "the columns of in.txt cannot be told: it is empty (" + declareThem + ")"},
		{"{}\n{}\n", "the columns of in.txt cannot be told: its objects are empty (" + declareThem + ")"},
		{"[1]\n", "the columns of in.txt cannot be told: not valid JSON: an object is expected, found '[' at byte 1 (" + declareThem + ")"},
		{"{\"a\":1\n", "the columns of in.txt cannot be told: not valid JSON: ',' or '}' is expected, found the end of the line at byte 7 (" + declareThem + ")"},
	} {
		if _, got := inferred(config(nil, "format", "json"), c.text); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.text, got, c.want)
		}
	}
}

// Objects that hold data in their keys do not become types.
func TestInferManyMembers(t *testing.T) {
	var keys []string
	for i := range maxColumns + 1 {
		keys = append(keys, fmt.Sprintf(`"k%d":%d`, i, i))
	}
	inner := strings.Join(keys[:maxMembers+1], ",")
	if _, got := inferred(config(nil, "format", "json"), `{"a":{`+inner+`}}`); got != "a JSON" {
		t.Error(got)
	}
	want := "the columns of in.txt cannot be told: its objects have more than 4096 different members (" + declareThem + ")"
	if _, got := inferred(config(nil, "format", "json"), "{"+strings.Join(keys, ",")+"}"); got != want {
		t.Error(got)
	}
}

// A row after the sample that does not fit says what was guessed and the remedy.
func TestInferredMisfit(t *testing.T) {
	const remedy = ", which the first 10000 records suggest: declare the column"
	for _, c := range []struct{ format, sample, later, want string }{
		{"csv", "a\n1\n", "x", "column a: 'x' is not a valid BIGINT" + remedy},
		{"csv", "a\n1.25\n", "1.125", "column a: '1.125' has more digits after the point than DECIMAL(18,2)" + remedy},
		{"csv", "a\n1.25\n", "1.250", ""},
		{"csv", "a\n1.25\n", "11250e-3", ""},
		{"csv", "a\n1.25\n", "1.1e-2", "column a: '1.1e-2' has more digits after the point than DECIMAL(18,2)" + remedy},
		{"csv", "a\n1.25\n", "12345678901234567.25", "column a: '12345678901234567.25' is out of range for DECIMAL(18,2)" + remedy},
		{"csv", "a\n12345678901234567890.5\n", "1.25", "column a: '1.25' has more digits after the point than DECIMAL(38,1)" + remedy},
		{"json", `{"a":1.5}` + "\n", `{"a":1.25}`, "column a: '1.25' has more digits after the point than DECIMAL(18,1)" + remedy},
		{"json", `{"a":1.5}` + "\n", `{"a":-1.25}`, "column a: '-1.25' has more digits after the point than DECIMAL(18,1)" + remedy},
		{"json", `{"a":1}` + "\n", `{"a":1.25}`, "column a: '1.25' is not a valid BIGINT" + remedy},
	} {
		cfg := config(nil, "format", c.format)
		s, _ := inferred(cfg, c.sample)
		cfg.Schema, cfg.Needed, cfg.Inferred = s, all(s), true
		got := strings.Join(read(t, cfg, c.sample+c.later+"\n", 64, 10).bad, "\n")
		if c.want != "" {
			c.want = "] " + c.want + ": " + c.later
		}
		if !strings.HasSuffix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s then %s: %s", c.sample, c.later, got)
		}
	}
}

// Names of an inferred schema find their columns, be they alike in the header.
func TestInferredNames(t *testing.T) {
	const text = "a,,a\n1,2,3\n"
	cfg := config(nil, "format", "csv")
	cfg.Schema, _ = inferred(cfg, text)
	cfg.Needed, cfg.Inferred = []int{2, 1, 0}, true
	if got := read(t, cfg, text, 64, 10).rows; fmt.Sprint(got) != "[2|3|2|1]" {
		t.Error(got)
	}
	cfg.Inferred = false // a declared one must be clear
	if got := read(t, cfg, text, 64, 10).err; got == "" {
		t.Error("a name that is there twice was found")
	}
}

// fits checks that the schema that a text suggests takes all records of the text
// that the formats take at all.
func fits(t testing.TB, format, text string) {
	cfg := config(nil, "format", format)
	s, err := Infer(context.Background(), cfg, &input{r: strings.NewReader(text)}, "in.txt")
	if err != nil || len(s) == 0 {
		return
	}
	cfg = config(s, "format", format, "on_error", "skip")
	cfg.Inferred = true
	got := read(t, cfg, text, 64, 7)
	for i := range s {
		s[i].Type = data.Of(data.String)
	}
	loose := read(t, config(s, "format", format, "on_error", "skip"), text, 64, 7)
	if format == "csv" {
		cfg.Schema = s
		loose = read(t, cfg, text, 64, 7)
	}
	if len(got.bad) > len(loose.bad) || got.err != loose.err {
		t.Fatalf("the inferred schema refuses\n%s\n%v\nas texts only\n%v", text, got, loose)
	}
}

func TestInferredFits(t *testing.T) {
	cells := []string{"1", "-2", "12.5", "0.00001", "1e3", "12345678901234567890", "true", "False", "2026-01-05", "2026-01-05T10:00:00Z",
		"10:00", "x", "", "007", "NaN", "-inf", ".5", "5.", " 7", "1.123456789012345678", `""`, "123456789012345678901234567890.12345678901"}
	values := append([]string{"null", "{}", "[]", `{"x":1}`, `{"x":[1.5]}`, `[{"x":null},{"y":"2026-01-05"}]`, `["2026-01-05T10:00:00Z",null]`, `[1,2.25]`, `"7"`},
		`1`, `-0`, `1.25`, `1E400`, `123456789012345678901234567890123456789`, `1e-3`, `true`, `"2026-01-05"`, `"\n"`, `0.12345678`)
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(rt, "width")
		text, lines := "", ""
		for i := range width {
			text += fmt.Sprintf(",c%d", i)
		}
		text = text[1:] + "\n"
		few := rapid.SliceOfN(rapid.SampledFrom(cells), 1, 3).Draw(rt, "cells")
		fewer := rapid.SliceOfN(rapid.SampledFrom(values), 1, 3).Draw(rt, "values")
		for range rapid.IntRange(1, 9).Draw(rt, "rows") {
			var row, members []string
			for i := range width {
				row = append(row, rapid.SampledFrom(few).Draw(rt, "cell"))
				members = append(members, fmt.Sprintf(`"c%d":%s`, i, rapid.SampledFrom(fewer).Draw(rt, "value")))
			}
			text += strings.Join(row, ",") + "\n"
			lines += "{" + strings.Join(members, ",") + "}\n"
		}
		fits(t, "csv", text)
		fits(t, "json", lines)
	})
}

func FuzzInfer(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", `{"a":[1,{"b":null}]}`, "a\n\"x\ny\",\n", `{"a":{"":1}}` + "\n" + `{"\u0061":2}`, "a;b\n", "\xef\xbb\xbfa\n1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fits(t, "csv", text)
		fits(t, "json", text)
	})
}
