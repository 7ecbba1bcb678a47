package expr

import "tidemark/operators/data"

// stepEntries move along the calendar and measure how far apart two instants are.
func stepEntries() []*entry {
	const s, n, ts, iv, date = data.String, data.BigInt, data.Timestamp, data.Interval, data.Date
	// moved moves the timestamp by a number of units.
	moved := func(sign int64) *Function {
		return &Function{Params: []data.Kind{s, n, ts}, Returns: ts, check: checkUnit(0, stepUnits), kernel: func(c *Call) kernel {
			months, micros := unitStep(unitOf(c.Args[0]))
			return intRows(func(f *frame, i int) (int64, error) {
				return addSteps(f.int(2, i), f.int(1, i), sign*months, sign*micros)
			})
		}}
	}
	shift := func(sign int64) []*Function {
		return []*Function{
			{Params: []data.Kind{ts, iv}, Returns: ts, kernel: just(timestampPlus(0, 1, sign))},
			{Params: []data.Kind{date, n}, Returns: date, kernel: just(dateDays(0, 1, sign))},
			moved(sign),
		}
	}
	return []*entry{
		{name: "TIMESTAMPADD", doc: "The timestamp moved by a number of units; a day that a month does not have becomes its last.",
			examples:  [][2]string{{"TIMESTAMPADD('month', 1, TIMESTAMP '2024-01-31 10:00:00')", "2024-02-29T10:00:00Z"}},
			overloads: []*Function{moved(+1)}},
		{name: "TIMESTAMPDIFF", aliases: []string{"DATE_DIFF"}, doc: "How many whole units the third argument is after the second; negative where it is before.",
			examples: [][2]string{{"TIMESTAMPDIFF('hour', TIMESTAMP '2024-03-05 06:07:08', TIMESTAMP '2024-03-06 06:00:00')", "23"}, {"DATE_DIFF('month', DATE '2024-03-31', DATE '2024-02-29')", "-1"}},
			overloads: []*Function{{Params: []data.Kind{s, ts, ts}, Returns: n, safe: true, check: checkUnit(0, stepUnits), kernel: func(c *Call) kernel {
				months, micros := unitStep(unitOf(c.Args[0]))
				return intRows(func(f *frame, i int) (int64, error) { return countSteps(f.int(1, i), f.int(2, i), months, micros), nil })
			}}}},
		{name: "DATE_ADD", doc: "The timestamp plus an interval, the date plus a number of days, or the timestamp moved by a number of units.",
			examples:  [][2]string{{"DATE_ADD(TIMESTAMP '2024-01-31 10:00:00', INTERVAL '1' MONTH)", "2024-02-29T10:00:00Z"}, {"DATE_ADD(DATE '2024-02-28', 2)", "2024-03-01"}, {"DATE_ADD('day', 2, DATE '2024-02-28')", "2024-03-01T00:00:00Z"}},
			overloads: shift(+1)},
		{name: "DATE_SUB", aliases: []string{"DATE_SUBTRACT"}, doc: "The timestamp minus an interval, the date minus a number of days, or the timestamp moved back by a number of units.",
			examples:  [][2]string{{"DATE_SUB(TIMESTAMP '2024-03-31 10:00:00', INTERVAL '1' MONTH)", "2024-02-29T10:00:00Z"}, {"DATE_SUB(DATE '2024-03-01', 1)", "2024-02-29"}},
			overloads: shift(-1)},
		{name: "AGE", doc: "The first timestamp minus the second as an interval of years, months and days of the calendar.",
			examples: [][2]string{{"AGE(TIMESTAMP '2001-04-10 00:00:00', TIMESTAMP '1957-06-13 00:00:00')", "P43Y9M27D"}},
			overloads: []*Function{{Params: []data.Kind{ts, ts}, Returns: iv, safe: true, kernel: just(wideRows(func(f *frame, i int) (data.Int128, error) {
				return age(f.int(0, i), f.int(1, i)), nil
			}))}}},
		{name: "JUSTIFY_INTERVAL", aliases: []string{"JUSTIFY_DAYS"}, doc: "The interval with every 30 days of it turned into a month, and both parts of one sign.",
			examples: [][2]string{{"JUSTIFY_INTERVAL(INTERVAL '1 month -1 hour')", "P29DT23H"}, {"JUSTIFY_DAYS(INTERVAL '35' DAY)", "P1M5D"}},
			overloads: []*Function{{Params: []data.Kind{iv}, Returns: iv, kernel: just(wideRows(func(f *frame, i int) (data.Int128, error) {
				return justify(f.wide(0, i))
			}))}}},
	}
}

// makeEntries build values of time from numbers.
func makeEntries() []*entry {
	const n, dbl, date, clock, ts, iv = data.BigInt, data.Double, data.Date, data.Time, data.Timestamp, data.Interval
	return []*entry{
		{name: "MAKE_DATE", doc: "The date of a year, month and day.", examples: [][2]string{{"MAKE_DATE(2013, 7, 15)", "2013-07-15"}},
			overloads: []*Function{intFunction(date, func(f *frame, i int) (int64, error) { return makeDate(f.int(0, i), f.int(1, i), f.int(2, i)) }, n, n, n)}},
		{name: "MAKE_TIME", doc: "The time of day of an hour, minute and second, which may have a fraction.", examples: [][2]string{{"MAKE_TIME(8, 15, 23.5)", "08:15:23.5"}},
			overloads: []*Function{intFunction(clock, func(f *frame, i int) (int64, error) { return makeTime(f.int(0, i), f.int(1, i), f.float(2, i)) }, n, n, dbl)}},
		{name: "MAKE_TIMESTAMP", doc: "The timestamp of a year, month, day, hour, minute and second, in UTC.", examples: [][2]string{{"MAKE_TIMESTAMP(2013, 7, 15, 8, 15, 23.5)", "2013-07-15T08:15:23.5Z"}},
			overloads: []*Function{intFunction(ts, func(f *frame, i int) (int64, error) {
				day, err := makeDate(f.int(0, i), f.int(1, i), f.int(2, i))
				if err != nil {
					return 0, err
				}
				us, err := makeTime(f.int(3, i), f.int(4, i), f.float(5, i))
				return day*data.Day + us, err
			}, n, n, n, n, n, dbl)}},
		{name: "MAKE_INTERVAL", doc: "The interval of years, months, weeks, days, hours, minutes and seconds; what is left out is 0.",
			examples:  [][2]string{{"MAKE_INTERVAL(0, 0, 0, 10)", "P10D"}, {"MAKE_INTERVAL(1, 2, 3, 4, 5, 6, 7.5)", "P1Y2M25DT5H6M7.5S"}},
			overloads: []*Function{{Params: []data.Kind{n, n, n, n, n, n, dbl}, Optional: 7, Returns: iv, kernel: just(wideRows(makeInterval))}}},
	}
}
