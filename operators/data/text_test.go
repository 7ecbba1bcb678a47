package data

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the test does not depend on the machine's

	"pgregory.net/rapid"
)

// texts are values of every type: what is read and how it is printed, or the
// error's text.
var texts = []struct {
	t         Type
	in        string
	out, fail string
}{
	{Of(Int), "42", "42", ""},
	{Of(Int), " -42 ", "-42", ""},
	{Of(Int), "+7", "7", ""},
	{Of(Int), "2147483647", "2147483647", ""},
	{Of(Int), "2147483648", "", "'2147483648' is out of range for INT"},
	{Of(Int), "1.5", "", "'1.5' is not a valid INT"},
	{Of(Int), "", "", "'' is not a valid INT"},
	{Of(BigInt), "-9223372036854775808", "-9223372036854775808", ""},
	{Of(BigInt), "9223372036854775808", "", "'9223372036854775808' is out of range for BIGINT"},
	{Of(BigInt), "99999999999999999999x", "", "'99999999999999999999x' is not a valid BIGINT"},
	{Of(BigInt), "-", "", "'-' is not a valid BIGINT"},
	{Of(Double), "1.5e3", "1500", ""},
	{Of(Double), "0.1", "0.1", ""},
	{Of(Double), "1e300", "1e+300", ""},
	{Of(Double), "-infinity", "-Infinity", ""},
	{Of(Double), "nan", "NaN", ""},
	{Of(Double), "1e999", "", "'1e999' is out of range for DOUBLE"},
	{Of(Double), "0x10", "", "'0x10' is not a valid DOUBLE"},
	{Of(Double), "1_0", "", "'1_0' is not a valid DOUBLE"},
	{DecimalType(12, 2), "7.5", "7.50", ""},
	{DecimalType(12, 2), "-7", "-7.00", ""},
	{DecimalType(12, 2), "0.005", "0.01", ""},
	{DecimalType(12, 2), "-0.005", "-0.01", ""},
	{DecimalType(12, 2), "0.004999", "0.00", ""},
	{DecimalType(12, 2), "1.5e3", "1500.00", ""},
	{DecimalType(12, 2), "15e-1", "1.50", ""},
	{DecimalType(12, 2), "1e9999999999", "", "'1e9999999999' is out of range for DECIMAL(12,2)"},
	{DecimalType(12, 2), "1e-9999999999", "0.00", ""},
	{DecimalType(12, 2), "9999999999.99", "9999999999.99", ""},
	{DecimalType(12, 2), "9999999999.995", "", "'9999999999.995' is out of range for DECIMAL(12,2)"},
	{DecimalType(12, 2), "10000000000", "", "'10000000000' is out of range for DECIMAL(12,2)"},
	{DecimalType(12, 2), ".", "", "'.' is not a valid DECIMAL(12,2)"},
	{DecimalType(12, 2), ".5", "0.50", ""},
	{DecimalType(12, 2), "5.", "5.00", ""},
	{DecimalType(12, 2), "1.2.3", "", "'1.2.3' is not a valid DECIMAL(12,2)"},
	{DecimalType(12, 2), "1e", "", "'1e' is not a valid DECIMAL(12,2)"},
	{DecimalType(12, 2), "abc", "", "'abc' is not a valid DECIMAL(12,2)"},
	{DecimalType(18, 0), "999999999999999999", "999999999999999999", ""},
	{DecimalType(18, 18), "0.123456789012345678", "0.123456789012345678", ""},
	{DecimalType(38, 0), strings.Repeat("9", 38), strings.Repeat("9", 38), ""},
	{DecimalType(38, 0), "1" + strings.Repeat("0", 38), "", "'1" + strings.Repeat("0", 38) + "' is out of range for DECIMAL(38,0)"},
	{DecimalType(38, 38), "0." + strings.Repeat("1", 38), "0." + strings.Repeat("1", 38), ""},
	{DecimalType(38, 4), "-12345678901234567890.12345", "-12345678901234567890.1235", ""},
	{Of(String), " a b ", " a b ", ""},
	{Of(Bytes), "AAH/", "AAH/", ""},
	{Of(Bytes), "?", "", "'?' is not a valid BYTES"},
	{Of(JSON), `{"a":[1,2]}`, `{"a":[1,2]}`, ""},
	{Of(JSON), `{"a"`, "", `'{"a"' is not a valid JSON`},
	{Of(Boolean), "TRUE", "true", ""},
	{Of(Boolean), "no", "false", ""},
	{Of(Boolean), "1", "true", ""},
	{Of(Boolean), "2", "", "'2' is not a valid BOOLEAN"},
	{Of(Date), "2024-02-29", "2024-02-29", ""},
	{Of(Date), "2026-02-29", "", "'2026-02-29' is out of range for DATE"},
	{Of(Date), "2026-2-9", "", "'2026-2-9' is not a valid DATE"},
	{Of(Date), "0000-01-01", "", "'0000-01-01' is out of range for DATE"},
	{Of(Time), "23:59:59.5", "23:59:59.5", ""},
	{Of(Time), "10:00", "10:00:00", ""},
	{Of(Time), "24:00:00", "", "'24:00:00' is not a valid TIME"},
	{Of(Timestamp), "2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", ""},
	{Of(Timestamp), "2026-01-05 10:00:00", "2026-01-05T10:00:00Z", ""},
	{Of(Timestamp), "2026-01-05 10:00", "2026-01-05T10:00:00Z", ""},
	{Of(Timestamp), "2026-01-05", "2026-01-05T00:00:00Z", ""},
	{Of(Timestamp), "2026-01-05T10:00:00.123Z", "2026-01-05T10:00:00.123Z", ""},
	{Of(Timestamp), "2026-01-05T10:00:00.1234567891Z", "2026-01-05T10:00:00.123456Z", ""},
	{Of(Timestamp), "2026-01-05T10:00:00+01:30", "2026-01-05T08:30:00Z", ""},
	{Of(Timestamp), "2026-01-05 10:00:00 +0130", "2026-01-05T08:30:00Z", ""},
	{Of(Timestamp), "2026-01-05 10:00:00-05", "2026-01-05T15:00:00Z", ""},
	{Of(Timestamp), "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", ""},
	{Of(Timestamp), "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", ""},
	{Of(Timestamp), "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", ""},
	{Of(Timestamp), "2026-01-05T10:00:00.Z", "", "'2026-01-05T10:00:00.Z' is not a valid TIMESTAMP"},
	{Of(Timestamp), "2026-01-05T1:00:00Z", "", "'2026-01-05T1:00:00Z' is not a valid TIMESTAMP"},
	{Of(Timestamp), "2026-01-05T10:61:00Z", "", "'2026-01-05T10:61:00Z' is not a valid TIMESTAMP"},
	{Of(Timestamp), "2026-13-05T10:00:00Z", "", "'2026-13-05T10:00:00Z' is out of range for TIMESTAMP"},
	{Of(Timestamp), "2026-01-05T10:00:00ZZ", "", "'2026-01-05T10:00:00ZZ' is not a valid TIMESTAMP"},
	{Of(Timestamp), "2026-01-05T10:00:0:Z", "", "'2026-01-05T10:00:0:Z' is not a valid TIMESTAMP"},
	{Of(Timestamp), "yesterday", "", "'yesterday' is not a valid TIMESTAMP"},
	{Of(Interval), "5 minutes", "PT5M", ""},
	{Of(Interval), "1 year 2 months 3 days 04:05:06.5", "P1Y2M3DT4H5M6.5S", ""},
	{Of(Interval), "-1.5 hours", "PT-1H-30M", ""},
	{Of(Interval), "0.005 seconds", "PT0.005S", ""},
	{Of(Interval), "-0.5 s", "PT-0.5S", ""},
	{Of(Interval), "PT1H30M", "PT1H30M", ""},
	{Of(Interval), "P1Y2M3DT4H5M6.5S", "P1Y2M3DT4H5M6.5S", ""},
	{Of(Interval), "0 s", "PT0S", ""},
	{Of(Interval), "1.5 months", "P1M15D", ""},
	{Of(Interval), "5 fortnights", "", "'5 fortnights' is not a valid INTERVAL"},
	{Of(Interval), "P", "", "'P' is not a valid INTERVAL"},
	{Of(Interval), "99999999999999 days", "", "'99999999999999 days' is out of range for INTERVAL"},
}

func TestTexts(t *testing.T) {
	for _, c := range texts {
		var v Vector
		v.Reset(c.t)
		err := NewTextParser(c.t, nil).Append(&v, []byte(c.in))
		if c.fail != "" {
			if err == nil || err.Error() != c.fail || v.Len() != 0 || !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrRange) {
				t.Errorf("%s %q: got error %v and %d values, want %q", c.t, c.in, err, v.Len(), c.fail)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %q: %v", c.t, c.in, err)
			continue
		}
		if got := string(AppendText(nil, &v, 0)); got != c.out {
			t.Errorf("%s %q: got %q, want %q", c.t, c.in, got, c.out)
		}
	}
}

// What is printed reads back as the same value.
func TestTextRoundTrip(t *testing.T) {
	types := []Type{Of(Int), Of(BigInt), Of(Double), DecimalType(18, 5), DecimalType(38, 11), Of(Date), Of(Time), Of(Timestamp), Of(Boolean), Of(Bytes)}
	rapid.Check(t, func(t *rapid.T) {
		ty := rapid.SampledFrom(types).Draw(t, "type")
		var v, w Vector
		v.Reset(ty)
		w.Reset(ty)
		switch ty.Kind {
		case Int:
			v.AppendInt(int64(rapid.Int32().Draw(t, "v")))
		case BigInt:
			v.AppendInt(rapid.Int64().Draw(t, "v"))
		case Double:
			v.AppendFloat(rapid.Float64().Draw(t, "v"))
		case Decimal:
			if ty.Class() == ClassInt {
				v.AppendInt(rapid.Int64Range(-1e18+1, 1e18-1).Draw(t, "v"))
			} else {
				v.AppendWide(Int128{Hi: rapid.Int64Range(-1<<60, 1<<60).Draw(t, "hi"), Lo: rapid.Uint64().Draw(t, "lo")})
			}
		case Date:
			v.AppendInt(rapid.Int64Range(-719162, 2932896).Draw(t, "v"))
		case Time:
			v.AppendInt(rapid.Int64Range(0, Day-1).Draw(t, "v"))
		case Timestamp:
			v.AppendInt(rapid.Int64Range(-719162*Day, 2932897*Day-1).Draw(t, "v"))
		case Boolean:
			v.AppendBool(rapid.Bool().Draw(t, "v"))
		case Bytes:
			v.AppendText(rapid.SliceOf(rapid.Byte()).Draw(t, "v"))
		}
		text := AppendText(nil, &v, 0)
		if err := NewTextParser(ty, nil).Append(&w, text); err != nil || Compare(&v, 0, &w, 0) != 0 {
			t.Fatalf("%s: %q reads back as %q, %v", ty, text, AppendText(nil, &w, 0), err)
		}
	})
}

func TestTimeZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := NewTimeParser(berlin)
	for in, want := range map[string]string{
		"2026-01-05 10:00:00": "2026-01-05T09:00:00Z", "2026-07-05 10:00:00.25": "2026-07-05T08:00:00.25Z",
		"2026-07-05T10:00:00Z": "2026-07-05T10:00:00Z", "2026-07-05": "2026-07-04T22:00:00Z",
	} {
		got, err := p.Parse([]byte(in))
		if text := string(AppendTimestamp(nil, got)); err != nil || text != want {
			t.Errorf("%s: %s, %v, want %s", in, text, err, want)
		}
	}
}

// FuzzParseTimestamp: what time.Parse takes as RFC 3339 is read alike; what is
// read at all is a real time.
func FuzzParseTimestamp(f *testing.F) {
	for _, c := range texts {
		if c.t.Kind == Timestamp {
			f.Add(c.in)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := NewTimeParser(nil)
		got, err := p.Parse([]byte(s))
		again, errAgain := p.Parse([]byte(s)) // with the day remembered
		if got != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("%q: %d %v, then %d %v", s, got, err, again, errAgain)
		}
		want, wantErr := time.Parse(time.RFC3339Nano, s)
		if wantErr == nil && want.Year() >= 1 && s[13] == ':' && !strings.Contains(s, ",") { // time.Parse takes T1:00 and a comma
			if err != nil || got != want.UnixMicro() {
				t.Fatalf("%q: %d %v, want %d", s, got, err, want.UnixMicro())
			}
		}
		if err == nil {
			text := string(AppendTimestamp(nil, got))
			if back, err := p.Parse([]byte(text)); err != nil || back != got {
				if got >= -62135596800*Second && got < 253402300800*Second {
					t.Fatalf("%q reads as %s, which reads as %d %v", s, text, back, err)
				}
			}
		}
	})
}

var decimalForm = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// FuzzParseDecimal holds the two parsers against exact rational numbers.
func FuzzParseDecimal(f *testing.F) {
	for _, c := range texts {
		if c.t.Kind == Decimal {
			f.Add(c.in, c.t.Precision, c.t.Scale)
		}
	}
	f.Fuzz(func(t *testing.T, s string, precision, scale uint8) {
		precision = precision%MaxPrecision + 1
		scale %= precision + 1
		got, err := ParseDecimal([]byte(s), int(precision), int(scale))
		if precision <= ShortPrecision {
			short, shortErr := ParseDecimal64([]byte(s), int(precision), int(scale))
			if shortErr != err || err == nil && Wide(short) != got {
				t.Fatalf("%q as DECIMAL(%d,%d): %d %v, %v %v", s, precision, scale, short, shortErr, got, err)
			}
		}
		if (err == ErrSyntax) == decimalForm.MatchString(s) {
			t.Fatalf("%q: error %v", s, err)
		}
		if _, exp, _ := strings.Cut(strings.ToLower(s), "e"); err == ErrSyntax || len(exp) > 5 || len(s) > 500 {
			return
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q is no number to the oracle", s)
		}
		r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		half := big.NewRat(1, 2)
		if r.Sign() < 0 {
			half.Neg(half)
		}
		r.Add(r, half)
		want := new(big.Int).Quo(r.Num(), r.Denom())
		fits := len(new(big.Int).Abs(want).String()) <= int(precision)
		if fits != (err == nil) || fits && got.Big().Cmp(want) != 0 {
			t.Fatalf("%q as DECIMAL(%d,%d): %v %v, want %v", s, precision, scale, got.Big(), err, want)
		}
	})
}

// FuzzParseNumbers holds integers and doubles against strconv.
func FuzzParseNumbers(f *testing.F) {
	for _, s := range []string{"1", "-9223372036854775808", "9223372036854775808", "1e400", "-0", "+5", "1_000", "0x1p4", "Inf", "-.5", "5.", ".", "1.2.3", "999999999999999.", "0.000000000000001", "9007199254740993"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseInt([]byte(s))
		want, wantErr := strconv.ParseInt(s, 10, 64)
		if (err == nil) != (wantErr == nil) || err == nil && got != want {
			t.Fatalf("%q: %d %v, want %d %v", s, got, err, want, wantErr)
		}
		d, err := ParseDouble([]byte(s))
		wantD, wantErr := strconv.ParseFloat(s, 64)
		if strings.ContainsAny(s, "xX_pP") {
			if err == nil {
				t.Fatalf("%q is taken for a double", s)
			}
			return
		}
		if (err == nil) != (wantErr == nil) && !strings.ContainsAny(s, "nN") || err == nil && wantErr == nil && math.Float64bits(d) != math.Float64bits(wantD) && !math.IsNaN(d) {
			t.Fatalf("%q: %v %v, want %v %v", s, d, err, wantD, wantErr)
		}
	})
}

// Doubles of up to 20 digits, with the point anywhere, are the nearest ones.
func TestParseDoubleIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		s := make([]byte, 1+r.IntN(20))
		for i := range s {
			s[i] = byte('0' + r.IntN(10))
		}
		if i := r.IntN(2 * len(s)); i < len(s) {
			s = slices.Insert(s, i, '.')
		}
		got, err := ParseDouble(s)
		want, wantErr := strconv.ParseFloat(string(s), 64)
		if err != nil || wantErr != nil || got != want {
			t.Fatalf("%s: %v %v, want %v %v", s, got, err, want, wantErr)
		}
	}
}

func BenchmarkParseDouble(b *testing.B) {
	text := []byte("37.125")
	for b.Loop() {
		if _, err := ParseDouble(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTimestamp(b *testing.B) {
	p, text := NewTimeParser(nil), []byte("2026-01-05T10:00:00.123Z")
	for b.Loop() {
		if _, err := p.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDecimal64(b *testing.B) {
	text := []byte("123.45")
	for b.Loop() {
		if _, err := ParseDecimal64(text, 18, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendTimestamp(b *testing.B) {
	var buf []byte
	for b.Loop() {
		buf = AppendTimestamp(buf[:0], 1_767_607_200_000_000)
	}
}
