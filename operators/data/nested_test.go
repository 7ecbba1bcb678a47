package data

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// A model is a value of any type held apart from its encoding: parts of a nested
// one, entries of a MAP being key and value in turn, a row of a vector otherwise.
type model struct {
	t     Type
	null  bool
	parts []model
	leaf  *Vector
}

func (m model) vector() *Vector {
	v := &Vector{}
	v.Reset(m.t)
	switch {
	case m.null:
		v.AppendNull()
	case !m.t.Nested():
		v.AppendFrom(m.leaf, 0)
	case m.t.Kind == Map:
		var b MapBuilder
		for i := 0; i < len(m.parts); i += 2 {
			b.Add(m.parts[i].vector(), 0, m.parts[i+1].vector(), 0)
		}
		v.Bytes = b.AppendTo(v.Bytes)
		v.EndText()
	default:
		for _, p := range m.parts {
			v.Bytes = AppendElement(v.Bytes, p.vector(), 0)
		}
		if m.t.Kind == Array {
			v.Bytes = EndArray(v.Bytes)
		}
		v.EndText()
	}
	return v
}

// decoded is the inverse of vector.
func decoded(v *Vector) model {
	m := model{t: v.Type, null: v.IsNull(0)}
	switch {
	case m.null:
	case !m.t.Nested():
		m.leaf = v
	default:
		for e := v.Elements(0); e.Next(); {
			var part Vector
			part.Reset(e.Type())
			e.Append(&part)
			m.parts = append(m.parts, decoded(&part))
		}
	}
	return m
}

// compareModels is the order of values as the documentation has it.
func compareModels(a, b model) int {
	switch {
	case a.null || b.null:
		return compareBools(a.null, b.null)
	case !a.t.Nested():
		if c := Compare(a.leaf, 0, b.leaf, 0); c != 0 || a.t.Kind != Interval {
			return c
		}
		return cmp.Compare(a.leaf.Wides[0].Hi, b.leaf.Wides[0].Hi)
	}
	for i := range min(len(a.parts), len(b.parts)) {
		if c := compareModels(a.parts[i], b.parts[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a.parts), len(b.parts))
}

var scalarTypes = []Type{Of(Boolean), Of(Int), Of(BigInt), Of(Double), DecimalType(12, 2), DecimalType(38, 4),
	Of(String), Of(Bytes), Of(Date), Of(Time), Of(Timestamp), Of(Interval), Of(JSON)}

func drawType(t *rapid.T, depth int) Type {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	switch {
	case depth == 0 || kind > 2:
		return rapid.SampledFrom(scalarTypes).Draw(t, "scalar")
	case kind == 0:
		return ArrayOf(drawType(t, depth-1))
	case kind == 1:
		return MapOf(drawType(t, depth-1), drawType(t, depth-1))
	}
	var fields []Field
	for i := range rapid.IntRange(0, 3).Draw(t, "fields") {
		fields = append(fields, Field{fmt.Sprintf("f%d", i), drawType(t, depth-1)})
	}
	return RowOf(fields...)
}

func drawNested(t *rapid.T) Type {
	typ := drawType(t, 3)
	if !typ.Nested() {
		return ArrayOf(typ)
	}
	return typ
}

func drawModel(t *rapid.T, typ Type, mayNull bool) model {
	m := model{t: typ}
	if mayNull && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		m.null = true
		return m
	}
	switch typ.Kind {
	case Array:
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			m.parts = append(m.parts, drawModel(t, typ.Elem(), true))
		}
	case Row:
		for _, f := range typ.Fields() {
			m.parts = append(m.parts, drawModel(t, f.Type, true))
		}
	case Map:
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			m.put(drawModel(t, typ.Key(), false), drawModel(t, typ.Elem(), true))
		}
	default:
		m.leaf = &Vector{}
		m.leaf.Reset(typ)
		drawScalar(t, m.leaf)
	}
	return m
}

// put keeps the entries of a MAP in order and its keys unique.
func (m *model) put(key, value model) {
	at := 0
	for ; at < len(m.parts); at += 2 {
		c := compareModels(m.parts[at], key)
		if c == 0 {
			m.parts[at+1] = value
			return
		}
		if c > 0 {
			break
		}
	}
	rest := append([]model{key, value}, m.parts[at:]...)
	m.parts = append(m.parts[:at:at], rest...)
}

func drawScalar(t *rapid.T, v *Vector) {
	small := rapid.Int64Range(-3, 3)
	switch v.Type.Kind {
	case Boolean:
		v.AppendBool(rapid.Bool().Draw(t, "boolean"))
	case Int:
		v.AppendInt(rapid.OneOf(small, rapid.Int64Range(math.MinInt32, math.MaxInt32)).Draw(t, "int"))
	case BigInt:
		v.AppendInt(rapid.OneOf(small, rapid.Int64()).Draw(t, "bigint"))
	case Double:
		v.AppendFloat(rapid.OneOf(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, math.Float64frombits(0xFFF8000000000123)}), rapid.Float64()).Draw(t, "double"))
	case Decimal:
		if v.Type.Class() == ClassInt {
			v.AppendInt(rapid.OneOf(small, rapid.Int64Range(-999999999999, 999999999999)).Draw(t, "decimal"))
			return
		}
		v.AppendWide(Int128{rapid.Int64Range(-1<<60, 1<<60).Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")})
	case String:
		v.AppendText([]byte(rapid.StringOf(rapid.RuneFrom([]rune("a\x00\x01\x02\"\\é\U0001F600\u00ff\n"))).Draw(t, "string")))
	case Bytes:
		v.AppendText(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xFF, 'a'}), 0, 4).Draw(t, "bytes"))
	case Date:
		v.AppendInt(rapid.Int64Range(-700000, 2900000).Draw(t, "date"))
	case Time:
		v.AppendInt(rapid.Int64Range(0, Day-1).Draw(t, "time"))
	case Timestamp:
		v.AppendInt(rapid.Int64Range(-700000*Day, 2900000*Day).Draw(t, "timestamp"))
	case Interval:
		months, micros := small.Draw(t, "months"), rapid.OneOf(rapid.SampledFrom([]int64{30 * Day, -30 * Day, 60 * Day}), rapid.Int64Range(-1e15, 1e15)).Draw(t, "micros")
		v.AppendWide(NewInterval(months, micros))
	case JSON:
		v.AppendText([]byte(rapid.SampledFrom([]string{`{"a":[1,null]}`, `"x"`, `[]`, `7`, `{}`, `"\u0000"`}).Draw(t, "json")))
	default:
		t.Fatalf("no values of %v are drawn", v.Type)
	}
}

func TestNestedRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, drawNested(t), true)
		v := m.vector()
		back := decoded(v)
		if compareModels(m, back) != 0 {
			t.Fatalf("a %v came back different: %s", m.t, AppendJSON(nil, back.vector(), 0))
		}
		if m.null {
			return
		}
		n := len(m.parts)
		if m.t.Kind == Map {
			n /= 2
		}
		if got := CountElements(m.t, v.Text(0)); got != n {
			t.Errorf("%d elements of %d are counted", got, n)
		}
	})
}

// Encodings are in the order of the values, and equal exactly when those are.
func TestNestedOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawNested(t)
		a := drawModel(t, typ, true)
		b := drawModel(t, typ, true)
		va, vb := a.vector(), b.vector()
		if got, want := Compare(va, 0, vb, 0), compareModels(a, b); got != want {
			t.Fatalf("%v: %s and %s compare as %d, want %d", typ, AppendJSON(nil, va, 0), AppendJSON(nil, vb, 0), got, want)
		}
	})
}

// The text of a value is JSON and reads back as the value.
func TestNestedText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, drawNested(t), true)
		v := m.vector()
		text := AppendJSON(nil, v, 0)
		if !json.Valid(text) {
			t.Fatalf("the text of a %v is no JSON: %s", m.t, text)
		}
		var back Vector
		back.Reset(m.t)
		if err := NewTextParser(m.t, nil).Append(&back, text); err != nil {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if !Equal(v, 0, &back, 0) {
			t.Fatalf("%v: %s reads back as %s", m.t, text, AppendJSON(nil, &back, 0))
		}
	})
}

// Elements compare as the values do outside of arrays, intervals too.
func TestComparableElements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(scalarTypes).Draw(t, "type")
		a, b := drawModel(t, typ, true).vector(), drawModel(t, typ, true).vector()
		key := func(v *Vector) []byte { return ComparableElement(typ, AppendElement(nil, v, 0)) }
		if got, want := bytes.Compare(key(a), key(b)), Compare(a, 0, b, 0); got != want {
			t.Fatalf("%s and %s compare as %d, want %d", AppendText(nil, a, 0), AppendText(nil, b, 0), got, want)
		}
	})
}

// An element can be lifted out and put into another value as it is.
func TestEncodedElements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, ArrayOf(drawType(t, 2)), false)
		v := m.vector()
		var copied []byte
		var parts Vector
		parts.Reset(m.t.Elem())
		for e := v.Elements(0); e.Next(); {
			copied = append(copied, e.Raw()...)
			parts.AppendEncoded(e.Raw())
		}
		if !bytes.Equal(EndArray(copied), v.Text(0)) {
			t.Error("the elements put together are another array")
		}
		for i, p := range m.parts {
			if row := p.vector(); !bytes.Equal(AppendElement(nil, row, 0), AppendElement(nil, &parts, i)) {
				t.Errorf("element %d changed", i)
			}
		}
	})
}

// Bytes that are no value of a type end a walk and never panic.
func checkDamage(typ Type, value []byte) {
	for e := Walk(typ, value); e.Next(); {
		var part Vector
		part.Reset(e.Type())
		e.Append(&part)
		part.AppendEncoded(e.Raw())
	}
	AppendJSON(nil, &Vector{Type: typ, Bytes: value, Offsets: []uint32{0, uint32(len(value))}}, 0)
	CountElements(typ, value)
	var v Vector
	v.Reset(typ)
	v.AppendEncoded(value)
}

func TestNestedDamage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawNested(t)
		value := bytes.Clone(drawModel(t, typ, false).vector().Text(0))
		for range rapid.IntRange(1, 3).Draw(t, "damages") {
			if len(value) == 0 {
				break
			}
			at := rapid.IntRange(0, len(value)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "cut") {
				value = value[:at]
			} else {
				value[at] = rapid.Byte().Draw(t, "byte")
			}
		}
		checkDamage(typ, value)
	})
}

func FuzzNestedValue(f *testing.F) {
	typ := RowOf(Field{"a", ArrayOf(Of(String))}, Field{"m", MapOf(Of(String), Of(Interval))}, Field{"j", Of(JSON)}, Field{"b", Of(Boolean)}, Field{"x", Of(Bytes)})
	f.Add([]byte{1, 1, 'a', 0, 2, 0, 1, 0, 2, 1, 1, 2})
	f.Fuzz(func(_ *testing.T, value []byte) { checkDamage(typ, value) })
}
