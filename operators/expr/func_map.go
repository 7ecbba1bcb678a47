package expr

import (
	"bytes"
	"fmt"

	"tidemark/operators/data"
)

func mapEntries() []*entry {
	return inFamily("map", []*entry{
		{name: "MAP_KEYS", doc: "The keys of a map, in order.", examples: [][2]string{{"MAP_KEYS(MAP['b', 1, 'a', 2])", `["a","b"]`}},
			overloads: []*Function{overload("MAP<K,V>", "ARRAY<K>", everySecond(0)).total()}},
		{name: "MAP_VALUES", doc: "The values of a map, in the order of the keys.", examples: [][2]string{{"MAP_VALUES(MAP['b', 1, 'a', 2])", "[2,1]"}},
			overloads: []*Function{overload("MAP<K,V>", "ARRAY<V>", everySecond(1)).total()}},
		{name: "MAP_ENTRIES", doc: "The entries of a map as rows, in the order of the keys.", examples: [][2]string{{"MAP_ENTRIES(MAP['a', 1])", `[{"key":"a","value":1}]`}},
			overloads: []*Function{overload("MAP<K,V>", "ARRAY<ROW<key K, value V>>", func(*Call) kernel {
				return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
					for e := f.elements(0, i); e.Next(); {
						to = data.BeginElement(to)
						to = append(to, e.Raw()...)
						e.Next()
						to = append(to, e.Raw()...)
					}
					return data.EndArray(to), nil
				})
			}).total()}},
		{name: "MAP_FROM_ARRAYS", doc: "A map of an array of keys and one of values, which must be equally long. Of keys that are equal the last counts.",
			examples:  [][2]string{{"MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2])", `{"a":1,"b":2}`}},
			overloads: []*Function{overload("ARRAY<K>, ARRAY<V>", "MAP<K,V>", fromArraysKernel)}},
		{name: "MAP_FROM_ENTRIES", doc: "A map of rows of a key and a value. Of keys that are equal the last counts; NULL rows are left out.",
			examples: [][2]string{{"MAP_FROM_ENTRIES(ARRAY[ROW('a', 1), ROW('b', 2)])", `{"a":1,"b":2}`}},
			overloads: []*Function{overload("ARRAY<ROW<key K, value V>>", "MAP<K,V>", func(c *Call) kernel {
				t := c.Args[0].Type().Elem()
				return mapKernel(func(f *frame, i int, b *data.MapBuilder) error {
					for e := f.elements(0, i); e.Next(); {
						if e.IsNull() {
							continue
						}
						pair := data.Walk(t, e.Value())
						if !pair.Next() {
							continue
						}
						key := pair.Raw()
						if pair.Next() && !b.AddEncoded(key, pair.Raw()) {
							return errNullKey
						}
					}
					return nil
				})
			})}},
		{name: "MAP_CONCAT", aliases: []string{"MAP_UNION"}, doc: "The entries of all the maps; of keys that are equal the last counts.",
			examples: [][2]string{{"MAP_CONCAT(MAP['a', 1, 'b', 2], MAP['a', 3])", `{"a":3,"b":2}`}},
			overloads: []*Function{overload("MAP<K,V>, MAP<K,V>", "MAP<K,V>", func(*Call) kernel {
				return mapKernel(func(f *frame, i int, b *data.MapBuilder) error {
					for k := range f.args {
						for e := f.elements(k, i); e.Next(); {
							key := e.Raw()
							if e.Next() {
								b.AddEncoded(key, e.Raw())
							}
						}
					}
					return nil
				})
			}).total().variadic()}},
		{name: "MAP_CONTAINS_KEY", aliases: []string{"MAP_CONTAINS"}, doc: "Whether a map has a key.", examples: [][2]string{{"MAP_CONTAINS_KEY(MAP['a', NULL], 'a')", "true"}},
			overloads: []*Function{overload("MAP<K,V>, K", "BOOLEAN", func(*Call) kernel {
				var key needle
				return boolRows(func(f *frame, i int) (bool, error) {
					key.set(f.args[1], i)
					e := f.elements(0, i)
					return findKey(&e, key.buf), nil
				})
			}).total()}},
		{name: "STR_TO_MAP", doc: "A map of a text of entries, by default as in 'a=1,b=2'; the arguments after it are what stands between entries and between key and value.",
			examples:  [][2]string{{"STR_TO_MAP('a=1,b=2')", `{"a":"1","b":"2"}`}, {"STR_TO_MAP('a:1;b', ';', ':')", `{"a":"1","b":null}`}},
			overloads: []*Function{overload("STRING, STRING, STRING", "MAP<STRING,STRING>", textMapKernel).total().lastOptional(2)}},
	})
}

// mapKernel makes maps of the entries that a row adds.
func mapKernel(row func(f *frame, i int, b *data.MapBuilder) error) kernel {
	b := &data.MapBuilder{}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		b.Reset()
		if err := row(f, i, b); err != nil {
			return to, err
		}
		return b.AppendTo(to), nil
	})
}

// everySecond makes an array of the keys of a map, or from 1 on of its values.
func everySecond(from int) func(*Call) kernel {
	return func(*Call) kernel {
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			e := f.elements(0, i)
			for n := 0; e.Next(); n++ {
				if n%2 == from {
					to = append(to, e.Raw()...)
				}
			}
			return data.EndArray(to), nil
		})
	}
}

func fromArraysKernel(c *Call) kernel {
	k, v := c.Args[0].Type(), c.Args[1].Type()
	return mapKernel(func(f *frame, i int, b *data.MapBuilder) error {
		keys, values := f.elements(0, i), f.elements(1, i)
		for {
			hasKey, hasValue := keys.Next(), values.Next()
			switch {
			case hasKey != hasValue:
				return fmt.Errorf("MAP_FROM_ARRAYS takes arrays of one length, and these have %d keys and %d values",
					data.CountElements(k, f.text(0, i)), data.CountElements(v, f.text(1, i)))
			case !hasKey:
				return nil
			case !b.AddEncoded(keys.Raw(), values.Raw()):
				return errNullKey
			}
		}
	})
}

func textMapKernel(*Call) kernel {
	one := &data.Vector{}
	return mapKernel(func(f *frame, i int, b *data.MapBuilder) error {
		between, within := []byte(","), []byte("=")
		if len(f.args) > 1 {
			between = f.text(1, i)
		}
		if len(f.args) > 2 {
			within = f.text(2, i)
		}
		text := f.text(0, i)
		for more := len(text) > 0; more; {
			var entry []byte
			entry, text, more = cut(text, between)
			key, value, hasValue := cut(entry, within)
			one.Reset(data.Of(data.String))
			if one.AppendText(key); hasValue {
				one.AppendText(value)
			} else {
				one.AppendNull()
			}
			b.Add(one, 0, one, 1)
		}
		return nil
	})
}

// cut is bytes.Cut, but nothing is found by an empty separator.
func cut(text, separator []byte) (before, after []byte, found bool) {
	if len(separator) == 0 {
		return text, nil, false
	}
	return bytes.Cut(text, separator)
}
