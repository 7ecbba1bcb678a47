package expr

import (
	"testing"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

func column(kind data.Kind, values ...any) *data.Vector {
	v := &data.Vector{}
	v.Reset(data.Of(kind))
	for _, x := range values {
		switch x := x.(type) {
		case nil:
			v.AppendNull()
		case int:
			v.AppendInt(int64(x))
		case string:
			v.AppendText([]byte(x))
		}
	}
	return v
}

// A NULL in the set makes NULL of what is not found; nothing is in an empty set,
// not even perhaps.
func TestInSet(t *testing.T) {
	for _, c := range []struct {
		x, set *data.Vector
		not    bool
		want   []string
	}{
		{column(data.BigInt, 1, 2, nil), column(data.BigInt, 2, 3), false, []string{"false", "true", "NULL"}},
		{column(data.BigInt, 1, 2, nil), column(data.BigInt, 2, 3), true, []string{"true", "false", "NULL"}},
		{column(data.BigInt, 1, 2), column(data.BigInt, 2, nil), false, []string{"NULL", "true"}},
		{column(data.BigInt, 1, 2), column(data.BigInt, nil, 2), true, []string{"NULL", "false"}},
		{column(data.BigInt, 1, nil), column(data.BigInt), false, []string{"false", "false"}},
		{column(data.BigInt, 1, nil), column(data.BigInt), true, []string{"true", "true"}},
		{column(data.String, "a", "b"), column(data.String, "b", "c", "d", "e", "f", "g", "h"), false, []string{"false", "true"}},
	} {
		cell := &Cell{Text: "SELECT …"}
		x := NewColumn(0, "x", c.x.Type, source.Span{})
		e, values, err := NewInSet(x, cell, c.set.Type, c.not, source.Span{})
		if err != nil || values != c.set.Type {
			t.Fatal(values, err)
		}
		folded, err := Fold(e)
		if err != nil || !UsesSubquery(folded) {
			t.Fatalf("%s folded to %s: %v", e, folded, err)
		}
		cell.Value = c.set
		b := &data.Batch{Cols: []*data.Vector{c.x}, N: c.x.Len()}
		v := &data.Vector{}
		err = Compile(folded).Eval(b, nil, v)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			got := "NULL"
			if !v.IsNull(i) {
				got = string(data.AppendText(nil, v, i))
			}
			if got != want {
				t.Errorf("%s, row %d: %s, want %s", e, i, got, want)
			}
		}
	}
}

func TestScalarSubquery(t *testing.T) {
	cell := &Cell{Text: "SELECT MAX(x) FROM t"}
	s := NewScalar(cell, data.Of(data.BigInt), source.Span{})
	sum, err := NewCall("+", []Expr{s, IntLiteral(1, source.Span{})}, source.Span{})
	if err != nil {
		t.Fatal(err)
	}
	folded, _ := Fold(sum)
	if got := folded.String(); got != "(SELECT MAX(x) FROM t) + 1" {
		t.Errorf("%s", got)
	}
	cell.Value = data.NewConst(data.Of(data.BigInt))
	cell.Value.AppendInt(41)
	v := &data.Vector{}
	err = Compile(folded).Eval(&data.Batch{N: 2}, nil, v)
	if err != nil || v.Ints[v.Index(1)] != 42 {
		t.Fatal(v, err)
	}
}
