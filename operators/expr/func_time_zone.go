package expr

import "tidemark/operators/data"

// zoneEntries go between instants and what clocks show.
func zoneEntries() []*entry {
	const s, ts = data.String, data.Timestamp
	return []*entry{
		{name: "AT TIME ZONE", doc: "What clocks in a time zone show at the instant. Zones are IANA names, UTC, or a distance such as +02:00, east of UTC.",
			signatures: []string{"TIMESTAMP AT TIME ZONE STRING → TIMESTAMP"},
			examples:   [][2]string{{"TIMESTAMP '2026-03-29 01:00:00' AT TIME ZONE 'Europe/Berlin'", "2026-03-29T03:00:00Z"}, {"TIMESTAMP '2026-03-29 01:00:00' AT TIME ZONE '-03:30'", "2026-03-28T21:30:00Z"}},
			overloads:  []*Function{{Params: []data.Kind{ts, s}, Returns: ts, check: checkZone(1), kernel: atZone}}},
		{name: "FROM_LOCAL_TIME", doc: "The instant at which clocks in a time zone show a time: the opposite of AT TIME ZONE. Of a time that they show twice, the second; one that they skip is read by the clocks before the change.",
			examples:  [][2]string{{"FROM_LOCAL_TIME(TIMESTAMP '2026-07-01 12:00:00', 'Europe/Berlin')", "2026-07-01T10:00:00Z"}, {"FROM_LOCAL_TIME(TIMESTAMP '2026-10-25 02:30:00', 'Europe/Berlin')", "2026-10-25T01:30:00Z"}},
			overloads: []*Function{{Params: []data.Kind{ts, s}, Returns: ts, check: checkZone(1), kernel: fromZone}}},
		{name: "CONVERT_TZ", doc: "What clocks in the second zone show when those in the first show a time; of a text, a text yyyy-MM-dd HH:mm:ss.",
			examples: [][2]string{{"CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", "1969-12-31 16:00:00"}, {"CONVERT_TZ(TIMESTAMP '2026-07-01 12:00:00', 'Europe/Berlin', 'Asia/Kolkata')", "2026-07-01T15:30:00Z"}},
			overloads: []*Function{
				{Params: []data.Kind{s, s, s}, Returns: s, check: checks(checkZone(1), checkZone(2)), kernel: convertZoneText},
				{Params: []data.Kind{ts, s, s}, Returns: ts, check: checks(checkZone(1), checkZone(2)), kernel: convertZone},
			}},
	}
}

// clockEntries are the names that read the clock of the machine.
func clockEntries() []*entry {
	var list []*entry
	for _, name := range []string{"NOW", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME", "CURRENT_ROW_TIMESTAMP",
		"CLOCK_TIMESTAMP", "STATEMENT_TIMESTAMP", "TRANSACTION_TIMESTAMP", "TIMEOFDAY", "SYSDATE", "GETDATE"} {
		list = append(list, &entry{name: name,
			refused: "its result would not be the same on every run",
			hint:    "use the time column of the stream, or CURRENT_WATERMARK(ts) for how far its time has come"})
	}
	return append(list, &entry{name: "PROCTIME",
		refused: "its result would not be the same on every run",
		hint:    "declare a column of the stream, p AS PROCTIME(), which has the time at which a row was read, and use that"})
}
