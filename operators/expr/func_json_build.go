package expr

import (
	"tidemark/operators/data"
	"tidemark/parser/source"
)

// jsonBuildEntries make documents.
func jsonBuildEntries() []*entry {
	const j, any = data.JSON, data.Unknown
	build := func(kernel func(*Call) kernel) *Function {
		return &Function{Params: []data.Kind{any}, Optional: 1, Variadic: true, Returns: j, nullable: true, safe: true, kernel: kernel}
	}
	object, absent := build(jsonObjectKernel(true)), build(jsonObjectKernel(false))
	object.safe, absent.safe = false, false
	return []*entry{
		{name: "JSON_OBJECT", aliases: []string{"JSON_BUILD_OBJECT"}, doc: "A JSON object of names and values by turns, also written KEY name VALUE value; NULL values become null, or with ABSENT ON NULL are left out.", signatures: []string{"JSON_OBJECT(STRING, ANY, … [ABSENT ON NULL]) → JSON"},
			examples:  [][2]string{{"JSON_OBJECT('a', 1.50, 'b', NULL, 'c', PARSE_JSON('[1]'))", `{"a":1.50,"b":null,"c":[1]}`}, {"JSON_OBJECT()", "{}"}},
			overloads: []*Function{object}, bind: bindJSONObject},
		{name: absentObjectName, internal: true, overloads: []*Function{absent}, bind: bindJSONObject},
		{name: "JSON_ARRAY", doc: "A JSON array of the values that are not NULL, or with NULL ON NULL of all.", signatures: []string{"JSON_ARRAY([ANY, …] [NULL ON NULL]) → JSON"}, examples: [][2]string{{"JSON_ARRAY(1, 'x', NULL, TRUE)", `[1,"x",true]`}},
			overloads: []*Function{build(jsonArrayKernel(false))}},
		{name: "JSON_BUILD_ARRAY", doc: "A JSON array of the values, where NULL becomes null.", examples: [][2]string{{"JSON_BUILD_ARRAY(1, NULL)", "[1,null]"}},
			overloads: []*Function{build(jsonArrayKernel(true))}},
		{name: "JSON_STRING", doc: "The value as a JSON text: TO_JSON as a STRING.", examples: [][2]string{{"JSON_STRING(ARRAY[1, NULL])", "[1,null]"}, {"JSON_STRING('a')", `"a"`}},
			overloads: []*Function{{Params: []data.Kind{any}, Returns: data.String, safe: true, kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
				return data.AppendJSON(to, f.args[0], i), nil
			}))}}},
		{name: "TO_JSON", doc: "The value as JSON: numbers and conditions as such, arrays, maps and rows as arrays and objects, all else as strings.",
			examples: [][2]string{{"TO_JSON('a')", `"a"`}, {"TO_JSON(TIMESTAMP '2024-03-05 06:07:08')", `"2024-03-05T06:07:08Z"`}},
			overloads: []*Function{{Params: []data.Kind{any}, Returns: j, safe: true, kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
				return data.AppendJSON(to, f.args[0], i), nil
			}))}}},
	}
}

const absentObjectName = "JSON_OBJECT ABSENT ON NULL"

// bindJSONObject makes sure that names and values come by turns, and that names
// are texts.
func bindJSONObject(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args)%2 != 0 {
		return nil, errorf(at, "write JSON_OBJECT('name', value, …)", "JSON_OBJECT has a name without a value")
	}
	cast := make([]Expr, len(args))
	copy(cast, args)
	for i := 0; i < len(args); i += 2 {
		if k := args[i].Type().Kind; k != data.String && k != data.Unknown {
			return nil, errorf(args[i].Span(), castHint(args[i], data.Of(data.String)), "a name in JSON_OBJECT is a STRING, not %s", args[i].Type())
		}
		name, err := coerce(args[i], data.Of(data.String))
		if err != nil {
			return nil, err
		}
		cast[i] = name
	}
	return apply(e.overloads[0], cast, at)
}

func jsonObjectKernel(nulls bool) func(*Call) kernel {
	return just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		to = append(to, '{')
		first := true
		for k := 0; k < len(f.args); k += 2 {
			if f.args[k].IsNull(i) {
				return to, errKeyNull
			}
			if f.args[k+1].IsNull(i) && !nulls {
				continue
			}
			if !first {
				to = append(to, ',')
			}
			first = false
			to = append(data.AppendJSON(to, f.args[k], i), ':')
			to = data.AppendJSON(to, f.args[k+1], i)
		}
		return append(to, '}'), nil
	}))
}

func jsonArrayKernel(nulls bool) func(*Call) kernel {
	return just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		to = append(to, '[')
		first := true
		for _, v := range f.args {
			if v.IsNull(i) && !nulls {
				continue
			}
			if !first {
				to = append(to, ',')
			}
			first = false
			to = data.AppendJSON(to, v, i)
		}
		return append(to, ']'), nil
	}))
}
