package data

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestIntervalOutOfRange(t *testing.T) {
	for _, s := range []string{
		"99999999999999999999999999999 years", "9999999999999999999 months", "P99999999999999999999999999999Y",
		"9223372036854775807 us 1 us", "-9223372036854775807 us -00:00:01", "9223372036854775807 us 00:00:01",
	} {
		if w, err := ParseInterval([]byte(s)); !errors.Is(err, ErrRange) {
			t.Errorf("%q: %v %v, want out of range", s, w, err)
		}
	}
}

func TestIntervalForms(t *testing.T) {
	for in, want := range map[string]string{
		"1 day 02:03:04": "P1DT2H3M4S", "-02:03:04.5": "PT-2H-3M-4.5S", "100:00:00": "P4DT4H",
		"1 week": "P7D", "2 Hours, 3 mins": "PT2H3M", "-P1Y": "P-1Y", "P1M-1D": "", "PT-0.5S": "PT-0.5S", "1 month -1 day": "P1M-1D",
		"05:06": "PT5H6M", "1.5 days": "P1DT12H", "-9223372036854775807 us": "P-106751991DT-4H-54.775807S",
	} {
		if want == "" {
			continue
		}
		w, err := ParseInterval([]byte(in))
		if got := string(AppendInterval(nil, w)); err != nil || got != want {
			t.Errorf("%q: %s %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"1 2 days", "1", "days", "P1", "PT", "P1H", "PT1Y", "1:2:3", "10:61", "+ day", "1..5 s", "P1YT", "--1 day", "25:00 hours"} {
		if w, err := ParseInterval([]byte(in)); err == nil {
			t.Errorf("%q reads as %s", in, AppendInterval(nil, w))
		}
	}
}

// ISO texts read back as the same interval.
func TestIntervalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := NewInterval(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "months"), rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "us"))
		text := AppendInterval(nil, w)
		if back, err := ParseInterval(text); err != nil || back != w {
			t.Fatalf("%v is printed as %s, which reads as %v %v", w, text, back, err)
		}
	})
}
