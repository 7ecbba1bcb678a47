package watermark

import (
	"testing"

	"pgregory.net/rapid"
)

// What is said of a bound is what counting one by one says.
func TestLags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exact := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 0, 3).Draw(t, "exact")
		lags := rapid.SliceOfN(rapid.Int64Range(-10, 4e9), 1, 200).Draw(t, "lags")
		l := NewLags(exact...)
		most := int64(0)
		for _, x := range lags {
			l.Add(x)
			most = max(most, x)
		}
		beyond := func(bound int64) (n int64) {
			for _, x := range lags {
				if x > bound {
					n++
				}
			}
			return n
		}
		for _, b := range append(exact, 0, 1e6, 300e6) {
			if got := l.Beyond(b); got != beyond(b) {
				t.Fatalf("%d rows beyond %d, want %d", got, b, beyond(b))
			}
		}
		if l.Rows() != int64(len(lags)) || l.Most() != most {
			t.Fatalf("%d rows, %d at most", l.Rows(), l.Most())
		}
		lost := rapid.Int64Range(0, 1_000_000).Draw(t, "lost")
		bound, ok := l.Covering(lost)
		if !ok || beyond(bound)*1_000_000 > lost*l.Rows() {
			t.Fatalf("%d, %v: %d rows beyond", bound, ok, beyond(bound))
		}
		sum := int64(0)
		for _, b := range l.Bars(1e6, 300e6) {
			sum += b.Rows
		}
		if sum != l.Rows() {
			t.Fatalf("the bars have %d rows of %d", sum, l.Rows())
		}
	})
}
