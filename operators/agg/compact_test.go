package agg

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators/data"
)

// compactCase is an aggregate that is compacted, and how far it may then be off.
type compactCase struct {
	name string
	spec Spec
	off  func(got, want float64, low, high float64) bool
}

func compactCases(typ data.Type) []compactCase {
	place := column(nil, data.DecimalType(3, 2), "0.25")
	place.Const = true
	between := func(got, want, low, high float64) bool {
		slack := 0.01 * max(math.Abs(low), math.Abs(high))
		if typ.Kind != data.Double {
			slack += 0.5 // rounded to whole numbers, by some
		}
		return math.Abs(got-want) > slack
	}
	return []compactCase{
		{"count", Spec{Name: "COUNT", Distinct: true, Args: []data.Type{typ}}, func(got, want, _, _ float64) bool {
			return want <= fewHashes && got != want || math.Abs(got-want) > 0.025*want
		}},
		{"median", Spec{Name: "MEDIAN", Args: []data.Type{typ}}, between},
		{"cont", Spec{Name: "PERCENTILE_CONT", Args: []data.Type{typ, place.Type}, Consts: []*data.Vector{nil, place}}, between},
		{"disc", Spec{Name: "PERCENTILE_DISC", Args: []data.Type{typ, place.Type}, Consts: []*data.Vector{nil, place}}, between},
	}
}

// floatOf reads row 0 of a result.
func floatOf(v *data.Vector) float64 {
	switch v.Type.Class() {
	case data.ClassFloat:
		return v.Floats[0]
	case data.ClassWide:
		return v.Wides[0].Float64() / math.Pow10(int(v.Type.Scale))
	}
	return float64(v.Ints[0]) / math.Pow10(int(v.Type.Scale))
}

func resultOf(t *testing.T, f *Func, s State, g int32) float64 {
	t.Helper()
	out := data.Vector{}
	out.Reset(f.Result)
	if _, err := s.Append(&out, []int32{g}); err != nil {
		t.Fatal(err)
	}
	if out.IsNull(0) {
		return math.NaN()
	}
	return floatOf(&out)
}

// Compacted groups show what they showed until a row comes, and are then within the
// bound; they take a small part of the memory, and go through a snapshot.
func TestCompact(t *testing.T) {
	for _, typ := range []data.Type{data.Of(data.BigInt), data.Of(data.Double), data.DecimalType(30, 2), data.DecimalType(12, 2)} {
		for _, c := range compactCases(typ) {
			for _, n := range []int{1, 10, 900, 20_000} {
				r := rand.New(rand.NewPCG(uint64(n), 7))
				values, groups := data.Vector{}, make([]int32, n)
				values.Reset(typ)
				for i := range n {
					x := int64(r.NormFloat64()*1e6) + int64(n) // of both signs
					switch typ.Class() {
					case data.ClassFloat:
						values.AppendFloat(float64(x) / 3)
					case data.ClassWide:
						values.AppendWide(data.Wide(x))
					default:
						values.AppendInt(x)
					}
					groups[i] = int32(r.IntN(2))
				}
				exactFunc, err := Resolve(c.spec)
				if err != nil {
					t.Fatal(err)
				}
				c.spec.Approximate = true
				f, err := Resolve(c.spec)
				if err != nil {
					t.Fatal(err)
				}
				if f.Bound == "" || f.Result != exactFunc.Result {
					t.Fatalf("%s: bound %q, result %v", c.name, f.Bound, f.Result)
				}
				exact, s := exactFunc.New(), f.New()
				exact.Resize(3)
				s.Resize(3)
				rows := countTo(n)
				half := n / 2
				exact.Update(groups[:half], rows[:half], only(&values))
				s.Update(groups[:half], rows[:half], only(&values))
				full := s.Bytes()
				s = reload(t, f, s)
				s.(Compacter).Compact(countTo(3))
				s = reload(t, f, s)
				if small := s.Bytes(); n == 20_000 && small > full/4 {
					t.Errorf("%s of %v: %d bytes after the close, %d before", c.name, typ, small, full)
				}
				for g := range int32(3) {
					if got, want := resultOf(t, f, s, g), resultOf(t, exactFunc, exact, g); got != want && !(got != got && want != want) {
						t.Fatalf("%s of %v, %d rows: compacted to %v, was %v", c.name, typ, n, got, want)
					}
				}
				exact.Update(groups[half:], rows[half:], only(&values))
				s.Update(groups[half:], rows[half:], only(&values))
				s = reload(t, f, s)
				for g := range int32(3) {
					got, want := resultOf(t, f, s, g), resultOf(t, exactFunc, exact, g)
					if want != want || got != got {
						if (want == want) != (got == got) {
							t.Fatalf("%s of %v, %d rows: %v, exactly %v", c.name, typ, n, got, want)
						}
						continue
					}
					low, high := around(&values, groups, g, want)
					if c.off(got, want, low, high) {
						t.Fatalf("%s of %v, %d rows: %v, exactly %v", c.name, typ, n, got, want)
					}
				}
				s.Reset()
				s.Resize(1)
				s.Update(make([]int32, n), rows, only(&values))
				whole := exactFunc.New()
				whole.Resize(1)
				whole.Update(make([]int32, n), rows, only(&values))
				if got, want := resultOf(t, f, s, 0), resultOf(t, exactFunc, whole, 0); got != want {
					t.Fatalf("%s of %v: %v after a reset, exactly %v", c.name, typ, got, want)
				}
			}
		}
	}
}

// around returns the values of a group next to a number.
func around(v *data.Vector, groups []int32, g int32, x float64) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	one := data.Vector{}
	for i, of := range groups {
		if of != g {
			continue
		}
		one.Reset(v.Type)
		one.AppendFrom(v, i)
		y := floatOf(&one)
		if y <= x+1e-6 {
			low = max(low, y)
		}
		if y >= x-1e-6 {
			high = min(high, y)
		}
	}
	if math.IsInf(low, 0) {
		low = high
	}
	if math.IsInf(high, 0) {
		high = low
	}
	return low, high
}

// Merged parts of which some have been compacted count what all have.
func TestCompactMerge(t *testing.T) {
	f, err := Resolve(Spec{Name: "COUNT", Distinct: true, Args: []data.Type{data.Of(data.BigInt)}, Approximate: true})
	if err != nil {
		t.Fatal(err)
	}
	v := data.Vector{}
	v.Reset(data.Of(data.BigInt))
	for i := range int64(30) {
		v.AppendInt(i % 20)
	}
	for _, compacted := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
		var parts [2]State
		for i := range parts {
			parts[i] = f.New()
			parts[i].Resize(1)
			rows := countTo(30)[i*10 : i*10+15]
			parts[i].Update(make([]int32, 15), rows, only(&v))
			if compacted[i] {
				parts[i].(Compacter).Compact(countTo(1))
			}
		}
		parts[0].Merge([]int32{0}, parts[1])
		if got := resultOf(t, f, parts[0], 0); got != 20 {
			t.Errorf("%v: %v values, want 20", compacted, got)
		}
	}
}

// Aggregates that need all their values are refused by name; small ones stay as they are.
func TestCompactForms(t *testing.T) {
	number, text := []data.Type{data.Of(data.BigInt)}, []data.Type{data.Of(data.String)}
	for name, args := range map[string][]data.Type{"ARRAY_AGG": number, "MODE": number, "JSON_AGG": text} {
		if _, err := Resolve(Spec{Name: name, Args: args, Approximate: true}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"SUM", "AVG"} {
		if _, err := Resolve(Spec{Name: name, Args: number, Distinct: true, Approximate: true}); err == nil || !strings.HasPrefix(err.Error(), name+"(DISTINCT") {
			t.Errorf("%s(DISTINCT): %v", name, err)
		}
	}
	for _, name := range []string{"COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV_SAMP", "ANY_VALUE", "APPROX_COUNT_DISTINCT"} {
		f, err := Resolve(Spec{Name: name, Args: number, Approximate: true})
		if err != nil || f.Bound != "" {
			t.Errorf("%s: %v, bound %q", name, err, f.Bound)
			continue
		}
		if _, compacts := f.New().(Compacter); compacts {
			t.Errorf("%s is compacted, and need not be", name)
		}
	}
}
