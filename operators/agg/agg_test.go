package agg

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tidemark/operators/data"
)

func TestResolveResultTypes(t *testing.T) {
	dec := data.DecimalType
	for _, c := range []struct {
		name   string
		arg    data.Type
		result data.Type
	}{
		{"count", data.Of(data.JSON), data.Of(data.BigInt)},
		{"COUNT", data.Of(data.Boolean), data.Of(data.BigInt)},
		{"Sum", data.Of(data.Int), data.Of(data.BigInt)},
		{"SUM", data.Of(data.BigInt), data.Of(data.BigInt)},
		{"SUM", data.Of(data.Unknown), data.Of(data.BigInt)},
		{"SUM", dec(12, 2), dec(38, 2)},
		{"SUM", dec(30, 20), dec(38, 20)},
		{"SUM", data.Of(data.Double), data.Of(data.Double)},
		{"AVG", data.Of(data.Int), dec(38, 6)},
		{"AVG", dec(12, 2), dec(38, 6)},
		{"AVG", dec(12, 8), dec(38, 8)},
		{"AVG", dec(38, 0), dec(38, 6)},
		{"AVG", data.Of(data.Double), data.Of(data.Double)},
		{"MIN", data.Of(data.String), data.Of(data.String)},
		{"MAX", data.Of(data.Interval), data.Of(data.Interval)},
		{"MAX", dec(38, 4), dec(38, 4)},
		{"MIN", data.Of(data.Bytes), data.Of(data.Bytes)},
	} {
		for _, distinct := range []bool{false, true} {
			f, err := Resolve(Spec{Name: c.name, Args: []data.Type{c.arg}, Distinct: distinct})
			if err != nil {
				t.Errorf("%s(%v): %v", c.name, c.arg, err)
				continue
			}
			if f.Result != c.result || f.Name != strings.ToUpper(c.name) || f.Distinct != distinct {
				t.Errorf("%s(%v) = %+v, want result %v", c.name, c.arg, f, c.result)
			}
		}
	}
	if f, err := Resolve(Spec{Name: "count"}); err != nil || f.Result.Kind != data.BigInt || f.String() != "COUNT(*)" {
		t.Errorf("COUNT(*): %v, %v", f, err)
	}
}

func TestResolveErrors(t *testing.T) {
	one := func(k data.Kind) []data.Type { return []data.Type{data.Of(k)} }
	for _, c := range []struct {
		name     string
		distinct bool
		args     []data.Type
		want     string
	}{
		{"SUM", false, one(data.String), "CAST(x AS DECIMAL"},
		{"AVG", false, one(data.Boolean), "CAST(x AS INT)"},
		{"SUM", false, one(data.Timestamp), "not TIMESTAMP"},
		{"MIN", false, one(data.Boolean), "CAST(x AS INT)"},
		{"MAX", false, one(data.JSON), "CAST(x AS STRING)"},
		{"SUM", false, nil, "needs an argument"},
		{"COUNT", true, nil, "COUNT(DISTINCT *)"},
		{"COUNT", false, []data.Type{{Kind: data.Int}, {Kind: data.Int}}, "one argument, not 2"},
		{"COUNT", true, []data.Type{{Kind: data.Int}, {Kind: data.Int}}, "COUNT(DISTINCT ROW(a, b))"},
		{"SUM", false, []data.Type{{Kind: data.Interval}}, "SUM(EPOCH(x)) * INTERVAL '1' SECOND"},
	} {
		_, err := Resolve(Spec{Name: c.name, Args: c.args, Distinct: c.distinct})
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrUnknown) {
			t.Errorf("%s(%v): %v, want …%s…", c.name, c.args, err, c.want)
		}
	}
	if _, err := Resolve(Spec{Name: "mediane", Args: one(data.Int)}); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown name: %v", err)
	}
	for i, n := range Names() {
		if i > 0 && n == Names()[i-1] {
			t.Errorf("two aggregates are called %s", n)
		}
	}
	if !slices.IsSorted(Names()) {
		t.Errorf("names are not sorted: %v", Names())
	}
	for _, n := range Names() {
		if _, err := Resolve(Spec{Name: n, Args: one(data.Int)}); errors.Is(err, ErrUnknown) {
			t.Errorf("%s is listed but: %v", n, err)
		}
	}
}

// bound resolves or ends the test.
func bound(t testing.TB, name string, distinct bool, arg data.Type) *Func {
	t.Helper()
	f, err := Resolve(Spec{Name: name, Args: []data.Type{arg}, Distinct: distinct})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fatal is what tests of both kinds have.
type fatal interface{ Fatal(args ...any) }

// column parses texts as values of a type; "NULL" is NULL.
func column(t fatal, typ data.Type, texts ...string) *data.Vector {
	v := &data.Vector{}
	v.Reset(typ)
	p := data.NewTextParser(typ, nil)
	for _, s := range texts {
		if s == "NULL" {
			v.AppendNull()
		} else if err := p.Append(v, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// only is the columns of an aggregate with one argument.
func only(v *data.Vector) Rows { return Rows{Cols: []*data.Vector{v}} }

func rowNumbers(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// result adds all rows of v to one group and returns its result as text.
func result(t testing.TB, f *Func, v *data.Vector) (string, error) {
	t.Helper()
	s := f.New()
	s.Resize(1)
	s.Update(make([]int32, v.Len()), rowNumbers(v.Len()), only(v))
	out := &data.Vector{}
	out.Reset(f.Result)
	if _, err := s.Append(out, []int32{0}); err != nil {
		return "", err
	}
	if out.IsNull(0) {
		return "NULL", nil
	}
	return string(data.AppendText(nil, out, 0)), nil
}

func TestResults(t *testing.T) {
	i, b, d, s := data.Of(data.Int), data.Of(data.BigInt), data.Of(data.Double), data.Of(data.String)
	money, wide := data.DecimalType(12, 2), data.DecimalType(38, 2)
	for _, c := range []struct {
		call string
		arg  data.Type
		rows string
		want string
	}{
		{"COUNT", i, "1 NULL 3", "2"},
		{"COUNT", s, "NULL", "0"},
		{"COUNT DISTINCT", i, "1 NULL 3 1 3 NULL", "2"},
		{"COUNT DISTINCT", s, "a b a NULL abcdefghi abcdefghj", "4"},
		{"COUNT DISTINCT", d, "0 -0 NaN nan 1", "3"},
		{"COUNT DISTINCT", data.Of(data.Boolean), "true false true", "2"},
		{"COUNT DISTINCT", data.Of(data.Interval), "P1M P30D P31D", "2"},
		{"SUM DISTINCT", i, "1 NULL 3 1 3", "4"},
		{"SUM DISTINCT", wide, "1.5 1.5 2", "3.50"},
		{"AVG DISTINCT", d, "1 1 1 4", "2.5"},
		{"SUM", i, "NULL NULL", "NULL"},
		{"SUM", i, "2147483647 2147483647", "4294967294"},
		{"SUM", b, "9223372036854775807 1 -1", "9223372036854775807"},
		{"SUM", b, "-9223372036854775808 -1 1", "-9223372036854775808"},
		{"SUM", money, "7.50 -0.25 NULL", "7.25"},
		{"SUM", wide, "999999999999999999999999999999999999.99 1 -1", "999999999999999999999999999999999999.99"},
		{"SUM", d, "1e308 1e308 -1e308", "1e+308"},
		{"SUM", d, "1e100 1 -1e100 1", "2"},
		{"SUM", d, "0.1 0.2 0.3", "0.6"},
		{"SUM", d, "NaN 1", "NaN"},
		{"SUM", d, "Infinity 1", "Infinity"},
		{"SUM", d, "Infinity -Infinity 1", "NaN"},
		{"SUM", d, "-0 -0", "0"},
		{"AVG", i, "1 2", "1.500000"},
		{"AVG", i, "1 1 0", "0.666667"},
		{"AVG", i, "-1 -1 0", "-0.666667"},
		{"AVG", i, "NULL", "NULL"},
		{"AVG", b, "9223372036854775807 9223372036854775807", "9223372036854775807.000000"},
		{"AVG", money, "0.01 0.02 0.02", "0.016667"},
		{"AVG", wide, "0.01 0.02", "0.015000"},
		{"AVG", d, "1e308 1e308", "1e+308"},
		{"AVG", d, "1 2 NULL 6", "3"},
		{"AVG", d, "-5e-324 0 0", "0"},
		{"AVG", d, "-5e-324 1e300 0 -1e300", "0"},
		{"MIN", i, "3 NULL -2 7", "-2"},
		{"MAX", i, "3 NULL -2 7", "7"},
		{"MIN", i, "NULL", "NULL"},
		{"MIN", b, "9223372036854775807", "9223372036854775807"},
		{"MIN", d, "NaN 2 -Infinity", "-Infinity"},
		{"MIN", d, "NaN", "NaN"},
		{"MAX", d, "NaN Infinity", "NaN"},
		{"MAX", d, "-3 -2.5", "-2.5"},
		{"MAX", wide, "-3 -2.5", "-2.50"},
		{"MIN", s, "pear apple apple2 NULL", "apple"},
		{"MAX", s, "pear apple pea pearl", "pearl"},
		{"MAX", data.Of(data.Interval), "P1M P29D", "P1M"},
		{"MIN", data.Of(data.Date), "2026-01-05 2025-12-31", "2025-12-31"},
		{"MAX", data.Of(data.Timestamp), "2026-01-05T10:00:00Z 2026-01-05T10:00:00.5Z", "2026-01-05T10:00:00.5Z"},
	} {
		name, distinct := strings.CutSuffix(c.call, " DISTINCT")
		v := column(t, c.arg, strings.Fields(c.rows)...)
		got, err := result(t, bound(t, name, distinct, c.arg), v)
		if err != nil || got != c.want {
			t.Errorf("%s of %v %s = %s %v, want %s", c.call, c.arg, c.rows, got, err, c.want)
		}
	}
}

func TestOverflow(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		name string
		arg  data.Type
		rows []string
		want string
	}{
		{"SUM", data.Of(data.BigInt), []string{"9223372036854775807", "1"}, "does not fit BIGINT; sum a wider type"},
		{"SUM", data.DecimalType(38, 0), []string{nines, "1"}, "does not fit DECIMAL(38,0)"},
		{"SUM", data.DecimalType(38, 0), []string{nines, nines, nines, nines}, "does not fit DECIMAL(38,0)"},
		{"AVG", data.DecimalType(38, 0), []string{nines}, "does not fit DECIMAL(38,6)"},
		{"SUM", data.Of(data.Double), []string{"1.7e308", "1.7e308"}, "does not fit DOUBLE"},
	} {
		_, err := result(t, bound(t, c.name, false, c.arg), column(t, c.arg, c.rows...))
		if !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %v: %v, want …%s", c.name, c.rows, err, c.want)
		}
	}
}

// The group that overflowed is named, and those before it have been appended.
func TestAppendTellsTheBadGroup(t *testing.T) {
	f := bound(t, "SUM", false, data.Of(data.BigInt))
	s := f.New()
	s.Resize(3)
	v := column(t, data.Of(data.BigInt), "5", "9223372036854775807", "7")
	s.Update([]int32{0, 1, 1}, []int32{0, 1, 2}, only(v))
	out := &data.Vector{}
	out.Reset(f.Result)
	bad, err := s.Append(out, []int32{2, 0, 1})
	if bad != 2 || err == nil || out.Len() != 2 || !out.IsNull(0) || out.Ints[1] != 5 {
		t.Errorf("bad group %d, error %v, appended %+v", bad, err, out)
	}
}

func TestConstantArgument(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"COUNT", "7", "3"}, {"COUNT", "NULL", "0"}, {"SUM", "7", "21"}, {"SUM", "NULL", "NULL"},
		{"MAX", "7", "7"}, {"AVG", "7", "7.000000"},
	} {
		f := bound(t, c.name, false, data.Of(data.Int))
		v := column(t, data.Of(data.Int), c.value)
		v.Const = true
		s := f.New()
		s.Resize(1)
		s.Update([]int32{0, 0, 0}, []int32{4, 5, 9}, only(v))
		out := &data.Vector{}
		out.Reset(f.Result)
		if _, err := s.Append(out, []int32{0}); err != nil {
			t.Fatal(err)
		}
		got := "NULL"
		if !out.IsNull(0) {
			got = string(data.AppendText(nil, out, 0))
		}
		if got != c.want {
			t.Errorf("%s of the constant %s = %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

func TestCountRows(t *testing.T) {
	f, err := Resolve(Spec{Name: "COUNT"})
	if err != nil {
		t.Fatal(err)
	}
	s := f.New()
	s.Resize(2)
	s.Update([]int32{1, 1, 1}, []int32{0, 1, 2}, Rows{})
	out := &data.Vector{}
	out.Reset(f.Result)
	if _, err := s.Append(out, []int32{0, 1}); err != nil || out.Ints[0] != 0 || out.Ints[1] != 3 {
		t.Errorf("counts %v, %v", out.Ints, err)
	}
}

// Texts that get longer over and over leave gaps, which are taken back.
func TestMaxStringMemory(t *testing.T) {
	f := bound(t, "MAX", false, data.Of(data.String))
	s := f.New()
	const groups = 50
	s.Resize(groups + 1) // the last one stays empty
	to := rowNumbers(groups)
	want := make([]string, groups)
	for round := range 200 {
		v := &data.Vector{}
		v.Reset(data.Of(data.String))
		for g := range want {
			text := strings.Repeat("x", round) + string(rune('a'+g%26))
			want[g] = max(want[g], text)
			v.AppendText([]byte(text))
		}
		s.Update(to, to, only(v))
	}
	out := &data.Vector{}
	out.Reset(f.Result)
	if _, err := s.Append(out, rowNumbers(groups+1)); err != nil {
		t.Fatal(err)
	}
	for g, w := range want {
		if string(out.Text(g)) != w {
			t.Errorf("group %d: %q, want %q", g, out.Text(g), w)
		}
	}
	if !out.IsNull(groups) {
		t.Errorf("a group without rows has %q", out.Text(groups))
	}
	if s.Bytes() > 100_000 {
		t.Errorf("%d bytes for %d texts of 200", s.Bytes(), groups)
	}
}
