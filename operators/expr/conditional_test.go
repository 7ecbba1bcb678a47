package expr

import (
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

func TestConditionalValues(t *testing.T) {
	checkValues(t, []valueCase{
		{"TRY(1 / 0)", "NULL"}, {"TRY(1 / 1)", "1"}, {"TRY(CAST('a' || 'b' AS INT))", "NULL"}, {"COALESCE(TRY(1 / 0), -1)", "-1"}, {"TRY(TRY(1 / 0) + 1)", "NULL"}, {"TRY(REPEAT('ab', 9223372036854775807))", "NULL"}, {"TRY(REPEAT('ab', 2))", "abab"}, {"TRY(NULL)", "NULL"}, {"TRY(FALSE AND 1 / 0 = 1)", "false"}, {"TRY(1 / 0) IS NULL", "true"},
		{"NVL2(1, 'a', 'b')", "a"}, {"NVL2(NULL, 'a', 'b')", "b"}, {"NVL2(NULL, 1 / 0, 2)", "2"}, {"NVL2(1, NULL, 2.5)", "NULL"}, {"IFNULL(NULL, 2)", "2"}, {"NVL(1, 2)", "1"}, {"IFF(NULL, 1, 2)", "2"}, {"IF(TRUE, 1)", "1"}, {"IF(FALSE, 1)", "NULL"},
		{"GREATEST(1, 2.5, NULL)", "2.5"}, {"LEAST('b', 'a')", "a"}, {"GREATEST(TRUE, FALSE)", "true"}, {"NULLIF('a', 'a')", "NULL"}, {"NULLIF(NULL, 1)", "NULL"},
	})
	checkBindErrors(t, []bindErrorCase{
		{"TRY(i1, i2)", "TRY does not take (INT, INT)", "it is called as TRY(T) → T"},
		{"NVL2(i1, i2)", "NVL2 does not take (INT, INT)", "it is called as NVL2(ANY, T, T) → T"},
	})
}

// TRY is NULL where its argument fails and the argument elsewhere, whichever rows
// fail together.
func TestTryCatchesRowErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, "nsbta", 3)
		try, err := NewCall("TRY", []Expr{e}, e.Span())
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.SampledFrom([]int{1, 2, 7, 33}).Draw(t, "n")
		b := drawBatch(t, n)
		rows := drawRows(t, n)
		var v data.Vector
		if err := Compile(try).Eval(b, rows, &v); err != nil {
			t.Fatalf("%s: %v", try, err)
		}
		for _, i := range selected(rows, n) {
			want, err := evalRow(e, single(b, i), 0)
			if err != nil {
				want = "NULL"
			}
			if got := show(&v, i); got != want {
				t.Fatalf("%s: row %d is %s, not %s", try, i, got, want)
			}
		}
	})
}
