package data

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustZone(t testing.TB, name string) *Zone {
	t.Helper()
	loc, err := LoadZone(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return NewZone(loc)
}

func at(t testing.TB, text string) int64 {
	t.Helper()
	us, err := NewTimeParser(nil).Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return us
}

// What the clocks of zones show around their changes.
func TestZoneLocal(t *testing.T) {
	for _, c := range []struct{ zone, utc, local string }{
		{"Europe/Berlin", "2026-03-29T00:59:59.999999Z", "2026-03-29T01:59:59.999999Z"},
		{"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"},
		{"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59Z"},
		{"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00Z"},
		{"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00Z"},
		{"Asia/Kolkata", "2026-06-01T00:00:00Z", "2026-06-01T05:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-05T01:59:59Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T01:30:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z"},
		{"+02:00", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"},
		{"-0330", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00Z"},
		{"+5", "2026-01-01T00:00:00Z", "2026-01-01T05:00:00Z"},
		{"utc", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
	} {
		got, ok := mustZone(t, c.zone).Local(at(t, c.utc))
		if text := string(AppendTimestamp(nil, got)); !ok || text != c.local {
			t.Errorf("%s in %s is %s, want %s", c.utc, c.zone, text, c.local)
		}
	}
}

// Local times that do not exist, or exist twice, as PostgreSQL reads them.
func TestZoneInstant(t *testing.T) {
	for _, c := range []struct{ zone, local, utc string }{
		{"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T01:59:59Z", "2026-10-24T23:59:59Z"},
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T06:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T15:15:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"},
	} {
		z := mustZone(t, c.zone)
		for range 2 { // from nothing, and from what it remembers
			us, ok := z.Instant(at(t, c.local))
			if got := string(AppendTimestamp(nil, us)); !ok || got != c.utc {
				t.Errorf("%s in %s is %s, want %s", c.local, c.zone, got, c.utc)
			}
		}
	}
}

// The parser reads a local time as Zone does, west of UTC as well as east.
func TestParseLocalTimes(t *testing.T) {
	for _, c := range []struct{ zone, local, utc string }{
		{"America/New_York", "2026-11-01 01:30:00", "2026-11-01T06:30:00Z"},
		{"Europe/Berlin", "2026-10-25 02:30:00.5", "2026-10-25T01:30:00.5Z"},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z"},
	} {
		loc, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		us, err := NewTimeParser(loc).Parse([]byte(c.local))
		if got := string(AppendTimestamp(nil, us)); err != nil || got != c.utc {
			t.Errorf("%s in %s is %s, %v; want %s", c.local, c.zone, got, err, c.utc)
		}
	}
}

func TestZoneNames(t *testing.T) {
	for _, name := range []string{"", "Local", "local", "Europe/Berln", "../etc/passwd", "+24", "+1:00", "+02:60", "+02:00x", "-", "\x00"} {
		if _, err := LoadZone(name); !errors.Is(err, errZone) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A zone that remembers agrees with package time, and Instant undoes Local but
// where clocks show a time twice.
func TestZoneProperties(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Pacific/Apia", "Europe/Dublin", "-11:30"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		loc, _ := LoadZone(name)
		z := NewZone(loc)
		for range 20 {
			us := rapid.OneOf(rapid.Int64Range(-200*366*Day, 300*366*Day), rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "instant")
			_, secs := time.Unix(FloorDiv(us, Second), 0).In(loc).Zone()
			if got := z.Offset(us); got != int64(secs)*Second {
				t.Fatalf("%s is %d ahead at %d, not %d", name, secs, us, got)
			}
			local, ok := z.Local(us)
			if !ok {
				continue
			}
			back, _ := z.Instant(local)
			if again, ok := z.Local(back); back < us || back-us > Day || ok && again != local {
				t.Fatalf("%s: %d shows %d, which is read as %d, which shows %d", name, us, local, back, again)
			}
		}
	})
}

// Stretches lie side by side, from the beginning of time to the year 2200.
func TestZoneStretch(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "+05:45"} {
		z := mustZone(t, name)
		for us := int64(math.MinInt64); us < 230*365*Day; {
			offset, from, to := z.Stretch(us)
			if from > us || to <= us {
				t.Fatalf("%s: the stretch around %d is [%d, %d)", name, us, from, to)
			}
			if o, _, _ := z.Stretch(to - 1); o != offset {
				t.Fatalf("%s: the stretch [%d, %d) begins %d ahead of UTC and ends %d", name, from, to, offset, o)
			}
			us = to
		}
	}
}
