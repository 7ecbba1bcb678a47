package expr

import (
	"bytes"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// The constructors ARRAY[…], MAP[…] and ROW(…), and the ways into what they make.

func constructorEntries() []*entry {
	return []*entry{
		{name: "ARRAY", family: "array", bind: bindArray, signatures: []string{"ARRAY[T, …] → ARRAY<T>"},
			doc:      "An array of the values, which meet in one type.",
			examples: [][2]string{{"ARRAY[1, 2.5, NULL]", "[1.0,2.5,null]"}, {"ARRAY[]", "[]"}}},
		{name: "MAP", family: "map", bind: bindMap, signatures: []string{"MAP[K, V, …] → MAP<K,V>"},
			doc:      "A map of keys and values in turn. Keys are not NULL; of several that are equal the last counts.",
			examples: [][2]string{{"MAP['b', 1, 'a', 2]", `{"a":2,"b":1}`}, {"MAP['a', 1, 'a', 2]", `{"a":2}`}}},
		{name: "ROW", family: "row", bind: bindRow, signatures: []string{"ROW(T, …) → ROW<f1 T, …>"},
			doc:      "A row of the values, whose fields are called f1, f2 and so on; CAST gives them other names.",
			examples: [][2]string{{"ROW(1, 'x')", `{"f1":1,"f2":"x"}`}}},
		{name: "SUBSCRIPT", aliases: []string{"ELEMENT_AT"}, family: "array", bind: bindSubscript,
			signatures: []string{"ARRAY<T>[BIGINT] → T", "MAP<K,V>[K] → V", "JSON[STRING] → JSON", "JSON[BIGINT] → JSON"},
			doc:        "The element of an array at a place, counted from 1, or the value of a map at a key; NULL where there is none. On JSON it is ->, which counts from 0.",
			examples:   [][2]string{{"ARRAY['a', 'b'][2]", "b"}, {"ARRAY['a', 'b'][3]", "NULL"}, {"MAP['a', 1]['a']", "1"}, {"ELEMENT_AT(ARRAY[7], 1)", "7"}},
			overloads: []*Function{
				overload("ARRAY<T>, BIGINT", "T", elementKernel).total(),
				overload("MAP<K,V>, K", "V", lookupKernel).total(),
			}},
		{name: "FIELD", family: "row", bind: bindField, signatures: []string{"ROW<…>.name → T"},
			doc:      "A field of a row.",
			examples: [][2]string{{"ROW(1, 'x').f2", "x"}}},
	}
}

var (
	arrayFunc = &Function{Name: "ARRAY", Params: []data.Kind{data.Unknown}, Variadic: true, Returns: data.Array, safe: true, nullable: true,
		kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			for _, v := range f.args {
				to = data.AppendElement(to, v, i)
			}
			return data.EndArray(to), nil
		}))}
	rowFunc = &Function{Name: "ROW", Params: []data.Kind{data.Unknown}, Variadic: true, Returns: data.Row, safe: true, nullable: true,
		kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			for _, v := range f.args {
				to = data.AppendElement(to, v, i)
			}
			return to, nil
		}))}
	mapFunc = &Function{Name: "MAP", Params: []data.Kind{data.Unknown}, Variadic: true, Returns: data.Map, nullable: true,
		kernel: func(*Call) kernel {
			b := &data.MapBuilder{}
			return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
				b.Reset()
				for k := 0; k < len(f.args); k += 2 {
					if !b.Add(f.args[k], i, f.args[k+1], i) {
						return to, errNullKey
					}
				}
				return b.AppendTo(to), nil
			})
		}}
)

func newNested(f *Function, args []Expr, t data.Type, at source.Span) (Expr, error) {
	if err := checkDepth(t, at); err != nil {
		return nil, err
	}
	return &Call{Func: f, Args: args, typ: t, at: at}, nil
}

func bindArray(_ *entry, args []Expr, at source.Span) (Expr, error) {
	args, t, err := unify(args, "the elements of ARRAY")
	if err != nil {
		return nil, err
	}
	return newNested(arrayFunc, args, data.ArrayOf(t), at)
}

func bindMap(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args)%2 != 0 {
		return nil, errorf(at, "write MAP['key', value, …]", "MAP takes keys and values in turn, and the last key has no value")
	}
	var keys, values []Expr
	for i := 0; i < len(args); i += 2 {
		keys, values = append(keys, args[i]), append(values, args[i+1])
	}
	keys, key, err := unify(keys, "the keys of MAP")
	if err != nil {
		return nil, err
	}
	values, value, err := unify(values, "the values of MAP")
	if err != nil {
		return nil, err
	}
	out := make([]Expr, 0, len(args))
	for i := range keys {
		out = append(out, keys[i], values[i])
	}
	return newNested(mapFunc, out, data.MapOf(key, value), at)
}

func bindRow(_ *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) == 0 {
		return nil, errorf(at, "write ROW(1, 'x')", "a ROW has at least one value")
	}
	fields := make([]data.Field, len(args))
	for i, a := range args {
		fields[i] = data.Field{Name: fieldName(i), Type: a.Type()}
	}
	return newNested(rowFunc, args, data.RowOf(fields...), at)
}

func bindSubscript(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) != 2 {
		return resolve(e, args, at)
	}
	of, want, what := args[0].Type(), data.Of(data.BigInt), "the place of an element"
	switch of.Kind {
	case data.JSON:
		return NewCall("->", args, at)
	case data.Map:
		want, what = of.Key(), "a key of "+args[0].String()
	case data.Array:
	default:
		return resolve(e, args, at)
	}
	if l, ok := args[1].(*Literal); (!ok || !l.loose()) && castCost(args[1].Type().Kind, want.Kind) < 0 {
		return nil, errorf(args[1].Span(), castHint(args[1], want), "%s is %s, but %s is %s", what, want, args[1], args[1].Type())
	}
	return resolve(e, args, at)
}

// elementKernel is a[i].
func elementKernel(c *Call) kernel {
	return valueRows(c.typ, func(f *frame, i int, one *data.Vector) error {
		at := f.int(1, i)
		if at < 1 {
			return nil
		}
		for e := f.elements(0, i); e.Next(); {
			if at--; at == 0 {
				e.Append(one)
				break
			}
		}
		return nil
	})
}

// lookupKernel is m[k].
func lookupKernel(c *Call) kernel {
	var key needle
	return valueRows(c.typ, func(f *frame, i int, one *data.Vector) error {
		key.set(f.args[1], i)
		if e := f.elements(0, i); findKey(&e, key.buf) {
			e.Append(one)
		}
		return nil
	})
}

// findKey goes to the value of a key in a map, whose keys are in order.
func findKey(e *data.Elements, key []byte) bool {
	for e.Next() {
		c := bytes.Compare(e.Raw(), key)
		if c > 0 || !e.Next() {
			return false
		}
		if c == 0 {
			return true
		}
	}
	return false
}
