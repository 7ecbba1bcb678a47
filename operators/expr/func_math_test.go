package expr

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// What PostgreSQL's manual and its regression tests give.
func TestMathValues(t *testing.T) {
	const inf, nan = "CAST('Infinity' AS DOUBLE)", "CAST('NaN' AS DOUBLE)"
	checkValues(t, []valueCase{
		{"ROUND(LN(2.0), 12)", "0.69314718056"}, {"LOG(100)", "2"}, {"LOG10(1000)", "3"}, {"LOG(2.0, 64.0)", "6"}, {"LOG(3, 243)", "5"}, {"LOG(10, 0.001)", "-3"}, {"LOG2(0.125)", "-3"}, {"ROUND(EXP(1.0), 12)", "2.718281828459"}, {"LN(" + inf + ")", "Infinity"}, {"LN(" + nan + ")", "NaN"}, {"EXP(1000)", "Infinity"}, {"EXP(-1000)", "0"},
		{"CBRT(27)", "3"}, {"SQRT(2.25)", "1.5"}, {"POWER(9, 3)", "729"}, {"POW(2, -1)", "0.5"}, {"SQRT(" + inf + ")", "Infinity"},
		{"ROUND(SIN(1), 12)", "0.841470984808"}, {"ROUND(COS(1), 12)", "0.540302305868"}, {"ROUND(TAN(1), 12)", "1.557407724655"}, {"ROUND(COT(0.5), 12)", "1.830487721712"}, {"COT(0)", "Infinity"}, {"ROUND(ASIN(1), 12)", "1.570796326795"}, {"ACOS(1)", "0"}, {"ROUND(ATAN(1), 12)", "0.785398163397"}, {"ROUND(ATAN2(1, 0), 12)", "1.570796326795"}, {"SIN(" + nan + ")", "NaN"},
		{"ROUND(SINH(1), 12)", "1.175201193644"}, {"ROUND(COSH(1), 12)", "1.543080634815"}, {"ROUND(TANH(1), 12)", "0.761594155956"}, {"ROUND(ASINH(1), 12)", "0.88137358702"}, {"ACOSH(1)", "0"}, {"ROUND(ATANH(0.5), 12)", "0.549306144334"}, {"ATANH(1)", "Infinity"},
		{"ROUND(DEGREES(0.5), 12)", "28.647889756541"}, {"ROUND(RADIANS(45.0), 12)", "0.785398163397"}, {"PI()", "3.141592653589793"}, {"E()", "2.718281828459045"}, {"DEGREES(PI())", "180"}, {"RADIANS(180) = PI()", "true"},
		{"ISNAN(" + nan + ")", "true"}, {"IS_NAN(1)", "false"}, {"ISINF(" + inf + ")", "true"}, {"ISINF(-" + inf + ")", "true"}, {"ISFINITE(" + inf + ")", "false"}, {"ISFINITE(" + nan + ")", "false"}, {"ISFINITE(1)", "true"}, {"ISNAN(NULL)", "NULL"},
		{"GCD(1071, 462)", "21"}, {"GCD(0, 0)", "0"}, {"GCD(0, 29893644334)", "29893644334"}, {"GCD(-288484263558, 29893644334)", "6835958"}, {"GCD(-9223372036854775807 - 1, 6)", "2"}, {"LCM(330, -462)", "2310"}, {"LCM(0, 5)", "0"}, {"LCM(288484263558, 29893644334)", "1261541684539134"}, {"GCD(-2147483647 - 1, 1)", "1"},
		{"FACTORIAL(0)", "1"}, {"FACTORIAL(15)", "1307674368000"}, {"FACTORIAL(33)", "8683317618811886495518194401280000000"},
		{"DIV(9, 4)", "2"}, {"DIV(-9, 4)", "-2"}, {"DIV(7.5, 2)", "3"}, {"DIV(12345678901234567890, 123)", "100371373180768844"}, {"DIV(0.9999999999, 1)", "0"}, {"DIV(12345678901234567890123456789012345678, 0.5)", "24691357802469135780246913578024691356"}, {"DIV(1, NULL)", "NULL"},
		{"91 & 15", "11"}, {"32 | 3", "35"}, {"17 # 5", "20"}, {"BIT_NOT(1)", "-2"}, {"1 << 4", "16"}, {"8 >> 2", "2"}, {"-8 >> 1", "-4"}, {"1 << 31", "-2147483648"}, {"CAST(1 AS BIGINT) << 31", "2147483648"}, {"CAST(1 AS BIGINT) << 63", "-9223372036854775808"}, {"3 << CAST(1 AS BIGINT)", "6"}, {"-1 & 4294967295", "4294967295"}, {"BIT_AND(6, 3)", "2"}, {"BIT_OR(6, 3)", "7"}, {"BIT_XOR(6, 3)", "5"}, {"1 + 2 << 1", "6"}, {"SHIFT_RIGHT(-1, 31)", "-1"}, {"BIT_COUNT(-1)", "32"}, {"BIT_COUNT(CAST(-1 AS BIGINT))", "64"}, {"BIT_COUNT(255)", "8"},
		{"WIDTH_BUCKET(5.35, 0.024, 10.06, 5)", "3"}, {"WIDTH_BUCKET(0, 0, 10, 5)", "1"}, {"WIDTH_BUCKET(10, 0, 10, 5)", "6"}, {"WIDTH_BUCKET(9.9999999999999999, 0, 10, 5)", "5"}, {"WIDTH_BUCKET(-0.0000000001, 0, 10, 5)", "0"}, {"WIDTH_BUCKET(2, 10, 0, 5)", "5"}, {"WIDTH_BUCKET(10, 10, 0, 5)", "1"}, {"WIDTH_BUCKET(0, 10, 0, 5)", "6"}, {"WIDTH_BUCKET(11, 10, 0, 5)", "0"},
		{"WIDTH_BUCKET(0.29, 0, 1, 100)", "30"}, {"WIDTH_BUCKET(5e0, 0e0, 10e0, 5)", "3"}, {"WIDTH_BUCKET(" + inf + ", 0e0, 10e0, 5)", "6"}, {"WIDTH_BUCKET(0e0, -1.7e308, 1.7e308, 2)", "2"}, {"WIDTH_BUCKET(5, 0, 99999999999999999999999999999999999999, 2147483646)", "1"}, {"WIDTH_BUCKET(0.1234567890123456789012345678901234567, 0, 10, 1000)", "13"},
		{"ROUND(42.4382, 2)", "42.44"}, {"ROUND(1234.56, -1)", "1230"}, {"TRUNC(42.4382, 2)", "42.43"}, {"TRUNCATE(-42.8)", "-42"}, {"MOD(9, 4)", "1"}, {"SIGN(-8.4)", "-1"}, {"CEILING(-42.8)", "-42"}, {"ABS(-17.4)", "17.4"},
	})
}

func TestMathErrors(t *testing.T) {
	checkRunTimeErrors(t, []valueCase{
		{"LN(0)", "there is no logarithm of zero"}, {"LOG(-1)", "there is no logarithm of a negative number"}, {"LOG(1, 5)", "there is no logarithm to the base 1"}, {"LOG(0, 5)", "there is no logarithm of zero"}, {"LOG(2, -5)", "there is no logarithm of a negative number"},
		{"ASIN(2)", "ASIN has no value for 2"}, {"ACOS(-1.5)", "ACOS has no value for -1.5"}, {"SIN(CAST('Infinity' AS DOUBLE))", "SIN has no value for Infinity"}, {"ACOSH(0)", "ACOSH has no value for 0"}, {"ATANH(2)", "ATANH has no value for 2"},
		{"FACTORIAL(-1)", "there is no factorial of a negative number"}, {"FACTORIAL(34)", "the result is outside the range of DECIMAL(38,0); the largest factorial in it is that of 33"},
		{"DIV(1, 0)", "division by zero"}, {"DIV(1.5, 0.0)", "division by zero"}, {"DIV(99999999999999999999999999999999999999, 0.1)", "the result is outside the range of DECIMAL(38,0)"},
		{"GCD(-9223372036854775807 - 1, 0)", "GCD(-9223372036854775808, 0) is outside the range of BIGINT"}, {"LCM(2147483647, 2147483646)", "LCM(2147483647, 2147483646) is outside the range of INT"},
		{"1 << 32", "an INT is shifted by 0 to 31 bits"}, {"1 >> -1", "an INT is shifted by 0 to 31 bits"}, {"CAST(1 AS BIGINT) << 64", "a BIGINT is shifted by 0 to 63 bits"},
		{"WIDTH_BUCKET(1, 2, 2, 5)", "the bounds of WIDTH_BUCKET are equal"}, {"WIDTH_BUCKET(1, 0, 2, 0)", "WIDTH_BUCKET needs 1 to 2147483646 buckets"}, {"WIDTH_BUCKET(1e0, 2e0, 2e0, 5)", "the bounds of WIDTH_BUCKET are equal"}, {"WIDTH_BUCKET(CAST('NaN' AS DOUBLE), 0e0, 2e0, 5)", "WIDTH_BUCKET has no buckets for a NaN or between infinite bounds"},
	})
}

func TestMathBindErrors(t *testing.T) {
	checkBindErrors(t, []bindErrorCase{
		{"i1 & c1", "cannot apply & to INT and DECIMAL(12,2)", "convert it: CAST(c1 AS INT)"},
		{"GEN_RANDOM_UUID()", "GEN_RANDOM_UUID is refused, because its results could not be computed again after a restart or for a retraction", "derive an identifier from the row: MD5(id)"},
	})
}

// Exact buckets are what big fractions give.
func TestBucketsAgainstFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) data.Int128 {
			x := wideOf(rapid.Int64().Draw(t, name))
			if rapid.Bool().Draw(t, "wide") {
				x, _ = x.Mul(data.Pow10(rapid.IntRange(0, 19).Draw(t, "zeros")))
			}
			return x
		}
		x, low, high, n := number("x"), number("low"), number("high"), rapid.Int64Range(1, math.MaxInt32-1).Draw(t, "n")
		got, ok := bucketOf(x, low, high, n)
		if !ok {
			var err error
			if got, err = bucketOfBig(x.Big(), low.Big(), high.Big(), n); err != nil {
				t.Skip(err)
			}
		}
		part := new(big.Int).Sub(x.Big(), low.Big())
		whole := new(big.Int).Sub(high.Big(), low.Big())
		f, _ := new(big.Float).SetRat(new(big.Rat).SetFrac(part.Mul(part, big.NewInt(n)), whole)).Int(nil)
		want := f.Int64() + 1
		switch r := new(big.Rat).SetFrac(part, whole); {
		case r.Sign() < 0:
			want = 0
		case r.Cmp(new(big.Rat).SetInt64(n)) >= 0:
			want = n + 1
		}
		if got != want {
			t.Fatalf("%v in %v … %v by %d is in %d, not %d", x.Big(), low.Big(), high.Big(), n, want, got)
		}
	})
}

// GCD and LCM divide and are divided, and their product is that of the numbers.
func TestDivisors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Int64Range(-1e9, 1e9).Draw(t, "x"), rapid.Int64Range(-1e9, 1e9).Draw(t, "y")
		g, err1 := gcd(x, y, false)
		l, err2 := lcm(x, y, false)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		want := new(big.Int).GCD(nil, nil, new(big.Int).Abs(big.NewInt(x)), new(big.Int).Abs(big.NewInt(y)))
		product := new(big.Int).Abs(new(big.Int).Mul(big.NewInt(x), big.NewInt(y)))
		if fmt.Sprint(want) != fmt.Sprint(g) || new(big.Int).Mul(big.NewInt(g), big.NewInt(l)).Cmp(product) != 0 {
			t.Fatalf("GCD(%d, %d) is %d, LCM %d", x, y, g, l)
		}
	})
}
