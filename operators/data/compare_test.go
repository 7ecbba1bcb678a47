package data

import (
	"math"
	"slices"
	"testing"
)

// Each list is in ascending order, all values different; the last is NULL.
func TestCompareOrder(t *testing.T) {
	for _, c := range []struct {
		t      Type
		values []string
	}{
		{Of(BigInt), []string{"-9223372036854775808", "-1", "0", "9223372036854775807"}},
		{Of(Double), []string{"-Infinity", "-1.5", "0", "1e-300", "2", "Infinity", "NaN"}},
		{Of(Boolean), []string{"false", "true"}},
		{DecimalType(38, 2), []string{"-999999999999999999999999999999999999.99", "-0.01", "0", "0.01", "18446744073709551616"}},
		{Of(String), []string{"", "A", "a", "a\x00", "aa", "b", "é"}},
		{Of(Timestamp), []string{"0001-01-01", "1969-12-31T23:59:59.999999Z", "1970-01-01"}},
		{Of(Interval), []string{"-1 month", "-1 s", "0 s", "29 days", "1 month", "31 days", "1 year", "366 days"}},
	} {
		var v Vector
		v.Reset(c.t)
		p := NewTextParser(c.t, nil)
		for _, s := range c.values {
			if err := p.Append(&v, []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		v.AppendNull()
		for i := range v.Len() {
			for j := range v.Len() {
				want := min(1, max(-1, i-j))
				if got := Compare(&v, i, &v, j); got != want || Equal(&v, i, &v, j) != (want == 0) {
					t.Errorf("%v: values %d and %d of %v compare as %d, want %d", c.t, i, j, c.values, got, want)
				}
			}
		}
	}
}

func TestCompareEquals(t *testing.T) {
	zeros := Vector{Type: Of(Double), Floats: []float64{0, math.Copysign(0, -1)}}
	nans := Vector{Type: Of(Double), Floats: []float64{math.NaN(), math.Float64frombits(0xFFF8000000000123)}}
	month := Vector{Type: Of(Interval), Wides: []Int128{NewInterval(1, 0), NewInterval(0, 30*Day)}}
	text := NewConst(Of(String))
	text.AppendText([]byte("x"))
	for name, v := range map[string]*Vector{"zeros": &zeros, "NaNs": &nans, "30 days": &month, "a constant": text} {
		if !Equal(v, 0, v, 1) || Compare(v, 0, v, 1) != 0 {
			t.Errorf("%s are not equal", name)
		}
	}
	extreme := []Int128{NewInterval(math.MinInt64, math.MinInt64), NewInterval(math.MinInt64, math.MaxInt64), NewInterval(math.MaxInt64, 0)}
	if !slices.IsSortedFunc(extreme, func(a, b Int128) int { return IntervalLength(a).Cmp(IntervalLength(b)) }) {
		t.Error("the longest intervals are out of order")
	}
}
