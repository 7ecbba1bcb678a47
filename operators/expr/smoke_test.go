package expr

import (
	"testing"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

func TestSmoke(t *testing.T) {
	b := &data.Batch{N: 4, Cols: []*data.Vector{{Type: data.Of(data.Int), Ints: []int64{1, 0, 3, 4}}}}
	x := NewColumn(0, "x", data.Of(data.Int), source.Span{})
	nz, err := NewCall("<>", []Expr{x, IntLiteral(0, source.Span{})}, source.Span{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := NewCall("/", []Expr{IntLiteral(12, source.Span{}), x}, source.Span{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewCall(">", []Expr{q, IntLiteral(3, source.Span{})}, source.Span{})
	if err != nil {
		t.Fatal(err)
	}
	e := And([]Expr{nz, g})
	rows, err := Compile(e).Select(b, nil, nil)
	t.Log(e, rows, err)
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	var v data.Vector
	if err := Compile(g).Eval(b, nil, &v); err == nil || err.(*RowError).Row != 1 {
		t.Fatal(err)
	}
	if err := Compile(e).Eval(b, nil, &v); err != nil {
		t.Fatal(err)
	}
	t.Log(v.Bools)
}
