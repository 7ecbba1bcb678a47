package planner

import (
	"slices"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
)

// typeNames are the names of the types, upper case.
var typeNames = map[string]data.Kind{
	"BOOLEAN": data.Boolean, "BOOL": data.Boolean,
	"TINYINT": data.Int, "SMALLINT": data.Int, "INT": data.Int, "INTEGER": data.Int, "INT2": data.Int, "INT4": data.Int,
	"BIGINT": data.BigInt, "INT8": data.BigInt,
	"DOUBLE": data.Double, "DOUBLE PRECISION": data.Double, "FLOAT": data.Double, "REAL": data.Double, "FLOAT4": data.Double, "FLOAT8": data.Double,
	"DECIMAL": data.Decimal, "NUMERIC": data.Decimal, "DEC": data.Decimal,
	"STRING": data.String, "VARCHAR": data.String, "TEXT": data.String, "CHAR": data.String, "CHARACTER": data.String,
	"CHARACTER VARYING": data.String, "CHAR VARYING": data.String,
	"BYTES": data.Bytes, "BYTEA": data.Bytes, "BLOB": data.Bytes, "VARBINARY": data.Bytes, "BINARY": data.Bytes, "BINARY VARYING": data.Bytes,
	"DATE": data.Date, "TIME": data.Time, "TIME WITHOUT TIME ZONE": data.Time,
	"TIMESTAMP": data.Timestamp, "TIMESTAMP_LTZ": data.Timestamp, "TIMESTAMPTZ": data.Timestamp, "DATETIME": data.Timestamp,
	"TIMESTAMP WITH TIME ZONE": data.Timestamp, "TIMESTAMP WITHOUT TIME ZONE": data.Timestamp, "TIMESTAMP WITH LOCAL TIME ZONE": data.Timestamp,
	"INTERVAL": data.Interval, "JSON": data.JSON, "JSONB": data.JSON,
}

// typeOf returns the type that a name means.
func (b *binder) typeOf(n *parser.TypeName) (data.Type, bool) {
	switch n.Name {
	case "ARRAY", "MAP", "ROW":
		return b.nestedType(n)
	}
	kind, ok := typeNames[n.Name]
	if !ok {
		known := make([]string, 0, len(typeNames))
		for t := range typeNames {
			known = append(known, t)
		}
		slices.Sort(known)
		hint := "types are BOOLEAN, INT, BIGINT, DOUBLE, DECIMAL(p,s), STRING, BYTES, DATE, TIME, TIMESTAMP, INTERVAL, JSON, ARRAY<T>, MAP<K,V> and ROW<…>"
		if near := source.Near(n.Name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		b.errorf(n.Span(), hint, "there is no type %s", n.Name)
		return data.Type{}, false
	}
	if kind == data.Decimal {
		return b.decimalType(n)
	}
	most := 0
	switch kind {
	case data.String, data.Bytes, data.Time, data.Timestamp, data.Double:
		most = 1 // a length or the digits of a second: accepted, as other systems write them
	}
	if len(n.Params) > most {
		b.errorf(n.Span(), "write "+kind.String(), "%s takes no such parameters", n.Name)
		return data.Type{}, false
	}
	if (kind == data.Timestamp || kind == data.Time) && len(n.Params) == 1 && n.Params[0] > 9 {
		b.errorf(n.Span(), "write "+kind.String()+"; it keeps microseconds", "a second has no %d digits here", n.Params[0])
		return data.Type{}, false
	}
	return data.Of(kind), true
}

// hasLength reports whether a type's name says how many characters a text has, to
// which a cast cuts it: VARCHAR(3).
func hasLength(n *parser.TypeName) bool {
	return typeNames[n.Name] == data.String && len(n.Params) == 1
}

func (b *binder) decimalType(n *parser.TypeName) (data.Type, bool) {
	precision, scale := 10, 0 // what the name alone means in Flink
	switch len(n.Params) {
	case 0:
		b.warnf(n.Span(), "write the digits, for example DECIMAL(12,2)", "DECIMAL alone is DECIMAL(10,0): it keeps no digits after the point")
	case 1:
		precision = n.Params[0]
	case 2:
		precision, scale = n.Params[0], n.Params[1]
	default:
		b.errorf(n.Span(), "write DECIMAL(12,2)", "%s takes the number of digits and how many of them are after the point", n.Name)
		return data.Type{}, false
	}
	if precision < 1 || precision > data.MaxPrecision {
		b.errorf(n.Span(), "for numbers that need not be exact there is DOUBLE", "a DECIMAL has 1 to %d digits, not %d", data.MaxPrecision, precision)
		return data.Type{}, false
	}
	if scale < 0 || scale > precision {
		b.errorf(n.Span(), "the first number counts all digits: DECIMAL(12,2) has 10 before the point", "a DECIMAL of %d digits cannot have %d after the point", precision, scale)
		return data.Type{}, false
	}
	return data.DecimalType(precision, scale), true
}

// nestedType returns the type of an ARRAY, MAP or ROW.
func (b *binder) nestedType(n *parser.TypeName) (data.Type, bool) {
	var args []data.Type
	ok := true
	for _, a := range n.Args {
		t, good := b.typeOf(a)
		args, ok = append(args, t), ok && good
	}
	var fields []data.Field
	for i, f := range n.Fields {
		t, good := b.typeOf(f.Type)
		ok = ok && good
		for _, g := range n.Fields[:i] {
			if sameColumn(f.Name, g.Name) {
				b.errorf(f.Name.Span(), "give one of them another name", "the ROW has two fields %s", f.Name.Text)
				ok = false
			}
		}
		fields = append(fields, data.Field{Name: f.Name.Text, Type: t})
	}
	if !ok {
		return data.Type{}, false
	}
	var t data.Type
	switch {
	case n.Name == "ARRAY" && len(args) == 1:
		t = data.ArrayOf(args[0])
	case n.Name == "MAP" && len(args) == 2:
		t = data.MapOf(args[0], args[1])
	case n.Name == "ROW" && len(fields) > 0:
		t = data.RowOf(fields...)
	}
	switch {
	case t.Depth() > data.MaxNesting:
		b.errorf(n.Span(), "declare the inner part as JSON", "the type nests deeper than %d levels", data.MaxNesting)
		return data.Type{}, false
	case t.Nested():
		return t, true
	}
	form := map[string]string{"ARRAY": "ARRAY<INT>", "MAP": "MAP<STRING, INT>", "ROW": "ROW<a INT, b STRING>"}[n.Name]
	b.errorf(n.Span(), "write "+form, "the type %s says what it is made of", n.Name)
	return data.Type{}, false
}
