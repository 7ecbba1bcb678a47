package expr

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// oddTexts are what functions of texts trip over.
var oddTexts = []string{"", "a", "AbC def", "naïve", "\xff", "a\xffb\xc3", "\xe2\x82", "😀é", "12", "-7.5", "2026-03-29 02:30:00", "2026-03-29", "yyyy-MM-dd", "HH24:MI", "Europe/Berlin", "+02:00", "day", "(a|b)*", "(", "[", "\\", "a%_", "%s %2$L %-5I", "%",
	"g", "i", "https://u@h.example:80/p%20q?a=1&b=%zz#f", "?", "%41+%", "616263", "YWJj", "hex", "{\"a\":[1,{\"b\":null}],\"a\":2}", "[1,2", "$.a[0]", "$..*", "null", "x,y,,z", ",", "\x00", "\n", " "}

// drawOdd appends a value of any type, often an edge of it.
func drawOdd(t *rapid.T, v *data.Vector) {
	switch {
	case v.Type.Kind == data.Double:
		v.AppendFloat(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1.5, 0.5, 10, 1e300, -1e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), 9.3e18, 1e-10}).Draw(t, "double"))
	case v.Type.Class() == data.ClassBytes:
		v.AppendText([]byte(rapid.SampledFrom(oddTexts).Draw(t, "text")))
	case v.Type.Kind == data.BigInt && rapid.Bool().Draw(t, "small"):
		v.AppendInt(rapid.Int64Range(-3, 40).Draw(t, "int"))
	default:
		drawValue(t, v)
	}
}

// drawArgument makes an argument of a kind: a column of b with NULLs, or a constant.
func drawArgument(t *rapid.T, b *data.Batch, kind data.Kind) Expr {
	typ := data.Of(kind)
	switch kind {
	case data.Unknown:
		typ = rapid.SampledFrom([]data.Type{data.Of(data.Int), data.Of(data.String), data.Of(data.Double), data.DecimalType(12, 2), data.Of(data.Timestamp)}).Draw(t, "type")
	case data.Decimal:
		typ = rapid.SampledFrom([]data.Type{data.DecimalType(12, 2), data.DecimalType(5, 5), data.DecimalType(30, 6), data.DecimalType(38, 0), data.DecimalType(38, 38)}).Draw(t, "decimal")
	}
	rows := b.N
	constant := rapid.Bool().Draw(t, "constant")
	if constant {
		rows = 1
	}
	v := &data.Vector{}
	v.Reset(typ)
	for range rows {
		if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
			v.AppendNull()
		} else {
			drawOdd(t, v)
		}
	}
	v.Const = constant
	if constant && rapid.Bool().Draw(t, "literal") {
		return &Literal{Value: v, typed: rapid.Bool().Draw(t, "typed")}
	}
	b.Cols = append(b.Cols, v)
	return NewColumn(len(b.Cols)-1, "c", typ, spanOf(nil))
}

// No function panics, hangs or gives another result in a batch than alone, or
// after folding, whatever its arguments are.
func TestEveryFunctionTakesOddArguments(t *testing.T) {
	var all []*entry
	for _, f := range families {
		for _, e := range f {
			if len(e.overloads) > 0 && e.overloads[0].Params != nil {
				all = append(all, e)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(all).Draw(t, "entry")
		o := rapid.SampledFrom(e.overloads).Draw(t, "overload")
		if o.Params == nil {
			t.Skip("generic")
		}
		b := &data.Batch{N: rapid.SampledFrom([]int{1, 3, 12}).Draw(t, "n")}
		var args []Expr
		for k := range rapid.IntRange(len(o.Params)-o.Optional, len(o.Params)).Draw(t, "arguments") {
			args = append(args, drawArgument(t, b, o.Params[k]))
		}
		x, err := NewCall(e.name, args, spanOf(nil))
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatalf("%s: %T %v", e.name, err, err)
			}
			t.Skip(err)
		}
		program := Compile(x)
		for range 2 {
			rows := drawRows(t, b.N)
			var v data.Vector
			err = program.Eval(b, rows, &v)
			checkRows(t, x, x, b, rows, &v, err)
			if err == nil && v.Type != x.Type() {
				t.Fatalf("%s has type %s, its vector %s", x, x.Type(), v.Type)
			}
		}
		checkFold(t, x, mustFoldRapid(t, x), b)
	})
}

func mustFoldRapid(t *rapid.T, e Expr) Expr {
	f, err := Fold(e)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
