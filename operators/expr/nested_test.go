package expr

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

func TestArrays(t *testing.T) {
	checkValues(t, []valueCase{
		{"ARRAY[1, NULL, 2.5]", "[1.0,null,2.5]"}, {"ARRAY['a', NULL]", `["a",null]`}, {"ARRAY[NULL]", "[null]"}, {"ARRAY[ARRAY[1], ARRAY[]]", "[[1],[]]"},
		{"ARRAY[DATE '2024-01-02', TIMESTAMP '2024-01-01 00:00:00']", `["2024-01-02T00:00:00Z","2024-01-01T00:00:00Z"]`},
		{"ARRAY[1, 2][1]", "1"}, {"ARRAY[1, 2][0]", "NULL"}, {"ARRAY[1, 2][-1]", "NULL"}, {"ARRAY[1, 2][NULL]", "NULL"}, {"ARRAY[ARRAY[1, 2], ARRAY[3]][2][1]", "3"},
		{"ARRAY[1, 2, 3][2:3]", "[2,3]"}, {"ARRAY[1, 2, 3][0:1]", "[1]"}, {"ARRAY[1, 2, 3][2:99]", "[2,3]"}, {"ARRAY[1, 2, 3][-2:-1]", "[2,3]"}, {"ARRAY[1, 2, 3][-9:-9]", "[]"}, {"ARRAY_SLICE(ARRAY[1, 2], NULL, 1)", "NULL"},
		{"CARDINALITY(ARRAY[])", "0"}, {"CARDINALITY(NULL)", "NULL"},
		{"ARRAY_CONTAINS(ARRAY[1, 2.5], 2.50)", "true"}, {"ARRAY_CONTAINS(ARRAY[1, 2], 2.5)", "false"}, {"ARRAY_CONTAINS(ARRAY['1'], '1')", "true"}, {"ARRAY_CONTAINS(ARRAY[1], NULL)", "false"}, {"ARRAY_CONTAINS(ARRAY[1, 2], '2')", "true"},
		{"ARRAY_CONTAINS(ARRAY[INTERVAL '30' DAY], INTERVAL '1' MONTH)", "true"}, {"ARRAY_CONTAINS(ARRAY[0e0], -0e0)", "true"}, {"ARRAY_CONTAINS(ARRAY[CAST('NaN' AS DOUBLE)], CAST('NaN' AS DOUBLE))", "true"},
		{"ARRAY_POSITION(ARRAY[1, NULL], NULL)", "2"}, {"ARRAY_POSITION(NULL, 1)", "NULL"}, {"ARRAY_POSITION(ARRAY[1, 2, 1], 1, 4)", "NULL"},
		{"ARRAY_APPEND(NULL, 1)", "[1]"}, {"ARRAY_APPEND(ARRAY[1], 2.5)", "[1.0,2.5]"}, {"ARRAY_PREPEND(NULL, ARRAY['a'])", `[null,"a"]`}, {"ARRAY_APPEND(ARRAY[], 'x')", `["x"]`},
		{"ARRAY[1] || NULL", "[1]"}, {"0 || ARRAY[1]", "[0,1]"}, {"ARRAY[ARRAY[1]] || ARRAY[2]", "[[1],[2]]"}, {"ARRAY['a'] || 'b'", `["a","b"]`}, {"ARRAY[1] || '2'", "[1,2]"}, {"'a' || ARRAY['b']", `["a","b"]`},
		{"ARRAY_CONCAT(ARRAY[1], NULL)", "[1]"}, {"ARRAY_CONCAT(CAST(NULL AS ARRAY<INT>), CAST(NULL AS ARRAY<INT>))", "NULL"},
		{"ARRAY_DISTINCT(ARRAY[INTERVAL '1' MONTH, INTERVAL '30' DAY, INTERVAL '1' DAY])", `["P1M","P1D"]`}, {"ARRAY_EXCEPT(ARRAY[1, NULL], ARRAY[NULL])", "[1]"}, {"ARRAY_INTERSECT(ARRAY[1, NULL], ARRAY[NULL])", "[null]"},
		{"ARRAY_SORT(ARRAY['b', 'B', 'a'])", `["B","a","b"]`}, {"ARRAY_SORT(ARRAY[2, NULL, 1], TRUE, TRUE)", "[null,1,2]"}, {"ARRAY_SORT(ARRAY[CAST('NaN' AS DOUBLE), -1e0, 0e0, -2e0])", `[-2,-1,0,"NaN"]`},
		{"ARRAY_MAX(ARRAY[INTERVAL '1' MONTH, INTERVAL '31' DAY])", "P31D"}, {"ARRAY_MAX(ARRAY[])", "NULL"}, {"ARRAY_MIN(ARRAY['b', 'a'])", "a"}, {"ARRAY_MIN(ARRAY[-5, 3])", "-5"},
		{"ARRAY_TO_STRING(ARRAY['a', 'b'], '')", "ab"}, {"ARRAY_TO_STRING(ARRAY[1.50, 2], ', ')", "1.50, 2.00"}, {"ARRAY_TO_STRING(ARRAY[ARRAY['a']], ',')", `["a"]`}, {"ARRAY_TO_STRING(ARRAY[], ',')", ""}, {"ARRAY_TO_STRING(ARRAY[NULL, 1], ',')", "1"}, {"ARRAY_TO_STRING(ARRAY[1], NULL)", "NULL"},
		{"STRING_TO_ARRAY('', ',')", "[]"}, {"STRING_TO_ARRAY('a', '')", `["a"]`}, {"STRING_TO_ARRAY(NULL, ',')", "NULL"}, {"STRING_TO_ARRAY(',', ',')", `["",""]`}, {"STRING_TO_ARRAY('a--b', '--', NULL)", `["a","b"]`}, {"SPLIT('a', NULL)", "NULL"},
		{"ARRAY_REMOVE(ARRAY[1.0, 2], 1)", "[2.0]"}, {"ARRAY_REPLACE(ARRAY[1, NULL], NULL, 0)", "[1,0]"}, {"ARRAY_REVERSE(ARRAY[])", "[]"}, {"FLATTEN(ARRAY[ARRAY[1], ARRAY[]])", "[1]"},
		{"GENERATE_ARRAY(9223372036854775806, 9223372036854775807)", "[9223372036854775806,9223372036854775807]"}, {"GENERATE_ARRAY(-9223372036854775807, -9223372036854775807 - 1, -1)", "[-9223372036854775807,-9223372036854775808]"},
		// Comparison of whole arrays: element by element, NULLs last.
		{"ARRAY[1, 2] = ARRAY[1, 2.0]", "true"}, {"ARRAY[1, 2] < ARRAY[1, 2, 0]", "true"}, {"ARRAY[1, NULL] > ARRAY[1, 99]", "true"}, {"ARRAY[] < ARRAY[1]", "true"}, {"ARRAY[-1] < ARRAY[1]", "true"}, {"ARRAY['b'] > ARRAY['a', 'c']", "true"},
		{"ARRAY[1] = '[1]'", "true"}, {"ARRAY[1] IN (ARRAY[2], ARRAY[1])", "true"}, {"GREATEST(ARRAY[1], ARRAY[2])", "[2]"}, {"COALESCE(NULL, ARRAY[1])", "[1]"}, {"CASE WHEN TRUE THEN ARRAY[1] ELSE ARRAY[2.5] END", "[1.0]"}, {"NULLIF(ARRAY[1], ARRAY[1])", "NULL"},
		// Quantifiers.
		{"1 = ANY (ARRAY[2, NULL])", "NULL"}, {"1 = ANY (ARRAY[1, NULL])", "true"}, {"1 <> ALL (ARRAY[2, NULL])", "NULL"}, {"1 <> ALL (ARRAY[1, NULL])", "false"}, {"NULL = ANY (ARRAY[1])", "NULL"}, {"NULL = ANY (ARRAY[])", "false"}, {"1 = ALL (NULL)", "NULL"},
		{"1.5 > ANY (ARRAY[1, 2])", "true"}, {"'b' <= ALL (ARRAY['b', 'c'])", "true"}, {"'2024-01-01' = ANY (ARRAY[DATE '2024-01-01'])", "true"}, {"INTERVAL '30' DAY = ANY (ARRAY[INTERVAL '1' MONTH])", "true"},
	})
}

func TestMapsAndRows(t *testing.T) {
	checkValues(t, []valueCase{
		{"MAP[]", "{}"}, {"MAP[1, 'x', 2, NULL]", `{"1":"x","2":null}`}, {"MAP['a', 1, 'b', 2.5]", `{"a":1.0,"b":2.5}`}, {"MAP['a', ARRAY[1]]['a'][1]", "1"},
		{"MAP['a', 1]['b']", "NULL"}, {"MAP[1, 'x'][1]", "x"}, {"MAP[2, 'x', 10, 'y'][10]", "y"}, {"MAP[1.5, 'x'][1.50]", "x"}, {"MAP['a', 1][NULL]", "NULL"}, {"MAP[DATE '2024-01-01', 1]['2024-01-01']", "1"},
		{"MAP_KEYS(MAP[2, 'x', -1, 'y'])", "[-1,2]"}, {"MAP_CONTAINS_KEY(MAP['b', 1], 'a')", "false"}, {"MAP_CONTAINS_KEY(MAP['b', 1], 'c')", "false"}, {"MAP_FROM_ARRAYS(ARRAY['a', 'a'], ARRAY[1, 2])", `{"a":2}`},
		{"MAP_ENTRIES(MAP['a', NULL])[1].key", "a"}, {"MAP_FROM_ENTRIES(MAP_ENTRIES(MAP['a', 1]))", `{"a":1}`}, {"MAP_FROM_ENTRIES(ARRAY[NULL, ROW('a', 1)])", `{"a":1}`}, {"MAP['a', 1] = MAP['a', 1.0]", "true"},
		{"STR_TO_MAP('')", "{}"}, {"STR_TO_MAP('a=1,a=2')", `{"a":"2"}`}, {"STR_TO_MAP('ab', '', '')", `{"ab":null}`}, {"MAP_CONCAT(MAP[], MAP['a', 1])", `{"a":1}`},
		{"ROW(1, NULL, 'x')", `{"f1":1,"f2":null,"f3":"x"}`}, {"ROW(1, 'x').F2", "x"}, {"ROW(ROW(1, 2), 3).f1.f2", "2"}, {"ROW(1, ARRAY['x', 'y']).f2[2]", "y"}, {"ROW(ARRAY[ROW(7, 8)]).f1[1].f2", "8"},
		// Rows compare field by field, as the standard has it.
		{"ROW(1, 2) = ROW(1, 2.0)", "true"}, {"ROW(1, NULL) = ROW(1, 2)", "NULL"}, {"ROW(1, NULL) = ROW(2, 2)", "false"}, {"ROW(1, NULL) <> ROW(2, 2)", "true"}, {"ROW(1, 2) < ROW(1, 3)", "true"}, {"ROW(1, 2) <= ROW(1, 2)", "true"}, {"ROW(2, NULL) > ROW(1, 5)", "true"}, {"ROW(1, NULL) > ROW(1, 5)", "NULL"},
		{"ROW(1, 'a') IN (ROW(2, 'b'), ROW(1, 'a'))", "true"}, {"ROW(1) >= ROW('1')", "true"}, {"ARRAY[ROW(1, NULL)] = ARRAY[ROW(1, NULL)]", "true"},
	})
}

func TestNestedCasts(t *testing.T) {
	checkValues(t, []valueCase{
		{"CAST('[1, 2, null]' AS ARRAY<INT>)", "[1,2,null]"}, {"CAST('null' AS ARRAY<INT>)", "NULL"}, {`CAST('{"a":1}' AS MAP<STRING, BIGINT>)['a']`, "1"}, {`CAST('{"B":[true],"a":"x"}' AS ROW<a STRING, b ARRAY<BOOLEAN>>)`, `{"a":"x","b":[true]}`},
		{"TRY_CAST('[1,' AS ARRAY<INT>)", "NULL"}, {"TRY_CAST('[x]' AS ARRAY<INT>)", "NULL"}, {"CAST(ARRAY['a', NULL] AS STRING)", `["a",null]`}, {"'x' || CAST(ROW(1) AS STRING)", `x{"f1":1}`},
		{"CAST(ARRAY[1, NULL] AS ARRAY<STRING>)", `["1",null]`}, {"CAST(ARRAY['1', NULL] AS ARRAY<DECIMAL(5,2)>)", "[1.00,null]"}, {"TRY_CAST(ARRAY['1', 'x'] AS ARRAY<INT>)", "NULL"}, {"TRY_CAST(ARRAY['1', NULL] AS ARRAY<INT>)", "[1,null]"}, {"CAST(ARRAY[] AS ARRAY<INT>)", "[]"},
		{"CAST(ARRAY[ARRAY[1.6], NULL] AS ARRAY<ARRAY<INT>>)", "[[2],null]"}, {"CAST(MAP['10', 1, '9', 2] AS MAP<INT, STRING>)", `{"9":"2","10":"1"}`}, {"CAST(MAP['1', 'a', '01', 'b'] AS MAP<INT, STRING>)", `{"1":"a"}`},
		{"CAST(ROW(1, 'x') AS ROW<a BIGINT, b STRING>)", `{"a":1,"b":"x"}`}, {"CAST(ROW(1, NULL) AS ROW<a STRING, b ARRAY<INT>>).a", "1"}, {"CAST(ARRAY[ROW(1, '2')] AS ARRAY<ROW<x STRING, y INT>>)[1].y", "2"},
		// JSON.
		{`JSON '{"a":[1,{"b":2}]}'['a'][1].b`, "2"}, {`CAST(JSON '{"a":1}' AS STRING)`, `{"a":1}`},
		{"CAST(ARRAY[1, NULL] AS JSON)", "[1,null]"}, {"CAST(MAP['a', ROW(1)] AS JSON)", `{"a":{"f1":1}}`}, {"CAST(1.50 AS JSON)", "1.50"}, {"CAST(TRUE AS JSON)", "true"}, {"CAST(DATE '2024-01-02' AS JSON)", `"2024-01-02"`}, {"CAST(CAST('NaN' AS DOUBLE) AS JSON)", `"NaN"`},
		{"CAST(JSON '7' AS INT)", "7"}, {`CAST(JSON '"7"' AS INT)`, "7"}, {"CAST(JSON 'null' AS INT)", "NULL"}, {"TRY_CAST(JSON '[]' AS INT)", "NULL"}, {"CAST(JSON '1.25' AS DECIMAL(5,1))", "1.3"}, {"CAST(JSON 'true' AS BOOLEAN)", "true"}, {`CAST(JSON '"2024-01-02"' AS DATE)`, "2024-01-02"}, {`CAST(JSON '"NaN"' AS DOUBLE)`, "NaN"},
		{"CAST(JSON '[1,2]' AS ARRAY<INT>)[2]", "2"}, {`CAST(JSON '{"a":{"b":[1]}}' AS ROW<a ROW<b ARRAY<INT>>>).a.b[1]`, "1"}, {`CAST(ARRAY[JSON '{"a":1}', JSON 'null'] AS ARRAY<MAP<STRING, INT>>)`, `[{"a":1},null]`}, {`CAST(JSON '{"a":[1, "x"]}' AS MAP<STRING, JSON>)['a']`, `[1, "x"]`},
		{`CAST(JSON '"x"' AS STRING)`, `"x"`}, {`CAST(ARRAY[JSON '"x"'] AS ARRAY<STRING>)`, `["\"x\""]`},
		{"CAST(INTERVAL '25 hours 30 minutes' AS TIME)", "01:30:00"}, {"CAST(INTERVAL '-1' HOUR AS TIME)", "23:00:00"},
		// Doubles that are no numbers.
		{"CAST('NaN' AS DOUBLE)", "NaN"}, {"CAST('inf' AS DOUBLE)", "Infinity"}, {"CAST(' -Infinity ' AS DOUBLE)", "-Infinity"}, {"TRY_CAST('infinit' AS DOUBLE)", "NULL"}, {"TRY_CAST('NaN' AS DECIMAL(5,2))", "NULL"}, {"TRY_CAST('0x10' AS DOUBLE)", "NULL"}, {"TRY_CAST('1e400' AS DOUBLE)", "NULL"},
	})
}

func TestNestedRunTimeErrors(t *testing.T) {
	checkRunTimeErrors(t, []valueCase{
		{"MAP[IF(1 > 2, 'a', NULL), 1]", "a key of a MAP cannot be NULL"},
		{"MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1, 2])", "MAP_FROM_ARRAYS takes arrays of one length, and these have 1 keys and 2 values"},
		{"MAP_FROM_ARRAYS(ARRAY['a', NULL], ARRAY[1, 2])", "a key of a MAP cannot be NULL"},
		{"MAP_FROM_ENTRIES(ARRAY[ROW(NULL, 1)])", "a key of a MAP cannot be NULL"},
		{"CAST(MAP[JSON 'null', 1] AS MAP<INT, INT>)", "a key of a MAP cannot be NULL"},
		{"ELEMENT(ARRAY[1, 2])", "ELEMENT takes an array of one element or none, and this one has more"},
		{"GENERATE_ARRAY(1, 2, 0)", "GENERATE_ARRAY cannot go in steps of 0"},
		{"GENERATE_ARRAY(0, 1000000)", "GENERATE_ARRAY would make more than 1000000 elements, its limit; GENERATE_SERIES in FROM makes rows without end"},
		{"CAST('[1,' || 'x]' AS ARRAY<INT>)", "'[1,x]' is not a valid ARRAY<INT>"},
		{`CAST('[{"price":1},' || '{"price":"x"}]' AS ARRAY<ROW<price DECIMAL(12,2)>>)`, "[2].price: 'x' is not a valid DECIMAL(12,2)"},
		{"CAST(ARRAY['1', 'x'] AS ARRAY<INT>)", "'x' is not a valid INT"},
		{"CAST(ROW(3000000000, 'x') AS ROW<a INT, b INT>)", "3000000000 is outside the range of INT"},
		{"CAST(JSON '{}' AS INT)", "'{}' is not a valid INT"},
	})
}

func TestNestedBindErrors(t *testing.T) {
	deep := strings.Repeat("ARRAY[", 33) + "1" + strings.Repeat("]", 33)
	checkBindErrors(t, []bindErrorCase{
		{"ARRAY[i1, s1]", "the elements of ARRAY have the types INT and STRING", "convert it: CAST(s1 AS INT)"},
		{"MAP['a']", "MAP takes keys and values in turn, and the last key has no value", "write MAP['key', value, …]"},
		{"ROW()", "a ROW has at least one value", "write ROW(1, 'x')"},
		{"MAP['a', 1, 2, 1]['x']", "'a' is not a valid INT", "it stands beside 2, which is INT"},
		{"i1[1]", "SUBSCRIPT does not take (INT, INT)", "it is called as ARRAY<T>[BIGINT] → T or MAP<K,V>[K] → V"},
		{"ARRAY_CONTAINS(ARRAY[1], 'x')", "'x' is not a valid INT", ""},
		{"ARRAY_CONTAINS(ARRAY[1], t1)", "ARRAY_CONTAINS does not take (ARRAY<INT>, TIMESTAMP)", "it is called as ARRAY_CONTAINS(ARRAY<T>, T) → BOOLEAN"},
		{"ARRAY_SORT(ARRAY[1], 2)", "ARRAY_SORT does not take (ARRAY<INT>, INT)", "it is called as ARRAY_SORT(ARRAY<T>[, BOOLEAN[, BOOLEAN]]) → ARRAY<T>"},
		{"ROW(1, 2).f3", "ROW(1, 2) has no field f3", "did you mean f1?"},
		{"CAST(ROW(1) AS ROW<price INT>).prise", "CAST(ROW(1) AS ROW<price INT>) has no field prise", "did you mean price?"},
		{"CAST(ROW(1) AS ROW<price INT>).xyz", "CAST(ROW(1) AS ROW<price INT>) has no field xyz", "its fields are price"},
		{"MAP['a', 1].a", "MAP['a', 1] is a MAP<STRING,INT>, which has keys and no fields", "write MAP['a', 1]['a']"},
		{"ARRAY[ROW(1)].f1", "ARRAY[ROW(1)] is an array of rows; it has no field f1 itself", "pick one, as in ARRAY[ROW(1)][1].f1, or make rows of them with UNNEST"},
		{"i1.f1", "i1 is of type INT, which has no fields", ""},
		{"1 = ANY (i1)", "cannot apply = ANY to INT and INT", "it is called as T = ANY (ARRAY<T>) → BOOLEAN"},
		{"ARRAY[1] = 1", "cannot compare ARRAY<INT> with INT", ""},
		{"CAST(ARRAY[1] AS INT)", "there is no cast from ARRAY<INT> to INT", "take one element, as in ARRAY[1][1]"},
		{"CAST(ROW(1, 2) AS ROW<a INT>)", "there is no cast from ROW<f1 INT,f2 INT> to ROW<a INT>", ""},
		{"CAST('{1,2}' AS ARRAY<INT>)", "'{1,2}' is not a valid ARRAY<INT>", "the text of an array is JSON, as in '[1, null]'"},
		{deep, "the value has 33 levels of arrays, maps and rows; 32 is the limit", "keep the inner values as JSON"},
	})
}

// Expressions over nested values print as they are written.
func TestNestedPrint(t *testing.T) {
	for _, text := range []string{
		"ARRAY[i1, 2]", "MAP['a', i1]", "ROW(i1, s1)", "ARRAY[i1][1]", "ROW(i1, s1).f2", "(ARRAY[i1] || ARRAY[i2])[1]", "i1 = ANY (ARRAY[i2])", "(i1 = ANY (ARRAY[i2])) = f1", "i1 + 1 <> ALL (ARRAY[i2])",
		"ARRAY_SLICE(ARRAY[i1], 1, 2)",
	} {
		if got := mustBind(t, text, testSchema).String(); got != text {
			t.Errorf("%s prints as %s", text, got)
		}
	}
	e := mustFold(t, mustBind(t, "ROW(ARRAY[1, NULL], MAP['it''s', DATE '2024-01-02'], ARRAY[])", nil))
	if got, want := e.String(), "ROW(ARRAY[1, NULL], MAP['it''s', DATE '2024-01-02'], ARRAY[])"; got != want {
		t.Errorf("the constant prints as %s, want %s", got, want)
	}
}

// The functions over arrays do on columns of many rows, with NULLs, constants and
// selections, what a slice would.
func TestArraysAgainstSlices(t *testing.T) {
	schema := data.Schema{{Name: "a", Type: data.ArrayOf(data.Of(data.Int))}, {Name: "b", Type: data.ArrayOf(data.Of(data.Int))}, {Name: "x", Type: data.Of(data.Int)}}
	const null = -99
	unique := func(list []int64) []int64 {
		var out []int64
		for _, x := range list {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
		return out
	}
	keep := func(list []int64, f func(int64) bool) []int64 {
		var out []int64
		for _, x := range list {
			if f(x) {
				out = append(out, x)
			}
		}
		return out
	}
	write := func(list []int64) string {
		return strings.ReplaceAll(strings.ReplaceAll(fmt.Sprint(list), " ", ","), "-99", "null")
	}
	last := func(list []int64) []int64 { // NULLs last
		out := slices.Clone(list)
		slices.SortFunc(out, func(x, y int64) int {
			if x == null || y == null {
				return b2i(x == null) - b2i(y == null)
			}
			return int(x - y)
		})
		return out
	}
	cases := map[string]func(a, b []int64, x int64) string{
		"ARRAY_DISTINCT(a)": func(a, _ []int64, _ int64) string { return write(unique(a)) },
		"ARRAY_UNION(a, b)": func(a, b []int64, _ int64) string { return write(unique(slices.Concat(a, b))) },
		"ARRAY_EXCEPT(a, b)": func(a, b []int64, _ int64) string {
			return write(keep(unique(a), func(x int64) bool { return !slices.Contains(b, x) }))
		},
		"ARRAY_INTERSECT(a, b)": func(a, b []int64, _ int64) string {
			return write(keep(unique(a), func(x int64) bool { return slices.Contains(b, x) }))
		},
		"ARRAY_REMOVE(a, x)":   func(a, _ []int64, x int64) string { return write(keep(a, func(y int64) bool { return x != y })) },
		"ARRAY_SORT(a)":        func(a, _ []int64, _ int64) string { return write(last(a)) },
		"ARRAY_CONTAINS(a, x)": func(a, _ []int64, x int64) string { return fmt.Sprint(slices.Contains(a, x)) },
		"a || b":               func(a, b []int64, _ int64) string { return write(slices.Concat(a, b)) },
		"CAST(CAST(a AS ARRAY<STRING>) AS ARRAY<BIGINT>)": func(a, _ []int64, _ int64) string { return write(a) },
		"CAST(CAST(a AS JSON) AS ARRAY<INT>)":             func(a, _ []int64, _ int64) string { return write(a) },
	}
	names := make([]string, 0, len(cases))
	for name := range cases {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 3, 9}).Draw(t, "n")
		lists, numbers := [2][][]int64{}, []int64{}
		b := &data.Batch{N: n, Cols: []*data.Vector{{}, {}, {}}}
		for k, col := range b.Cols {
			col.Reset(schema[k].Type)
			if k == 2 {
				numbers = rapid.SliceOfN(rapid.Int64Range(0, 4), n, n).Draw(t, "x")
				for _, x := range numbers {
					col.AppendInt(x)
				}
				continue
			}
			element := rapid.OneOf(rapid.Just[int64](null), rapid.Int64Range(0, 40), rapid.Int64Range(0, 4))
			for range n {
				list := rapid.SliceOfN(element, 0, rapid.SampledFrom([]int{2, 40}).Draw(t, "most")).Draw(t, "list")
				var v data.Vector
				v.Reset(data.Of(data.Int))
				for _, x := range list {
					if x == null {
						v.AppendNull()
					} else {
						v.AppendInt(x)
					}
				}
				for i := range list {
					col.Bytes = data.AppendElement(col.Bytes, &v, i)
				}
				col.Bytes = data.EndArray(col.Bytes)
				col.EndText()
				lists[k] = append(lists[k], list)
			}
		}
		name := rapid.SampledFrom(names).Draw(t, "expression")
		e, err := bind(name, schema)
		if err != nil {
			t.Fatal(err)
		}
		rows := drawRows(t, n)
		var v data.Vector
		if err := Compile(e).Eval(b, rows, &v); err != nil {
			t.Fatal(err)
		}
		for _, i := range selected(rows, n) {
			if got, want := show(&v, i), cases[name](lists[0][i], lists[1][i], numbers[i]); got != want {
				t.Fatalf("%s of %v, %v, %d is %s, want %s", name, lists[0][i], lists[1][i], numbers[i], got, want)
			}
		}
	})
}
