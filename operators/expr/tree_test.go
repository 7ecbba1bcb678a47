package expr

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

func TestTreeTools(t *testing.T) {
	e := mustBind(t, "i2 > 3 AND CASE WHEN s1 LIKE 'a%' THEN i1 ELSE i2 END IN (1, 2) AND f1", testSchema)
	if got := Columns(e); !slices.Equal(got, []int{0, 1, 10, 12}) {
		t.Errorf("columns %v", got)
	}
	parts := Conjuncts(e)
	if len(parts) != 3 || !Equal(And(parts), e) || !Equal(And(parts[:1]), parts[0]) {
		t.Errorf("conjuncts %v", parts)
	}
	if x, ok := constBool(And(nil)); !ok || !x {
		t.Error("the conjunction of nothing is not TRUE")
	}
	moved := Remap(e, func(i int) int { return i + 5 })
	if got := Columns(moved); !slices.Equal(got, []int{5, 6, 15, 17}) || Equal(moved, e) {
		t.Errorf("moved to %v", got)
	}
	if back := Remap(moved, func(i int) int { return i - 5 }); !Equal(back, e) || back.String() != e.String() {
		t.Errorf("moved back: %s", back)
	}
	if IsConst(e) || !IsConst(mustBind(t, "1 + 2", nil)) {
		t.Error("IsConst")
	}
	if same := Map(e, func(x Expr) Expr { return x }); same != e {
		t.Error("a rewrite that changes nothing makes a new tree")
	}
}

func TestEqualTellsApart(t *testing.T) {
	texts := []string{"i1", "i2", "1", "2", "1.0", "'1'", "i1 + 1", "i1 - 1", "i1 + 2", "b1 + 1", "CAST(i1 AS BIGINT)", "CAST(s1 AS INT)", "TRY_CAST(s1 AS INT)", "i1 IN (1, 2)", "i1 IN (1, 3)", "i1 NOT IN (1, 2)",
		"CASE WHEN f1 THEN 1 END", "CASE WHEN f1 THEN 2 END", "CASE WHEN f2 THEN 1 END", "LOWER(s1)", "UPPER(s1)", "f1 AND f2", "f1 OR f2", "0e0", "-0e0", "TRUE", "FALSE", "w1", "CAST(1 AS DECIMAL(30,0))"}
	for i, a := range texts {
		for j, b := range texts {
			if got := Equal(mustBind(t, a, testSchema), mustBind(t, b, testSchema)); got != (i == j) {
				t.Errorf("%s and %s: %v", a, b, got)
			}
		}
	}
}

// Equal expressions have one number in an Index, also where their fingerprints meet.
func TestIndex(t *testing.T) {
	texts := []string{"i1 + 1", "i1 + 2", "LOWER(s1)", "UPPER(s1)", "i1", "1", "CASE WHEN f1 THEN i1 END", "i1 IN (1, 2)", "i1 IN (1, 3)", "i1 + 1"}
	x := NewIndex()
	for i, text := range texts {
		e := mustBind(t, text, testSchema)
		want, fresh := i, x.Find(e) < 0
		if i == len(texts)-1 {
			want = 0
		}
		if got := x.Add(e); got != want || fresh != (i < len(texts)-1) || !Equal(x.At(got), e) {
			t.Errorf("%s has number %d, and should have %d", text, got, want)
		}
	}
	if len(x.list) != len(texts)-1 || x.Find(mustBind(t, "i1 + 3", testSchema)) >= 0 {
		t.Errorf("%d expressions", len(x.list))
	}
}

func TestCost(t *testing.T) {
	for text, want := range map[string]struct{ cheap, fails bool }{
		"i1": {true, false}, "1": {true, false}, "i1 > 3": {true, false}, "s1 = 'x'": {true, false}, "i1 IS NULL": {true, false}, "NOT f1": {true, false},
		"f1 AND f2": {true, false}, "i1 > 3 AND f1": {false, false}, "i1 + 1": {false, true}, "i1 / i2": {false, true}, "d1 + d1": {false, false},
		"LOWER(s1)": {false, false}, "LOWER(s1) = 'x'": {false, false}, "CAST(i1 AS BIGINT)": {true, false}, "CAST(s1 AS INT)": {false, true}, "TRY_CAST(s1 AS INT)": {false, false},
		"TRY(i1 / i2)": {false, false}, "CASE WHEN f1 THEN 1 ELSE 2 END": {false, false}, "CASE WHEN f1 THEN i1 / i2 END": {false, true}, "i1 IN (1, 2)": {false, false},
	} {
		e := mustBind(t, text, testSchema)
		if IsCheap(e) != want.cheap || CanFail(e) != want.fails {
			t.Errorf("%s: cheap is %v, can fail is %v", text, IsCheap(e), CanFail(e))
		}
	}
}

// A column that holds the value of an expression is shown as that, in its place.
func TestNewComputed(t *testing.T) {
	sum := mustBind(t, "i1 + i2", testSchema)
	e, err := NewCall("*", []Expr{NewComputed(7, sum), IntLiteral(2, sum.Span())}, sum.Span())
	if err != nil || e.String() != "(i1 + i2) * 2" || !slices.Equal(Columns(e), []int{7}) {
		t.Errorf("%v, reading %v: %v", e, Columns(e), err)
	}
	if moved := Remap(e, func(i int) int { return i - 7 }); moved.String() != e.String() {
		t.Errorf("moved it is %s", moved)
	}
}

func TestFoldSimplifies(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{"f1 AND TRUE", "f1"}, {"TRUE AND f1 AND (1 < 2)", "f1"}, {"f1 AND FALSE", "FALSE"}, {"f1 AND 1 > 2 AND f2", "FALSE"}, {"f1 OR FALSE", "f1"}, {"f1 OR TRUE", "TRUE"}, {"f1 AND NULL", "f1 AND NULL"},
		{"1 / i1 > 1 AND FALSE", "1 / i1 > 1 AND FALSE"}, {"FALSE AND 1 / i1 > 1", "FALSE"},
		{"CASE WHEN FALSE THEN i1 WHEN TRUE THEN i2 ELSE 3 END", "i2"}, {"CASE WHEN f1 THEN 1 WHEN TRUE THEN 2 ELSE 3 END", "CASE WHEN f1 THEN 1 ELSE 2 END"}, {"CASE WHEN NULL THEN i1 END", "NULL"},
		{"COALESCE(NULL, i1, 3, i2)", "COALESCE(i1, 3)"}, {"i1 + (1 + 2)", "i1 + 3"}, {"i1 + 1 / 0", "i1 + 1 / 0"}, {"t1 > TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '1' DAY", "t1 > TIMESTAMP '2024-01-02T00:00:00Z'"},
	} {
		e := mustBind(t, c.expr, testSchema)
		if got := mustFold(t, e); got.String() != c.want {
			t.Errorf("%s folds to %s, want %s", c.expr, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"(i1+i2)*2": "(i1 + i2) * 2", "i1+i2*2": "i1 + i2 * 2", "i1-(i2-1)": "i1 - (i2 - 1)", "i1-i2-1": "i1 - i2 - 1", "-(i1+1)": "-(i1 + 1)", "-(-1)": "1", "i1 * -1": "i1 * -1",
		"NOT (f1 AND f2)": "NOT (f1 AND f2)", "f1 AND (f2 OR f1)": "f1 AND (f2 OR f1)", "lower(s1) like 'a%' escape '!'": "LOWER(s1) LIKE 'a%' ESCAPE '!'", "i1 not in (1,2)": "i1 NOT IN (1, 2)",
		"i1 between 1 and 2": "i1 >= 1 AND i1 <= 2", "s1 = 'it''s'": "s1 = 'it''s'", "i1 > 1.5": "i1 > 1.5", "d1 > 1": "d1 > 1e+00", "(i1 = 1) = f1": "(i1 = 1) = f1", "i1 is null or f1": "i1 IS NULL OR f1", "cast(i1 as string)": "CAST(i1 AS STRING)",
	} {
		if got := mustBind(t, in, testSchema).String(); got != want {
			t.Errorf("%s prints as %s, want %s", in, got, want)
		}
	}
}

// The row that is reported is the first that fails, whichever part of the
// expression it fails in and in whatever order the parts are evaluated.
func TestFirstFailingRow(t *testing.T) {
	x := &data.Vector{Type: data.Of(data.BigInt), Ints: []int64{1, 2, 3, 4, 5, 0, 7}}
	y := &data.Vector{Type: data.Of(data.BigInt), Ints: []int64{1, 2, 0, 4, 5, 6, 7}}
	b := &data.Batch{N: 7, Cols: []*data.Vector{x, y}}
	schema := data.Schema{{Name: "x", Type: x.Type}, {Name: "y", Type: y.Type}}
	for _, c := range []struct {
		expr string
		rows []int32
		row  int
		part string
	}{
		{"8 / x + 8 / y", nil, 2, "8 / y"}, {"8 / x + 8 / y", []int32{3, 4, 5, 6}, 5, "8 / x"}, {"8 / x > 0 AND 8 / y > 0", nil, 2, "8 / y"}, {"8 / y > 0 AND 8 / x > 0", nil, 2, "8 / y"},
		{"8 / (x * 0)", []int32{4, 5}, 4, "8 / (x * 0)"}, {"1 / 0", []int32{3}, 3, "1 / 0"},
	} {
		e := mustBind(t, c.expr, schema)
		var v data.Vector
		errs := []error{Compile(e).Eval(b, c.rows, &v)}
		if e.Type().Kind == data.Boolean {
			_, err := Compile(e).Select(b, c.rows, nil)
			errs = append(errs, err)
		}
		for _, err := range errs {
			re, ok := err.(*RowError)
			if !ok || re.Row != c.row || re.Expr != c.part || re.Error() != "division by zero in "+c.part || re.Unwrap() != errDivision {
				t.Errorf("%s over %v: %+v", c.expr, c.rows, err)
			}
		}
	}
}

func TestNoRows(t *testing.T) {
	b := &data.Batch{}
	for _, c := range testSchema {
		v := &data.Vector{}
		v.Reset(c.Type)
		b.Cols = append(b.Cols, v)
	}
	for _, text := range []string{"i1 + 1", "LOWER(s1)", "1 / 0", "CASE WHEN f1 THEN s1 ELSE LOWER(s2) END", "COALESCE(w1, w2)", "s1 LIKE s2", "i1 IN (1, 2)", "f1 AND f2", "t1 + v1"} {
		var v data.Vector
		if err := Compile(mustBind(t, text, testSchema)).Eval(b, nil, &v); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestLetterCaseAgainstUnicode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.RuneFrom(nil, unicode.ASCII_Hex_Digit), rapid.RuneFrom([]rune("@[`{AZaz~ 0ÄäßĀ")))).Draw(t, "s")
		if got, want := string(lowerCase.append(nil, []byte(s))), strings.ToLower(s); got != want {
			t.Fatalf("LOWER(%q) = %q, want %q", s, got, want)
		}
		if got, want := string(upperCase.append(nil, []byte(s))), strings.ToUpper(s); got != want {
			t.Fatalf("UPPER(%q) = %q, want %q", s, got, want)
		}
	})
}
