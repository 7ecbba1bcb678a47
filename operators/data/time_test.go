package data

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Timestamps are printed as package time prints them, in all years of int64.
func TestAppendTimestampAgainstTime(t *testing.T) {
	check := func(us int64) string {
		u := time.UnixMicro(us).UTC()
		rest := u.Format("-01-02T15:04:05.999999Z")
		year := strconv.Itoa(u.Year())
		if u.Year() >= 0 {
			year = strings.Repeat("0", max(0, 4-len(year))) + year
		} else {
			year = "-" + strings.Repeat("0", max(0, 5-len(year))) + year[1:]
		}
		if got := string(AppendTimestamp([]byte("at "), us)); got != "at "+year+rest {
			return got + ", want " + year + rest
		}
		return ""
	}
	for _, us := range []int64{math.MinInt64, math.MaxInt64, 0, -1, -62135596800 * Second, -62135596800*Second - 1,
		253402300800 * Second, -62167219200*Second - 1, 951782400 * Second, 4107542400 * Second} {
		if wrong := check(us); wrong != "" {
			t.Error(wrong)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64().Draw(t, "us") >> rapid.IntRange(0, 40).Draw(t, "shift")
		if rapid.Bool().Draw(t, "whole") {
			us -= us % (Second / 10)
		}
		if wrong := check(us); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

// Every character of a timestamp is looked at, whether its day is remembered or not.
func TestTimestampEveryCharacterCounts(t *testing.T) {
	const text = "2026-11-25T12:34:56.789Z"
	for i := range text {
		for c := range 256 {
			b := []byte(text)
			b[i] = byte(c)
			_, wantErr := time.Parse(time.RFC3339Nano, strings.ToUpper(strings.Replace(string(b), " ", "T", 1)))
			switch {
			case c >= 0x80, i == 19 && c == ',':
				wantErr = ErrSyntax
			case i == len(text)-1 && c-'0' >= 0 && c-'0' <= 9: // no zone
				wantErr = nil
			}
			fresh, warm := NewTimeParser(nil), NewTimeParser(nil)
			if _, err := warm.Parse([]byte(text)); err != nil {
				t.Fatal(err)
			}
			x, err := fresh.Parse(b)
			y, errWarm := warm.Parse(b)
			if (err == nil) != (wantErr == nil) || x != y || err != errWarm {
				t.Errorf("%q: %d %v, with the day remembered %d %v; package time: %v", b, x, err, y, errWarm, wantErr)
			}
		}
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	p, stamp, dec, buf := NewTimeParser(nil), []byte("2026-01-05T10:00:00.123Z"), []byte("-123.45"), make([]byte, 0, 64)
	for name, f := range map[string]func(){
		"Parse":           func() { _, _ = p.Parse(stamp) },
		"ParseDecimal64":  func() { _, _ = ParseDecimal64(dec, 12, 2) },
		"ParseDecimal":    func() { _, _ = ParseDecimal(dec, 38, 2) },
		"ParseInt":        func() { _, _ = ParseInt(dec[1:4]) },
		"ParseDouble":     func() { _, _ = ParseDouble(dec) },
		"AppendTimestamp": func() { buf = AppendTimestamp(buf[:0], 1_767_607_200_123_000) },
		"AppendDecimal64": func() { buf = AppendDecimal64(buf[:0], -12345, 2) },
		"appendDecimal":   func() { buf = appendDecimal(buf[:0], Int128{Hi: -7, Lo: 5}, 2) },
		"AppendDouble":    func() { buf = AppendDouble(buf[:0], 0.1) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// A zone takes no text out of the years that texts have.
func TestTimestampsOutOfTheYears(t *testing.T) {
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	berlin := zone("Europe/Berlin")
	for _, c := range []struct {
		text string
		zone *time.Location
		want error
	}{
		{"0001-01-01T00:00:00Z", nil, nil}, {"9999-12-31T23:59:59.999999Z", nil, nil},
		{"0001-01-01", nil, nil}, {"9999-12-31 23:59:59.999999", nil, nil},
		{"0001-01-01T01:00:00+01:00", nil, nil}, {"9999-12-31T22:59:59.999999-01:00", nil, nil},
		{"0001-01-01T00:59:59.999999+01:00", nil, ErrRange}, {"9999-12-31T23:00:00-01:00", nil, ErrRange},
		{"0001-01-01", berlin, ErrRange}, {"0001-01-02", berlin, nil}, {"9999-12-31 23:59:59", berlin, nil},
		{"9999-12-31 23:59:59", zone("America/New_York"), ErrRange},
	} {
		us, err := NewTimeParser(c.zone).Parse([]byte(c.text))
		if err != c.want {
			t.Errorf("%s in %v: %d %v, want %v", c.text, c.zone, us, err, c.want)
		}
		if err == nil {
			if again, err := NewTimeParser(nil).Parse(AppendTimestamp(nil, us)); again != us || err != nil {
				t.Errorf("%s in %v: %d is read back as %d %v", c.text, c.zone, us, again, err)
			}
		}
	}
}
