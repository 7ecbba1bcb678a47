package agg

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

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

// Damaged snapshots are refused or load as something; they never panic.
func TestDamagedSnapshots(t *testing.T) {
	ofEach(t, func(t *rapid.T, name string, updating bool) {
		_, f := drawSpec(t, name, updating)
		s := f.New()
		s.Resize(2)
		s.Update([]int32{0, 1, 0, 1, 0, 1, 0, 1}, rowNumbers(8), drawRows(t, f, 8))
		saved := s.AppendSnapshot(nil)
		at := rapid.IntRange(0, len(saved)-1).Draw(t, "at")
		if _, err := f.New().LoadSnapshot(saved[:at]); err == nil {
			t.Fatalf("%v: %d of %d bytes loaded", f, at, len(saved))
		}
		saved[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		l := f.New()
		if _, err := l.LoadSnapshot(saved); err == nil {
			l.Resize(2)
			results(f, l, 2)
		}
		const version = 8
		saved[version] = 99
		if _, err := f.New().LoadSnapshot(saved); err == nil || at >= version && !strings.Contains(err.Error(), "version 99") {
			t.Fatalf("%v: a snapshot of version 99: %v", f, err)
		}
	})
}

// Every state knows that it grows.
func TestBytesGrow(t *testing.T) {
	ofEach(t, func(t *rapid.T, name string, updating bool) {
		_, f := drawSpec(t, name, updating)
		const n = 64
		s := f.New()
		before := s.Bytes()
		s.Resize(n)
		s.Update(rowNumbers(n), make([]int32, n), drawRows(t, f, 1))
		if s.Bytes() < before+4*n {
			t.Fatalf("%v: %d bytes for %d groups", f, s.Bytes(), n)
		}
	})
}
