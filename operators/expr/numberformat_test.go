package expr

import (
	"strings"
	"testing"

	"tidemark/operators/data"
)

// The table "to_char Examples" of PostgreSQL's manual, and what its regression
// tests have beyond it.
func TestNumberPatterns(t *testing.T) {
	checkValues(t, []valueCase{
		{"TO_CHAR(-0.1, '99.99')", "  -.10"}, {"TO_CHAR(-0.1, 'FM9.99')", "-.1"}, {"TO_CHAR(-0.1, 'FM90.99')", "-0.1"}, {"TO_CHAR(0.1, '0.9')", " 0.1"},
		{"TO_CHAR(12, '9990999.9')", "    0012.0"}, {"TO_CHAR(12, 'FM9990999.9')", "0012."}, {"TO_CHAR(485, '999')", " 485"}, {"TO_CHAR(-485, '999')", "-485"}, {"TO_CHAR(485, '9 9 9')", " 4 8 5"},
		{"TO_CHAR(1485, '9,999')", " 1,485"}, {"TO_CHAR(1485, '9G999')", " 1,485"}, {"TO_CHAR(485, '9,999')", "   485"}, {"TO_CHAR(148.5, '999.999')", " 148.500"}, {"TO_CHAR(148.5, 'FM999.999')", "148.5"}, {"TO_CHAR(148.5, 'FM999.990')", "148.500"},
		{"TO_CHAR(148.5, '999D999')", " 148.500"}, {"TO_CHAR(3148.5, '9G999D999')", " 3,148.500"}, {"TO_CHAR(-485, '999S')", "485-"}, {"TO_CHAR(-485, '999MI')", "485-"}, {"TO_CHAR(485, '999MI')", "485 "}, {"TO_CHAR(485, 'FM999MI')", "485"},
		{"TO_CHAR(485, 'SG999')", "+485"}, {"TO_CHAR(-485, 'SG999')", "-485"}, {"TO_CHAR(-485, '9SG99')", "4-85"}, {"TO_CHAR(-485, '999PR')", "<485>"}, {"TO_CHAR(485, '999PR')", " 485 "}, {"TO_CHAR(485, 'FM999PR')", "485"},
		{"TO_CHAR(485, 'RN')", "        CDLXXXV"}, {"TO_CHAR(485, 'FMRN')", "CDLXXXV"}, {"TO_CHAR(5.2, 'FMRN')", "V"}, {"TO_CHAR(3999, 'FMrn')", "mmmcmxcix"}, {"TO_CHAR(4000, 'RN')", "###############"},
		{"TO_CHAR(482, '999th')", " 482nd"}, {"TO_CHAR(11, 'FM99TH')", "11TH"}, {"TO_CHAR(485, '\"Good number:\"999')", "Good number: 485"}, {"TO_CHAR(485.8, '\"Pre:\"999\" Post:\" .999')", "Pre: 485 Post: .800"},
		{"TO_CHAR(12, '99V999')", " 12000"}, {"TO_CHAR(12.4, '99V999')", " 12400"}, {"TO_CHAR(12.45, '99V9')", " 125"}, {"TO_CHAR(12.45e0, '99V9')", " 125"}, {"TO_CHAR(0.0004859, '9.99EEEE')", " 4.86e-04"}, {"TO_CHAR(-1234567.0, '9.9eeee')", "-1.2e+06"}, {"TO_CHAR(999.9, '9.9EEEE')", " 1.0e+03"}, {"TO_CHAR(0, '9.9EEEE')", " 0.0e+00"},
		{"TO_CHAR(485, 'S999')", "+485"}, {"TO_CHAR(12, 'S9999')", "  +12"}, {"TO_CHAR(125.8e0, '999D9')", " 125.8"}, {"TO_CHAR(-125.8, '999D99S')", "125.80-"}, {"TO_CHAR(125, '999')", " 125"},
		{"TO_CHAR(0, '999')", "   0"}, {"TO_CHAR(0, '9.9')", "  .0"}, {"TO_CHAR(0.5, '999')", "   1"}, {"TO_CHAR(-0.4, '999')", "   0"}, {"TO_CHAR(999.5, '999')", " ###"}, {"TO_CHAR(12345.6, '999.99')", " ###.##"}, {"TO_CHAR(9.99, '99.9')", " 10.0"},
		{"TO_CHAR(-9223372036854775807 - 1, 'FM9999999999999999999')", "-9223372036854775808"}, {"TO_CHAR(12345678901234567890123456789012345.678, 'FM99999999999999999999999999999999999.99')", "12345678901234567890123456789012345.68"},
		{"TO_CHAR(CAST('NaN' AS DOUBLE), '99.9')", " ##.#"}, {"TO_CHAR(CAST('Infinity' AS DOUBLE), '9.9EEEE')", " #######"}, {"TO_CHAR(7, '000')", " 007"}, {"TO_CHAR(7, '')", ""},
	})
}

func TestNumberPatternErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"TO_CHAR(1, '9.9.9')", "the pattern '9.9.9' is wrong: it has two points"}, {"TO_CHAR(1, 'S99MI')", "the pattern 'S99MI' is wrong: it has two signs"}, {"TO_CHAR(1, 'L99')", "the pattern 'L99' is wrong: L is not supported"},
		{"TO_CHAR(1, '9V9.9')", "the pattern '9V9.9' is wrong: V goes with neither a point nor EEEE"}, {"TO_CHAR(1, '99EEEE')", "the pattern '99EEEE' is wrong: EEEE goes with one digit before the point, as in 9.99EEEE"},
		{"TO_CHAR(1, '9\"x')", "the pattern '9\"x' is wrong: a quote is not closed"}, {"TO_CHAR(1, '" + strings.Repeat("9", 101) + "')", "the pattern '" + strings.Repeat("9", 60) + "…' is wrong: a pattern has at most 100 digits"},
	} {
		if _, err := bind(c[0], nil); err == nil || err.Error() != c[1] {
			t.Errorf("%s: %v; want %s", c[0], err, c[1])
		}
	}
}

func FuzzNumberPattern(f *testing.F) {
	for _, p := range []string{"9,999.99", "FM0009.90", "SG9V99", "9.99EEEE", "FMRN", "999th", "\"a\"9PR"} {
		f.Add(p, 12.5)
	}
	f.Fuzz(func(t *testing.T, pattern string, x float64) {
		format, err := compileNumber(pattern)
		if err != nil {
			return
		}
		v := data.NewConst(data.Of(data.Double))
		v.AppendFloat(x)
		var w numberWriter
		w.take(v, 0, format)
		if got := w.append(nil, format); len(got) > 2*len(pattern)+20 {
			t.Fatalf("%q writes %q", pattern, got)
		}
	})
}
