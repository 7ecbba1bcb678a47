package agg

import (
	"testing"

	"tidemark/operators/data"
)

// benchUpdate adds batches of 1024 rows, spread over 1000 groups, to an aggregate.
func benchUpdate(b *testing.B, name string, distinct bool, typ data.Type, value func(i int) string) {
	const n = 1024
	texts, groups := make([]string, n), make([]int32, n)
	for i := range texts {
		texts[i], groups[i] = value(i), int32(i*7919%1000)
	}
	v, rows := column(b, typ, texts...), rowNumbers(n)
	s := bound(b, name, distinct, typ).New()
	s.Resize(1000)
	b.ReportAllocs()
	for b.Loop() {
		s.Update(groups, rows, only(v))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func digits(i int) string { return string(data.AppendDecimal64(nil, int64(i*7919), 2)) }

func BenchmarkSumDecimal(b *testing.B) {
	benchUpdate(b, "SUM", false, data.DecimalType(12, 2), digits)
}
func BenchmarkSumWide(b *testing.B) {
	benchUpdate(b, "SUM", false, data.DecimalType(38, 2), digits)
}
func BenchmarkSumDouble(b *testing.B) { benchUpdate(b, "SUM", false, data.Of(data.Double), digits) }
func BenchmarkSumDoubleSpread(b *testing.B) {
	benchUpdate(b, "SUM", false, data.Of(data.Double), func(i int) string {
		return string(data.AppendDouble(nil, []float64{1e200, 1e-200, 3.7}[i%3]*float64(i)))
	})
}
func BenchmarkAvgDecimal(b *testing.B) {
	benchUpdate(b, "AVG", false, data.DecimalType(12, 2), digits)
}
func BenchmarkMaxInt(b *testing.B) {
	benchUpdate(b, "MAX", false, data.Of(data.BigInt), func(i int) string { return string(data.AppendDecimal64(nil, int64(i), 0)) })
}
func BenchmarkMinString(b *testing.B) { benchUpdate(b, "MIN", false, data.Of(data.String), digits) }
func BenchmarkCountDistinct(b *testing.B) {
	benchUpdate(b, "COUNT", true, data.Of(data.BigInt), func(i int) string { return string(data.AppendDecimal64(nil, int64(i), 0)) })
}
