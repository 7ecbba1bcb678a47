package format

import (
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// one decodes a text of one record, which should be in error or one row: "=value",
// or the reason without its column.
func one(t *testing.T, cfg connectors.SourceConfig, text string) string {
	t.Helper()
	res := read(t, cfg, text, 64, 10)
	switch {
	case len(res.rows) == 1 && len(res.bad) == 0:
		_, value, _ := strings.Cut(res.rows[0], "|")
		return "=" + value
	case len(res.rows) == 0 && len(res.bad) == 1:
		_, reason, _ := strings.Cut(res.bad[0], "] ")
		reason, _, _ = strings.Cut(strings.TrimPrefix(reason, "column v: "), ": {")
		reason, _, _ = strings.Cut(reason, ": 1,")
		return reason
	}
	return strings.Join(append(res.rows, res.bad...), " ")
}

// TestScalarEdges holds texts at the limits of the types: as a csv field and as a
// JSON string, which are read alike, and as a JSON number.
func TestScalarEdges(t *testing.T) {
	const notJSON = "not valid JSON"
	for _, c := range []struct{ typ, text, want, number string }{
		{"DOUBLE", "NaN", "=NaN", notJSON}, {"DOUBLE", "nan", "=NaN", notJSON}, {"DOUBLE", "-Infinity", "=-Infinity", notJSON}, {"DOUBLE", "+inf", "=Infinity", notJSON},
		{"DOUBLE", "1e999", "'1e999' is out of range for DOUBLE", ""}, {"DOUBLE", "-1e999", "'-1e999' is out of range for DOUBLE", ""},
		{"DOUBLE", "1e-999", "=0", ""}, {"DOUBLE", "-0", "=-0", ""}, {"DOUBLE", "0.1e1", "=1", ""}, {"DOUBLE", ".5", "=0.5", notJSON}, {"DOUBLE", "5.", "=5", notJSON},
		{"DOUBLE", "0x10", "'0x10' is not a valid DOUBLE", notJSON}, {"DOUBLE", "1_000", "'1_000' is not a valid DOUBLE", notJSON},

		{"BIGINT", "9223372036854775807", "=9223372036854775807", ""}, {"BIGINT", "-9223372036854775808", "=-9223372036854775808", ""},
		{"BIGINT", "9223372036854775808", "'9223372036854775808' is out of range for BIGINT", ""},
		{"BIGINT", "1.0", "'1.0' is not a valid BIGINT", ""}, {"BIGINT", "1e3", "'1e3' is not a valid BIGINT", ""},
		{"BIGINT", "+5", "=5", notJSON}, {"BIGINT", "007", "=7", notJSON}, {"BIGINT", "-", "'-' is not a valid BIGINT", notJSON},
		{"INT", "2147483647", "=2147483647", ""}, {"INT", "2147483648", "'2147483648' is out of range for INT", ""}, {"INT", "-2147483649", "'-2147483649' is out of range for INT", ""},

		{"DECIMAL(12;2)", "1.005", "=1.01", ""}, {"DECIMAL(12;2)", "-1.005", "=-1.01", ""}, {"DECIMAL(12;2)", "1.0049999999999999999999", "=1.00", ""},
		{"DECIMAL(12;2)", "9999999999.99", "=9999999999.99", ""}, {"DECIMAL(12;2)", "9999999999.995", "'9999999999.995' is out of range for DECIMAL(12,2)", ""},
		{"DECIMAL(12;2)", "1e9", "=1000000000.00", ""}, {"DECIMAL(12;2)", "1e10", "'1e10' is out of range for DECIMAL(12,2)", ""}, {"DECIMAL(12;2)", "5e-3", "=0.01", ""},
		{"DECIMAL(12;2)", "NaN", "'NaN' is not a valid DECIMAL(12,2)", notJSON}, {"DECIMAL(12;2)", "1.2.3", "'1.2.3' is not a valid DECIMAL(12,2)", notJSON},
		{"DECIMAL(38;0)", strings.Repeat("9", 38), "=" + strings.Repeat("9", 38), ""}, {"DECIMAL(38;0)", "-" + strings.Repeat("9", 38), "=-" + strings.Repeat("9", 38), ""},
		{"DECIMAL(38;0)", "1" + strings.Repeat("0", 38), "'1" + strings.Repeat("0", 38) + "' is out of range for DECIMAL(38,0)", ""},
		{"DECIMAL(38;38)", "0." + strings.Repeat("9", 38), "=0." + strings.Repeat("9", 38), ""}, {"DECIMAL(38;38)", "1", "'1' is out of range for DECIMAL(38,38)", ""},
		{"DECIMAL(38;38)", "0." + strings.Repeat("9", 39), "'0." + strings.Repeat("9", 38) + "...' is out of range for DECIMAL(38,38)", ""},

		{"DATE", "0001-01-01", "=0001-01-01", "-"}, {"DATE", "9999-12-31", "=9999-12-31", "-"}, {"DATE", "2024-02-29", "=2024-02-29", "-"},
		{"DATE", "0000-12-31", "'0000-12-31' is out of range for DATE", "-"}, {"DATE", "10000-01-01", "'10000-01-01' is not a valid DATE", "-"},
		{"DATE", "2026-02-29", "'2026-02-29' is out of range for DATE", "-"}, {"DATE", "2026-1-5", "'2026-1-5' is not a valid DATE", "-"},
		{"TIME", "23:59:59.9999999", "=23:59:59.999999", "-"}, {"TIME", "00:00", "=00:00:00", "-"},
		{"TIME", "24:00", "'24:00' is not a valid TIME", "-"}, {"TIME", "12:00:60", "'12:00:60' is not a valid TIME", "-"},
		{"TIMESTAMP", "2026-01-05T10:00:00.1234567Z", "=2026-01-05T10:00:00.123456Z", "-"}, {"TIMESTAMP", "2026-01-05", "=2026-01-05T00:00:00Z", "-"},
		{"TIMESTAMP", "0001-01-01T00:00:00Z", "=0001-01-01T00:00:00Z", "-"}, {"TIMESTAMP", "9999-12-31T23:59:59.999999Z", "=9999-12-31T23:59:59.999999Z", "-"},
		{"TIMESTAMP", "0001-01-01T00:00:00+01:00", "'0001-01-01T00:00:00+01:00' is out of range for TIMESTAMP", "-"},
		{"TIMESTAMP", "9999-12-31T23:00:00-01:00", "'9999-12-31T23:00:00-01:00' is out of range for TIMESTAMP", "-"},
		{"TIMESTAMP", "2026-01-05T24:00:00Z", "'2026-01-05T24:00:00Z' is not a valid TIMESTAMP", "-"},
		{"TIMESTAMP", "2026-02-30T10:00:00Z", "'2026-02-30T10:00:00Z' is out of range for TIMESTAMP", "-"},
		{"TIMESTAMP", "1767603600", "'1767603600' is not a valid TIMESTAMP", `'1767603600' is not a valid TIMESTAMP: text such as "2026-01-05T10:00:00Z" is expected; declare the column BIGINT and compute the time with TO_TIMESTAMP_LTZ`},

		{"BOOLEAN", "T", "=true", notJSON}, {"BOOLEAN", "off", "=false", notJSON}, {"BOOLEAN", "0", "=false", ""}, {"BOOLEAN", "2", "'2' is not a valid BOOLEAN", ""},
		{"BYTES", "AAE=", "=AAE=", "-"}, {"BYTES", "AAE", "'AAE' is not a valid BYTES", "-"},
	} {
		s := edgeSchema(t, c.typ)
		csv := one(t, config(append(data.Schema{{Name: "k", Type: data.Of(data.Int)}}, s...), "format", "csv", "on_error", "skip"), "k,v\n1,"+c.text+"\n")
		if csv = strings.Replace(csv, "=1|", "=", 1); csv != c.want {
			t.Errorf("%s %s in csv: %s, want %s", c.typ, c.text, csv, c.want)
		}
		cfg := config(s, "format", "json", "on_error", "skip")
		if got := one(t, cfg, `{"v":"`+c.text+`"}`); got != c.want {
			t.Errorf("%s %q in JSON: %s, want %s", c.typ, c.text, got, c.want)
		}
		want := c.number
		switch want {
		case "-":
			continue
		case "":
			want = c.want
		}
		if got := one(t, cfg, `{"v":`+c.text+`}`); got != want && !(want == notJSON && strings.HasPrefix(got, notJSON)) {
			t.Errorf("%s %s in JSON: %s, want %s", c.typ, c.text, got, want)
		}
	}
}

// edgeSchema is a column v of a type, of which there are more than schema knows.
func edgeSchema(t *testing.T, typ string) data.Schema {
	switch typ {
	case "DECIMAL(38;0)":
		return data.Schema{{Name: "v", Type: data.DecimalType(38, 0)}}
	case "DECIMAL(38;38)":
		return data.Schema{{Name: "v", Type: data.DecimalType(38, 38)}}
	}
	return schema(t, "v "+typ)
}

// TestTextEdges holds what is text, and what is not, against its rules.
func TestTextEdges(t *testing.T) {
	const notUTF = "not valid JSON: UTF-8 is expected, found byte 0x"
	for _, c := range []struct{ format, typ, text, want string }{
		{"csv", "STRING", "v\nx\xff\n", "the text is not valid UTF-8: x\xff"},
		{"csv", "STRING", "v\n\"x\xff\"\n", "the text is not valid UTF-8: \"x\xff\""},
		{"csv", "STRING", "v\n\xed\xa0\x80\n", "the text is not valid UTF-8: \xed\xa0\x80"}, // a surrogate
		{"csv", "STRING", "v\na\x00b\n", "=a\x00b"},
		{"csv", "STRING", "v\n\"\"\n", "="}, {"csv", "STRING", "v\n\n", "=NULL"}, {"csv", "STRING", "v\n x \n", "= x "},
		{"csv", "BIGINT", "v\n 7\t\n", "=7"}, {"csv", "BIGINT", "v\n\"7\"\n", "=7"}, {"csv", "BIGINT", "v\n\"\"\n", "'' is not a valid BIGINT: \"\""},
		{"csv", "JSON", "v\n{\n", "'{' is not a valid JSON"},
		{"json", "STRING", "{\"v\":\"x\xff\"}", notUTF + "ff at byte 8"},
		{"json", "JSON", "{\"v\":[\"x\xff\"]}", "not valid JSON: UTF-8 is expected, found '[' at byte 6"},
		{"json", "STRING", "{\"w\":\"x\xff\",\"v\":\"y\"}", "=y"}, // what is not read is not looked at
		{"json", "STRING", "{\"w\\ud800\":1,\"v\":\"y\"}", "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 4"},
		{"json", "STRING", `{"v":"\ud83d\ude42"}`, "=🙂"}, {"json", "STRING", `{"v":"\u0000\u00e9"}`, "=\x00é"},
		{"json", "STRING", `{"v":"\ud83d"}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 7"},
		{"json", "STRING", `{"v":"\ude42\ud83d"}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 7"},
		{"json", "STRING", `{"v":"\ud83dx"}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 7"},
		{"json", "JSON", `{"v":{"a":["\ud83d"]}}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 13"},
		{"json", "JSON", `{"v":["\\ud83d\n\ud83d\ude42"]}`, `=["\\ud83d\n\ud83d\ude42"]`}, {"json", "JSON", `{"v":["\ud83d\u0041"]}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 8"},
		{"json", "JSON", `{"v":["\ud83d",1]}`, "not valid JSON: both halves of a surrogate pair are expected, found '\\\\' at byte 8"},
		{"csv", "JSON", "v\n\"[\"\"\\ud83d\"\"]\"\n", "'[\"\\ud83d\"]' is not a valid JSON: \"[\"\"\\ud83d\"\"]\""},
		{"json", "STRING", "{\"v\":\"a\tb\"}", "not valid JSON: a control character must be escaped in a string, found '\\t' at byte 8"},
		{"json", "STRING", `{"v":1.50}`, "=1.50"}, {"json", "STRING", `{"v":true}`, "=true"}, {"json", "STRING", `{"v":[1, 2]}`, "=[1, 2]"},
		{"json", "BIGINT", `{"v":1,"v":2}`, "=2"}, {"json", "BIGINT", `{"v":1,"v":null}`, "=NULL"}, {"json", "BIGINT", `{"v":1,"V":2}`, "=1"}, {"json", "BIGINT", `{"V":1}`, "=1"},
		{"json", "BIGINT", `{"v":"x","v":2}`, "'x' is not a valid BIGINT"}, {"json", "BIGINT", `{"v":""}`, "'' is not a valid BIGINT"}, {"json", "BIGINT", `{}`, "=NULL"},
	} {
		if got := one(t, config(schema(t, "v "+c.typ), "format", c.format, "on_error", "skip"), c.text); got != c.want {
			t.Errorf("%s %s %q:\n%s\nwant\n%s", c.format, c.typ, c.text, got, c.want)
		}
	}
}

// A row whose only column is NULL comes back, and so does an empty text; so do
// all the values that a type has at its limits.
func TestEdgesComeBack(t *testing.T) {
	for typ, texts := range map[string][]string{
		"STRING": {"", "NULL", "NA", "\n", " ", "\"", ",", "\r\n", "\x00", "🙂"}, "BIGINT": {"NULL", "0"},
		"DOUBLE": {"NaN", "Infinity", "-Infinity", "-0", "NULL", "5e-324", "1.7976931348623157e+308", "0.1"},
		"DATE":   {"0001-01-01", "NULL", "9999-12-31"}, "TIMESTAMP": {"0001-01-01T00:00:00Z", "NULL", "9999-12-31T23:59:59.999999Z"},
		"DECIMAL(38;38)": {"-0." + strings.Repeat("9", 38), "NULL"}, "BYTES": {"", "AAE=", "NULL"}, "JSON": {"null", "NULL", `{"a":"x,y"}`},
	} {
		s := edgeSchema(t, typ)
		for _, options := range [][]string{{"format", "csv"}, {"format", "csv", "null", "NA"}, {"format", "json"}, {"format", "tsv", "header", "false"}} {
			e, err := NewEncoder(s, config(s, options...).Options)
			if err != nil {
				t.Fatal(err)
			}
			out := e.AppendHeader(nil)
			var want []string
			for _, text := range texts {
				if text == "null" && options[1] == "json" {
					continue // JSON's null is NULL there
				}
				out = e.AppendRow(out, []*data.Vector{constant(t, s[0].Type, text)}, 0, data.Insert)
				want = append(want, text)
			}
			res := read(t, config(s, options...), string(out), 16, 3)
			var got []string
			for _, row := range res.rows {
				_, value, _ := strings.Cut(row, "|")
				got = append(got, value)
			}
			if strings.Join(got, "¦") != strings.Join(want, "¦") || res.bad != nil {
				t.Errorf("%s %v: %q\n%q %v, want\n%q", typ, options, out, got, res.bad, want)
			}
		}
	}
}
