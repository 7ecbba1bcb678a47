package agg

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// one adds all values of v to one group and returns its result.
func one(t fatal, s Spec, v *data.Vector) *data.Vector {
	s.Args = append([]data.Type{v.Type}, s.Args...)
	f, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	state := f.New()
	state.Resize(1)
	state.Update(make([]int32, v.Len()), rowNumbers(v.Len()), only(v))
	out := &data.Vector{}
	out.Reset(f.Result)
	if _, err := state.Append(out, []int32{0}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Counts are exact as long as they are small, and then off by the standard error
// of 0.8 % that is promised: over these 150 sets by no more than four of them,
// and in the mean of their squares by no more than one and a half.
func TestApproxCountDistinctError(t *testing.T) {
	var squares, sets float64
	for _, n := range []int{10, fewHashes, fewHashes + 1, 3000, 20_000, 100_000} {
		for seed := range 30 {
			v := &data.Vector{}
			texts := seed%2 == 0
			if texts {
				v.Reset(data.Of(data.String))
			} else {
				v.Reset(data.Of(data.BigInt))
			}
			for i := range n {
				x := seed*1_000_000_000 + i
				if texts {
					v.AppendText([]byte(whole(x)))
				} else {
					v.AppendInt(int64(x))
				}
			}
			got := float64(one(t, Spec{Name: "APPROX_COUNT_DISTINCT"}, v).Ints[0])
			off := (got - float64(n)) / float64(n)
			switch {
			case n <= fewHashes && off != 0:
				t.Errorf("%d values counted as %v", n, got)
			case math.Abs(off) > 4*0.0081:
				t.Errorf("%d values counted as %v", n, got)
			}
			if n > fewHashes {
				squares, sets = squares+off*off, sets+1
			}
		}
	}
	if e := math.Sqrt(squares / sets); e > 1.5*0.0081 {
		t.Errorf("the standard error is %.2f %%", e*100)
	}
}

// How values come, in how many parts and through what snapshots does not show in
// an estimate.
func TestApproxCountDistinctIsOrderFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &data.Vector{}
		v.Reset(data.Of(data.BigInt))
		n := rapid.SampledFrom([]int{fewHashes - 1, fewHashes, fewHashes + 1, 5000}).Draw(t, "values")
		for i := range n {
			v.AppendInt(int64(i))
		}
		want := one(t, Spec{Name: "APPROX_COUNT_DISTINCT"}, v).Ints[0]
		f, err := Resolve(Spec{Name: "APPROX_COUNT_DISTINCT", Args: []data.Type{v.Type}})
		if err != nil {
			t.Fatal(err)
		}
		total := f.New()
		total.Resize(1)
		step := rapid.SampledFrom([]int{1, 7, 1031}).Draw(t, "step") // none divides a number of values
		for from := 0; from < n; {
			to := min(n, from+rapid.IntRange(1, n).Draw(t, "part"))
			var rows []int32
			for ; from < to; from++ {
				rows = append(rows, int32(from*step%n))
			}
			if rapid.Bool().Draw(t, "merge") {
				part := f.New()
				part.Resize(1)
				part.Update(make([]int32, len(rows)), rows, only(v))
				total.Merge([]int32{0}, part)
			} else {
				total.Update(make([]int32, len(rows)), rows, only(v))
			}
			if rapid.Bool().Draw(t, "save") {
				total = reload(t, f, total)
			}
		}
		if got := results(f, total, 1)[0]; got != whole(int(want)) {
			t.Fatalf("%s, in one piece %d", got, want)
		}
	})
}

// The approximate percentile is within 1 % of the exact one, whatever the values,
// and the same however they came.
func TestApproxPercentileIsWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom([]data.Type{data.Of(data.Double), data.Of(data.BigInt), data.DecimalType(12, 2), data.DecimalType(30, 3)}).Draw(t, "type")
		v := drawColumn(t, typ, rapid.IntRange(1, 50).Draw(t, "rows"))
		fraction := column(t, data.DecimalType(3, 2), rapid.SampledFrom([]string{"0", "0.25", "0.5", "0.99", "1"}).Draw(t, "fraction"))
		fraction.Const = true
		spec := func(name string) Spec {
			return Spec{Name: name, Args: []data.Type{fraction.Type}, Consts: []*data.Vector{nil, fraction}}
		}
		exact, got := one(t, spec("PERCENTILE_DISC"), v), one(t, spec("APPROX_PERCENTILE"), v)
		if exact.IsNull(0) || got.IsNull(0) {
			if exact.IsNull(0) != got.IsNull(0) {
				t.Fatalf("NULL %v, exactly %v", got.IsNull(0), exact.IsNull(0))
			}
			return
		}
		want := 0.0
		switch typ.Class() {
		case data.ClassFloat:
			want = exact.Floats[0]
		case data.ClassWide:
			want = exact.Wides[0].Float64() / math.Pow10(int(typ.Scale))
		default:
			want = float64(exact.Ints[0]) / math.Pow10(int(typ.Scale))
		}
		x := got.Floats[0]
		switch {
		case math.IsNaN(want):
			if !math.IsNaN(x) {
				t.Fatalf("%v, exactly NaN", x)
			}
		case math.Abs(want) < 1e-300: // zero, as far as the buckets know
			if math.Abs(x) > 1e-299 {
				t.Fatalf("%v, exactly %v", x, want)
			}
		case math.Abs(want) > 1e308:
			if math.Abs(x) < 0.98e308 || (x < 0) != (want < 0) {
				t.Fatalf("%v, exactly %v", x, want)
			}
		case math.Abs(x-want) > relativeError*math.Abs(want)*(1+1e-9):
			t.Fatalf("%v, exactly %v", x, want)
		}
		f, err := Resolve(Spec{Name: "APPROX_PERCENTILE", Args: []data.Type{typ, fraction.Type}, Consts: []*data.Vector{nil, fraction}})
		if err != nil {
			t.Fatal(err)
		}
		total := f.New()
		total.Resize(1)
		for _, r := range rapid.Permutation(rowNumbers(v.Len())).Draw(t, "order") {
			part := f.New()
			part.Resize(1)
			part.Update([]int32{0}, []int32{r}, only(v))
			total.Merge([]int32{0}, part)
		}
		if again := results(f, reload(t, f, total), 1)[0]; again != doubleText(x) {
			t.Fatalf("%s in parts, %s at once", again, doubleText(x))
		}
	})
}
