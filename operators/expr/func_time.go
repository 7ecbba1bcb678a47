package expr

import (
	"slices"

	"tidemark/operators/data"
)

// timeEntries are the functions of dates, times, timestamps and intervals.
func timeEntries() []*entry {
	list := slices.Concat(partEntries(), cutEntries(), stepEntries(), makeEntries(), epochEntries(), timeTextEntries(), zoneEntries(), clockEntries())
	for _, e := range list {
		e.family = "time"
	}
	return list
}

// partEntries take parts out of values of time.
func partEntries() []*entry {
	const s, n, ts = data.String, data.BigInt, data.Timestamp
	part := func(name, unit, doc, value string) *entry {
		return &entry{name: name, doc: doc, examples: [][2]string{{name + "(TIMESTAMP '2024-03-05 06:07:08.9')", value}},
			overloads: []*Function{{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(extractKernel(unit, 0))}}}
	}
	name := func(name, doc, value string, names []string, of func(x int64) int64) *entry {
		return &entry{name: name, doc: doc, examples: [][2]string{{name + "(DATE '2024-03-05')", value}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				return append(to, names[of(f.int(0, i))]...), nil
			}, ts).total()}}
	}
	day := part("DAY", "day", "The day of the month.", "5")
	day.aliases = []string{"DAYOFMONTH"}
	return []*entry{
		day,
		{name: "EXTRACT", aliases: []string{"DATE_PART"}, doc: "A part of a timestamp, date, time or interval as a whole number: millennium, century, decade, isoyear, year, quarter, month, week, day, dow (0 is Sunday), isodow (1 is Monday), dayofweek (1 is Sunday), doy, julian, hour, minute, second, millisecond, microsecond, epoch.",
			examples: [][2]string{{"EXTRACT(HOUR FROM TIMESTAMP '2024-03-05 06:07:08')", "6"}, {"DATE_PART('dow', DATE '2024-03-05')", "2"}, {"EXTRACT(MINUTE FROM INTERVAL '90' MINUTE)", "30"}},
			overloads: []*Function{
				{Params: []data.Kind{s, ts}, Returns: n, safe: true, check: checkUnit(0, extractUnits), kernel: func(c *Call) kernel { return extractKernel(unitOf(c.Args[0]), 1) }},
				{Params: []data.Kind{s, data.Time}, Returns: n, safe: true, check: checkUnit(0, clockUnits), kernel: func(c *Call) kernel { return extractKernel(unitOf(c.Args[0]), 1) }},
				{Params: []data.Kind{s, data.Interval}, Returns: n, check: checkUnit(0, intervalUnits), kernel: func(c *Call) kernel { return extractInterval(unitOf(c.Args[0])) }},
			}},
		part("YEAR", "year", "The year of a timestamp, in UTC.", "2024"),
		part("QUARTER", "quarter", "The quarter of the year, from 1 to 4.", "1"),
		part("MONTH", "month", "The month, from 1 to 12.", "3"),
		part("WEEK", "week", "The week of ISO 8601: it begins on Monday, and week 1 has the first Thursday of the year.", "10"),
		part("DAYOFYEAR", "doy", "The day of the year, from 1.", "65"),
		part("DAYOFWEEK", "dayofweek", "The day of the week: 1 is Sunday, 7 is Saturday.", "3"),
		part("HOUR", "hour", "The hour, from 0 to 23.", "6"),
		part("MINUTE", "minute", "The minute of the hour.", "7"),
		part("SECOND", "second", "The second of the minute, without its fraction.", "8"),
		part("MILLISECOND", "millisecond", "The milliseconds since the minute began.", "8900"),
		part("MICROSECOND", "microsecond", "The microseconds since the minute began.", "8900000"),
		name("DAYNAME", "The English name of the day of the week.", "Tuesday", dayNames, weekday),
		name("MONTHNAME", "The English name of the month.", "March", monthNames, func(x int64) int64 { _, m, _ := civil(x); return m - 1 }),
	}
}

var (
	dayNames   = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)

// cutEntries cut values of time to a grid.
func cutEntries() []*entry {
	const s, ts, iv = data.String, data.Timestamp, data.Interval
	return []*entry{
		{name: "DATE_TRUNC", doc: "The timestamp cut to a unit, by the clocks of UTC or of a time zone; weeks begin on Monday. Of an interval, the parts down to the unit.",
			examples: [][2]string{{"DATE_TRUNC('hour', TIMESTAMP '2024-03-05 06:07:08')", "2024-03-05T06:00:00Z"}, {"DATE_TRUNC('week', DATE '2024-03-05')", "2024-03-04T00:00:00Z"},
				{"DATE_TRUNC('day', TIMESTAMP '2026-03-29 12:00:00', 'Europe/Berlin')", "2026-03-28T23:00:00Z"}, {"DATE_TRUNC('hour', INTERVAL '90' MINUTE)", "PT1H"}},
			overloads: []*Function{
				{Params: []data.Kind{s, ts}, Returns: ts, check: checkUnit(0, truncUnits), kernel: func(c *Call) kernel { return truncKernel(unitOf(c.Args[0])) }},
				{Params: []data.Kind{s, ts, s}, Returns: ts, check: checks(checkUnit(0, truncUnits), checkZone(2)), kernel: func(c *Call) kernel { return truncLocal(unitOf(c.Args[0])) }},
				{Params: []data.Kind{s, iv}, Returns: iv, safe: true, check: checkUnit(0, intervalTruncUnits), kernel: func(c *Call) kernel { return truncInterval(unitOf(c.Args[0])) }},
			}},
		{name: "DATE_BIN", doc: "The start of the stretch of a fixed width that the timestamp lies in; one of them starts at the third argument, or at 1970-01-01.",
			examples: [][2]string{{"DATE_BIN(INTERVAL '15' MINUTE, TIMESTAMP '2020-02-11 15:44:17', TIMESTAMP '2001-01-01 00:02:30')", "2020-02-11T15:32:30Z"},
				{"DATE_BIN(INTERVAL '7' DAY, TIMESTAMP '1970-01-09 10:00:00')", "1970-01-08T00:00:00Z"}},
			overloads: []*Function{{Params: []data.Kind{iv, ts, ts}, Optional: 1, Returns: ts, kernel: just(binKernel)}}},
		{name: "LAST_DAY", doc: "The last day of the month.", examples: [][2]string{{"LAST_DAY(DATE '2024-02-05')", "2024-02-29"}},
			overloads: []*Function{intFunction(data.Date, func(f *frame, i int) (int64, error) { return lastDay(f.int(0, i)), nil }, ts).total()}},
	}
}
