package operators_test

import (
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

func unnestCase(array data.Type, ordinality, outer bool, elements ...data.Column) optest.Case {
	in := data.Schema{{Name: "k", Type: data.Of(data.BigInt)}, {Name: "a", Type: array}}
	out := append(append(data.Schema(nil), in...), elements...)
	if ordinality {
		out = append(out, data.Column{Name: "n", Type: data.Of(data.BigInt)})
	}
	return optest.Case{In: in, Out: out, Steps: true,
		New: func() operators.Operator {
			return operators.NewUnnest(operators.UnnestConfig{Array: 1, Ordinality: ordinality, Outer: outer, BatchRows: 3}, in, out)
		}}
}

func TestUnnest(t *testing.T) {
	number := data.Of(data.BigInt)
	c := unnestCase(data.ArrayOf(number), true, false, data.Column{Name: "x", Type: number})
	c.Input = `1 [10,20]
		2 []
		wm 2026-01-01T00:00:00Z
		3 NULL
		4 [30,null,40,50]
		wm 2026-01-01T00:01:00Z
		end`
	c.Want = `+I 1 NULL 10 1
		+I 1 NULL 20 2
		wm 2026-01-01T00:00:00Z
		+I 4 NULL 30 1
		+I 4 NULL NULL 2
		+I 4 NULL 40 3
		+I 4 NULL 50 4
		wm 2026-01-01T00:01:00Z
		end`
	optest.Run(t, c)
}

// The elements of an updated row go, and those of the new one come.
func TestUnnestUpdates(t *testing.T) {
	text := data.Of(data.String)
	c := unnestCase(data.ArrayOf(text), false, false, data.Column{Name: "x", Type: text})
	c.Input = `1 ["a","b"]
		-U 1 ["a","b"]
		+U 1 ["c"]
		-D 1 ["c"]
		end`
	c.Want = `+I 1 NULL a
		+I 1 NULL b
		-D 1 NULL a
		-D 1 NULL b
		+I 1 NULL c
		-D 1 NULL c
		end`
	optest.Run(t, c)
}

func TestUnnestRowsAndMaps(t *testing.T) {
	number, text := data.Of(data.BigInt), data.Of(data.String)
	c := unnestCase(data.ArrayOf(data.RowOf(data.Field{Name: "a", Type: number}, data.Field{Name: "b", Type: text})), false, false,
		data.Column{Name: "a", Type: number}, data.Column{Name: "b", Type: text})
	c.Input = `7 [{"a":1,"b":"x"},null,{"b":"y"}]
		end`
	c.Want = `+I 7 NULL 1 x
		+I 7 NULL NULL NULL
		+I 7 NULL NULL y
		end`
	optest.Run(t, c)

	c = unnestCase(data.MapOf(text, number), false, false, data.Column{Name: "key", Type: text}, data.Column{Name: "value", Type: number})
	c.Input = `7 {"b":2,"a":null}
		end`
	c.Want = `+I 7 NULL a NULL
		+I 7 NULL b 2
		end`
	optest.Run(t, c)
}

// Rows without elements are kept where that is asked for.
func TestUnnestOuter(t *testing.T) {
	number := data.Of(data.BigInt)
	c := unnestCase(data.ArrayOf(number), true, true, data.Column{Name: "x", Type: number})
	c.Input = `1 []
		2 [10,null]
		wm 2026-01-01T00:00:00Z
		3 NULL
		-U 1 []
		+U 1 [5]
		-D 2 [10,null]
		-U 1 [5]
		+U 1 NULL
		end`
	c.Want = `+I 1 NULL NULL NULL
		+I 2 NULL 10 1
		+I 2 NULL NULL 2
		wm 2026-01-01T00:00:00Z
		+I 3 NULL NULL NULL
		-D 1 NULL NULL NULL
		+I 1 NULL 5 1
		-D 2 NULL 10 1
		-D 2 NULL NULL 2
		-D 1 NULL 5 1
		+I 1 NULL NULL NULL
		end`
	optest.Run(t, c)
}
