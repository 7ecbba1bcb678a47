package expr

import (
	"strings"
	"testing"

	"tidemark/operators/data"
)

var single1 = &data.Batch{N: 1}

// workBatch has plain columns of 1000 rows; every tenth value of the ones named
// n… is NULL.
func workBatch() (*data.Batch, data.Schema) {
	schema := data.Schema{
		{Name: "x", Type: data.Of(data.BigInt)}, {Name: "y", Type: data.Of(data.BigInt)}, {Name: "nx", Type: data.Of(data.BigInt)},
		{Name: "d", Type: data.Of(data.Double)}, {Name: "c", Type: data.DecimalType(12, 2)}, {Name: "s", Type: data.Of(data.String)}, {Name: "t", Type: data.Of(data.Timestamp)},
		{Name: "w", Type: data.DecimalType(30, 2)},
	}
	b := &data.Batch{N: 1000}
	for _, col := range schema {
		v := &data.Vector{}
		v.Reset(col.Type)
		for i := range b.N {
			switch {
			case col.Name[0] == 'n' && i%10 == 3:
				v.AppendNull()
			case col.Type.Class() == data.ClassInt:
				v.AppendInt(int64(i*7919%1000) + 1)
			case col.Type.Class() == data.ClassFloat:
				v.AppendFloat(float64(i*7919%1000) / 3)
			case col.Type.Class() == data.ClassWide:
				v.AppendWide(data.Wide(int64(i)))
			default:
				v.AppendText([]byte(strings.Repeat("/Page", i%4+1)))
			}
		}
		b.Cols = append(b.Cols, v)
	}
	return b, schema
}

func everyThird(n int) []int32 {
	var rows []int32
	for i := 0; i < n; i += 3 {
		rows = append(rows, int32(i))
	}
	return rows
}

// A program that has seen a batch allocates nothing for the next.
func TestWarmProgramsAllocateNothing(t *testing.T) {
	b, schema := workBatch()
	third := everyThird(b.N)
	for _, text := range []string{
		"x > 500", "x + y * 2 - 1", "nx + 1 > y", "d * 2e0 + d", "c * 1.5 > 100", "c + 1", "w * 2.00", "x / 3 % 7", "nx / y", "x > 10 AND y < 900 OR d = 1e0",
		"x > 10 AND 1000 / y > 2 OR NOT (nx = 5)", "t + INTERVAL '1' DAY > t", "CASE WHEN x > 500 THEN y WHEN y > 3 THEN nx END", "COALESCE(nx, y)", "x IN (1, 2, 3, 4, 5, 6, 7, 8, 9)",
		"s = '/Page'", "LOWER(s)", "s LIKE '/Page%'", "s IN ('/Page', 'x')", "CASE WHEN x > 1 THEN LOWER(s) ELSE UPPER(s) END", "CAST(x AS INT)", "CAST(c AS DOUBLE)", "CAST(c AS STRING)", "DATE_TRUNC('hour', t)", "nx IS NULL", "GREATEST(x, nx)", "x BETWEEN 3 AND y",
		"s ~ '^/P'", "s ~* 'P[aeiou]g'", "REGEXP_EXTRACT(s, 'P[a-z]+')", "REGEXP_REPLACE(s, 'Page', 'x', 'g')", "REGEXP_COUNT(s, 'ag')", "s SIMILAR TO '%(Page|x)'", "MD5(s)", "SHA256(s)", "HMAC_SHA256(s, 'key')", "XXH3(s)", "CRC32(s)", "ENCODE(s, 'base64')",
		"LPAD(s, 30, 'xy')", "REPEAT(s, 3)", "TRANSLATE(s, 'Pg', 'x')", "INITCAP(s)", "FORMAT('%s|%-10s|%L', s, s, s)", "CONCAT_WS('-', s, s)", "LEVENSHTEIN(s, '/Pige')", "URL_EXTRACT_PATH(s)", "URL_EXTRACT_PARAMETER(s, 'x')", "URL_ENCODE(s)", "x & 7 << 2", "LN(x)", "WIDTH_BUCKET(c, 0, 1000, 10)", "TRY(x / y)", "GCD(x, y)",
		"ARRAY[x, y, nx]", "ARRAY[x, y][2]", "ARRAY_SORT(ARRAY[x, y, nx])", "ARRAY_DISTINCT(ARRAY[x, y, x])", "ARRAY_CONTAINS(ARRAY[x, y], 5)", "x = ANY (ARRAY[y, 7])", "ARRAY_MAX(ARRAY[x, y])", "ARRAY[x] || ARRAY[y]", "MAP[s, x, 'a', y][s]", "MAP_KEYS(MAP[x, y])", "ROW(x, s).f2",
		"CAST(ARRAY[x, nx] AS ARRAY<DOUBLE>)", "TRY_CAST(MAP[x, y] AS MAP<INT, STRING>)", "CAST(ARRAY[s] AS STRING)", "CAST('[1, 2]' AS ARRAY<INT>)", "TRY_CAST(CONCAT('{\"a\": [', x, ']}') AS MAP<STRING, ARRAY<INT>>)", "STRING_TO_ARRAY(s, '/')", "ARRAY_TO_STRING(ARRAY[x, y], ',')",
	} {
		p := Compile(mustBind(t, text, schema))
		for name, rows := range map[string][]int32{"all rows": nil, "a selection": third} {
			// Two vectors in turn: the output of a batch still lives when the next is computed.
			var dst [2]data.Vector
			k := 0
			run := func() {
				k ^= 1
				if err := p.Eval(b, rows, &dst[k]); err != nil {
					t.Fatal(err)
				}
			}
			run()
			run()
			pooled := raceDetector && (strings.Contains(text, "~") || strings.Contains(text, "REGEXP") || strings.Contains(text, "SIMILAR"))
			if n := testing.AllocsPerRun(20, run); n != 0 && !pooled {
				t.Errorf("%s over %s: %v allocations", text, name, n)
			}
		}
		if !strings.HasPrefix(text, "x > ") {
			continue
		}
		out := make([]int32, 0, b.N)
		sel := func() {
			if _, err := p.Select(b, nil, out); err != nil {
				t.Fatal(err)
			}
		}
		sel()
		if n := testing.AllocsPerRun(20, sel); n != 0 {
			t.Errorf("selecting by %s: %v allocations", text, n)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	batch, schema := workBatch()
	for _, text := range []string{"x > 500", "s = '/Page'", "x + y", "nx + y", "c * 1.5", "w * 2.00", "d * 2e0", "LOWER(s)", "s LIKE '/Page%'", "CASE WHEN x > 500 THEN y ELSE x END", "t + INTERVAL '1' DAY", "DATE_TRUNC('hour', t)", "CAST(c AS STRING)"} {
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			p := Compile(mustBind(b, text, schema))
			var dst data.Vector
			for b.Loop() {
				if err := p.Eval(batch, nil, &dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, text := range []string{"x > 500", "x > 500 AND y < 300"} {
		b.Run("Select/"+strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			p := Compile(mustBind(b, text, schema))
			out := make([]int32, 0, batch.N)
			for b.Loop() {
				if _, err := p.Select(batch, nil, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
