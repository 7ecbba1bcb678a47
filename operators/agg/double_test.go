package agg

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// exactSumOf adds in arithmetic wide enough for any double and rounds once.
func exactSumOf(xs []float64) float64 {
	sum := new(big.Float).SetPrec(2300)
	for _, x := range xs {
		sum.Add(sum, new(big.Float).SetFloat64(x))
	}
	f, _ := sum.Float64()
	return f + 0
}

func TestDoubleSumIsExactlyRounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := make([]float64, rapid.IntRange(1, 60).Draw(t, "n"))
		for i := range xs {
			xs[i] = drawFloat(t, true)
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "cancel") == 0 {
				xs[i] = -xs[rapid.IntRange(0, i-1).Draw(t, "of")]
			}
		}
		want := exactSumOf(xs)
		s := &doubleSum{}
		s.Resize(1)
		s.Update(make([]int32, len(xs)), rowNumbers(len(xs)), only(&data.Vector{Type: data.Of(data.Double), Floats: xs}))
		out := &data.Vector{}
		out.Reset(data.Of(data.Double))
		_, err := s.Append(out, []int32{0})
		if math.IsInf(want, 0) {
			if err == nil {
				t.Fatalf("sum of %v = %v, want an overflow", xs, out.Floats)
			}
		} else if err != nil || math.Float64bits(out.Floats[0]) != math.Float64bits(want) {
			t.Fatalf("sum of %v = %v %v, want %v", xs, out.Floats, err, want)
		}
		var a superacc
		for _, x := range xs {
			a.add(x)
		}
		if got := a.round(0); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("superaccumulator of %v = %v, want %v", xs, got, want)
		}
	})
}

// More values than chunks can take without passing carries on.
func TestSuperaccCarries(t *testing.T) {
	for _, x := range []float64{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -1 - 0x1p-52, 0x1.fffffffffffffp31} {
		var a, b superacc
		for range 3 * addsPerCarry {
			a.add(x)
			b.add(-x / 2)
		}
		a.merge(&b)
		a.merge(&b)
		a.add(x)
		// SmallestNonzeroFloat64 / 2 is 0.
		want := x
		if x == math.SmallestNonzeroFloat64 {
			want = x * (3*addsPerCarry + 1)
		}
		if got := a.round(0); got != want {
			t.Errorf("%v summed and taken back, plus once: %v", x, got)
		}
	}
}

// Sums of money stay in the two doubles of a pair.
func TestMoneyNeedsNoSuperacc(t *testing.T) {
	s := &doubleSum{}
	s.Resize(1)
	v := &data.Vector{Type: data.Of(data.Double)}
	for i := range 100_000 {
		v.Floats = append(v.Floats, float64(i%100_000)/100)
	}
	s.Update(make([]int32, len(v.Floats)), rowNumbers(len(v.Floats)), only(v))
	if len(s.supers) != 0 {
		t.Errorf("%d superaccumulators for a sum of cents", len(s.supers))
	}
}

func TestFloatKeyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := drawFloat(t, false), drawFloat(t, false)
		want := data.CompareDoubles(x, y)
		got := 0
		if kx, ky := floatKey(x), floatKey(y); kx < ky {
			got = -1
		} else if kx > ky {
			got = 1
		}
		if got != want || data.CompareDoubles(keyFloat(floatKey(x)), x) != 0 {
			t.Fatalf("%v against %v: %d, want %d", x, y, got, want)
		}
	})
}

// Sums just beside the middle of two doubles are rounded by what lies far below.
func TestDoubleSumTies(t *testing.T) {
	for _, xs := range [][]float64{
		{1, 0x1p-53}, {1, 0x1p-53, 0x1p-200}, {1, 0x1p-53, -0x1p-200}, {1, 0x1p-53, math.SmallestNonzeroFloat64},
		{-1, -0x1p-53, -0x1p-1000}, {0x1p1000, 0x1p947, 0x1p-1000}, {0x1p1000, 0x1p947, -0x1p-1000},
		{1 + 0x1p-52, 0x1p-53, -0x1p-300}, {1, 0x1p-53, 0x1p-130, -0x1p-130},
	} {
		want := exactSumOf(xs)
		got, err := result(t, bound(t, "SUM", false, data.Of(data.Double)), &data.Vector{Type: data.Of(data.Double), Floats: xs})
		if text := string(data.AppendDouble(nil, want)); err != nil || got != text {
			t.Errorf("sum of %v = %s %v, want %s", xs, got, err, text)
		}
	}
}

// So are the aggregates of moments: values of very different sizes decide which
// of two doubles is next.
func TestMomentTies(t *testing.T) {
	const x, tiny = 96468993, math.SmallestNonzeroFloat64 // x² is odd and needs 54 bits
	const odd = x * x / 4.0                               // the middle of two doubles, rounded to the even one
	for _, c := range []struct {
		call string
		xs   []float64
		want float64
	}{
		{"VAR_SAMP", []float64{0, 0, -x, 0}, odd},
		{"VAR_SAMP", []float64{0, 0, -x, tiny}, math.Nextafter(odd, math.Inf(1))},
		{"VAR_SAMP", []float64{0, 0, -x, -tiny}, odd},
		{"VAR_POP", []float64{x, -x}, x * x},
		{"VAR_POP", []float64{x, -x, x, -x, tiny, tiny}, x * x * 2 / 3.0},
		{"STDDEV_POP", []float64{0x1p53, -1}, 0x1p52},
		{"STDDEV_POP", []float64{0x1p53, -1 - 0x1p-52}, 0x1p52 + 1},
		{"STDDEV_POP", []float64{0x1p53 + 2, -1}, 0x1p52 + 2},
		{"STDDEV_POP", []float64{0x1p53 + 2, -1 + 0x1p-53}, 0x1p52 + 1},
	} {
		got, err := result(t, bound(t, c.call, false, data.Of(data.Double)), &data.Vector{Type: data.Of(data.Double), Floats: c.xs})
		if want := string(data.AppendDouble(nil, c.want)); err != nil || got != want {
			t.Errorf("%s of %v = %s %v, want %s", c.call, c.xs, got, err, want)
		}
	}
	for _, c := range []struct {
		square, root float64
	}{{0, 0}, {4, 2}, {2, math.Sqrt2}, {math.SmallestNonzeroFloat64, 0x1p-537}, {math.MaxFloat64, math.Sqrt(math.MaxFloat64)}} {
		if got := nearestRoot(new(big.Rat).SetFloat64(c.square)); got != c.root {
			t.Errorf("the model has %v for the root of %v, want %v", got, c.square, c.root)
		}
	}
	tie := big.NewRat(1<<53+3, 2) // its square's root is between 2^52+1 and 2^52+2
	if got := nearestRoot(tie.Mul(tie, tie)); got != 0x1p52+2 {
		t.Errorf("the model does not round to even: %v", got)
	}
}

// Saved sums can be added to as often as new ones.
func TestSavedSumsCarry(t *testing.T) {
	s := &doubleSum{}
	s.Resize(1)
	v := &data.Vector{Type: data.Of(data.Double)}
	x := math.Ldexp(1-0x1p-53, 32*20+31-1022) // its mantissa fills the upper of two chunks
	for range addsPerCarry - 10 {
		v.Floats = append(v.Floats, x)
	}
	first := &data.Vector{Type: v.Type, Floats: []float64{1e300, 1, 1e-300, -1e300, -1}}
	s.Update(make([]int32, 5), rowNumbers(5), only(first))
	if len(s.supers) != 1 {
		t.Fatal("not summed in a superaccumulator")
	}
	all := slices.Clone(first.Floats)
	for range 4 {
		s.Update(make([]int32, len(v.Floats)), rowNumbers(len(v.Floats)), only(v))
		all = append(all, v.Floats...)
		if _, err := s.LoadSnapshot(s.AppendSnapshot(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := s.supers[0].round(0), exactSumOf(all); got != want {
		t.Errorf("sum %v, want %v", got, want)
	}
}
