package data

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var item = RowOf(Field{"name", Of(String)}, Field{"price", DecimalType(12, 2)})

// nestedTexts are texts of nested values, how they are printed, or the error.
var nestedTexts = []struct {
	t         Type
	in        string
	out, fail string
}{
	{ArrayOf(Of(Int)), "[1,2,null]", "[1,2,null]", ""},
	{ArrayOf(Of(Int)), " [ ] ", "[]", ""},
	{ArrayOf(Of(Int)), "null", "", ""},
	{ArrayOf(Of(Int)), `["1"]`, "[1]", ""},
	{ArrayOf(Of(Int)), "[1,2", "", "'[1,2' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), "[1,]", "", "'[1,]' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), "[1]x", "", "'[1]x' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), "[1]\x00", "", "'[1]\x00' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), "", "", "'' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), "7", "", "'7' is not a valid ARRAY<INT>"},
	{ArrayOf(Of(Int)), `{"a":1}`, "", `'{"a":1}' is not a valid ARRAY<INT>`},
	{ArrayOf(Of(Int)), "[1,2.5]", "", "[2]: '2.5' is not a valid INT"},
	{ArrayOf(Of(Int)), "[3000000000]", "", "[1]: '3000000000' is out of range for INT"},
	{ArrayOf(Of(Int)), "[[1]]", "", "[1]: '[1]' is not a valid INT"},
	{ArrayOf(Of(Double)), `[-0,1e3,"NaN","-inf"]`, `[0,1000,"NaN","-Infinity"]`, ""},
	{ArrayOf(Of(Boolean)), `[true,false]`, `[true,false]`, ""},
	{ArrayOf(Of(String)), `["a\u0000\ud83d\ude00\n", 7, {"x":[1]}]`, `["a\u0000😀\n","7","{\"x\":[1]}"]`, ""},
	{ArrayOf(Of(String)), `["\ud83d"]`, "", `'["\ud83d"]' is not a valid ARRAY<STRING>`},
	{ArrayOf(Of(String)), "[\"\xff\"]", "", "'[\"\xff\"]' is not a valid ARRAY<STRING>"},
	{ArrayOf(Of(String)), "[\"a\nb\"]", "", "'[\"a\nb\"]' is not a valid ARRAY<STRING>"},
	{ArrayOf(Of(Bytes)), `["AAH/"]`, `["AAH/"]`, ""},
	{ArrayOf(Of(Bytes)), `[1234]`, "", "[1]: '1234' is not a valid BYTES"},
	{ArrayOf(Of(Timestamp)), `["2026-01-05 10:00:00"]`, `["2026-01-05T10:00:00Z"]`, ""},
	{ArrayOf(Of(Interval)), `["1 month","30 days"]`, `["P1M","P30D"]`, ""},
	{ArrayOf(Of(JSON)), `["x",{"a": [1]},null,1.0]`, `["x",{"a": [1]},null,1.0]`, ""},
	{MapOf(Of(String), Of(Int)), `{"b":1,"a":2,"b":3}`, `{"a":2,"b":3}`, ""},
	{MapOf(Of(Int), Of(String)), `{"10":"x","9":"y","9.5":""}`, "", "'9.5' is not a valid INT"},
	{MapOf(Of(Int), Of(String)), `{"10":"x","9":"y"}`, `{"9":"y","10":"x"}`, ""},
	{MapOf(Of(String), ArrayOf(Of(Int))), `{"a":[1],"k":[1,"x"]}`, "", "['k'][2]: 'x' is not a valid INT"},
	{MapOf(ArrayOf(Of(Int)), Of(Int)), `{"[1,2]":1}`, `{"[1,2]":1}`, ""},
	{MapOf(ArrayOf(Of(Int)), Of(Int)), `{"null":1}`, "", "'null' is not a valid ARRAY<INT>"},
	{item, `{"price":1.5,"name":"x"}`, `{"name":"x","price":1.50}`, ""},
	{item, `{"other":[{}],"PRICE":"2"}`, `{"name":null,"price":2.00}`, ""},
	{item, `{"price":1,"PRICE":2}`, `{"name":null,"price":1.00}`, ""},
	{item, `{"PRICE":2,"price":1,"price":3}`, `{"name":null,"price":3.00}`, ""},
	{item, `{}`, `{"name":null,"price":null}`, ""},
	{item, `{"name":"x","other":01}`, "", `'{"name":"x","other":01}' is not a valid ROW<name STRING,price DECIMAL(12,2)>`},
	{item, `["x",1]`, "", `'["x",1]' is not a valid ROW<name STRING,price DECIMAL(12,2)>`},
	{ArrayOf(ArrayOf(Of(Int))), `["[1, 2]",[3],"null"]`, "[[1,2],[3],null]", ""},
	{ArrayOf(ArrayOf(Of(Int))), `["[1,"]`, "", "[1]: '[1,' is not a valid ARRAY<INT>"},
	{ArrayOf(ArrayOf(Of(Int))), `["[1,\"x\"]"]`, "", "[1][2]: 'x' is not a valid INT"},
	{ArrayOf(item), `[{"price":1},{"price":"x"}]`, "", "[2].price: 'x' is not a valid DECIMAL(12,2)"},
	{RowOf(Field{"two words", Of(Int)}), `{"two words":"x"}`, "", `."two words": 'x' is not a valid INT`},
	{RowOf(), `{"a":1}`, `{}`, ""},
}

func TestNestedTexts(t *testing.T) {
	for _, c := range nestedTexts {
		var v Vector
		v.Reset(c.t)
		v.AppendNull()
		p := NewTextParser(c.t, nil)
		err := p.Append(&v, []byte(c.in))
		switch {
		case err != nil && (err.Error() != c.fail || v.Len() != 1 || len(v.Bytes) != 0):
			t.Errorf("%s as %v: error %q, want %q; %d values", c.in, c.t, err, c.fail, v.Len())
		case err == nil && (c.fail != "" || string(AppendText(nil, &v, 1)) != c.out):
			t.Errorf("%s as %v is %s, want %s%s", c.in, c.t, AppendText(nil, &v, 1), c.out, c.fail)
		}
	}
}

func TestJSONValues(t *testing.T) {
	for _, c := range []struct {
		t         Type
		in        string
		out, fail string
	}{
		{Of(Int), "7", "7", ""},
		{Of(Int), `"7"`, "7", ""},
		{Of(Int), " null ", "", ""},
		{Of(Int), "1.5", "", "'1.5' is not a valid INT"},
		{Of(Int), "{}", "", "'{}' is not a valid INT"},
		{Of(Int), "7 8", "", "'7 8' is not a valid INT"},
		{Of(String), `"a\nb"`, "a\nb", ""},
		{Of(String), `{"a": 1}`, `{"a": 1}`, ""},
		{Of(JSON), ` {"a": 1} `, `{"a": 1}`, ""},
		{Of(JSON), `"x"`, `"x"`, ""},
		{Of(Boolean), "true", "true", ""},
		{Of(Timestamp), `"2026-01-05"`, "2026-01-05T00:00:00Z", ""},
		{Of(Timestamp), `5`, "", "'5' is not a valid TIMESTAMP"},
		{ArrayOf(Of(Int)), `[1,null]`, "[1,null]", ""},
		{ArrayOf(Of(Int)), `[1,x]`, "", "'[1,x]' is not a valid ARRAY<INT>"},
	} {
		var v Vector
		v.Reset(c.t)
		err := NewJSONParser(c.t, nil).Append(&v, []byte(c.in))
		switch {
		case err != nil && (err.Error() != c.fail || v.Len() != 0):
			t.Errorf("%s as %v: error %q, want %q", c.in, c.t, err, c.fail)
		case err == nil && (c.fail != "" || string(AppendText(nil, &v, 0)) != c.out):
			t.Errorf("%s as %v is %s, want %s%s", c.in, c.t, AppendText(nil, &v, 0), c.out, c.fail)
		}
	}
}

func TestJSONDepthIsBounded(t *testing.T) {
	p, v := NewTextParser(RowOf(), nil), &Vector{}
	v.Reset(RowOf())
	deep := `{"a":` + strings.Repeat("[", 2_000_000) + strings.Repeat("]", 2_000_000) + `}`
	if err := p.Append(v, []byte(deep)); err == nil {
		t.Error("two million levels are read")
	}
}

func TestNestedTypes(t *testing.T) {
	for want, typ := range map[string]Type{
		"ARRAY<INT>":                              ArrayOf(Of(Int)),
		"MAP<STRING,DECIMAL(12,2)>":               MapOf(Of(String), DecimalType(12, 2)),
		`ROW<a INT,"b c" ARRAY<STRING>,"1" DATE>`: RowOf(Field{"a", Of(Int)}, Field{"b c", ArrayOf(Of(String))}, Field{"1", Of(Date)}),
		"ROW<>": RowOf(),
	} {
		if typ.String() != want {
			t.Errorf("%v, want %s", typ, want)
		}
	}
	if ArrayOf(item) != ArrayOf(RowOf(item.Fields()...)) || ArrayOf(item) == ArrayOf(Of(Int)) {
		t.Error("types alike are not equal, or others are")
	}
	m := MapOf(Of(String), ArrayOf(item))
	if m.Key() != Of(String) || m.Elem() != ArrayOf(item) || m.Elem().Elem() != item || m.Depth() != 3 || item.Depth() != 1 || Of(Int).Depth() != 0 {
		t.Errorf("the parts of %v are %v and %v", m, m.Key(), m.Elem())
	}
	if f := item.Fields(); len(f) != 2 || f[1] != (Field{"price", DecimalType(12, 2)}) || m.Fields() != nil || Of(Int).Elem() != (Type{}) {
		t.Errorf("the fields are %v", f)
	}
}

// FuzzNestedText holds the reader against encoding/json: what it takes is JSON,
// and its printed form reads back as the same value.
func FuzzNestedText(f *testing.F) {
	types := []Type{}
	for _, c := range nestedTexts {
		types = append(types, c.t)
		f.Add(byte(len(types)-1), c.in)
	}
	f.Fuzz(func(t *testing.T, pick byte, text string) {
		typ := types[int(pick)%len(types)]
		p, v := NewTextParser(typ, nil), &Vector{}
		v.Reset(typ)
		if p.Append(v, []byte(text)) != nil {
			if v.Len() != 0 || len(v.Bytes) != 0 {
				t.Fatal("an error left something behind")
			}
			return
		}
		if !json.Valid([]byte(text)) || !utf8.ValidString(text) {
			t.Fatalf("%q was taken", text)
		}
		if v.IsNull(0) {
			return
		}
		printed := AppendText(nil, v, 0)
		if err := p.Append(v, printed); err != nil || !Equal(v, 0, v, 1) {
			t.Fatalf("%q is printed as %q, which reads back as %q, %v", text, printed, AppendText(nil, v, 1), err)
		}
	})
}
