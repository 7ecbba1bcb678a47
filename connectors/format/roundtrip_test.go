package format

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// everything has a column of each type.
func everything(t testing.TB) data.Schema {
	s := schema(t, "s STRING, i INT, l BIGINT, f DOUBLE, b BOOLEAN, x BYTES, d DECIMAL(12;2), w DECIMAL(30;3), day DATE, clock TIME, at TIMESTAMP, iv INTERVAL, j JSON, tags ARRAY<STRING>, m MAP<STRING;STRING>, items ITEMS")
	return append(s, data.Column{Name: "counts", Type: data.MapOf(data.Of(data.Int), data.ArrayOf(data.Of(data.BigInt)))})
}

// drawValue appends a value of v's type; with null set it may be NULL, or have NULLs in it.
func drawValue(t *rapid.T, v *data.Vector, null bool) {
	if null && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		v.AppendNull()
		return
	}
	text := rapid.StringMatching("[a-zé\"\\\\,;\n {}\\x00]{0,9}")
	switch v.Type.Kind {
	case data.String:
		v.AppendText([]byte(text.Draw(t, "text")))
	case data.Bytes:
		v.AppendText(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "bytes"))
	case data.JSON:
		v.AppendText([]byte(rapid.SampledFrom([]string{"true", "1.5", `{"a":[1,"x"]}`, `"t"`, "[]"}).Draw(t, "json")))
	case data.Int:
		v.AppendInt(int64(rapid.Int32().Draw(t, "int")))
	case data.BigInt:
		v.AppendInt(rapid.Int64().Draw(t, "bigint"))
	case data.Double:
		v.AppendFloat(rapid.Float64().Draw(t, "double") + 0)
	case data.Boolean:
		v.AppendBool(rapid.Bool().Draw(t, "bool"))
	case data.Date:
		v.AppendInt(rapid.Int64Range(data.FirstDate, data.LastDate).Draw(t, "date"))
	case data.Time:
		v.AppendInt(rapid.Int64Range(0, data.Day-1).Draw(t, "time"))
	case data.Timestamp:
		v.AppendInt(rapid.Int64Range(data.FirstTimestamp, data.LastTimestamp).Draw(t, "timestamp"))
	case data.Interval:
		v.AppendWide(data.NewInterval(rapid.Int64Range(-999, 999).Draw(t, "months"), rapid.Int64Range(-1e12, 1e12).Draw(t, "micros")))
	case data.Decimal:
		x := rapid.Int64Range(-999_999_999_999, 999_999_999_999).Draw(t, "decimal")
		if v.Type.Class() == data.ClassInt {
			v.AppendInt(x)
			return
		}
		w, _ := data.Wide(x).Mul(data.Pow10(rapid.IntRange(0, 18).Draw(t, "zeros")))
		v.AppendWide(w)
	default:
		drawNested(t, v, null)
	}
}

func drawNested(t *rapid.T, v *data.Vector, null bool) {
	one := func(typ data.Type, null bool) *data.Vector {
		e := &data.Vector{}
		e.Reset(typ)
		drawValue(t, e, null)
		return e
	}
	var value []byte
	switch v.Type.Kind {
	case data.Row:
		for _, f := range v.Type.Fields() {
			value = data.AppendElement(value, one(f.Type, null), 0)
		}
	case data.Array:
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			value = data.AppendElement(value, one(v.Type.Elem(), null), 0)
		}
		value = data.EndArray(value)
	case data.Map:
		var m data.MapBuilder
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			m.Add(one(v.Type.Key(), false), 0, one(v.Type.Elem(), null), 0)
		}
		value = m.AppendTo(value)
	}
	v.AppendText(value)
}

// drawRows fills a batch of the schema.
func drawRows(t *rapid.T, s data.Schema, n int) *data.Batch {
	b := data.NewPool(s).Get()
	for range n {
		for _, v := range b.Cols {
			drawValue(t, v, true)
		}
		b.N++
	}
	return b
}

// shown are the values of a batch, without what show puts before them.
func shown(b *data.Batch) []string {
	var place connectors.Place
	return show(b, &place, 0)
}

// TestRoundTrips writes values of every type in every format and reads them back.
func TestRoundTrips(t *testing.T) {
	for _, format := range []string{"json", "debezium-json", "changelog-json", "avro"} {
		t.Run(format, func(t *testing.T) {
			s := everything(t)
			rapid.Check(t, func(rt *rapid.T) {
				b := drawRows(rt, s, rapid.IntRange(1, 5).Draw(rt, "rows"))
				cfg := config(s, "format", format)
				cfg.Needed = rapid.Permutation(all(s)).Draw(rt, "needed")[:rapid.IntRange(1, len(s)).Draw(rt, "columns")]
				e, err := NewEncoder(s, cfg.Options)
				if err != nil {
					rt.Fatal(err)
				}
				text := e.AppendBatch(e.AppendHeader(nil), b)
				want := data.NewPool(cfg.Columns()).Get()
				for i, n := range cfg.Needed {
					want.Cols[i] = b.Cols[n]
				}
				want.N = b.N
				got, bad := readBack(rt, cfg, text)
				if d := cmp.Diff(shown(want), got, cmpopts.EquateEmpty()); d != "" || bad != nil {
					rt.Fatalf("%q\n%s", bad, d)
				}
			})
		})
	}
}

// readBack decodes what an encoder has written.
func readBack(t interface{ Fatal(...any) }, cfg connectors.SourceConfig, text []byte) (rows, bad []string) {
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	in := &input{r: bytes.NewReader(text), step: 100}
	var pieces Pieces = NewRecords(in, "in", &r.Framing, 64, false)
	if r.Frames != nil {
		pieces = r.Frames(in, "in")
	}
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	line := int64(0)
	for {
		if err := pieces.Next(context.Background(), &c); err == io.EOF {
			return rows, bad
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, 2)
			rows = append(rows, show(b, &place, line)...)
			b.Release()
		}
		for _, x := range c.Bad {
			bad = append(bad, fmt.Sprintf("%s: %q", x.Reason, x.Record))
		}
		if c.Fatal != nil {
			t.Fatal(c.Fatal)
		}
		line += c.Lines
	}
}

// TestAvroSchemaNames refuses names that Avro cannot have.
func TestAvroSchemaNames(t *testing.T) {
	for _, name := range []string{"", "a b", "1a", "é", `a"`} {
		if _, err := NewEncoder(data.Schema{{Name: name, Type: data.Of(data.Int)}}, connectors.NewOptions(map[string]string{"format": "avro"})); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}
