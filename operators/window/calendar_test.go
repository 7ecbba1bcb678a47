package window

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata" // the tests do not depend on the machine's

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

const hour, minute = data.Hour, data.Minute

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := data.LoadZone(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return loc
}

func stamp(t testing.TB, text string) int64 {
	t.Helper()
	us, err := data.NewTimeParser(nil).Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return us
}

func show(us int64) string { return string(data.AppendTimestamp(nil, us)) }

// Cells around changes of the clocks, told by hand.
func TestCalendar(t *testing.T) {
	for _, c := range []struct {
		zone           string
		length, offset int64
		ts, start, end string
	}{
		// 23 and 25 hours, on both sides of the equator.
		{"Europe/Berlin", 24 * hour, 0, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", 24 * hour, 0, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"Australia/Sydney", 24 * hour, 0, "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T14:00:00Z"},
		{"Australia/Sydney", 24 * hour, 0, "2026-10-04T00:00:00Z", "2026-10-03T14:00:00Z", "2026-10-04T13:00:00Z"},
		// Half an hour.
		{"Australia/Lord_Howe", 24 * hour, 0, "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"},
		{"Australia/Lord_Howe", 24 * hour, 0, "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"},
		{"Asia/Kolkata", 24 * hour, 0, "2026-06-01T00:00:00Z", "2026-05-31T18:30:00Z", "2026-06-01T18:30:00Z"},
		// A midnight that the clocks skip, one that they show twice, and one just
		// before which they are put back.
		{"America/Sao_Paulo", 24 * hour, 0, "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"America/Havana", 24 * hour, 0, "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"America/St_Johns", 24 * hour, 0, "2010-11-07T12:00:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},
		// A day that was left out.
		{"Pacific/Apia", 24 * hour, 0, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", 24 * hour, 0, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		// Weeks from Monday, across the change.
		{"Europe/Berlin", 7 * 24 * hour, 4 * 24 * hour, "2026-03-29T21:59:59Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"},
		// Days that begin at six by the clocks.
		{"Europe/Berlin", 24 * hour, 6 * hour, "2026-03-29T03:59:59Z", "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"},
		// Parts of a day, counted from midnight: eight hours elapsed are nine by the clocks.
		{"Europe/Berlin", 8 * hour, 0, "2026-03-29T06:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T07:00:00Z"},
		{"Europe/Berlin", 8 * hour, 0, "2026-03-29T07:00:00Z", "2026-03-29T07:00:00Z", "2026-03-29T15:00:00Z"},
		{"Europe/Berlin", 8 * hour, 0, "2026-03-29T21:00:00Z", "2026-03-29T15:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", 8 * hour, 0, "2026-10-25T22:30:00Z", "2026-10-25T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"Asia/Kolkata", hour, 15 * minute, "2026-06-01T00:00:00Z", "2026-05-31T23:45:00Z", "2026-06-01T00:45:00Z"},
	} {
		cells := NewCalendar(zone(t, c.zone), c.length, c.offset)
		start := cells.Start(stamp(t, c.ts))
		if end := cells.End(start); show(start) != c.start || show(end) != c.end {
			t.Errorf("%s, %d hours: %s is in [%s, %s), want [%s, %s)", c.zone, c.length/hour, c.ts, show(start), show(end), c.start, c.end)
		}
	}
}

// zones have changes of the clocks of every kind.
var zones = []string{
	"UTC", "+05:45", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/St_Johns",
	"Atlantic/Azores", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Kolkata", "Australia/Sydney", "Australia/Lord_Howe",
	"Antarctica/Troll", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Auckland", "America/Asuncion",
}

// moment draws a zone and an instant in it, mostly near a change of the clocks.
func moment(t *rapid.T) (*time.Location, int64) {
	name := rapid.SampledFrom(zones).Draw(t, "zone")
	loc, err := data.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	ts := rapid.Int64Range(0, 60*365*24*60).Draw(t, "minute") * minute
	if rapid.IntRange(0, 3).Draw(t, "anywhere") > 0 {
		if _, from, _ := data.NewZone(loc).Stretch(ts); from > 0 {
			ts = from + rapid.Int64Range(-2*24*60, 2*24*60).Draw(t, "around")*minute
		}
	}
	return loc, max(ts, 10*data.Day)
}

// timeline is what the clocks of a zone show, minute by minute.
type timeline struct {
	from int64
	days []int64 // the local day that has begun last
}

// newTimeline looks at the time around ts, days each way.
func newTimeline(loc *time.Location, ts, days, clock int64) timeline {
	l := timeline{from: ts - ts%minute - days*data.Day}
	newest := int64(math.MinInt64)
	for m := range 2 * days * 24 * 60 {
		at := time.UnixMicro(l.from + m*minute).In(loc)
		_, offset := at.Zone()
		newest = max(newest, data.FloorDiv(at.UnixMicro()+int64(offset)*data.Second-clock, data.Day))
		l.days = append(l.days, newest)
	}
	return l
}

// around returns the stretch around ts in which f of the day stays the same.
func (l timeline) around(ts int64, f func(day int64) int64) (start, end int64) {
	i := (ts - l.from) / minute
	lo, hi := i, i
	for f(l.days[lo-1]) == f(l.days[i]) {
		lo--
	}
	for f(l.days[hi]) == f(l.days[i]) {
		hi++
	}
	return l.from + lo*minute, l.from + hi*minute
}

// A calendar's cells are those that a look at the clocks, minute by minute, gives.
func TestCalendarAgainstClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, ts := moment(t)
		ts += rapid.Int64Range(0, minute-1).Draw(t, "us")
		clock := rapid.SampledFrom([]int64{0, 0, 1, 15, 6 * 60}).Draw(t, "clock") * minute
		length, first := rapid.SampledFrom([]int64{1, 1, 2, 7}).Draw(t, "days"), int64(0)
		if length > 1 {
			first = rapid.Int64Range(0, length-1).Draw(t, "first")
		}
		clocks := newTimeline(loc, ts, length+3, clock)
		wantStart, wantEnd := clocks.around(ts, func(day int64) int64 { return data.FloorDiv(day-first, length) })
		c := NewCalendar(loc, length*data.Day, first*data.Day+clock)
		if start := c.Start(ts); start != wantStart || c.End(start) != wantEnd {
			t.Fatalf("%d days in %s: %s is in [%s, %s), want [%s, %s)", length, loc, show(ts), show(start), show(c.End(start)), show(wantStart), show(wantEnd))
		}
		part := rapid.SampledFrom([]int64{1, 7, 15, 30, 60, 90, 120, 5 * 60, 23 * 60}).Draw(t, "part") * minute
		dayStart, dayEnd := clocks.around(ts, func(day int64) int64 { return day })
		wantStart = ts - (ts-dayStart)%part
		wantEnd = min(wantStart+part, dayEnd)
		c = NewCalendar(loc, part, clock)
		if start := c.Start(ts); start != wantStart || c.End(start) != wantEnd {
			t.Fatalf("%d minutes in %s: %s is in [%s, %s), want [%s, %s)", part/minute, loc, show(ts), show(start), show(c.End(start)), show(wantStart), show(wantEnd))
		}
	})
}

// cellsProperties hold for all cells, whatever their bounds.
func cellsProperties(t *rapid.T, name string, c Cells, ts int64) {
	start := c.Start(ts)
	end := c.End(start)
	if ts < start || ts >= end || c.Start(end-1) != start || c.NextEnd(ts) != end || c.At(c.Index(ts)) != start {
		t.Fatalf("%s: %s in [%s, %s), number %d at %s", name, show(ts), show(start), show(end), c.Index(ts), show(c.At(c.Index(ts))))
	}
	if end < math.MaxInt64 && (c.Start(end) != end || c.Index(end) <= c.Index(start) || c.At(c.Index(end)) != end) {
		t.Fatalf("%s: the cell that starts at %s does not follow [%s, %s)", name, show(c.Start(end)), show(start), show(end))
	}
	if start > math.MinInt64 && (c.End(c.Start(start-1)) != start || c.Index(start-1) >= c.Index(start)) {
		t.Fatalf("%s: [%s, %s) does not come before %s", name, show(c.Start(start-1)), show(c.End(c.Start(start-1))), show(start))
	}
}

func TestCellsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, ts := moment(t)
		length := rapid.SampledFrom([]int64{data.Second, 7 * minute, hour, 11 * hour, 24 * hour, 48 * hour, 168 * hour}).Draw(t, "length")
		offset := rapid.Int64Range(0, length-1).Draw(t, "offset")
		cellsProperties(t, loc.String(), NewCalendar(loc, length, offset), ts)
		cellsProperties(t, loc.String()+", later", newCalendar(loc, length, offset, 3*length), ts)
		cellsProperties(t, "tumble", Tumble{length, offset}, ts)
	})
}

// Far from now there are no cells to tell, but time goes on and comes to an end.
func TestCalendarExtremes(t *testing.T) {
	for _, name := range zones {
		for _, length := range []int64{minute, 24 * hour, 72 * hour} {
			c := NewCalendar(zone(t, name), length, 0)
			for _, ts := range []int64{math.MinInt64, math.MinInt64 + 1, -horizon - 1, -horizon, -horizon + 1, horizon - 1, horizon, math.MaxInt64 - 1} {
				start := c.Start(ts)
				if end := c.End(start); ts < start || ts >= end || c.NextEnd(ts) != end || c.At(c.Index(ts)) != start {
					t.Errorf("%s: %d in [%d, %d), number %d at %d", name, ts, start, end, c.Index(ts), c.At(c.Index(ts)))
				}
			}
			if end := c.NextEnd(math.MaxInt64); end != math.MaxInt64 {
				t.Errorf("%s: next end after the end of time: %d", name, end)
			}
		}
	}
}
