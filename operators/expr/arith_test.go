package expr

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Every operator over every pair of edge values, in every form of the operands,
// agrees with big integers, overflow included.
func TestIntegerEdgesAgainstBig(t *testing.T) {
	edges := map[data.Kind][]int64{
		data.Int:    {math.MinInt32, math.MinInt32 + 1, -46341, -1, 0, 1, 2, 46340, 46341, math.MaxInt32 - 1, math.MaxInt32},
		data.BigInt: {math.MinInt64, math.MinInt64 + 1, -3037000500, -1, 0, 1, 2, 3037000499, 3037000500, math.MaxInt64 - 1, math.MaxInt64},
	}
	at := source.Span{}
	for kind, values := range edges {
		typ := data.Of(kind)
		for _, op := range []string{"+", "-", "*", "/", "%"} {
			for _, x := range values {
				for _, y := range values {
					want, ok := bigInteger(op, x, y, kind)
					for form := range 4 { // columns, column and constant, constant and column, a selection
						a, b := &data.Vector{Type: typ, Ints: []int64{1, x, 1}}, &data.Vector{Type: typ, Ints: []int64{1, y, 1}}
						if form == 1 {
							b = &data.Vector{Type: typ, Const: true, Ints: []int64{y}}
							a.Ints = []int64{x, x, x}
						}
						if form == 2 {
							a = &data.Vector{Type: typ, Const: true, Ints: []int64{x}}
							b.Ints = []int64{y, y, y}
						}
						var rows []int32
						if form == 3 {
							rows = []int32{1}
						}
						e, err := NewCall(op, []Expr{NewColumn(0, "a", typ, at), NewColumn(1, "b", typ, at)}, at)
						if err != nil {
							t.Fatal(err)
						}
						var v data.Vector
						err = Compile(e).Eval(&data.Batch{N: 3, Cols: []*data.Vector{a, b}}, rows, &v)
						if ok != (err == nil) || ok && v.Ints[1] != want {
							t.Fatalf("%s: %d %s %d in form %d is %v, %v; want %d, %v", typ, x, op, y, form, v.Ints, err, want, ok)
						}
						if first := map[bool]int{true: 0, false: 1}[form == 1 || form == 2]; !ok && err.(*RowError).Row != first {
							t.Fatalf("%s: %d %s %d in form %d fails on row %d", typ, x, op, y, form, err.(*RowError).Row)
						}
					}
				}
			}
		}
	}
}

func bigInteger(op string, x, y int64, kind data.Kind) (int64, bool) {
	a, b, r := big.NewInt(x), big.NewInt(y), new(big.Int)
	switch op {
	case "+":
		r.Add(a, b)
	case "-":
		r.Sub(a, b)
	case "*":
		r.Mul(a, b)
	default:
		if y == 0 {
			return 0, false
		}
		if op == "/" {
			r.Quo(a, b)
		} else {
			r.Rem(a, b)
		}
	}
	if !r.IsInt64() || kind == data.Int && r.Int64() != int64(int32(r.Int64())) {
		return 0, false
	}
	return r.Int64(), true
}

// Comparisons agree in every form, with selections thin and thick, NaN included.
func TestComparisonForms(t *testing.T) {
	at := source.Span{}
	values := []float64{math.Inf(-1), -1, 0, math.Copysign(0, -1), 1, math.Inf(1), math.NaN()}
	holds := map[string]func(c int) bool{
		"=": func(c int) bool { return c == 0 }, "<>": func(c int) bool { return c != 0 }, "<": func(c int) bool { return c < 0 },
		"<=": func(c int) bool { return c <= 0 }, ">": func(c int) bool { return c > 0 }, ">=": func(c int) bool { return c >= 0 },
	}
	typ := data.Of(data.Double)
	flat := func(x float64) *data.Vector {
		v := &data.Vector{Type: typ}
		for range 9 {
			v.AppendFloat(x)
		}
		return v
	}
	for op, hold := range holds {
		for _, x := range values {
			for _, y := range values {
				for form := range 3 {
					a, b := flat(x), flat(y)
					if form == 1 {
						a = &data.Vector{Type: typ, Const: true, Floats: []float64{x}}
					}
					if form == 2 {
						b = &data.Vector{Type: typ, Const: true, Floats: []float64{y}}
					}
					e, err := NewCall(op, []Expr{NewColumn(0, "a", typ, at), NewColumn(1, "b", typ, at)}, at)
					if err != nil {
						t.Fatal(err)
					}
					for _, rows := range [][]int32{nil, {4}, {1, 2, 4, 5, 6}} {
						got, err := Compile(e).Select(&data.Batch{N: 9, Cols: []*data.Vector{a, b}}, rows, nil)
						want := 0
						if hold(data.CompareDoubles(x, y)) {
							want = len(selected(rows, 9))
						}
						if err != nil || len(got) != want {
							t.Fatal(fmt.Sprintf("%v %s %v in form %d over %v", x, op, y, form, rows), got, err)
						}
					}
				}
			}
		}
	}
}
