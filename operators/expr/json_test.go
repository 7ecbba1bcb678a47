package expr

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

func TestJSONFunctions(t *testing.T) {
	const doc = `'{"store":{"book":[{"title":"A","price":8.10},{"title":"B","price":12}],"open":true,"note":null},"a":1,"a":2,"\u00fc":"\ud83d\ude00"}'`
	checkValues(t, []valueCase{
		// Operators.
		{doc + " -> 'a'", "2"}, {doc + " ->> 'ü'", "😀"}, {doc + " -> 'store' -> 'book' -> 0 ->> 'price'", "8.10"}, {doc + " -> 'store' ->> 'note'", "NULL"}, {doc + " -> 'store' -> 'note'", "null"}, {doc + " -> 0", "NULL"}, {"'[1,2]' -> '0'", "NULL"},
		{"'[1,2,3]' -> -3", "1"}, {"'[1,2,3]' -> -4", "NULL"}, {"'[1,2,3]' -> 3", "NULL"}, {"'[]' -> 0", "NULL"}, {"'[]' -> -1", "NULL"}, {"'5' -> 'a'", "NULL"}, {"PARSE_JSON(' [ 1 , [2] ] ') -> 1", "[2]"}, {"NULL -> 'a'", "NULL"}, {"'{}' -> NULL", "NULL"}, {"'[1]' -> 9223372036854775807", "NULL"}, {"'[1]' -> -9223372036854775807", "NULL"},
		{`'{"a\"b":1}' -> 'a"b'`, "1"}, {doc + " #>> '{store,book,-1,title}'", "B"}, {doc + " #> '{store,open}'", "true"}, {doc + " #> '{store,book,x}'", "NULL"}, {`'{"1":"x"}' #>> '{1}'`, "x"}, {"'[1]' #> '{}'", "[1]"},
		// Paths.
		{"JSON_VALUE(" + doc + ", '$.store.book[1].title')", "B"}, {"JSON_VALUE(" + doc + ", '$.store.book[last - 1].price')", "8.10"}, {"JSON_VALUE(" + doc + ", '$[\"store\"].open')", "true"}, {"JSON_VALUE(" + doc + ", '$.store.note')", "NULL"}, {"JSON_VALUE(" + doc + ", '$.store')", "NULL"},
		{"JSON_VALUE(" + doc + ", '$.store.book.title')", "NULL"}, {"JSON_EXISTS(" + doc + ", '$.store.book.title')", "true"}, {"JSON_EXISTS(" + doc + ", 'strict $.store.book.title')", "false"}, {"JSON_VALUE('[{\"a\":7}]', '$.a')", "7"}, {"JSON_VALUE('{\"a\":7}', '$.a[0]')", "7"}, {"JSON_VALUE('{\"a\":7}', '$.a[last]')", "7"}, {"JSON_VALUE('{\"a\":7}', '$.a[1]')", "NULL"}, {"JSON_VALUE('{\"a\":7}', 'strict $.a[0]')", "NULL"},
		{"JSON_QUERY(" + doc + ", '$.store.book[0]')", `{"title":"A","price":8.10}`}, {"JSON_QUERY(" + doc + ", '$.store.book[*]')", "NULL"}, {"JSON_QUERY(" + doc + ", '$.store.note')", "null"}, {"JSON_QUERY('[[1,2]]', '$[0]')", "[1,2]"}, {"JSON_QUERY('[1,2,3,4]', '$[5 to 7]')", "NULL"}, {"JSON_QUERY('[1,2,3,4]', '$[3 to last]')", "4"},
		{"JSON_EXISTS('[]', '$[*]')", "false"}, {"JSON_EXISTS('{\"a\":1}', '$.*')", "true"}, {"JSON_EXISTS('[1,2]', 'strict $[0 to 2]')", "false"}, {"JSON_EXISTS('[1,2]', 'strict $[1 to last]')", "true"}, {"JSON_EXISTS('{', '$')", "false"}, {"JSON_VALUE('{\"a\":1', '$.a')", "NULL"}, {"JSON_QUERY('', '$')", "NULL"}, {"JSON_VALUE(NULL, '$')", "NULL"}, {"JSON_EXISTS('1', NULL)", "NULL"},
		{"JSON_QUERY('{\"a\":1,\"a\":2}', '$.*')", "2"}, {`JSON_VALUE('{"a b":{"c''d":5}}', '$."a b"["c''d"]')`, "5"}, {"JSON_VALUE('\"x\"', '$')", "x"}, {"JSON_VALUE('{\"last\":{\"to\":1}}', '$.last.to')", "1"},
		// Parts.
		{"JSON_TYPEOF(' null ')", "null"}, {"JSON_TYPEOF('\"x\"')", "string"}, {"JSON_TYPEOF('{}')", "object"}, {"JSON_TYPEOF('false')", "boolean"}, {"JSON_ARRAY_LENGTH('[]')", "0"}, {"JSON_ARRAY_LENGTH(PARSE_JSON('[1,[2],{\"a\":[3]}]'))", "3"},
		{"JSON_OBJECT_KEYS('{}')", "[]"}, {`JSON_OBJECT_KEYS('{"a":{"b":1},"\u0062":2,"a":3}')`, `["a","b"]`}, {"JSON_UNQUOTE('\"abc')", `"abc`}, {`JSON_UNQUOTE('"\u0041\n"')`, "A\n"}, {"JSON_QUOTE('')", `""`},
		{"'[1,' IS JSON", "false"}, {"'\"\\ud800\"' IS JSON", "false"}, {`JSON_VALUE('{"a":"\ud83d"}', '$.a')`, "NULL"}, {`JSON_VALUE('{"a":1,"b":"\ude00"}', '$.a')`, "NULL"}, {"NULL IS JSON", "NULL"}, {"TRY_PARSE_JSON('[01]')", "NULL"}, {"PARSE_JSON('[1.10]')", "[1.10]"},
		// Building.
		{"JSON_OBJECT('d', DATE '2024-03-05', 'n', CAST('NaN' AS DOUBLE), 'w', 12345678901234567890.10, 's', 'a\"b')", `{"d":"2024-03-05","n":"NaN","w":12345678901234567890.10,"s":"a\"b"}`},
		{"JSON_OBJECT('a', JSON_ARRAY(1, NULL, JSON_OBJECT()))", `{"a":[1,{}]}`}, {"JSON_ARRAY()", "[]"}, {"JSON_ARRAY(NULL)", "[]"}, {"JSON_BUILD_ARRAY(NULL, '1', PARSE_JSON('1'))", `[null,"1",1]`}, {"TO_JSON(1.50)", "1.50"}, {"TO_JSON(NULL)", "NULL"}, {"TO_JSON(PARSE_JSON('[1]'))", "[1]"},
	})
}

func TestJSONErrors(t *testing.T) {
	deep := strings.Repeat("[", data.MaxJSONDepth+1) + strings.Repeat("]", data.MaxJSONDepth+1)
	for _, c := range [][2]string{
		{"'{' -> 'a'", "'{' is not a valid JSON"}, {"'' ->> 0", "'' is not a valid JSON"}, {"JSON_TYPEOF('x')", "'x' is not a valid JSON"}, {"PARSE_JSON('{\"a\":1}x')", "'{\"a\":1}x' is not a valid JSON"}, {"PARSE_JSON('" + deep + "')", "'" + strings.Repeat("[", 60) + "…' is not a valid JSON"},
		{"JSON_ARRAY_LENGTH('{}')", "a JSON array is expected, not a JSON object"}, {"JSON_OBJECT_KEYS('1')", "a JSON object is expected, not a JSON number"}, {"JSON_OBJECT(NULL, 1)", errKeyNull.Error()}, {"JSON_VALUE('1', '$' || 'x')", "the JSON path '$x' is wrong: a step is expected at 'x'"},
	} {
		e, err := bind(c[0], nil)
		if err == nil {
			_, err = evalRow(e, &data.Batch{N: 1}, 0)
		}
		if err == nil || cause(err).Error() != c[1] {
			t.Errorf("%s: %v; want %s", c[0], err, c[1])
		}
	}
}

func TestPathErrors(t *testing.T) {
	for _, c := range [][3]string{
		{"", "$ is expected at its end", "paths start"}, {"a.b", "$ is expected at 'a.b'", "paths start"}, {"$.", "a name is expected at its end", "put names"}, {"$.a-b", "a step is expected at '-b'", "steps are"}, {"$.1a", "a name is expected at '1a'", "put names"},
		{"$[", "the place of an element is expected at its end", "elements count"}, {"$[-1]", "the place of an element is expected at '-1]'", "elements count"}, {"$[1", "] is expected at its end", ""}, {"$[99999999999]", "the place of an element is too great", ""}, {"$['a]", "a quote is not closed at ''a]'", ""},
		{"$.a?(@ > 1)", "filters with ?( ) are not supported", "compare in SQL"}, {"$.a.size()", "methods such as .size() are not supported", ""}, {"$..a", ".. is not supported", "write the names"}, {"$.**", ".** is not supported", ""}, {`$."a\n"`, `only \", \', \\ and \/ are escapes in a name, not \n`, ""},
		{"laxative $", "$ is expected at 'laxative $'", "paths start"}, {"$" + strings.Repeat(".a", 101), "it has more than 100 steps", ""},
	} {
		_, err := bind("JSON_VALUE(s1, '"+strings.ReplaceAll(c[0], "'", "''")+"')", testSchema)
		e, ok := err.(*Error)
		if !ok || e.Message != "the JSON path '"+shortText(c[0])+"' is wrong: "+c[1] || !strings.HasPrefix(e.Hint, c[2]) || e.Span.End <= e.Span.Start {
			t.Errorf("%s: %#v", c[0], err)
		}
	}
	for _, c := range []string{"s1 #> 'a,b'", "s1 #> '{\"a\"}'"} {
		if _, err := bind(c, testSchema); err == nil || !strings.Contains(err.Error(), "is no path for #> or #>>") {
			t.Errorf("%s: %v", c, err)
		}
	}
	if _, err := bind("JSON_OBJECT('a')", nil); err == nil || err.Error() != "JSON_OBJECT has a name without a value" {
		t.Error(err)
	}
	if _, err := bind("JSON_OBJECT(1, 2)", nil); err == nil || err.Error() != "a name in JSON_OBJECT is a STRING, not INT" {
		t.Error(err)
	}
}

// drawJSON draws a document as package json represents it.
func drawJSON(t *rapid.T, depth int) any {
	kinds := []string{"null", "bool", "number", "string", "array", "object"}
	if depth == 0 {
		kinds = kinds[:4]
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "bool":
		return rapid.Bool().Draw(t, "bool")
	case "number":
		return float64(rapid.IntRange(-99, 99).Draw(t, "number"))
	case "string":
		return rapid.SampledFrom([]string{"", "a", "b\"c", "ü😀", "\\", "\n"}).Draw(t, "string")
	case "array":
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = drawJSON(t, depth-1)
		}
		return list
	case "object":
		object := map[string]any{}
		for range rapid.IntRange(0, 20).Draw(t, "members") {
			object[rapid.SampledFrom(strings.Fields(`a b "c" ü x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 y0 y1 y2 y3 y4 y5 y6`)).Draw(t, "name")] = drawJSON(t, depth-1)
		}
		return object
	}
	return nil
}

// Strict paths go where the library's values go.
func TestPathsAgainstTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := drawJSON(t, 4)
		text, err := json.MarshalIndent(value, "", strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "indent")))
		if err != nil {
			t.Fatal(err)
		}
		path := &jsonPath{strict: true}
		there := true
		for there && rapid.Bool().Draw(t, "further") {
			switch v := value.(type) {
			case []any:
				n := rapid.IntRange(-4, 3).Draw(t, "place")
				path.steps = append(path.steps, pathStep{kind: elementStep, from: n})
				if n < 0 {
					n += len(v)
				}
				if there = n >= 0 && n < len(v); there {
					value = v[n]
				}
			case map[string]any:
				name := rapid.SampledFrom([]string{"a", "ü", "x5", `"c"`, "none"}).Draw(t, "member")
				path.steps = append(path.steps, pathStep{kind: memberStep, name: name})
				value, there = v[name]
			default:
				path.steps = append(path.steps, pathStep{kind: memberStep, name: "a"})
				there = false
			}
		}
		var run pathRun
		result := run.follow(path, text, rapid.Bool().Draw(t, "checked"))
		if (result == pathFound) != there {
			t.Fatalf("%v in %s is there: %v, found: %v", path.steps, text, there, result)
		}
		if !there {
			return
		}
		var got any
		if err := json.Unmarshal(run.found[0], &got); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(got)
		if b, _ := json.Marshal(value); string(a) != string(b) {
			t.Fatalf("%v in %s is %s, not %s", path.steps, text, a, b)
		}
	})
}

// Members of one name count once, with the last value, however many there are.
func TestUniqueMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		want := map[string]string{}
		text.WriteByte('{')
		for i := range rapid.IntRange(0, 40).Draw(t, "members") {
			name, value := rapid.SampledFrom([]string{"a", "b", "ü", "c", "d", "e"}).Draw(t, "name"), rapid.SampledFrom([]string{"1", "[2]", `"3"`}).Draw(t, "value")
			if i > 0 {
				text.WriteByte(',')
			}
			written := `"` + name + `"`
			if name == "ü" && rapid.Bool().Draw(t, "escaped") {
				written = `"\u00fc"`
			}
			text.WriteString(written + ":" + value)
			want[name] = value
		}
		text.WriteByte('}')
		var run pathRun
		members := run.unique([]byte(text.String()))
		if len(members) != len(want) {
			t.Fatalf("%s has %d members", text.String(), len(members))
		}
		for _, m := range members {
			if want[string(m.name)] != string(m.value) {
				t.Fatalf("%s: %s is %s", text.String(), m.name, m.value)
			}
		}
	})
}

// No path and no document panics, checked or not.
func FuzzJSONPath(f *testing.F) {
	for _, p := range []string{"$", "strict $.a[0]", `lax $."a b"[*].*`, "$[last - 1 to 2]", "$['x'].y", "{a,0}"} {
		f.Add(p, `{"a":[1,{"b":null}],"a b":["x\u0041"]}`)
	}
	f.Fuzz(func(t *testing.T, path, document string) {
		for _, compile := range []func(string) (*jsonPath, error){compilePath, compileKeys} {
			p, err := compile(path)
			if err != nil {
				continue
			}
			var run pathRun
			for _, checked := range []bool{false, json.Valid([]byte(document))} {
				if run.follow(p, []byte(document), checked) != pathFound || checked {
					continue
				}
				for _, value := range run.found {
					if !json.Valid(value) {
						t.Fatalf("%q in %q is %q", path, document, value)
					}
				}
			}
		}
	})
}
