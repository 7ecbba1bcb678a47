package data

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestRescaleAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawInt128(t, "a")
		from, to := rapid.IntRange(0, MaxPrecision).Draw(t, "from"), rapid.IntRange(0, MaxPrecision).Draw(t, "to")
		ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(to-from, from-to))), nil)
		want := a.Big()
		if to >= from {
			want.Mul(want, ten)
		} else {
			half := new(big.Int).Quo(ten, big.NewInt(2))
			if a.Sign() < 0 {
				half.Neg(half)
			}
			want.Quo(want.Add(want, half), ten)
		}
		w, fits := fromBigInt(want)
		if got, ok := a.Rescale(from, to); ok != fits || fits && got != w {
			t.Fatalf("%v from scale %d to %d: %v %v, want %v", a.Big(), from, to, got.Big(), ok, want)
		}
		if rapid.Bool().Draw(t, "text") && a.FitsPrecision(MaxPrecision) {
			text := appendDecimal(nil, a, from)
			if back, err := ParseDecimal(text, MaxPrecision, from); err != nil || back != a {
				t.Fatalf("%v at scale %d is printed as %s, which reads as %v %v", a.Big(), from, text, back.Big(), err)
			}
		}
	})
}

func TestInt128Extremes(t *testing.T) {
	least := Int128{Hi: math.MinInt64}
	if _, ok := least.DivRound(Wide(-1)); ok {
		t.Error("the least value over -1 fits 128 bits")
	}
	if q, ok := least.DivRound(Wide(1)); !ok || q != least {
		t.Errorf("the least value over 1 is %v %v", q.Big(), ok)
	}
	if _, ok := Wide(1).DivRound(Int128{}); ok {
		t.Error("1 / 0 has a result")
	}
	if least.FitsPrecision(MaxPrecision) || !Pow10(38).Neg().FitsPrecision(39) {
		t.Error("precision of the extremes")
	}
	if f := least.Float64(); f != -0x1p127 {
		t.Errorf("the least value as a double: %v", f)
	}
}
