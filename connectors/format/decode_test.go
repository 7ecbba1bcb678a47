package format

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// cases are inputs with what they must decode to.
var cases = []struct {
	name    string
	schema  string
	options string // name=value, separated by spaces
	text    string
	rows    string // separated by spaces; a row is line|value|value
	bad     []string
}{
	{name: "csv", schema: "a STRING, b BIGINT", options: "format=csv",
		text: "a,b\nx,1\ny,-2\n", rows: "2|x|1 3|y|-2"},
	{name: "csv columns in another order, case, spaces", schema: "a STRING, b BIGINT", options: "format=csv",
		text: "c, B ,A\n0,1,x\n", rows: "2|x|1"},
	{name: "csv crlf, no last line end, byte order mark", schema: "a STRING, b BIGINT", options: "format=csv",
		text: "\xef\xbb\xbfa,b\r\nx,1\r\n\r\ny,2", rows: "2|x|1 4|y|2"},
	{name: "csv last carriage return", schema: "a STRING, b STRING", options: "format=csv",
		text: "a,b\nx,\"y\"\r", rows: "2|x|y"},
	{name: "csv empty", schema: "a STRING", options: "format=csv", text: ""},
	{name: "csv header only", schema: "a STRING", options: "format=csv", text: "a"},
	{name: "csv blank lines", schema: "a STRING, b STRING", options: "format=csv",
		text: "\n\na,b\n\n1,2\n\n\r\n3,4\n\n", rows: "5|1|2 8|3|4"},
	{name: "csv blank lines of one column", schema: "a BIGINT", options: "format=csv",
		text: "\n\na\n\n1\n\r\n2\n\n", rows: "4|NULL 5|1 6|NULL 7|2 8|NULL"},
	{name: "csv blank lines that are not NULL", schema: "a STRING", options: "format=csv null=NA header=false",
		text: "NA\n\r\n\n", rows: "1|NULL 2| 3|"},
	{name: "csv quotes", schema: "a STRING, b STRING", options: "format=csv",
		text: "a,\"b\"\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\"\"\n,\"\"\n",
		rows: "2|x,y|say\u00a0\"hi\" 3|two\nlines|\" 5|NULL|"},
	{name: "csv other characters", schema: "a STRING, b STRING", options: "format=csv delimiter=; quote=' null=NA",
		text: "a;b\n'x;y';NA\n;'NA'\n", rows: "2|x;y|NULL 3||NA"},
	{name: "csv without quoting", schema: "a STRING, b STRING", options: "format=csv quote=",
		text: "a,b\n\"x,\"y\n,\"\"\n", rows: "2|\"x|\"y 3|NULL|\"\""},
	{name: "csv without header", schema: "a STRING, b BIGINT", options: "format=csv header=false",
		text: "x,1\ny,2\n", rows: "1|x|1 2|y|2"},
	{name: "tsv", schema: "a STRING, b TIMESTAMP", options: "format=tsv",
		text: "a\tb\nx\t2026-01-05T10:00:00Z\n", rows: "2|x|2026-01-05T10:00:00Z"},
	{name: "csv faults", schema: "a STRING, b INT", options: "format=csv on_error=skip",
		text: "a,b\nx\nx,1,2\nx\"y,1\n\"x\"y,1\nx,abc\nx,3000000000\n\xff,1\n\"x\ny\"z,1\nok,1\nx,\"1\n2,3\n",
		rows: "11|ok|1",
		bad: []string{"2 [] 1 field found, 2 expected: x", "3 [] more than the expected 2 fields found: x,1,2",
			"4 [] a quote inside a field that does not begin with one: x\"y,1", "5 [] text after a closing quote: \"x\"y,1",
			"6 [b] column b: 'abc' is not a valid INT: x,abc", "7 [b] column b: '3000000000' is out of range for INT: x,3000000000",
			"8 [a] column a: the text is not valid UTF-8: \xff,1", "9 [] text after a closing quote: \"x\ny\"z,1",
			"12 [] a quoted field is not closed: x,\"1\n2,3\n"}},
	{name: "csv too long", schema: "a STRING, b INT", options: "format=csv on_error=skip max_record_bytes=10",
		text: "a,b\n1234567890123456,1\nx,1\n\"1\n2\n3\n4\n5\",2\ny,2\n12345678,9\n", rows: "3|x|1 9|y|2 10|12345678|9",
		bad: []string{"2 [] the record is longer than max_record_bytes = 10: 1234567890123456,1", "4 [] the record is longer than max_record_bytes = 10: \"1\n2\n3\n4\n5\",2"}},
	{name: "json", schema: "a STRING, b BIGINT", options: "format=json",
		text: `{"a":"x","b":1}` + "\n" + ` { "b" : -2 , "c": [1,{"d":"}"}], "a" : "y" } ` + "\r\n\n" + `{"a":"z"}`,
		rows: "1|x|1 2|y|-2 4|z|NULL"},
	{name: "json names", schema: "userId STRING, b BIGINT", options: "format=json",
		text: `{"userid":"fold","B":1}` + "\n" + `{"userid":"fold","userId":"exact"}` + "\n" + `{"userId":"exact","USERID":"fold"}` + "\n" + `{"\u0075serId":"esc"}`,
		rows: "1|fold|1 2|exact|NULL 3|exact|NULL 4|esc|NULL"},
	{name: "json duplicates: the last wins", schema: "a STRING, b BIGINT", options: "format=json",
		text: `{"a":"long text","a":"x","b":1,"b":null}` + "\n" + `{"a":null,"a":"y","b":null,"b":2}`, rows: "1|x|NULL 2|y|2"},
	{name: "json escapes", schema: "a STRING", options: "format=json",
		text: `{"a":"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é😀\u0000"}`, rows: "1|\"\\/\b\f\n\r\tAé😀é😀\x00"},
	{name: "json conversions", schema: "s STRING, i BIGINT, d DECIMAL(12;2), f DOUBLE, b BOOLEAN, j JSON", options: "format=json",
		text: `{"s":12.50,"i":"9007199254740993","d":"1.5","f":1,"b":"true","j":"x\n"}` + "\n" +
			`{"s":{"a":"}"},"i":9007199254740993,"d":-1.5,"f":"2","b":false,"j":{"k":[1,2]}}` + "\n" +
			`{"s":true,"i":null,"d":null,"f":null,"b":null,"j":null}`,
		rows: "1|12.50|9007199254740993|1.50|1|true|\"x\\n\" 2|{\"a\":\"}\"}|9007199254740993|-1.50|2|false|{\"k\":[1,2]} 3|true|NULL|NULL|NULL|NULL|NULL"},
	{name: "json faults", schema: "a STRING, b BIGINT, t TIMESTAMP", options: "format=json on_error=skip",
		text: strings.Join([]string{`[1]`, `{"a":"x"`, `{"a":"x}`, `{"a" "x"}`, `{"a":x}`, `{"b":01}`, `{"b":1.}`, `{"a":"\x"}`, `{"a":"\u12g4"}`,
			`{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`, "{\"a\":\"\xff\"}", "{\"a\":\"a\x01\"}", `{"a":"x"} x`, `{"a":"x",}`, `{a:1}`,
			`{"b":"abc"}`, `{"b":{}}`, `{"b":12345678901234567890}`, `{"b":true}`, `{"t":1767607200}`, `{"z":[1,}`, `{"z":{"a":tru}}`, `{"a":"ok"}`, `{"z":"\q"}`, `{"z":-}`, `{"z":1e}`, `null`}, "\n"),
		rows: "24|ok|NULL|NULL",
		bad: []string{
			`1 [] not valid JSON: an object is expected, found '[' at byte 1: [1]`,
			`2 [] not valid JSON: ',' or '}' is expected, found the end of the line at byte 9: {"a":"x"`,
			`3 [] not valid JSON: the end of the string is expected, found the end of the line at byte 9: {"a":"x}`,
			`4 [] not valid JSON: ':' is expected, found '"' at byte 6: {"a" "x"}`,
			`5 [] not valid JSON: a value is expected, found 'x' at byte 6: {"a":x}`,
			`6 [] not valid JSON: ',' or '}' is expected, found '1' at byte 7: {"b":01}`,
			`7 [] not valid JSON: a digit is expected, found '}' at byte 8: {"b":1.}`,
			`8 [] not valid JSON: an escape such as \n or \u0041 is expected, found '\\' at byte 7: {"a":"\x"}`,
			`9 [] not valid JSON: four hexadecimal digits are expected after \u, found '\\' at byte 7: {"a":"\u12g4"}`,
			`10 [] not valid JSON: both halves of a surrogate pair are expected, found '\\' at byte 7: {"a":"\ud800"}`,
			`11 [] not valid JSON: both halves of a surrogate pair are expected, found '\\' at byte 7: {"a":"\udc00\ud800"}`,
			"12 [] not valid JSON: UTF-8 is expected, found byte 0xff at byte 7: {\"a\":\"\xff\"}",
			"13 [] not valid JSON: a control character must be escaped in a string, found '\\x01' at byte 8: {\"a\":\"a\x01\"}",
			`14 [] not valid JSON: the end of the line is expected after the object, found 'x' at byte 11: {"a":"x"} x`,
			`15 [] not valid JSON: a name in double quotes is expected, found '}' at byte 10: {"a":"x",}`,
			`16 [] not valid JSON: a name in double quotes is expected, found 'a' at byte 2: {a:1}`,
			`17 [b] column b: 'abc' is not a valid BIGINT: {"b":"abc"}`,
			`18 [b] column b: '{}' is not a valid BIGINT: {"b":{}}`,
			`19 [b] column b: '12345678901234567890' is out of range for BIGINT: {"b":12345678901234567890}`,
			`20 [b] column b: 'true' is not a valid BIGINT: {"b":true}`,
			`21 [t] column t: '1767607200' is not a valid TIMESTAMP: text such as "2026-01-05T10:00:00Z" is expected; declare the column BIGINT and compute the time with TO_TIMESTAMP_LTZ: {"t":1767607200}`,
			`22 [] not valid JSON: a value is expected, found '}' at byte 9: {"z":[1,}`,
			`23 [] not valid JSON: a value is expected, found 't' at byte 11: {"z":{"a":tru}}`,
			`25 [] not valid JSON: an escape such as \n or \u0041 is expected, found '\\' at byte 7: {"z":"\q"}`,
			`26 [] not valid JSON: a digit is expected, found '}' at byte 7: {"z":-}`,
			`27 [] not valid JSON: a digit is expected, found '}' at byte 8: {"z":1e}`,
			`28 [] not valid JSON: an object is expected, found 'n' at byte 1: null`,
		}},
	{name: "json stops at the first fault", schema: "b BIGINT", options: "format=json",
		text: "{\"b\":1}\n{\"b\":x}\n{\"b\":2}\n{\"b\":y}\n", rows: "1|1",
		bad: []string{`2 [] not valid JSON: a value is expected, found 'x' at byte 6: {"b":x}`}},
	{name: "json nested", schema: "n ITEMS, a ARRAY<STRING>, m MAP<STRING;STRING>", options: "format=json",
		text: `{"n":[{"price":1.5,"other":[{}],"name":"x"},{"PRICE":"2","price":3,"price":4},null,{}],"a":[null,"\u0041",7,{"k": [1]}],"m":{"b":null,"a":"1","b":"2"}}` + "\n" +
			`{"n":[],"a":null,"m":{ }}` + "\n" + `{"n":"[{\"name\":\"text\"}]","a":["x"],"a":["y"]}`,
		rows: `1|[{"name":"x","price":1.50},{"name":null,"price":4.00},null,{"name":null,"price":null}]|[null,"A","7","{\"k\":` + "\u00a0" + `[1]}"]|{"a":"1","b":"2"} 2|[]|NULL|{} 3|[{"name":"text","price":null}]|["y"]|NULL`},
	{name: "json nested faults", schema: "n ITEMS, a ARRAY<STRING>, m MAP<STRING;STRING>", options: "format=json on_error=skip",
		text: strings.Join([]string{`{"n":[{},{},{"price":"x"}]}`, `{"n":[{"price":12345678901}]}`, `{"n":7}`, `{"n":{"price":1}}`, `{"n":[7]}`, `{"n":[{"name":tru}]}`, `{"a":["\ud800"]}`, "{\"m\":{\"k\":\"\xff\"}}", `{"m":{"k":1}}`}, "\n"),
		rows: `9|NULL|NULL|{"k":"1"}`,
		bad: []string{
			`1 [n] column n[3].price: 'x' is not a valid DECIMAL(12,2): {"n":[{},{},{"price":"x"}]}`,
			`2 [n] column n[1].price: '12345678901' is out of range for DECIMAL(12,2): {"n":[{"price":12345678901}]}`,
			`3 [n] column n: '7' is not a valid ARRAY<ROW<name STRING,price DECIMAL(12,2)>>: {"n":7}`,
			`4 [n] column n: '{"price":1}' is not a valid ARRAY<ROW<name STRING,price DECIMAL(12,2)>>: {"n":{"price":1}}`,
			`5 [n] column n[1]: '7' is not a valid ROW<name STRING,price DECIMAL(12,2)>: {"n":[7]}`,
			`6 [] not valid JSON: a value is expected, found 't' at byte 15: {"n":[{"name":tru}]}`,
			`7 [a] column a: '["\ud800"]' is not a valid ARRAY<STRING>: {"a":["\ud800"]}`,
			"8 [m] column m: '{\"k\":\"\xff\"}' is not a valid MAP<STRING,STRING>: {\"m\":{\"k\":\"\xff\"}}",
		}},
	{name: "csv nested", schema: "a ARRAY<STRING>, n ITEMS", options: "format=csv on_error=skip",
		text: "a,n\n\"[\"\"x\"\", null]\",[{}]\nnull,\n\"[1,\",\n,\"[{\"\"price\"\":\"\"y\"\"}]\"\n",
		rows: `2|["x",null]|[{"name":null,"price":null}] 3|NULL|NULL`,
		bad:  []string{"4 [a] column a: '[1,' is not a valid ARRAY<STRING>: \"[1,\",", "5 [n] column n[1].price: 'y' is not a valid DECIMAL(12,2): ,\"[{\"\"price\"\":\"\"y\"\"}]\""}},
	{name: "json too long", schema: "a STRING", options: "format=json on_error=skip max_record_bytes=12",
		text: "{\"a\":\"1\"}\n{\"a\":\"12345678\"}\n\n{\"a\":\"1234\"}\n", rows: "1|1 4|1234",
		bad: []string{`2 [] the record is longer than max_record_bytes = 12: {"a":"12345678"}`}},
}

func parseOptions(text string) []string {
	var out []string
	for _, f := range strings.Fields(text) {
		name, value, _ := strings.Cut(f, "=")
		out = append(out, name, value)
	}
	return out
}

// TestDecode checks each case at many block and batch sizes: they must not show.
func TestDecode(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(schema(t, c.schema), parseOptions(c.options)...)
			var want []string
			for _, row := range strings.Split(c.rows, " ") {
				if row != "" {
					want = append(want, strings.ReplaceAll(row, "\u00a0", " "))
				}
			}
			for _, block := range []int{1 << 16, 1, 2, 3, 5, 7, 16, 64} {
				for _, batch := range []int{4096, 1, 3} {
					got := read(t, cfg, c.text, block, batch)
					if got.err != "" {
						t.Fatal(got.err)
					}
					if d := cmp.Diff(want, got.rows); d != "" {
						t.Errorf("block %d, batch %d: rows (-want +got)\n%s", block, batch, d)
					}
					if d := cmp.Diff(c.bad, got.bad); d != "" {
						t.Fatalf("block %d, batch %d: bad records (-want +got)\n%s", block, batch, d)
					}
					if int(got.count) != len(want)+len(c.bad) {
						t.Errorf("block %d, batch %d: %d records", block, batch, got.count)
					}
					if lines := int64(strings.Count(strings.TrimSuffix(c.text, "\n"), "\n") + 1); c.text != "" && !strings.Contains(c.name, "stops") && got.lines != lines && got.count > 0 {
						t.Errorf("block %d, batch %d: %d lines, want %d", block, batch, got.lines, lines)
					}
				}
			}
		})
	}
}

// TestLongRecords checks that only the beginning of a bad record is kept,
// and that a record longer than a block is read whole when it is allowed.
func TestLongRecords(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	cfg := config(schema(t, "a STRING, b INT"), "format", "csv", "on_error", "skip")
	for _, block := range []int{1 << 12, connectors.BlockSize} {
		got := read(t, cfg, "a,b\n"+long+",1\n"+long+",x\ny,2\n"+strings.Repeat(long, 4)+",3\nz,4\n", block, 4096)
		if len(got.rows) != 3 || got.rows[0] != "2|"+long+"|1" || got.rows[1] != "4|y|2" || got.rows[2] != "6|z|4" {
			t.Fatalf("block %d: rows differ: %d", block, len(got.rows))
		}
		if len(got.bad) != 2 || !strings.HasSuffix(got.bad[0], "is not a valid INT: "+long[:1024]) || !strings.HasSuffix(got.bad[1], "max_record_bytes = 1048576: "+long[:1024]) {
			t.Fatalf("block %d: bad %.200v", block, got.bad)
		}
	}
}

func TestHeaderErrors(t *testing.T) {
	tests := []struct{ schema, options, text, want string }{
		{"user_id STRING, amount INT", "format=csv", "userid,amount\n", "in.txt: the header has no column user_id (did you mean userid?); it has userid, amount"},
		{"user_id STRING, amount INT", "format=csv", "user_id;amount\n", "in.txt: the header has no column user_id, amount; it has user_id;amount; is the delimiter ';'?"},
		{"a STRING, b INT", "format=csv", "a,b,A\n", "in.txt: the header has the column a more than once"},
		{"a STRING", "format=csv", "\"a\"x\n", "in.txt: a quoted name in the header is not closed before the delimiter: \"a\"x"},
		{"a STRING", "format=csv max_record_bytes=20", strings.Repeat("x,", 100), "in.txt: the header is longer than max_record_bytes = 20: is this csv, with the right delimiter and quote?"},
		{"a STRING", "format=xml", "", "format = 'xml' is none of its values (there are: " + strings.Join(readable, ", ") + ")"},
		{"a STRING", "path=x.txt", "", "the format cannot be told from the path 'x.txt' (add format = 'csv' or another of " + strings.Join(readable, ", ") + ")"},
		{"a STRING", "format=csv time_zone=Mars", "", "there is no time zone 'Mars' (write for example 'Europe/Berlin' or 'UTC')"},
		{"a STRING", "format=csv delimiter=||", "", "delimiter = '||' is not a single ASCII character (write for example ';' or '\\t')"},
		{"a STRING", "format=csv delimiter=; quote=;", "", "quote and delimiter are both ';' (write quote = '' for text without quoting)"},
	}
	for _, c := range tests {
		got := read(t, config(schema(t, c.schema), parseOptions(c.options)...), c.text, 16, 10)
		if got.err != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.text, got.err, c.want)
		}
	}
}

// constant returns a constant vector holding text as a value of type typ.
func constant(t testing.TB, typ data.Type, text string) *data.Vector {
	v := data.NewConst(typ)
	if text == "NULL" {
		v.AppendNull()
		return v
	}
	if err := data.NewTextParser(typ, nil).Append(v, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPredicates compares pushed filters with filtering afterwards.
func TestPredicates(t *testing.T) {
	s := schema(t, "a STRING, b BIGINT, d DOUBLE, w DECIMAL(30;3), t TIMESTAMP, f BOOLEAN")
	var js, cs strings.Builder
	cs.WriteString("t,a,b,d,w,f\n")
	for i := 0; i < 500; i++ {
		a, b := fmt.Sprintf("k%d", i%7), fmt.Sprint(i%11-5)
		if i%13 == 0 {
			b = ""
		}
		ts := fmt.Sprintf("2026-01-05T10:%02d:00Z", i%60)
		fmt.Fprintf(&cs, "%s,%s,%s,%d.5,%d.125,%t\n", ts, a, b, i%5, i%3, i%2 == 0)
		if b == "" {
			b = "null"
		}
		order := []string{`"t":"` + ts + `"`, `"a":"` + a + `"`, `"b":` + b, fmt.Sprintf(`"d":%d.5`, i%5), fmt.Sprintf(`"w":%d.125`, i%3), fmt.Sprintf(`"f":%t`, i%2 == 0)}
		if i%17 == 0 {
			order = append(order[3:], order[:3]...)
		}
		if i%19 == 0 {
			order = append(order, `"a":"k3"`) // a duplicate
		}
		if i%23 == 0 {
			order = order[1:]
		}
		fmt.Fprintf(&js, "{%s}\n", strings.Join(order, ","))
	}
	texts := map[string]string{"json": js.String(), "csv": cs.String()}
	filters := [][]struct {
		column int
		op     string
		values []string
	}{
		{{0, "=", []string{"k3"}}},
		{{0, "in", []string{"k1", "NULL", "k3"}}, {1, ">", []string{"0"}}},
		{{1, "<>", []string{"2"}}},
		{{1, "in", []string{"1", "-2", "5"}}},
		{{1, "=", []string{"NULL"}}},
		{{2, "<=", []string{"2.5"}}, {3, ">=", []string{"1.125"}}},
		{{2, "in", []string{"2.5", "0.5"}}, {5, "=", []string{"true"}}},
		{{4, "<", []string{"2026-01-05T10:30:00Z"}}, {0, ">", []string{"k2"}}},
	}
	for format, text := range texts {
		plain := read(t, config(s, "format", format), text, 1<<16, 100)
		for i, f := range filters {
			cfg := config(s, "format", format)
			cfg.Always = []int{4}
			for _, p := range f {
				pred := connectors.Predicate{Column: p.column, Op: p.op}
				for _, v := range p.values {
					pred.Values = append(pred.Values, constant(t, s[p.column].Type, v))
				}
				cfg.Filter = append(cfg.Filter, pred)
			}
			got := read(t, cfg, text, 700, 64)
			if len(got.rows) != len(plain.rows) || len(got.bad) > 0 {
				t.Fatalf("%s filter %d: %d rows, want %d; bad %v", format, i, len(got.rows), len(plain.rows), got.bad)
			}
			passed := 0
			for k, row := range plain.rows {
				want := true
				for _, p := range f {
					want = want && holds(t, s[p.column].Type, strings.Split(row, "|")[p.column+1], p.op, p.values)
				}
				if want {
					passed++
					if got.rows[k] != row {
						t.Fatalf("%s filter %d row %d: got %s, want %s", format, i, k, got.rows[k], row)
					}
					continue
				}
				if ts := strings.Split(got.rows[k], "|")[5]; got.rows[k][0] != '-' || ts != strings.Split(row, "|")[5] {
					t.Fatalf("%s filter %d row %d: got %s for %s, which fails", format, i, k, got.rows[k], row)
				}
			}
			if passed == 0 && i != 4 {
				t.Errorf("%s filter %d passes nothing", format, i)
			}
		}
	}
}

// holds is the oracle for one condition on a rendered value.
func holds(t *testing.T, typ data.Type, value, op string, constants []string) bool {
	if value == "NULL" {
		return false
	}
	for _, c := range constants {
		if c == "NULL" {
			continue
		}
		d := data.Compare(constant(t, typ, value), 0, constant(t, typ, c), 0)
		switch op {
		case "=", "in":
			if d == 0 {
				return true
			}
		case "<>":
			return d != 0
		case "<":
			return d < 0
		case "<=":
			return d <= 0
		case ">":
			return d > 0
		case ">=":
			return d >= 0
		}
	}
	return false
}
