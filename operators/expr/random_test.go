package expr

import (
	"fmt"
	"math"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// testSchema has two columns of each class.
var testSchema = data.Schema{
	{Name: "i1", Type: data.Of(data.Int)}, {Name: "i2", Type: data.Of(data.Int)},
	{Name: "b1", Type: data.Of(data.BigInt)}, {Name: "b2", Type: data.Of(data.BigInt)},
	{Name: "d1", Type: data.Of(data.Double)}, {Name: "d2", Type: data.Of(data.Double)},
	{Name: "c1", Type: data.DecimalType(12, 2)}, {Name: "c2", Type: data.DecimalType(5, 3)},
	{Name: "w1", Type: data.DecimalType(30, 6)}, {Name: "w2", Type: data.DecimalType(38, 10)},
	{Name: "s1", Type: data.Of(data.String)}, {Name: "s2", Type: data.Of(data.String)},
	{Name: "f1", Type: data.Of(data.Boolean)}, {Name: "f2", Type: data.Of(data.Boolean)},
	{Name: "t1", Type: data.Of(data.Timestamp)}, {Name: "t2", Type: data.Of(data.Timestamp)},
	{Name: "v1", Type: data.Of(data.Interval)}, {Name: "y1", Type: data.Of(data.Date)}, {Name: "z1", Type: data.Of(data.Time)},
	{Name: "a1", Type: data.ArrayOf(data.Of(data.Int))}, {Name: "m1", Type: data.MapOf(data.Of(data.String), data.DecimalType(5, 3))}, {Name: "r1", Type: data.RowOf(data.Field{Name: "x", Type: data.Of(data.Int)}, data.Field{Name: "y", Type: data.Of(data.String)})},
}

// drawValue appends a value that is often an edge of its type.
func drawValue(t *rapid.T, v *data.Vector) {
	pick := func(edges ...int64) int64 {
		if rapid.Bool().Draw(t, "edge") {
			return rapid.SampledFrom(edges).Draw(t, "value")
		}
		return rapid.Int64Range(-20, 20).Draw(t, "value")
	}
	switch v.Type.Kind {
	case data.Int:
		v.AppendInt(pick(math.MinInt32, math.MaxInt32, 0, 1, -1))
	case data.BigInt:
		v.AppendInt(pick(math.MinInt64, math.MaxInt64, math.MaxInt32+1, 0, 3037000500))
	case data.Double:
		v.AppendFloat(rapid.SampledFrom([]float64{0, -1.5, 2.5, 1e300, math.NaN(), math.Inf(1), 0.1, 4e9, -7}).Draw(t, "value"))
	case data.Decimal:
		digits := int64(v.Type.Precision)
		if v.Type.Class() == data.ClassInt {
			top := pow10(int(digits)) - 1
			v.AppendInt(pick(top, -top, 100, 12345))
			return
		}
		top, _ := data.Pow10(int(digits)).Sub(data.Wide(1))
		v.AppendWide(rapid.SampledFrom([]data.Int128{top, top.Neg(), data.Wide(pick(0, 1e18)), data.Pow10(20)}).Draw(t, "value"))
	case data.String:
		v.AppendText([]byte(rapid.SampledFrom([]string{"", "a", "Ab", "12", "naïve", "x%y", " pad ", "2024-01-01", "b,c,d", "-3.5"}).Draw(t, "value")))
	case data.Boolean:
		v.AppendBool(rapid.Bool().Draw(t, "value"))
	case data.Timestamp:
		v.AppendInt(pick(0, 1709618828123456, -1, 1706659200000000, math.MaxInt64, math.MinInt64))
	case data.Date:
		v.AppendInt(pick(19753, -1, 1e9))
	case data.Time:
		v.AppendInt(rapid.Int64Range(0, data.Day-1).Draw(t, "value"))
	case data.Interval:
		v.AppendWide(data.NewInterval(pick(12, -1), pick(data.Day, data.Hour, math.MaxInt64)))
	default:
		text := rapid.SampledFrom(map[data.Kind][]string{
			data.Array: {"[]", "[1,2]", "[null]", "[2147483647,-1,1,1]"},
			data.Map:   {"{}", `{"a":1,"Ab":null}`, `{"":99.999}`},
			data.Row:   {"{}", `{"x":1,"y":"12"}`, `{"x":-2147483648}`},
		}[v.Type.Kind]).Draw(t, "value")
		if err := data.NewTextParser(v.Type, nil).Append(v, []byte(text)); err != nil {
			panic(err)
		}
	}
}

// drawBatch makes a batch of n rows with NULLs and constant columns.
func drawBatch(t *rapid.T, n int) *data.Batch {
	b := &data.Batch{N: n}
	for _, c := range testSchema {
		v := &data.Vector{}
		v.Reset(c.Type)
		rows, nullable := n, rapid.IntRange(0, 2).Draw(t, "nullable") > 0
		constant := rapid.IntRange(0, 5).Draw(t, "constant") == 0
		if constant {
			rows = 1
		}
		for range rows {
			if nullable && rapid.IntRange(0, 3).Draw(t, "null") == 0 {
				v.AppendNull()
			} else {
				drawValue(t, v)
			}
		}
		v.Const = constant
		b.Cols = append(b.Cols, v)
	}
	return b
}

// shapes are expressions with holes: %n number, %s text, %b condition, %t timestamp.
var shapes = map[byte][]string{
	'n': {"i1", "i2", "b1", "b2", "d1", "d2", "c1", "c2", "w1", "w2", "0", "1", "-1", "2", "7", "2.50", "1e0", "NULL", "2147483647",
		"(%n + %n)", "(%n - %n)", "(%n * %n)", "(%n / %n)", "(%n %% %n)", "-(%n)", "ABS(%n)", "ROUND(%n)", "ROUND(%n, 1)", "ROUND(%n, i2)", "TRUNC(%n, -1)", "CEIL(%n)", "FLOOR(%n)",
		"SIGN(%n)", "SQRT(%n)", "COALESCE(%n, %n)", "NULLIF(%n, %n)", "IF(%b, %n, %n)", "GREATEST(%n, %n)", "LEAST(%n, 3, %n)", "CASE WHEN %b THEN %n WHEN %b THEN %n ELSE %n END", "CASE WHEN %b THEN %n END",
		"LENGTH(%s)", "STRPOS(%s, %s)", "EXTRACT(DAY FROM %t)", "YEAR(%t)", "EPOCH(%t)", "CAST(%n AS INT)", "CAST(%n AS BIGINT)", "CAST(%n AS DOUBLE)", "CAST(%n AS DECIMAL(10,1))", "CAST(%n AS DECIMAL(38,8))",
		"TRY_CAST(%s AS INT)", "TRY_CAST(%n AS DECIMAL(4,2))", "CAST(%s AS DOUBLE)", "TRY_CAST(%s AS DECIMAL(20,2))", "CAST(%b AS INT)", "y1 - y1", "EPOCH_MS(%t)",
		"(b1 & i1)", "(i1 # i2 | 5)", "(i1 << 3)", "(b1 >> i2)", "BIT_NOT(i1)", "GCD(i1, i2)", "DIV(%n, %n)", "LN(%n)", "LOG(%n, %n)", "WIDTH_BUCKET(%n, %n, %n, 5)", "TRY(%n)", "TRY(%n / %n)", "NVL2(%n, %n, %n)", "ASCII(%s)", "LEVENSHTEIN(%s, %s)", "LOCATE(%s, %s, i1)", "REGEXP_COUNT(%s, %s)", "REGEXP_INSTR(%s, '[a-z]', 1, i2)", "CRC32(%s)", "XXH3(%s)", "CARDINALITY(%a)", "ARRAY_MAX(%a)", "%a[i1]", "m1[%s]", "r1.x", "ARRAY_POSITION(%a, %n)"},
	's': {"s1", "s2", "'a'", "'Ab'", "''", "NULL", "LOWER(%s)", "UPPER(%s)", "(%s || %s)", "CONCAT(%s, %n, %s)", "TRIM(%s)", "SUBSTRING(%s, i1, 2)", "SUBSTRING(%s, 2)", "REPLACE(%s, %s, 'z')", "SPLIT_PART(%s, ',', i2)",
		"LEFT(%s, i1)", "RIGHT(%s, 2)", "REVERSE(%s)", "CAST(%n AS STRING)", "CAST(%t AS STRING)", "COALESCE(%s, %s)", "IF(%b, %s, %s)", "CASE WHEN %b THEN %s WHEN %b THEN %s END", "CAST(v1 AS STRING)", "CAST(%b AS STRING)", "GREATEST(%s, %s)",
		"LPAD(%s, i1, %s)", "RPAD(%s, 5)", "REPEAT(%s, i2)", "OVERLAY(%s, %s, i1)", "TRANSLATE(%s, %s, %s)", "INITCAP(%s)", "CONCAT_WS(%s, %s, %n)", "SPLIT_INDEX(%s, ',', i2)", "FORMAT('%%s-%%5L', %s, %n)", "CHR(i1)", "REGEXP_EXTRACT(%s, %s)", "REGEXP_EXTRACT(%s, '(.)(.)', i1)", "REGEXP_REPLACE(%s, %s, %s, 'g')", "REGEXP_SUBSTR(%s, '.', i1)",
		"MD5(%s)", "TO_HEX(%s)", "ENCODE(%s, 'escape')", "URL_ENCODE(%s)", "URL_DECODE(%s)", "URL_EXTRACT_PATH(%s)", "TRY(%s)", "TRY(CHR(i1) || %s)", "NVL2(%n, %s, %s)", "r1.y", "CAST(m1 AS STRING)", "ARRAY_TO_STRING(%a, %s)"},
	'b': {"f1", "f2", "TRUE", "FALSE", "(%b AND %b)", "(%b AND %b AND %b)", "(%b OR %b)", "(NOT %b)", "%n = %n", "%n <> %n", "%n < %n", "%n <= %n", "%n > %n", "%n >= %n", "%s = %s", "%s < %s", "%t > %t", "%t <= '2024-03-01'",
		"%n IS NULL", "%s IS NOT NULL", "(%b IS TRUE)", "(%b IS NOT FALSE)", "(%b IS UNKNOWN)", "(%n IS DISTINCT FROM %n)", "(%s IS NOT DISTINCT FROM %s)", "%n BETWEEN %n AND %n", "%n IN (1, 2, NULL)", "%n IN (1, 2, 3, 4, 5, 6, 7, 8)",
		"%s IN ('a', 'Ab')", "%s NOT IN ('a', '')", "%n IN (%n, 3)", "%s LIKE 'a%%'", "%s LIKE %s", "%s ILIKE '_b'", "%s NOT LIKE '%%,%%'", "STARTS_WITH(%s, %s)", "%b = %b", "v1 < v1", "y1 > '2024-01-01'",
		"%s ~ %s", "%s !~* 'A|b'", "%s SIMILAR TO '%%(a|b)_'", "%s NOT SIMILAR TO %s ESCAPE '#'", "REGEXP_LIKE(%s, '^.*a.*$')", "TRY(%b)", "ISNAN(%n)", "%a = %a", "%n = ANY (%a)", "%n <= ALL (%a)", "ARRAY_CONTAINS(%a, %n)", "r1 = ROW(%n, %s)", "m1 < m1"},
	't': {"t1", "t2", "TIMESTAMP '2024-02-29 12:00:00'", "(%t + INTERVAL '1' DAY)", "(%t - INTERVAL '1' MONTH)", "(%t + v1)", "DATE_TRUNC('hour', %t)", "DATE_TRUNC('month', %t)", "COALESCE(%t, %t)", "CAST(y1 AS TIMESTAMP)", "(y1 + v1)",
		"(%t + (%t - %t))", "TO_TIMESTAMP(%n)", "TO_TIMESTAMP_LTZ(b1, 3)", "IF(%b, %t, %t)", "TRY_CAST(%s AS TIMESTAMP)"},
	'a': {"a1", "ARRAY[1, NULL]", "ARRAY[]", "NULL", "ARRAY[%n, %n]", "(%a || %a)", "(%a || %n)", "ARRAY_SORT(%a)", "ARRAY_DISTINCT(%a)", "ARRAY_EXCEPT(%a, %a)", "ARRAY_SLICE(%a, i1, i2)", "CAST(ARRAY[%s] AS ARRAY<DOUBLE>)", "TRY_CAST(%a AS ARRAY<INT>)",
		"CAST(%a AS ARRAY<STRING>)", "MAP_VALUES(m1)", "IF(%b, %a, %a)", "COALESCE(%a, %a)", "CAST(CAST(%a AS JSON) AS ARRAY<INT>)", "TRY_CAST(%s AS ARRAY<INT>)", "GREATEST(%a, %a)", "MAP['a', %a]['a']", "ROW(%a, %n).f1", "ARRAY[ROW(%n, %s)]", "GENERATE_ARRAY(1, i1)"},
}

// drawText writes a random expression; leaves come first in each list of shapes.
func drawText(t *rapid.T, class byte, depth int) string {
	list := shapes[class]
	if depth <= 0 {
		list = list[:map[byte]int{'n': 19, 's': 6, 'b': 4, 't': 3, 'a': 4}[class]]
	}
	shape := rapid.SampledFrom(list).Draw(t, "shape")
	var out []byte
	for i := 0; i < len(shape); i++ {
		if shape[i] == '%' && i+1 < len(shape) {
			i++
			if shape[i] == '%' {
				out = append(out, '%')
			} else {
				out = append(out, drawText(t, shape[i], depth-1)...)
			}
			continue
		}
		out = append(out, shape[i])
	}
	return string(out)
}

// drawExpr binds a random expression, or skips the case where it has no type.
func drawExpr(t *rapid.T, classes string, depth int) Expr {
	text := drawText(t, rapid.SampledFrom([]byte(classes)).Draw(t, "class"), depth)
	e, err := bind(text, testSchema)
	if err != nil {
		if _, ok := err.(*Error); !ok {
			panic(fmt.Sprintf("%s: %v", text, err))
		}
		t.Skip(text)
	}
	return e
}
