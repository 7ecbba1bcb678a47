package expr

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// drawDecimal draws a type and a value of it, as a column of one row.
func drawDecimal(t *rapid.T, name string) (*data.Vector, *big.Int) {
	p := rapid.IntRange(1, data.MaxPrecision).Draw(t, name+" precision")
	typ := data.DecimalType(p, rapid.IntRange(0, p).Draw(t, name+" scale"))
	digits := rapid.IntRange(1, p).Draw(t, name+" digits")
	x, _ := new(big.Int).SetString(rapid.StringMatching("-?[0-9]{1,"+big.NewInt(int64(digits)).String()+"}").Draw(t, name), 10)
	v := &data.Vector{}
	v.Reset(typ)
	w, _ := fromBig(x)
	if typ.Class() == data.ClassInt {
		v.AppendInt(int64(w.Lo))
	} else {
		v.AppendWide(w)
	}
	return v, x
}

// Arithmetic and comparison of decimals of any type agree with rational numbers.
func TestDecimalsAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, x := drawDecimal(t, "x")
		w, y := drawDecimal(t, "y")
		op := rapid.SampledFrom([]string{"+", "-", "*", "/", "%", "<", "=", ">=", "<>"}).Draw(t, "op")
		at := source.Span{}
		// A constant beside a column has loops of its own.
		w.Const = rapid.Bool().Draw(t, "constant")
		e, err := NewCall(op, []Expr{NewColumn(0, "x", v.Type, at), NewColumn(1, "y", w.Type, at)}, at)
		if err != nil {
			t.Fatal(err)
		}
		got, gotErr := evalRow(e, &data.Batch{N: 1, Cols: []*data.Vector{v, w}}, 0)

		a, b := new(big.Rat).SetFrac(x, bigPow10(int(v.Type.Scale))), new(big.Rat).SetFrac(y, bigPow10(int(w.Type.Scale)))
		var want *big.Rat
		switch op {
		case "<", "=", ">=", "<>":
			c := a.Cmp(b)
			expect := map[string]bool{"<": c < 0, "=": c == 0, ">=": c >= 0, "<>": c != 0}[op]
			if gotErr != nil || (got == "true") != expect {
				t.Fatalf("%s %s %s is %s, %v", a, op, b, got, gotErr)
			}
			return
		case "+":
			want = new(big.Rat).Add(a, b)
		case "-":
			want = new(big.Rat).Sub(a, b)
		case "*":
			want = new(big.Rat).Mul(a, b)
		default:
			if b.Sign() == 0 {
				if gotErr == nil || cause(gotErr) != errDivision {
					t.Fatalf("%s %s 0 is %s, %v", a, op, got, gotErr)
				}
				return
			}
			want = new(big.Rat).Quo(a, b)
			if op == "%" {
				whole := new(big.Int).Quo(want.Num(), want.Denom())
				want.Sub(a, new(big.Rat).Mul(new(big.Rat).SetInt(whole), b))
			}
		}
		r := e.Type()
		unscaled := roundDiv(new(big.Int).Mul(want.Num(), bigPow10(int(r.Scale))), want.Denom())
		if unscaled.CmpAbs(bigPow10(int(r.Precision))) >= 0 {
			if gotErr == nil {
				t.Fatalf("%s %s %s is %s, outside of %s", a, op, b, got, r)
			}
			return
		}
		text := new(big.Rat).SetFrac(unscaled, bigPow10(int(r.Scale))).FloatString(int(r.Scale))
		if gotErr != nil || got != text {
			t.Fatalf("%s %s %s is %s, %v; want %s of type %s", a, op, b, got, gotErr, text, r)
		}
	})
}

// Casts between decimals round half away from zero.
func TestDecimalCastAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, x := drawDecimal(t, "x")
		p := rapid.IntRange(1, data.MaxPrecision).Draw(t, "precision")
		to := data.DecimalType(p, rapid.IntRange(0, p).Draw(t, "scale"))
		e, err := NewCast(NewColumn(0, "x", v.Type, source.Span{}), to, true, source.Span{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := evalRow(e, &data.Batch{N: 1, Cols: []*data.Vector{v}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		unscaled := rescaleBig(new(big.Int).Set(x), int(v.Type.Scale), int(to.Scale))
		want := new(big.Rat).SetFrac(unscaled, bigPow10(int(to.Scale))).FloatString(int(to.Scale))
		if unscaled.CmpAbs(bigPow10(p)) >= 0 {
			want = "NULL"
		}
		if got != want {
			t.Fatalf("%s of %s as %s is %s, want %s", x, v.Type, to, got, want)
		}
	})
}

// The types of results are those of Flink's LogicalTypeMerging.
func TestDecimalTypes(t *testing.T) {
	d := data.DecimalType
	for _, c := range []struct {
		op      string
		a, b, r data.Type
	}{
		{"+", d(12, 2), d(10, 0), d(13, 2)}, {"+", d(38, 10), d(38, 2), d(38, 6)}, {"-", d(5, 5), d(5, 0), d(11, 5)},
		{"*", d(12, 2), d(5, 3), d(17, 5)}, {"*", d(38, 10), d(38, 10), d(38, 6)}, {"*", d(20, 18), d(20, 18), d(38, 34)},
		{"/", d(12, 2), d(10, 0), d(23, 13)}, {"/", d(38, 10), d(38, 10), d(38, 6)}, {"%", d(12, 2), d(5, 3), d(5, 3)},
	} {
		if got := arithmeticDecimal(c.op, c.a, c.b); got != c.r {
			t.Errorf("%s %s %s is %s, want %s", c.a, c.op, c.b, got, c.r)
		}
	}
}
