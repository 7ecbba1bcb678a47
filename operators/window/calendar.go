package window

import (
	"math"
	"sort"
	"time"

	"tidemark/operators/data"
)

// Calendar is Cells that go by the clocks of a time zone: whole days from midnight
// to midnight, which may be longer or shorter than 24 hours, or parts of a day
// counted from its midnight, of which the last of a day is shorter where the day
// is no multiple of them. With an offset the days begin so much after midnight, by
// the clocks; a day that they skip is none.
type Calendar struct {
	zone *data.Zone
	// days is the length of a cell in days, 0 for parts of days of the length part.
	days, part int64
	first      int64   // the local day that cell 0 starts on
	clock      int64   // what the clocks show when a day begins, microseconds from midnight
	perDay     int64   // more than any day has parts
	skipped    []int64 // the local days that are not there
	shift      int64   // all bounds are so much later

	low, high int64 // cells are told from low to high; beyond there is one each

	// The cell, or the day of parts, that was last asked about.
	day      int64
	from, to int64
}

// horizon is how far from 1970 days are told: 73 000 years.
const horizon = 1 << 61

// NewCalendar returns cells of a length in a time zone, a whole number of days or
// less than one, moved by an offset: any number of days and parts of one.
func NewCalendar(loc *time.Location, length, offset int64) *Calendar {
	return newCalendar(loc, length, offset, 0)
}

// newCalendar returns a calendar whose bounds all lie later, by time elapsed.
func newCalendar(loc *time.Location, length, offset, shift int64) *Calendar {
	c := &Calendar{zone: data.NewZone(loc), shift: shift, from: math.MaxInt64, to: math.MinInt64}
	if c.days = length / data.Day; c.days == 0 {
		c.part = length
		c.perDay = 2*data.Day/length + 2 // a day may come twice
	}
	c.first, c.clock = data.FloorDiv(offset, data.Day), data.FloorMod(offset, data.Day)
	c.skipped = c.skippedDays()
	c.low, c.high = math.MinInt64, math.MaxInt64
	c.low, c.high = c.Start(-horizon), c.Start(horizon)
	return c
}

// skippedDays returns the days that begin at the same instant as the next one,
// because the clocks were moved from one side of the date line to the other.
func (c *Calendar) skippedDays() []int64 {
	var days []int64
	before, _, at := c.zone.Stretch(math.MinInt64)
	for at < horizon { // and until the rules no longer change
		after, _, next := c.zone.Stretch(at)
		for d := -data.FloorDiv(c.clock-at-before, data.Day); c.clock+(d+1)*data.Day <= at+after; d++ {
			days = append(days, d)
		}
		if at > 200*366*data.Day { // there is a rule for all years to come
			break
		}
		before, at = after, next
	}
	return days
}

// dayStart returns the first instant at which the clocks show the beginning of a
// local day, or more.
func (c *Calendar) dayStart(day int64) int64 {
	local := day*data.Day + c.clock
	for at := local - 2*data.Day; ; { // no clocks are more than a day from UTC
		offset, from, to := c.zone.Stretch(at)
		if t := max(local-offset, from); t < to {
			return t
		}
		at = to
	}
}

// find makes the memory hold the cell that holds ts, or its day.
func (c *Calendar) find(ts int64) {
	if ts >= c.from && ts < c.to {
		return
	}
	local, _ := c.zone.Local(ts)
	day := data.FloorDiv(local-c.clock, data.Day)
	for ; c.dayStart(day+1) <= ts; day++ { // the clocks were put back over midnight
	}
	last := day
	if c.days > 1 {
		day = data.FloorDiv(day-c.first, c.days)*c.days + c.first
		last = day + c.days - 1
	}
	c.day, c.from, c.to = day, c.dayStart(day), c.dayStart(last+1)
}

// Start returns the start of the cell that holds ts.
func (c *Calendar) Start(ts int64) int64 {
	switch {
	case ts < c.low:
		return math.MinInt64
	case ts >= c.high:
		return c.high
	}
	ts -= c.shift
	c.find(ts)
	if c.days > 0 {
		return c.from + c.shift
	}
	return ts - (ts-c.from)%c.part + c.shift
}

// End returns the end of the cell that starts at start.
func (c *Calendar) End(start int64) int64 {
	switch {
	case start < c.low:
		return c.low
	case start >= c.high:
		return data.MaxTime
	}
	start -= c.shift
	c.find(start)
	if c.days > 0 {
		return c.to + c.shift
	}
	return min(start+c.part, c.to) + c.shift
}

// NextEnd returns the least end of a cell above ts.
func (c *Calendar) NextEnd(ts int64) int64 { return c.End(c.Start(ts)) }

// Index returns the number of the cell that holds ts.
func (c *Calendar) Index(ts int64) int64 {
	if ts < c.low {
		return c.Index(c.low) - 1
	}
	ts = min(ts, c.high) - c.shift
	c.find(ts)
	switch {
	case c.days == 0:
		return c.day*c.perDay + (ts-c.from)/c.part
	case c.days == 1:
		return c.day - c.skips(c.day) - c.first
	}
	return data.FloorDiv(c.day-c.first, c.days)
}

// At returns the start of the cell with a number.
func (c *Calendar) At(index int64) int64 {
	switch {
	case index < c.Index(c.low):
		return math.MinInt64
	case index > c.Index(c.high):
		return data.MaxTime
	case c.days == 0:
		return c.dayStart(data.FloorDiv(index, c.perDay)) + data.FloorMod(index, c.perDay)*c.part + c.shift
	case c.days == 1:
		day := index + c.first
		for i := range c.skipped {
			if c.skipped[i] <= day {
				day++
			}
		}
		return c.dayStart(day) + c.shift
	}
	return c.dayStart(index*c.days+c.first) + c.shift
}

// skips returns the number of days before a day that are not there.
func (c *Calendar) skips(day int64) int64 {
	return int64(sort.Search(len(c.skipped), func(i int) bool { return c.skipped[i] >= day }))
}
