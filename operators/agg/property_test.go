package agg

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

var calls = []struct {
	name     string
	distinct bool
}{{"COUNT", false}, {"SUM", false}, {"AVG", false}, {"MIN", false}, {"MAX", false}, {"COUNT", true}, {"SUM", true}, {"AVG", true}}

var argTypes = []data.Type{
	data.Of(data.Int), data.Of(data.BigInt), data.Of(data.Double), data.DecimalType(18, 3), data.DecimalType(38, 3),
	data.Of(data.String), data.Of(data.Bytes), data.Of(data.Interval), data.Of(data.Boolean), data.Of(data.Timestamp),
	data.Of(data.Date), data.Of(data.JSON), data.ArrayOf(data.Of(data.Int)),
}

// drawFloat favours what sums get wrong: extremes of the exponent, cancellation,
// zeros and, rarely, what is not finite.
func drawFloat(t *rapid.T, finite bool) float64 {
	switch rapid.IntRange(0, 9).Draw(t, "form") {
	case 0:
		return rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 0x1p-1022, 0x1p53, 0x1p-53, 1 + 0x1p-52}).Draw(t, "edge")
	case 1:
		if !finite {
			return rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, "special")
		}
	case 2, 3:
		return math.Ldexp(float64(rapid.Int64Range(-1<<53, 1<<53).Draw(t, "m")), rapid.IntRange(-1074, 970).Draw(t, "e"))
	case 4:
		return float64(rapid.Int64Range(-1000, 1000).Draw(t, "cents")) / 100
	}
	return float64(rapid.Int64().Draw(t, "m")) * math.Ldexp(1, rapid.IntRange(-80, 0).Draw(t, "e"))
}

// drawColumn draws n values, some NULL, many of them equal to another.
func drawColumn(t *rapid.T, typ data.Type, n int) *data.Vector {
	v := &data.Vector{}
	v.Reset(typ)
	small := rapid.Bool().Draw(t, "small")
	word := func() int64 {
		if small {
			return rapid.Int64Range(-3, 3).Draw(t, "x")
		}
		return rapid.Int64().Draw(t, "x")
	}
	nulls := rapid.Bool().Draw(t, "nulls")
	for range n {
		if nulls && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
			v.AppendNull()
			continue
		}
		switch typ.Class() {
		case data.ClassInt:
			x := word()
			switch typ.Kind {
			case data.Int:
				x >>= 32
			case data.Date:
				x >>= 48
			case data.Decimal:
				x %= 1e18
			}
			v.AppendInt(x)
		case data.ClassFloat:
			v.AppendFloat(drawFloat(t, false))
		case data.ClassBool:
			v.AppendBool(rapid.Bool().Draw(t, "b"))
		case data.ClassWide:
			if typ.Kind == data.Interval {
				v.AppendWide(data.NewInterval(word()>>40, word()))
				continue
			}
			x, _ := data.Wide(word()).Mul(data.Wide(1e15))
			v.AppendWide(x)
		case data.ClassBytes:
			if typ.Kind == data.JSON {
				v.AppendText([]byte(rapid.SampledFrom([]string{`1`, `"a"`, `{"b":[2]}`, `null`}).Draw(t, "json")))
				continue
			}
			if typ.Kind == data.Array {
				one := column(t, data.Of(data.Int), "1", "NULL", "-2")
				var array []byte
				for range rapid.IntRange(0, 2).Draw(t, "elements") {
					array = data.AppendElement(array, one, rapid.IntRange(0, 2).Draw(t, "element"))
				}
				v.AppendText(data.EndArray(array))
				continue
			}
			v.AppendText([]byte(rapid.StringMatching(`[ab]{0,3}(common prefix)?[a-c\x00]{0,9}`).Draw(t, "s")))
		}
	}
	return v
}

// results returns each group's result as text, or the error.
func results(f *Func, s State, groups int) []string {
	var texts []string
	for g := range groups {
		out := &data.Vector{}
		out.Reset(f.Result)
		_, err := s.Append(out, []int32{int32(g)})
		switch {
		case err != nil:
			texts = append(texts, "error: "+err.Error())
		case out.IsNull(0):
			texts = append(texts, "NULL")
		case f.Result.Kind == data.Double:
			texts = append(texts, doubleText(out.Floats[0]))
		default:
			texts = append(texts, string(data.AppendText(nil, out, 0)))
		}
	}
	return texts
}

// However rows are ordered, cut into batches, spread over states that are merged,
// and saved and loaded in between: the results are the same.
func TestOrderSplitsAndSnapshotsNeverShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		call := rapid.SampledFrom(calls).Draw(t, "call")
		typ := rapid.SampledFrom(argTypes).Draw(t, "type")
		f, err := Resolve(Spec{Name: call.name, Args: []data.Type{typ}, Distinct: call.distinct})
		if err != nil {
			t.Skip("not defined")
		}
		const groups = 3
		n := rapid.IntRange(0, 40).Draw(t, "rows")
		v := drawColumn(t, typ, n)
		of := make([]int32, n)
		for i := range of {
			of[i] = int32(rapid.IntRange(0, groups-1).Draw(t, "group"))
		}
		plain := f.New()
		plain.Resize(groups)
		plain.Update(of, rowNumbers(n), only(v))
		want := results(f, plain, groups)

		rows := rapid.Permutation(rowNumbers(n)).Draw(t, "order")
		total := f.New()
		total.Resize(groups)
		// The other states number the groups otherwise, as workers do.
		other := rapid.Permutation([]int32{0, 1, 2}).Draw(t, "numbers")
		for len(rows) > 0 {
			part := rows[:rapid.IntRange(1, len(rows)).Draw(t, "part")]
			rows = rows[len(part):]
			to, renamed := make([]int32, len(part)), make([]int32, len(part))
			for k, r := range part {
				to[k] = of[r]
				renamed[k] = int32(slices.Index(other, of[r]))
			}
			if rapid.Bool().Draw(t, "merge") {
				s := f.New()
				s.Resize(groups)
				s.Update(renamed, part, only(v))
				total.Merge(other, s)
			} else {
				total.Update(to, part, only(v))
			}
			if rapid.IntRange(0, 3).Draw(t, "save") == 0 {
				saved := total.AppendSnapshot([]byte("before"))
				total = f.New()
				rest, err := total.LoadSnapshot(append(saved, "after"...)[len("before"):])
				if err != nil || string(rest) != "after" {
					t.Fatalf("loading: %v, left %q", err, rest)
				}
			}
		}
		if got := results(f, total, groups); !slices.Equal(got, want) {
			t.Fatalf("%v: %v, in one piece %v", f, got, want)
		}
		// A Reset leaves nothing behind.
		total.Reset()
		total.Resize(groups)
		total.Update(of, rowNumbers(n), only(v))
		if got := results(f, total, groups); !slices.Equal(got, want) {
			t.Fatalf("%v after a reset: %v, want %v", f, got, want)
		}
	})
}

// Damaged snapshots are refused or load as something; they never panic.
func TestDamagedSnapshots(t *testing.T) {
	for _, call := range calls {
		for _, typ := range argTypes {
			f, err := Resolve(Spec{Name: call.name, Args: []data.Type{typ}, Distinct: call.distinct})
			if err != nil {
				continue
			}
			s := f.New()
			s.Resize(2)
			v := rapid.Custom(func(t *rapid.T) *data.Vector { return drawColumn(t, typ, 12) }).Example(1)
			s.Update([]int32{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, rowNumbers(12), only(v))
			saved := s.AppendSnapshot(nil)
			for cut := range saved {
				if _, err := f.New().LoadSnapshot(saved[:cut]); err == nil {
					t.Fatalf("%v: %d of %d bytes loaded", f, cut, len(saved))
				}
				bad := bytes.Clone(saved)
				bad[cut] ^= 0xA5
				l := f.New()
				if _, err := l.LoadSnapshot(bad); err == nil {
					l.Resize(2)
					results(f, l, 2)
				}
			}
			old := bytes.Clone(saved)
			old[8] = 99
			if _, err := f.New().LoadSnapshot(old); err == nil {
				t.Fatalf("%v: a snapshot of version 99 loaded", f)
			}
		}
	}
}

func TestBytesGrow(t *testing.T) {
	for _, call := range calls {
		f := bound(t, call.name, call.distinct, data.Of(data.BigInt))
		s := f.New()
		before := s.Bytes()
		s.Resize(1000)
		v := &data.Vector{}
		v.Reset(data.Of(data.BigInt))
		for i := range 1000 {
			v.AppendInt(int64(i))
		}
		s.Update(rowNumbers(1000), rowNumbers(1000), only(v))
		if s.Bytes() < before+8000 {
			t.Errorf("%v: %d bytes for 1000 groups", f, s.Bytes())
		}
	}
}
