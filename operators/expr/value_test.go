package expr

import (
	"slices"
	"strings"
	"testing"

	"tidemark/operators/data"
)

// Every case is evaluated as written, folded, and with its literals in columns.
func TestValues(t *testing.T) {
	cases := []struct{ expr, want string }{
		// Three-valued logic.
		{"TRUE AND TRUE", "true"}, {"TRUE AND FALSE", "false"}, {"TRUE AND NULL", "NULL"},
		{"FALSE AND TRUE", "false"}, {"FALSE AND FALSE", "false"}, {"FALSE AND NULL", "false"},
		{"NULL AND TRUE", "NULL"}, {"NULL AND FALSE", "false"}, {"NULL AND NULL", "NULL"},
		{"TRUE OR TRUE", "true"}, {"TRUE OR FALSE", "true"}, {"TRUE OR NULL", "true"},
		{"FALSE OR TRUE", "true"}, {"FALSE OR FALSE", "false"}, {"FALSE OR NULL", "NULL"},
		{"NULL OR TRUE", "true"}, {"NULL OR FALSE", "NULL"}, {"NULL OR NULL", "NULL"},
		{"NOT TRUE", "false"}, {"NOT FALSE", "true"}, {"NOT NULL", "NULL"},
		{"TRUE IS TRUE", "true"}, {"NULL IS NOT TRUE", "true"}, {"FALSE IS NOT FALSE", "false"}, {"NULL IS UNKNOWN", "true"}, {"TRUE IS NOT UNKNOWN", "true"},
		{"1 = NULL", "NULL"}, {"NULL = NULL", "NULL"}, {"NULL IS DISTINCT FROM NULL", "false"}, {"1 IS DISTINCT FROM 1.0", "false"},
		{"1 IN (2, NULL)", "NULL"}, {"1 NOT IN (2, NULL)", "NULL"}, {"1 NOT IN (1, NULL)", "false"}, {"NULL IN (1)", "NULL"}, {"1.5 IN (1, 1.50)", "true"}, {"1.01 IN ('1.005')", "false"}, {"1.01 IN ('1.005', 1.010)", "true"},
		// Guarded branches.
		{"FALSE AND 1 / 0 > 1", "false"}, {"TRUE OR 1 / 0 > 1", "true"}, {"CASE WHEN TRUE THEN 1 ELSE 1 / 0 END", "1"},
		{"COALESCE(1, 1 / 0)", "1"}, {"IF(FALSE, 1 / 0, 2)", "2"}, {"COALESCE(NULL, NULL)", "NULL"},
		// Arithmetic.
		{"7 / 2", "3"}, {"-7 / 2", "-3"}, {"-7 % 2", "-1"}, {"7 % -2", "1"}, {"2147483646 + 1", "2147483647"}, {"2147483647 + 2147483648", "4294967295"},
		{"(-2147483647 - 1) % -1", "0"}, {"1 + '2'", "3"}, {"1.5 + '2.25'", "3.75"}, {"1e0 + '2.25'", "3.25"}, {"1 + NULL", "NULL"},
		{"1.50 + 2.255", "3.755"}, {"1.50 * 2.0", "3.000"}, {"1.00 / 3", "0.3333333333333"}, {"7.5 % 2", "1.5"}, {"-7.5 % 2.00", "-1.50"}, {"1.5 + 1e0", "2.5"},
		{"12345678901234567890.5 + 1", "12345678901234567891.5"}, {"0.1e0 + 0.2e0", "0.30000000000000004"}, {"5e0 % 3e0", "2"},
		// Comparison across types.
		{"1 < 1.5", "true"}, {"1.5 < 2e0", "true"}, {"'1.005' = 1.005", "true"}, {"1.00 = '1.005'", "false"}, {"DATE '2024-01-01' = TIMESTAMP '2024-01-01 00:00:00'", "true"},
		{"12345678901234567890123456789012345678 > 0.12345678901234567890123456789", "true"},
		{"CAST('NaN' AS DOUBLE) = CAST('NaN' AS DOUBLE)", "true"}, {"CAST('NaN' AS DOUBLE) > 1e300", "true"}, {"CAST('NaN' AS DOUBLE) <= 1e0", "false"},
		{"INTERVAL '1' MONTH = INTERVAL '30' DAY", "true"}, {"INTERVAL '1' MONTH IN (INTERVAL '30' DAY)", "true"}, {"TRUE > FALSE", "true"}, {"'b' > 'a'", "true"},
		// CASE and friends unify.
		{"CASE WHEN FALSE THEN 1 ELSE 2.50 END", "2.50"}, {"COALESCE(NULL, 'x')", "x"}, {"CASE WHEN TRUE THEN NULL ELSE 1 END", "NULL"}, {"NULLIF(5, 5.0)", "NULL"},
		{"LEAST(3, 1.5, NULL)", "1.5"}, {"GREATEST(NULL, NULL)", "NULL"}, {"GREATEST('a', 'b')", "b"},
		// Casts.
		{"CAST(2.5 AS INT)", "3"}, {"CAST(-2.5 AS INT)", "-3"}, {"CAST(2.5e0 AS INT)", "2"}, {"CAST(3.5e0 AS INT)", "4"}, {"CAST('12' AS BIGINT)", "12"},
		{"CAST(1.255 AS DECIMAL(5,2))", "1.26"}, {"CAST(1.255e0 AS DECIMAL(5,2))", "1.26"}, {"TRY_CAST('x' AS INT)", "NULL"}, {"TRY_CAST(3000000000 AS INT)", "NULL"},
		{"CAST(TRUE AS INT)", "1"}, {"CAST(0 AS BOOLEAN)", "false"}, {"CAST('yes' AS BOOLEAN)", "true"}, {"CAST(1.50 AS STRING)", "1.50"}, {"CAST(TRUE AS STRING)", "true"},
		{"CAST(TIMESTAMP '2024-03-05 06:07:08' AS DATE)", "2024-03-05"}, {"CAST(TIMESTAMP '1969-12-31 23:00:00' AS DATE)", "1969-12-31"},
		{"CAST(TIMESTAMP '2024-03-05 06:07:08' AS TIME)", "06:07:08"}, {"CAST(DATE '2024-03-05' AS TIMESTAMP)", "2024-03-05T00:00:00Z"}, {"CAST(TIME '01:30:00' AS INTERVAL)", "PT1H30M"},
		{"CAST(CAST('häh' AS BYTES) AS STRING)", "häh"}, {"LENGTH(CAST('häh' AS BYTES))", "4"}, {"CAST(' 5 ' AS INT)", "5"}, {"CAST(NULL AS INT)", "NULL"},
		{"CAST(99999999999999999999 AS DOUBLE)", "100000000000000000000"}, {"1.5::DOUBLE", "1.5"},
		// Time.
		{"TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1' MONTH", "2024-02-29T10:00:00Z"}, {"TIMESTAMP '2024-03-31 10:00:00' - INTERVAL '1' MONTH", "2024-02-29T10:00:00Z"},
		{"TIMESTAMP '2024-02-29 00:00:00' + INTERVAL '1' YEAR", "2025-02-28T00:00:00Z"}, {"INTERVAL '1' DAY + TIMESTAMP '2024-02-28 00:00:00'", "2024-02-29T00:00:00Z"},
		{"TIMESTAMP '2024-01-02 00:00:00' - TIMESTAMP '2024-01-01 12:00:00'", "PT12H"}, {"DATE '2024-01-31' + INTERVAL '1' MONTH", "2024-02-29T00:00:00Z"},
		{"DATE '2024-03-01' - DATE '2024-02-01'", "29"}, {"DATE '2024-02-28' + 2", "2024-03-01"}, {"DATE '2024-03-01' - 1", "2024-02-29"},
		{"TIME '23:30:00' + INTERVAL '1' HOUR", "00:30:00"}, {"TIME '00:30:00' - INTERVAL '1' HOUR", "23:30:00"}, {"TIME '02:00:00' - TIME '00:30:00'", "PT1H30M"},
		{"INTERVAL '1' HOUR + INTERVAL '30' MINUTE", "PT1H30M"}, {"INTERVAL '1' MONTH - INTERVAL '1' DAY", "P1M-1D"}, {"INTERVAL '1' HOUR * 3", "PT3H"}, {"2 * INTERVAL '1' MONTH", "P2M"},
		{"INTERVAL '1' HOUR * 1.5", "PT1H30M"}, {"INTERVAL '1' HOUR / 4", "PT15M"}, {"INTERVAL '1' MONTH / 2", "P15D"}, {"-(INTERVAL '1' DAY)", "P-1D"},
		{"TIMESTAMP '2024-01-01 00:00:00' - '2023-12-31'", "P1D"}, {"TIMESTAMP '2024-01-01 00:00:00' + '1 day'", "2024-01-02T00:00:00Z"},
		{"DATE_TRUNC('month', TIMESTAMP '2024-03-05 06:07:08')", "2024-03-01T00:00:00Z"}, {"DATE_TRUNC('quarter', DATE '2024-08-05')", "2024-07-01T00:00:00Z"}, {"DATE_TRUNC('year', TIMESTAMP '1969-03-05 06:07:08')", "1969-01-01T00:00:00Z"},
		{"DATE_TRUNC('DECADE', TIMESTAMP '2024-03-05 06:07:08')", "2020-01-01T00:00:00Z"}, {"DATE_TRUNC('century', TIMESTAMP '2000-03-05 06:07:08')", "1901-01-01T00:00:00Z"}, {"DATE_TRUNC('second', TIMESTAMP '1969-12-31 23:59:59.5')", "1969-12-31T23:59:59Z"},
		{"EXTRACT(WEEK FROM DATE '2021-01-03')", "53"}, {"EXTRACT(ISOYEAR FROM DATE '2021-01-03')", "2020"}, {"EXTRACT(ISODOW FROM DATE '2024-03-03')", "7"}, {"EXTRACT(DOW FROM DATE '2024-03-03')", "0"}, {"EXTRACT(DOY FROM DATE '2024-12-31')", "366"},
		{"EXTRACT(MILLISECONDS FROM TIMESTAMP '2024-01-01 00:00:01.25')", "1250"}, {"EXTRACT(EPOCH FROM INTERVAL '1' YEAR)", "31557600"}, {"EXTRACT(HOUR FROM TIME '13:14:15')", "13"}, {"EXTRACT(MONTH FROM INTERVAL '14' MONTH)", "2"},
		{"EXTRACT(QUARTER FROM DATE '2024-12-31')", "4"}, {"EXTRACT(CENTURY FROM DATE '2000-01-01')", "20"}, {"EXTRACT(CENTURY FROM DATE '2001-01-01')", "21"}, {"EXTRACT(MINUTE FROM TIMESTAMP '1969-12-31 23:59:59')", "59"},
		{"TO_TIMESTAMP(1.0000009)", "1970-01-01T00:00:01Z"}, {"TO_TIMESTAMP(-1)", "1969-12-31T23:59:59Z"}, {"TO_TIMESTAMP(1.5e0)", "1970-01-01T00:00:01.5Z"}, {"TO_TIMESTAMP_LTZ(5)", "1970-01-01T00:00:00.005Z"}, {"EPOCH_MS(TIMESTAMP '1969-12-31 23:59:59.9995')", "-1"},
		// Text.
		{"SUBSTRING('naïve', 3, 1)", "ï"}, {"SUBSTRING('abc', -1, 3)", "a"}, {"SUBSTRING('abc', 5)", ""}, {"SUBSTRING('abc', 2, 9223372036854775807)", "bc"}, {"POSITION('' IN 'abc')", "1"}, {"STRPOS('naïve', 'v')", "4"},
		{"SPLIT_PART('a,b', ',', 3)", ""}, {"SPLIT_PART('a,b', ',', -3)", ""}, {"SPLIT_PART('ab', '', 1)", "ab"}, {"REPLACE('abc', '', 'x')", "abc"}, {"REPLACE('aaa', 'aa', 'b')", "ba"}, {"LEFT('ïab', -2)", "ï"}, {"RIGHT('abï', 1)", "ï"}, {"RIGHT('ab', 5)", "ab"},
		{"LEFT('ab', -5)", ""}, {"TRIM('ïaï', 'ï')", "a"}, {"LOWER('ÄÖ Z@[')", "äö z@["}, {"UPPER('äß`{z')", "Äß`{Z"}, {"'a' || NULL", "NULL"}, {"CONCAT(NULL, NULL)", ""}, {"'n=' || 1.50", "n=1.50"}, {"'' || TRUE", "true"},
		// Math.
		{"ROUND(-2.5)", "-3"}, {"ROUND(2.345, 2)", "2.35"}, {"ROUND(2.5e0)", "3"}, {"ROUND(1.005e0, 1)", "1"}, {"ROUND(15, -1)", "20"}, {"ROUND(1.5, 4)", "1.5"}, {"ROUND(55.5, -2)", "100"}, {"ROUND(44.5, -2)", "0"}, {"TRUNC(199, -2)", "100"}, {"TRUNC(-1.99)", "-1"}, {"TRUNC(1.99e0)", "1"},
		{"CEIL(-0.5)", "0"}, {"FLOOR(0.5)", "0"}, {"CEIL(1.2e0)", "2"}, {"CEIL(5)", "5"}, {"FLOOR(-12345678901234567890.5)", "-12345678901234567891"}, {"ABS(-9223372036854775807)", "9223372036854775807"}, {"SIGN(-0.01)", "-1"}, {"SIGN(-2e0)", "-1"}, {"SIGN(12345678901234567890)", "1"},
	}
	checkValues(t, cases)
}

// valueCase is an expression without columns and its value as text.
type valueCase = struct{ expr, want string }

// checkValues evaluates every case as written, folded, and with its literals in columns.
func checkValues(t *testing.T, cases []valueCase) {
	for _, c := range cases {
		t.Run(c.expr, func(t *testing.T) {
			e, err := bind(c.expr, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []Expr{e, mustFold(t, e)} {
				if got, err := evalRow(form, &data.Batch{N: 1}, 0); err != nil || got != c.want {
					t.Errorf("%s = %s, %v; want %s", form, got, err, c.want)
				}
			}
			if l, ok := mustFold(t, e).(*Literal); !ok {
				t.Errorf("folds to %T %s", l, l)
			}
			moved, b := lift(e)
			if got, err := evalRow(moved, b, 1); err != nil || got != c.want {
				t.Errorf("in columns: %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func mustFold(t *testing.T, e Expr) Expr {
	t.Helper()
	f, err := Fold(e)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// lift moves the literals of e into columns of a batch, where they stand in row 1
// between NULLs. Arguments that must be constant stay.
func lift(e Expr) (Expr, *data.Batch) {
	b := &data.Batch{N: 3}
	fixed := map[Expr]bool{}
	Walk(e, func(x Expr) bool {
		c, ok := x.(*Call)
		if !ok {
			return true
		}
		for i, a := range c.Args {
			moved := slices.Clone(c.Args)
			moved[i] = NewColumn(0, "moved", a.Type(), a.Span())
			if c.Func.check != nil && c.Func.check(moved, c.Span()) != nil || c.Func.Name == "ROUND" || c.Func.Name == "TRUNC" {
				fixed[a] = true
			}
		}
		return true
	})
	return Map(e, func(x Expr) Expr {
		l, ok := x.(*Literal)
		if !ok || fixed[x] {
			return x
		}
		v := &data.Vector{}
		v.Reset(l.Type())
		v.AppendNull()
		v.AppendFrom(l.Value, 0)
		v.AppendNull()
		b.Cols = append(b.Cols, v)
		return NewColumn(len(b.Cols)-1, l.String(), l.Type(), l.Span())
	}), b
}

func TestRunTimeErrors(t *testing.T) {
	cases := []struct{ expr, want string }{
		{"2147483647 + 1", "2147483647 + 1 is outside the range of INT"},
		{"-2147483647 - 2", "-2147483647 - 2 is outside the range of INT"},
		{"65536 * 65536", "65536 * 65536 is outside the range of INT"},
		{"9223372036854775807 + 1", "9223372036854775807 + 1 is outside the range of BIGINT"},
		{"(-9223372036854775807 - 1) / -1", "-(-9223372036854775808) is outside the range of BIGINT"},
		{"ABS(-2147483647 - 1)", "-(-2147483648) is outside the range of INT"},
		{"4294967296 * 4294967296", "4294967296 * 4294967296 is outside the range of BIGINT"},
		{"1 / 0", "division by zero"}, {"1 % 0", "division by zero"}, {"1e0 / 0e0", "division by zero"}, {"1.5 / 0", "division by zero"}, {"1.5 % 0.0", "division by zero"},
		{"99999999999999999999999999999999999999 + 1", "the result is outside the range of DECIMAL(38,0)"},
		{"CAST(12345.6 AS DECIMAL(4,2))", "12345.6 is outside the range of DECIMAL(4,2)"},
		{"CAST(1e10 AS INT)", "10000000000 is outside the range of INT"},
		{"CAST(9.3e18 AS BIGINT)", "9300000000000000000 is outside the range of BIGINT"},
		{"CAST(CAST('NaN' AS DOUBLE) AS INT)", "NaN is outside the range of INT"},
		{"CAST('a' || 'b' AS INT)", "'ab' is not a valid INT"},
		{"SQRT(-1)", "there is no square root of a negative number"}, {"POWER(-8, 0.5)", "POWER has no real result for these numbers"},
		{"SUBSTRING('abc', 1, -1)", "the length of a SUBSTRING is negative"},
		{"SPLIT_PART('a', ',', 0)", "SPLIT_PART counts from 1, or from the end with negative numbers; 0 is no part"},
		{"TO_TIMESTAMP(9223372036854775807)", errEpochSeconds.Error()},
		{"TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '400000' YEAR", "the result is outside the range of TIMESTAMP, the years 1 to 9999"},
		{"'abc' LIKE ('ab' || CAST(CAST('\\' AS BYTES) AS STRING))", "the pattern ends with its escape character"},
		{"ROUND(2147483647, -1)", "2147483647 rounded is outside the range of INT"},
	}
	checkRunTimeErrors(t, cases)
}

// checkRunTimeErrors evaluates cases that fail, with the reason.
func checkRunTimeErrors(t *testing.T, cases []valueCase) {
	for _, c := range cases {
		e, err := bind(c.expr, nil)
		if err == nil {
			_, err = evalRow(mustFold(t, e), &data.Batch{N: 1}, 0)
		}
		if err == nil || cause(err).Error() != c.want {
			t.Errorf("%s: %v; want %s", c.expr, err, c.want)
		}
	}
}

// bindErrorCase is an expression over testSchema that is refused; hint is what
// its hint begins with.
type bindErrorCase struct{ expr, message, hint string }

func TestBindErrors(t *testing.T) {
	checkBindErrors(t, []bindErrorCase{
		{"LOWR('a')", "there is no function LOWR", "did you mean LOWER?"},
		{"s1 > i1", "cannot compare STRING with INT", "convert it: CAST(s1 AS INT)"},
		{"i1 = 'x'", "'x' is not a valid INT", "it stands beside i1, which is INT"},
		{"t1 > 'yesterday'", "'yesterday' is not a valid TIMESTAMP", "it stands beside t1, which is TIMESTAMP"},
		{"s1 + 1", "cannot apply + to STRING and INT", "convert it: CAST(s1 AS INT); it is called as INT + INT → INT or"},
		{"LENGTH(i1)", "LENGTH does not take (INT)", "convert it: CAST(i1 AS STRING); it is called as LENGTH(STRING) → BIGINT or LENGTH(BYTES) → BIGINT"},
		{"LENGTH()", "LENGTH does not take ()", "it is called as LENGTH(STRING)"},
		{"LEFT('abc')", "LEFT does not take (STRING)", "it is called as LEFT(STRING, BIGINT) → STRING"},
		{"i1 AND TRUE", "AND needs a condition, but i1 is INT", "compare it with something, as in i1 <> …"},
		{"CASE WHEN f1 THEN 1 ELSE s1 END", "the branches of CASE have the types INT and STRING", "convert it: CAST(s1 AS INT)"},
		{"COALESCE(i1, t1)", "the arguments of COALESCE have the types INT and TIMESTAMP", ""},
		{"i1 IN ('a')", "'a' is not a valid INT", "it stands beside i1, which is INT"},
		{"CAST(i1 AS TIMESTAMP)", "there is no cast from INT to TIMESTAMP", "TO_TIMESTAMP(i1) takes it for seconds since 1970, EPOCH_MS(i1) for milliseconds"},
		{"CAST(t1 AS INT)", "there is no cast from TIMESTAMP to INT", "EPOCH(t1) gives seconds"},
		{"t1 > i1", "cannot compare TIMESTAMP with INT", "TO_TIMESTAMP(i1) takes it for seconds since 1970, EPOCH_MS(i1) for milliseconds"},
		{"t1 - 5", "cannot apply - to TIMESTAMP and INT", "add a length of time: t1 - INTERVAL '5' SECOND"},
		{"DATE_TRUNC('hours', s1)", "DATE_TRUNC does not take (STRING, STRING)", "convert it: CAST(s1 AS TIMESTAMP)"},
		{"DATE_TRUNC('huor', t1)", "there is no time unit \"huor\"", "did you mean hour?"},
		{"DATE_TRUNC(s1, t1)", "the time unit must be a constant", "write the unit as a text, for example 'hour'"},
		{"s1 LIKE 'a\\'", "the pattern ends with its escape character", ""},
		{"s1 LIKE 'a' ESCAPE 'xy'", "the ESCAPE of a pattern must be one character, or empty for none", ""},
		{"TO_TIMESTAMP_LTZ(b1, 4)", "the second argument of TO_TIMESTAMP_LTZ is 0 for seconds, 3 for milliseconds or 6 for microseconds, not 4", ""},
		{"RAND()", "RAND is refused, because its results could not be computed again after a restart or for a retraction", "derive a number from the row: CRC32(id) % 100"},
		{"NOT i1", "NOT needs a condition, but i1 is INT", "compare it with something, as in i1 <> …"},
	})
}

func checkBindErrors(t *testing.T, cases []bindErrorCase) {
	t.Helper()
	for _, c := range cases {
		_, err := bind(c.expr, testSchema)
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if e.Message != c.message || !strings.HasPrefix(e.Hint, c.hint) || c.hint == "" && e.Hint != "" {
			t.Errorf("%s:\n  %s\n  %s\nwant\n  %s\n  %s", c.expr, e.Message, e.Hint, c.message, c.hint)
		}
		if e.Span.End <= e.Span.Start {
			t.Errorf("%s: no place", c.expr)
		}
	}
}
