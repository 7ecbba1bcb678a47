package data

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func drawInt128(t *rapid.T, name string) Int128 {
	x := Int128{Hi: rapid.Int64().Draw(t, name+".hi"), Lo: rapid.Uint64().Draw(t, name+".lo")}
	switch rapid.IntRange(0, 3).Draw(t, name+".form") {
	case 0:
		return Wide(x.Hi)
	case 1:
		return Int128{Hi: x.Hi >> rapid.IntRange(0, 62).Draw(t, name+".shift"), Lo: x.Lo}
	}
	return x
}

func fromBigInt(b *big.Int) (Int128, bool) {
	lo := new(big.Int).And(b, new(big.Int).SetUint64(^uint64(0)))
	hi := new(big.Int).Rsh(b, 64)
	return Int128{Hi: hi.Int64(), Lo: lo.Uint64()}, hi.IsInt64()
}

func TestInt128AgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawInt128(t, "a"), drawInt128(t, "b")
		x, y := a.Big(), b.Big()
		check := func(op string, got Int128, ok bool, want *big.Int) {
			w, fits := fromBigInt(want)
			if ok != fits || fits && got != w {
				t.Fatalf("%v %s %v = %v %v, want %v", x, op, y, got.Big(), ok, want)
			}
		}
		got, ok := a.Add(b)
		check("+", got, ok, new(big.Int).Add(x, y))
		got, ok = a.Sub(b)
		check("-", got, ok, new(big.Int).Sub(x, y))
		got, ok = a.Mul(b)
		check("*", got, ok, new(big.Int).Mul(x, y))
		left, right := int64(a.Lo), int64(b.Lo)
		if got := Product(left, right).Big(); got.Cmp(new(big.Int).Mul(big.NewInt(left), big.NewInt(right))) != 0 {
			t.Fatalf("%d * %d = %v", left, right, got)
		}
		if a.Cmp(b) != x.Cmp(y) || a.Sign() != x.Sign() {
			t.Fatalf("cmp or sign of %v, %v", x, y)
		}
		if f, _ := new(big.Float).SetInt(x).Float64(); f != a.Float64() {
			t.Fatalf("float of %v: %v, want %v", x, a.Float64(), f)
		}
		for p := 1; p <= MaxPrecision; p++ {
			if a.FitsPrecision(p) != (len(new(big.Int).Abs(x).String()) <= p) {
				t.Fatalf("%v fits %d digits: %v", x, p, a.FitsPrecision(p))
			}
		}
		minimal := new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 127))
		if y.Sign() == 0 || x.Cmp(minimal) == 0 || y.Cmp(minimal) == 0 {
			return
		}
		q, r := new(big.Int).QuoRem(x, y, new(big.Int))
		check("/", a.QuoTrunc(b), true, q)
		check("%", a.Rem(b), true, r)
		twice := new(big.Int).Abs(r)
		if twice.Lsh(twice, 1).CmpAbs(y) >= 0 {
			q.Add(q, big.NewInt(int64(x.Sign()*y.Sign())))
		}
		got, ok = a.DivRound(b)
		check("/~", got, ok, q)
	})
}
