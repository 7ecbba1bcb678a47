package expr

import (
	"errors"
	"fmt"

	"tidemark/operators/data"
)

// jsonPartEntries look at documents.
func jsonPartEntries() []*entry {
	const j, s, b = data.JSON, data.String, data.Boolean
	isJSON := func(name, doc, text, value, kind string, not bool) *entry {
		return &entry{name: name, doc: doc, examples: [][2]string{{"'" + text + "' " + name, value}}, signatures: []string{"STRING " + name + " → BOOLEAN", "JSON " + name + " → BOOLEAN"},
			overloads: documents(Function{Params: []data.Kind{s}, Returns: b, safe: true, kernel: isJSONKernel(kind, not)})}
	}
	return []*entry{
		{name: "JSON_TYPEOF", doc: "What a JSON document is: object, array, string, number, boolean or null.",
			examples: [][2]string{{"JSON_TYPEOF('[1]')", "array"}, {"JSON_TYPEOF('-1.5')", "number"}},
			overloads: documents(Function{Params: []data.Kind{j}, Returns: s, kernel: func(c *Call) kernel {
				return documentText(c, func(_ *pathRun, value, to []byte) ([]byte, error) { return append(to, jsonKind(value)...), nil })
			}})},
		{name: "JSON_ARRAY_LENGTH", doc: "The number of elements of a JSON array.", examples: [][2]string{{"JSON_ARRAY_LENGTH('[1,[2,3]]')", "2"}},
			overloads: documents(Function{Params: []data.Kind{j}, Returns: data.BigInt, kernel: jsonLengthKernel})},
		{name: "JSON_OBJECT_KEYS", doc: "The names of the members of a JSON object, each once.", examples: [][2]string{{`JSON_OBJECT_KEYS('{"b":1,"a":2,"b":3}')`, `["b","a"]`}},
			signatures: []string{"JSON_OBJECT_KEYS(JSON) → ARRAY<STRING>", "JSON_OBJECT_KEYS(STRING) → ARRAY<STRING>"},
			overloads: documents(Function{Params: []data.Kind{j}, Returns: data.Array, result: func([]Expr) data.Type { return data.ArrayOf(data.Of(s)) },
				kernel: jsonKeysKernel})},
		{name: "JSON_QUOTE", doc: "The text as a JSON string.", examples: [][2]string{{`JSON_QUOTE('a"b')`, `"a\"b"`}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return data.AppendJSON(to, f.args[0], i), nil }, s).total()}},
		{name: "JSON_UNQUOTE", doc: "The characters of a JSON string; other texts as they are.", examples: [][2]string{{`JSON_UNQUOTE('"a\"b"')`, `a"b`}, {"JSON_UNQUOTE('[1]')", "[1]"}},
			overloads: documents(Function{Params: []data.Kind{s}, Returns: s, safe: true, kernel: jsonUnquoteKernel})},
		{name: "PARSE_JSON", doc: "The JSON document that a text is.", examples: [][2]string{{`PARSE_JSON('{"a":1.10}')`, `{"a":1.10}`}},
			overloads: []*Function{{Params: []data.Kind{s}, Returns: j, kernel: parseJSONKernel(false)}}},
		{name: "TRY_PARSE_JSON", doc: "The JSON document that a text is; NULL where it is none.", examples: [][2]string{{"TRY_PARSE_JSON('{')", "NULL"}},
			overloads: []*Function{{Params: []data.Kind{s}, Returns: j, safe: true, kernel: parseJSONKernel(true)}}},
		isJSON("IS JSON", "Whether the text is a JSON document.", `{"a":01}`, "false", "", false),
		isJSON("IS NOT JSON", "Whether the text is not a JSON document.", `{"a":01}`, "true", "", true),
		isJSON("IS JSON OBJECT", "Whether the text is a JSON object.", `{"a":1}`, "true", "{", false),
		isJSON("IS NOT JSON OBJECT", "Whether the text is not a JSON object.", `{"a":1}`, "false", "{", true),
		isJSON("IS JSON ARRAY", "Whether the text is a JSON array.", `{"a":1}`, "false", "[", false),
		isJSON("IS NOT JSON ARRAY", "Whether the text is not a JSON array.", `{"a":1}`, "true", "[", true),
		isJSON("IS JSON SCALAR", "Whether the text is a JSON document that is neither an object nor an array.", `1.5`, "true", "scalar", false),
		isJSON("IS NOT JSON SCALAR", "Whether the text is not a JSON document that is neither an object nor an array.", `1.5`, "false", "scalar", true),
	}
}

// jsonKind names the kind of a value.
func jsonKind(value []byte) string {
	switch value[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// whole is the path of the document itself.
var whole = &jsonPath{}

// documentOf returns the document that argument 0 is in row i.
func (p *pathRun) documentOf(f *frame, i int, checked bool) ([]byte, error) {
	if text := f.text(0, i); p.follow(whole, text, checked) == pathInvalid {
		return nil, notJSON(text)
	}
	return p.found[0], nil
}

// documentText computes a text from a document.
func documentText(c *Call, row func(run *pathRun, value, to []byte) ([]byte, error)) kernel {
	run, checked := &pathRun{}, isChecked(c)
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		value, err := run.documentOf(f, i, checked)
		if err != nil {
			return to, err
		}
		return row(run, value, to)
	})
}

func jsonLengthKernel(c *Call) kernel {
	run, checked := &pathRun{}, isChecked(c)
	return intRows(func(f *frame, i int) (int64, error) {
		value, err := run.documentOf(f, i, checked)
		if err != nil {
			return 0, err
		}
		if value[0] != '[' {
			return 0, fmt.Errorf("a JSON array is expected, not a JSON %s", jsonKind(value))
		}
		return int64(run.count(value)), nil
	})
}

var errKeyNull = errors.New("a name in a JSON object may not be NULL")

func jsonKeysKernel(c *Call) kernel {
	name := data.NewConst(data.Of(data.String))
	return documentText(c, func(run *pathRun, value, to []byte) ([]byte, error) {
		if value[0] != '{' {
			return to, fmt.Errorf("a JSON object is expected, not a JSON %s", jsonKind(value))
		}
		for _, m := range run.unique(value) {
			name.Reset(name.Type)
			name.AppendText(m.name)
			to = data.AppendElement(to, name, 0)
		}
		return data.EndArray(to), nil
	})
}

func jsonUnquoteKernel(*Call) kernel {
	var r data.JSONReader
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		text := f.text(0, i)
		r.Reset(text)
		if inner, ok := r.Text(); ok && r.AtEnd() {
			return append(to, inner...), nil
		}
		return append(to, text...), nil
	})
}

func parseJSONKernel(try bool) func(*Call) kernel {
	return func(*Call) kernel {
		var r data.JSONReader
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			text := f.text(0, i)
			switch r.Reset(text); {
			case r.Valid():
				return append(to, text...), nil
			case !try:
				return to, notJSON(text)
			}
			f.setNull(i)
			return to, nil
		})
	}
}

// isJSONKernel looks whether a text is a document, of a kind unless that is "".
func isJSONKernel(kind string, not bool) func(*Call) kernel {
	return func(c *Call) kernel {
		var r data.JSONReader
		checked := isChecked(c)
		return boolRows(func(f *frame, i int) (bool, error) {
			r.Reset(f.text(0, i))
			of := true
			switch first := r.Peek(); kind {
			case "{", "[":
				of = first == kind[0]
			case "scalar":
				of = first != '{' && first != '['
			}
			return (of && (checked || r.Valid())) != not, nil
		})
	}
}
