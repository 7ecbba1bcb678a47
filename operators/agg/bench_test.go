package agg

import (
	"testing"

	"tidemark/operators/data"
)

// benchUpdate adds batches of 1024 rows, spread over 1000 groups, to an aggregate
// of values of one type.
func benchUpdate(b *testing.B, s Spec, typ data.Type, value func(i int) string) {
	const n = 1024
	texts, groups := make([]string, n), make([]int32, n)
	for i := range texts {
		texts[i], groups[i] = value(i), int32(i*7919%1000)
	}
	s.Args = append([]data.Type{typ}, s.Args...)
	f, err := Resolve(s)
	if err != nil {
		b.Fatal(err)
	}
	rows, in := rowNumbers(n), only(column(b, typ, texts...))
	state := f.New()
	state.Resize(1000)
	b.ReportAllocs()
	for b.Loop() {
		state.Update(groups, rows, in)
		in.Seq += n
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func digits(i int) string { return string(data.AppendDecimal64(nil, int64(i*7919), 2)) }
func whole(i int) string  { return string(data.AppendDecimal64(nil, int64(i), 0)) }

// spread values are of very different magnitudes.
func spreadOut(i int) string {
	return string(data.AppendDouble(nil, []float64{1e200, 1e-200, 3.7}[i%3]*float64(i)))
}

func BenchmarkSumDecimal(b *testing.B) {
	benchUpdate(b, Spec{Name: "SUM"}, data.DecimalType(12, 2), digits)
}
func BenchmarkSumWide(b *testing.B) {
	benchUpdate(b, Spec{Name: "SUM"}, data.DecimalType(38, 2), digits)
}
func BenchmarkSumDouble(b *testing.B) {
	benchUpdate(b, Spec{Name: "SUM"}, data.Of(data.Double), digits)
}
func BenchmarkSumDoubleSpread(b *testing.B) {
	benchUpdate(b, Spec{Name: "SUM"}, data.Of(data.Double), spreadOut)
}
func BenchmarkAvgDecimal(b *testing.B) {
	benchUpdate(b, Spec{Name: "AVG"}, data.DecimalType(12, 2), digits)
}
func BenchmarkMaxInt(b *testing.B) { benchUpdate(b, Spec{Name: "MAX"}, data.Of(data.BigInt), whole) }
func BenchmarkMinString(b *testing.B) {
	benchUpdate(b, Spec{Name: "MIN"}, data.Of(data.String), digits)
}
func BenchmarkCountDistinct(b *testing.B) {
	benchUpdate(b, Spec{Name: "COUNT", Distinct: true}, data.Of(data.BigInt), whole)
}
func BenchmarkStddevInt(b *testing.B) {
	benchUpdate(b, Spec{Name: "STDDEV_SAMP"}, data.Of(data.BigInt), whole)
}
func BenchmarkStddevDouble(b *testing.B) {
	benchUpdate(b, Spec{Name: "STDDEV_SAMP"}, data.Of(data.Double), digits)
}
func BenchmarkLastString(b *testing.B) {
	benchUpdate(b, Spec{Name: "LAST_VALUE"}, data.Of(data.String), digits)
}
func BenchmarkApproxCountDistinct(b *testing.B) {
	benchUpdate(b, Spec{Name: "APPROX_COUNT_DISTINCT"}, data.Of(data.BigInt), whole)
}
func BenchmarkApproxPercentile(b *testing.B) {
	fraction := column(b, data.DecimalType(2, 2), "0.95")
	fraction.Const = true
	benchUpdate(b, Spec{Name: "APPROX_PERCENTILE", Args: []data.Type{fraction.Type}, Consts: []*data.Vector{nil, fraction}}, data.Of(data.Double), digits)
}
func BenchmarkMaxUpdating(b *testing.B) {
	benchUpdate(b, Spec{Name: "MAX", Updating: true}, data.Of(data.BigInt), whole)
}

// benchFill fills groups with values that are all different, and asks for the
// results once: what a window does.
func benchFill(b *testing.B, s Spec, typ data.Type, groups int) {
	const n = 100_000
	v, to := &data.Vector{}, make([]int32, n)
	v.Reset(typ)
	for i := range to {
		x := int64(uint32(i) * 2654435761) // in no order
		if typ.Class() == data.ClassBytes {
			v.AppendText([]byte(whole(int(x))))
		} else {
			v.AppendInt(x)
		}
		to[i] = int32(i % groups)
	}
	s.Args = []data.Type{typ}
	f, err := Resolve(s)
	if err != nil {
		b.Fatal(err)
	}
	rows, in, out := rowNumbers(n), only(v), &data.Vector{}
	all := rowNumbers(groups)
	state := f.New()
	b.ReportAllocs()
	for b.Loop() {
		state.Reset()
		state.Resize(groups)
		for from := 0; from < n; from += 1000 {
			state.Update(to[from:from+1000], rows[from:from+1000], in)
		}
		out.Reset(f.Result)
		if _, err := state.Append(out, all); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkMedianOfOne(b *testing.B) {
	benchFill(b, Spec{Name: "MEDIAN"}, data.Of(data.BigInt), 1)
}
func BenchmarkMedianOfThousand(b *testing.B) {
	benchFill(b, Spec{Name: "MEDIAN"}, data.Of(data.BigInt), 1000)
}
func BenchmarkArrayAgg(b *testing.B) {
	benchFill(b, Spec{Name: "ARRAY_AGG"}, data.Of(data.BigInt), 1000)
}
func BenchmarkStringAgg(b *testing.B) {
	benchFill(b, Spec{Name: "STRING_AGG"}, data.Of(data.String), 1000)
}
