package expr

import (
	"slices"

	"tidemark/operators/data"
)

// jsonEntries are the functions of JSON documents, which may be of the type JSON
// or STRING.
func jsonEntries() []*entry {
	operators, functions := jsonOperatorEntries(), slices.Concat(jsonPathEntries(), jsonPartEntries(), jsonBuildEntries(), jsonClauseEntries())
	for _, e := range operators {
		e.family = "operator"
	}
	for _, e := range functions {
		e.family = "json"
	}
	return append(operators, functions...)
}

// documents makes an overload for JSON and one for STRING as the first parameter.
func documents(f Function) []*Function {
	text := f
	f.Params, text.Params = slices.Clone(f.Params), slices.Clone(f.Params)
	f.Params[0], text.Params[0] = data.JSON, data.String
	return []*Function{&f, &text}
}

// isChecked reports whether argument 0 is known to be JSON by its type.
func isChecked(c *Call) bool { return c.Args[0].Type().Kind == data.JSON }

// notJSON is the error of a text that is no document.
func notJSON(text []byte) error {
	return &data.TextError{Text: shortText(string(text)), Type: data.Of(data.JSON), Err: data.ErrSyntax}
}

// jsonOperatorEntries are PostgreSQL's operators.
func jsonOperatorEntries() []*entry {
	const j, s, n = data.JSON, data.String, data.BigInt
	arrow := func(name, doc string, returns data.Kind, examples ...[2]string) *entry {
		key := Function{Params: []data.Kind{j, s}, Returns: returns, nullable: true, kernel: func(c *Call) kernel { return arrowKernel(c, newPrepared(1, memberPath).of) }}
		place := Function{Params: []data.Kind{j, n}, Returns: returns, nullable: true, kernel: func(c *Call) kernel { return arrowKernel(c, placePath()) }}
		return &entry{name: name, doc: doc, examples: examples, overloads: append(documents(key), documents(place)...)}
	}
	path := func(name, doc string, returns data.Kind, examples ...[2]string) *entry {
		return &entry{name: name, doc: doc, examples: examples, overloads: documents(Function{Params: []data.Kind{j, s}, Returns: returns, nullable: true,
			check: checkPrepared(1, compileKeys), kernel: func(c *Call) kernel { return arrowKernel(c, newPrepared(1, compileKeys).of) }})}
	}
	return []*entry{
		arrow("->", "The member of a JSON object with a name, or the element of an array at a place: 0 is the first, -1 the last. NULL where there is none.", j,
			[2]string{`'{"a":{"b":1.10}}' -> 'a'`, `{"b":1.10}`}, [2]string{`'[1,"x",null]' -> 1`, `"x"`}, [2]string{`'[1,2]' -> -1`, "2"}, [2]string{`'{"a":1}' -> 'b'`, "NULL"}),
		arrow("->>", "Like ->, as text: the characters of a string, NULL for null.", s,
			[2]string{`'{"a":"x\u00e4"}' ->> 'a'`, "xä"}, [2]string{`'[1,[2, 3],null]' ->> 1`, "[2, 3]"}, [2]string{`'[null]' ->> 0`, "NULL"}),
		path("#>", "The part of a JSON document at a path of names and places.", j, [2]string{`'{"a":[{"b":5}]}' #> '{a,0,b}'`, "5"}),
		path("#>>", "Like #>, as text: the characters of a string, NULL for null.", s, [2]string{`'{"a":["x"]}' #>> '{a,-1}'`, "x"}),
	}
}

// memberPath is the path of one member.
func memberPath(name string) (*jsonPath, error) {
	return &jsonPath{strict: true, steps: []pathStep{{kind: memberStep, name: name}}}, nil
}

// placePath gives the path of the element whose place argument 1 is.
func placePath() func(f *frame, i int) (*jsonPath, error) {
	path := &jsonPath{strict: true, steps: []pathStep{{kind: elementStep}}}
	return func(f *frame, i int) (*jsonPath, error) {
		path.steps[0].from = int(max(-maxPathPlace, min(f.int(1, i), maxPathPlace)))
		return path, nil
	}
}

// arrowKernel goes to one part of a document. A text that is not JSON is an error.
func arrowKernel(c *Call, pathOf func(f *frame, i int) (*jsonPath, error)) kernel {
	run, checked, text := &pathRun{}, isChecked(c), c.typ.Kind == data.String
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if f.args[0].IsNull(i) || f.args[1].IsNull(i) {
			f.setNull(i)
			return to, nil
		}
		path, err := pathOf(f, i)
		if err != nil {
			return to, err
		}
		document := f.text(0, i)
		switch run.follow(path, document, checked) {
		case pathInvalid:
			return to, notJSON(document)
		case pathMissed:
			f.setNull(i)
			return to, nil
		}
		if value := run.found[0]; !text {
			return append(to, value...), nil
		} else if value[0] != 'n' {
			return run.appendScalar(to, value), nil
		}
		f.setNull(i)
		return to, nil
	})
}

// appendScalar appends the characters of a string, and other values as they are
// written.
func (p *pathRun) appendScalar(to, value []byte) []byte {
	if value[0] != '"' {
		return append(to, value...)
	}
	p.r.Reset(value)
	text, _ := p.r.Text()
	return append(to, text...)
}

// jsonPathEntries are the functions of the standard with a path of SQL/JSON.
func jsonPathEntries() []*entry {
	const j, s = data.JSON, data.String
	check := checkPrepared(1, compilePath)
	return []*entry{
		{name: "JSON_VALUE", doc: "The scalar at a path of a JSON document as text; NULL where there is none, or not one, and of what is not JSON. RETURNING type converts it; NULL, ERROR or DEFAULT x ON EMPTY and ON ERROR say what the result is where there is none.",
			signatures: []string{"JSON_VALUE(JSON or STRING, path [RETURNING type] [… ON EMPTY] [… ON ERROR]) → STRING or type"},
			examples:   [][2]string{{`JSON_VALUE('{"a":[{"b":1.10}]}', '$.a[0].b')`, "1.10"}, {`JSON_VALUE('{"a":"x"}', 'lax $.a')`, "x"}, {`JSON_VALUE('{"a":[1]}', '$.a')`, "NULL"}},
			overloads:  documents(Function{Params: []data.Kind{j, s}, Returns: s, nullable: true, check: check, kernel: jsonValueKernel})},
		{name: "JSON_QUERY", doc: "The value at a path of a JSON document as JSON; NULL where there is none or more than one, and of what is not JSON. WITH [CONDITIONAL] WRAPPER makes an array of the values, only where there is not just one; NULL, ERROR, DEFAULT x, EMPTY ARRAY or EMPTY OBJECT ON EMPTY and ON ERROR say what the result is where there is none.",
			signatures: []string{"JSON_QUERY(JSON or STRING, path [RETURNING type] [WITH [CONDITIONAL] WRAPPER] [… ON EMPTY] [… ON ERROR]) → JSON or type"},
			examples:   [][2]string{{`JSON_QUERY('{"a":{"b":[1, 2]}}', '$.a.b')`, "[1, 2]"}, {`JSON_QUERY('{"a":"x"}', '$."a"')`, `"x"`}, {`JSON_QUERY('[1,2]', '$[*]')`, "NULL"}},
			overloads:  documents(Function{Params: []data.Kind{j, s}, Returns: j, nullable: true, check: check, kernel: jsonQueryKernel})},
		{name: "JSON_EXISTS", doc: "Whether there is something at a path of a JSON document; FALSE of what is not JSON, or what is said by TRUE, UNKNOWN or ERROR ON ERROR.",
			signatures: []string{"JSON_EXISTS(JSON or STRING, path [… ON ERROR]) → BOOLEAN"},
			examples:   [][2]string{{`JSON_EXISTS('{"a":[1,2]}', '$.a[last]')`, "true"}, {`JSON_EXISTS('{"a":1}', 'strict $.b')`, "false"}},
			overloads:  documents(Function{Params: []data.Kind{j, s}, Returns: data.Boolean, check: check, kernel: jsonExistsKernel})},
	}
}

// followRow follows the path that argument 1 is; ok is false where a NULL, or a
// document or path that has no result, makes the result of ON ERROR.
func followRow(run *pathRun, paths *prepared[*jsonPath], f *frame, i int, checked bool) (ok bool, err error) {
	if f.args[0].IsNull(i) || f.args[1].IsNull(i) {
		return false, nil
	}
	path, err := paths.of(f, i)
	if err != nil {
		return false, err
	}
	return run.follow(path, f.text(0, i), checked) == pathFound, nil
}

func jsonValueKernel(c *Call) kernel {
	run, paths, checked := &pathRun{}, newPrepared(1, compilePath), isChecked(c)
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		ok, err := followRow(run, paths, f, i, checked)
		if err != nil {
			return to, err
		}
		if ok && len(run.found) == 1 {
			if value := run.found[0]; value[0] != '{' && value[0] != '[' && value[0] != 'n' {
				return run.appendScalar(to, value), nil
			}
		}
		f.setNull(i)
		return to, nil
	})
}

func jsonQueryKernel(c *Call) kernel {
	run, paths, checked := &pathRun{}, newPrepared(1, compilePath), isChecked(c)
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		ok, err := followRow(run, paths, f, i, checked)
		if err != nil {
			return to, err
		}
		if ok && len(run.found) == 1 {
			return append(to, run.found[0]...), nil
		}
		f.setNull(i)
		return to, nil
	})
}

func jsonExistsKernel(c *Call) kernel {
	run, paths, checked := &pathRun{}, newPrepared(1, compilePath), isChecked(c)
	return boolRows(func(f *frame, i int) (bool, error) {
		ok, err := followRow(run, paths, f, i, checked)
		return ok && len(run.found) > 0, err
	})
}
