package expr

import (
	"strings"
	"testing"
	_ "time/tzdata" // the tests do not depend on the machine's

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// Known answers: PostgreSQL's where it has the function, else Flink's.
func TestTimeFunctions(t *testing.T) {
	checkValues(t, []valueCase{
		// Operators.
		{"DATE '2001-09-28' + 7", "2001-10-05"}, {"7 + DATE '2001-09-28'", "2001-10-05"}, {"DATE '2001-10-01' - 7", "2001-09-24"},
		{"DATE '2001-10-01' - DATE '2001-09-28'", "3"}, {"DATE '2001-09-28' + INTERVAL '1' HOUR", "2001-09-28T01:00:00Z"},
		{"DATE '2001-09-28' + TIME '03:00:00'", "2001-09-28T03:00:00Z"}, {"TIME '03:00:00' + DATE '2001-09-28'", "2001-09-28T03:00:00Z"},
		{"TIME '05:00:00' - INTERVAL '2' HOUR", "03:00:00"}, {"INTERVAL '3' HOUR + TIME '23:00:00'", "02:00:00"}, {"TIME '05:00:00' - TIME '03:00:00'", "PT2H"}, {"TIME '03:00:00' - TIME '05:00:00'", "PT-2H"},
		{"-(INTERVAL '23' HOUR)", "PT-23H"}, {"900 * INTERVAL '1' SECOND", "PT15M"}, {"INTERVAL '1' HOUR * 3.5", "PT3H30M"}, {"INTERVAL '1' HOUR / 1.5", "PT40M"},
		{"INTERVAL '30' DAY = INTERVAL '1' MONTH", "true"}, {"INTERVAL '1' YEAR < INTERVAL '365' DAY", "true"},
		// Truncation.
		{"DATE_TRUNC('millennium', TIMESTAMP '2001-02-16 20:38:40')", "2001-01-01T00:00:00Z"}, {"DATE_TRUNC('millennium', TIMESTAMP '2000-02-16 20:38:40')", "1001-01-01T00:00:00Z"},
		{"DATE_TRUNC('day', TIMESTAMP '2001-02-16 20:38:40', 'Australia/Sydney')", "2001-02-16T13:00:00Z"}, {"DATE_TRUNC('hours', TIMESTAMP '2001-02-16 20:38:40')", "2001-02-16T20:00:00Z"},
		{"DATE_TRUNC('hour', INTERVAL '3 days 02:47:33')", "P3DT2H"}, {"DATE_TRUNC('year', INTERVAL '-30' MONTH)", "P-2Y"}, {"DATE_TRUNC('quarter', INTERVAL '14' MONTH)", "P1Y"},
		// Both 02:30 of the night the clocks are put back stay in their own hour.
		{"DATE_TRUNC('hour', TIMESTAMP '2026-10-25 00:30:00', 'Europe/Berlin')", "2026-10-25T00:00:00Z"}, {"DATE_TRUNC('hour', TIMESTAMP '2026-10-25 01:30:00', 'Europe/Berlin')", "2026-10-25T01:00:00Z"},
		{"DATE_TRUNC('hour', TIMESTAMP '2026-10-25 01:10:00', 'Asia/Kolkata')", "2026-10-25T00:30:00Z"}, {"DATE_TRUNC('month', TIMESTAMP '2026-10-31 23:30:00', 'Europe/Berlin')", "2026-10-31T23:00:00Z"},
		{"DATE_TRUNC('week', TIMESTAMP '2026-10-26 00:00:00', 'Europe/Berlin')", "2026-10-25T23:00:00Z"},
		{"DATE_BIN(INTERVAL '15' MINUTE, TIMESTAMP '2020-02-11 15:44:17', TIMESTAMP '2001-01-01 00:00:00')", "2020-02-11T15:30:00Z"},
		{"DATE_BIN(INTERVAL '15' MINUTE, TIMESTAMP '2000-12-31 23:59:00', TIMESTAMP '2001-01-01 00:02:30')", "2000-12-31T23:47:30Z"},
		{"CEIL(TIMESTAMP '2024-03-05 00:00:00', 'day')", "2024-03-05T00:00:00Z"}, {"CEIL(DATE '2024-11-05', 'quarter')", "2025-01-01T00:00:00Z"}, {"FLOOR(TIMESTAMP '1969-12-31 23:59:59', 'week')", "1969-12-29T00:00:00Z"},
		{"LAST_DAY(TIMESTAMP '2023-12-31 23:59:59')", "2023-12-31"},
		// Parts.
		{"EXTRACT(CENTURY FROM TIMESTAMP '2000-12-16 12:21:13')", "20"}, {"EXTRACT(DECADE FROM TIMESTAMP '2001-02-16 20:38:40')", "200"}, {"EXTRACT(DOW FROM TIMESTAMP '2001-02-16 20:38:40')", "5"},
		{"EXTRACT(DOY FROM TIMESTAMP '2001-02-16 20:38:40')", "47"}, {"EXTRACT(ISODOW FROM TIMESTAMP '2001-02-18 20:38:40')", "7"}, {"EXTRACT(ISOYEAR FROM DATE '2006-01-01')", "2005"}, {"EXTRACT(ISOYEAR FROM DATE '2006-01-02')", "2006"},
		{"EXTRACT(JULIAN FROM DATE '2006-01-01')", "2453737"}, {"EXTRACT(MICROSECONDS FROM TIME '17:12:28.5')", "28500000"}, {"EXTRACT(MILLENNIUM FROM TIMESTAMP '2001-02-16 20:38:40')", "3"}, {"EXTRACT(MILLISECONDS FROM TIME '17:12:28.5')", "28500"},
		{"EXTRACT(MONTH FROM INTERVAL '2 years 13 months')", "1"}, {"EXTRACT(WEEK FROM DATE '2005-01-01')", "53"}, {"EXTRACT(WEEK FROM DATE '2012-12-31')", "1"}, {"EXTRACT(EPOCH FROM INTERVAL '5 days 3 hours')", "442800"},
		{"DAYOFWEEK(DATE '2024-03-03')", "1"}, {"DAYOFWEEK(DATE '2024-03-09')", "7"}, {"EXTRACT(DAYOFWEEK FROM DATE '2024-03-03')", "1"}, {"DAYNAME(TIMESTAMP '1969-12-31 23:59:59')", "Wednesday"}, {"MONTHNAME(DATE '2024-12-01')", "December"},
		// Steps.
		{"TIMESTAMPADD('quarter', -1, TIMESTAMP '2024-05-31 00:00:00')", "2024-02-29T00:00:00Z"}, {"TIMESTAMPADD('week', 2, DATE '2024-02-29')", "2024-03-14T00:00:00Z"},
		{"TIMESTAMPDIFF('day', TIMESTAMP '2003-01-02 10:00:00', TIMESTAMP '2003-01-03 10:00:00')", "1"}, {"TIMESTAMPDIFF('year', DATE '2020-02-29', DATE '2021-02-27')", "0"}, {"TIMESTAMPDIFF('year', DATE '2020-02-29', DATE '2021-02-28')", "1"},
		{"TIMESTAMPDIFF('month', DATE '2024-03-31', DATE '2024-01-30')", "-2"}, {"TIMESTAMPDIFF('second', TIMESTAMP '2024-01-01 00:00:01', TIMESTAMP '2024-01-01 00:00:00.5')", "0"}, {"DATE_DIFF('week', DATE '2024-01-01', DATE '2024-01-15')", "2"},
		{"AGE(TIMESTAMP '2024-03-01 00:00:00', TIMESTAMP '2024-01-31 12:00:00')", "P1MT12H"}, {"AGE(DATE '2024-01-31', DATE '2024-03-01')", "P-1M-1D"}, {"JUSTIFY_INTERVAL(INTERVAL '-1 month 31 days')", "P1D"},
		{"DATE_SUB('hour', 1, TIMESTAMP '2024-01-01 00:00:00')", "2023-12-31T23:00:00Z"}, {"DATE_ADD(DATE '2024-02-28', INTERVAL '1' DAY)", "2024-02-29T00:00:00Z"},
		// Making.
		{"MAKE_TIME(0, 0, 59.999999)", "00:00:59.999999"}, {"MAKE_DATE(2024, 2, 29)", "2024-02-29"}, {"MAKE_INTERVAL()", "PT0S"}, {"MAKE_INTERVAL(-1, 1)", "P-11M"},
		// Epochs.
		{"EPOCH_S(-1)", "1969-12-31T23:59:59Z"}, {"EPOCH_US(TIMESTAMP '1969-12-31 23:59:59')", "-1000000"}, {"EPOCH_US(1)", "1970-01-01T00:00:00.000001Z"}, {"EPOCH(TIMESTAMP '1969-12-31 23:59:59.5')", "-1"},
		// Zones.
		{"TIMESTAMP '2026-03-29 00:59:59' AT TIME ZONE 'Europe/Berlin'", "2026-03-29T01:59:59Z"}, {"TIMESTAMP '2026-10-25 01:00:00' AT TIME ZONE 'Europe/Berlin'", "2026-10-25T02:00:00Z"}, {"TIMESTAMP '2026-11-01 05:30:00' AT TIME ZONE 'America/New_York'", "2026-11-01T01:30:00Z"},
		{"TIMESTAMP '2026-11-01 06:30:00' AT TIME ZONE 'America/New_York'", "2026-11-01T01:30:00Z"}, {"TIMESTAMP '2026-04-04 15:00:00' AT TIME ZONE 'Australia/Lord_Howe'", "2026-04-05T01:30:00Z"}, {"DATE '2026-01-01' AT TIME ZONE 'Asia/Kolkata'", "2026-01-01T05:30:00Z"},
		{"FROM_LOCAL_TIME(TIMESTAMP '2026-03-29 02:30:00', 'Europe/Berlin')", "2026-03-29T01:30:00Z"}, {"FROM_LOCAL_TIME(TIMESTAMP '2026-11-01 01:30:00', 'America/New_York')", "2026-11-01T06:30:00Z"},
		{"CONVERT_TZ('2026-07-01 12:00:00.9', 'Europe/Berlin', 'UTC')", "2026-07-01 10:00:00"},
	})
}

// Values that no type has room for are errors, not other values.
func TestTimeErrors(t *testing.T) {
	const low, high = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
	for _, c := range [][2]string{
		{high + " + INTERVAL '1' SECOND", errTimestamp.Error()}, {low + " - INTERVAL '1' SECOND", errTimestamp.Error()}, {low + " - INTERVAL '1' MONTH", errTimestamp.Error()}, {high + " + INTERVAL '3000000000' MONTH", errTimestamp.Error()},
		{low + " - INTERVAL '9223372036854775807' MICROSECOND", errTimestamp.Error()}, {high + " + INTERVAL '1 month -1 month 1 microsecond'", errTimestamp.Error()}, {"DATE '9999-12-31' + INTERVAL '1' DAY", errTimestamp.Error()},
		{"DATE '9999-12-31' + 1", errDate.Error()}, {"DATE '0001-01-01' - 1", errDate.Error()}, {"DATE '9999-12-31' + 2000000000", errDate.Error()}, {"DATE '9999-12-31' + 9223372036854775807", errDate.Error()}, {"DATE '2000-01-01' - 2000000000", errDate.Error()},
		{"INTERVAL '9000000000000' SECOND * 2", errInterval.Error()}, {"INTERVAL '1' SECOND * 1e300", errInterval.Error()}, {"INTERVAL '1' SECOND / 0", "division by zero"}, {"EXTRACT(EPOCH FROM INTERVAL '9000000000000000000' MONTH)", errInterval.Error()},
		{"DATE_TRUNC('decade', " + low + ")", errTimestamp.Error()}, {"DATE_TRUNC('day', " + low + ", '-10:00')", errTimestamp.Error()}, {"DATE_TRUNC('day', " + low + ", '+10:00')", errTimestamp.Error()}, {"CEIL(" + high + ", 'year')", errTimestamp.Error()},
		{"DATE_BIN(INTERVAL '0' SECOND, TIMESTAMP '2024-01-01 00:00:00')", errStride.Error()}, {"DATE_BIN(INTERVAL '1' MONTH, TIMESTAMP '2024-01-01 00:00:00')", errStrideMonths.Error()}, {"DATE_BIN(INTERVAL '700' DAY, " + low + ")", errTimestamp.Error()},
		{"TIMESTAMPADD('year', 9223372036854775807, DATE '2024-01-01')", errTimestamp.Error()}, {"JUSTIFY_INTERVAL(INTERVAL '9223372036854775807 months 60 days')", errInterval.Error()},
		{"MAKE_DATE(2023, 2, 29)", errDay.Error()}, {"MAKE_DATE(0, 1, 1)", errDay.Error()}, {"MAKE_DATE(10000, 1, 1)", errDay.Error()}, {"MAKE_TIME(24, 0, 0)", errHour.Error()}, {"MAKE_TIME(0, 0, 60)", errHour.Error()}, {"MAKE_TIMESTAMP(2024, 13, 1, 0, 0, 0)", errDay.Error()},
		{"MAKE_INTERVAL(9223372036854775807)", errPart.Error()}, {"MAKE_INTERVAL(0, 0, 0, 0, 0, 0, 1e300)", errPart.Error()}, {"EPOCH_MS(9223372036854775807)", errEpoch.Error()},
		{"EPOCH_MS(253402300800000)", errEpoch.Error()}, {"TO_TIMESTAMP_LTZ(-62135596800001, 3)", errEpoch.Error()}, {"TO_TIMESTAMP(1751364000000)", errEpochSeconds.Error()}, {"TO_TIMESTAMP(253402300800.0)", errEpochSeconds.Error()}, {"TO_TIMESTAMP(2.534023008e11)", errEpochSeconds.Error()}, {"TO_TIMESTAMP(CAST('NaN' AS DOUBLE))", errEpochSeconds.Error()},
		{high + " AT TIME ZONE 'Asia/Kolkata'", errTimestamp.Error()}, {"FROM_LOCAL_TIME(" + low + ", 'Asia/Kolkata')", errTimestamp.Error()}, {"FROM_LOCAL_TIME(" + high + ", 'America/New_York')", errTimestamp.Error()},
		{"CONVERT_TZ(" + high + ", 'UTC', 'Asia/Kolkata')", errTimestamp.Error()}, {"MAKE_TIMESTAMP(9999, 12, 31, 23, 59, 60)", errHour.Error()},
		{"CONVERT_TZ('yesterday', 'UTC', 'UTC')", "'yesterday' is not a valid TIMESTAMP"}, {"TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE ('Mars/' || 'Olympus')", "there is no time zone 'Mars/Olympus'"},
	} {
		e, err := bind(c[0], nil)
		if err == nil {
			_, err = evalRow(e, &data.Batch{N: 1}, 0)
		}
		if err == nil || cause(err).Error() != c[1] {
			t.Errorf("%s: %v; want %s", c[0], err, c[1])
		}
	}
}

func TestTimeRefusals(t *testing.T) {
	for _, c := range [][3]string{
		{"NOW()", "NOW is refused, because its result would not be the same on every run", "use the time column of the stream, or CURRENT_WATERMARK(ts)"},
		{"t1 AT TIME ZONE 'Europe/Berln'", "there is no time zone 'Europe/Berln'", "did you mean 'Europe/Berlin'?"},
		{"t1 AT TIME ZONE 'PST8'", "there is no time zone 'PST8'", "write an IANA name such as 'Europe/Berlin'"},
		{"DATE_TRUNC('day', t1, 'Nowhere')", "there is no time zone 'Nowhere'", "write an IANA name"},
		{"DATE_TRUNC('week', v1)", "there is no time unit \"week\"", "the units are microsecond"},
		{"TIMESTAMPADD('epoch', 1, t1)", "there is no time unit \"epoch\"", "the units are microsecond"},
		{"EXTRACT(DAY FROM z1)", "there is no time unit \"day\"", "the units are hour"},
	} {
		_, err := bind(c[0], testSchema)
		e, ok := err.(*Error)
		if !ok || e.Message != c[1] || !strings.HasPrefix(e.Hint, c[2]) || e.Span.End <= e.Span.Start {
			t.Errorf("%s: %#v", c[0], err)
		}
	}
}

// Instants of all the range, dense at its ends and around 1970.
var instants = rapid.OneOf(rapid.Int64Range(data.FirstTimestamp, data.LastTimestamp), rapid.Int64Range(-3e15, 3e15), rapid.Int64Range(-5, 5),
	rapid.Int64Range(data.FirstTimestamp, data.FirstTimestamp+2*data.Day), rapid.Int64Range(data.LastTimestamp-2*data.Day, data.LastTimestamp))

func TestTruncatedTwiceIsTruncatedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, unit := instants.Draw(t, "x"), rapid.SampledFrom(truncUnits).Draw(t, "unit")
		cut := truncator(unit)
		once, err := cut(x)
		if err != nil {
			return
		}
		twice, err := cut(once)
		if err != nil || twice != once || once > x {
			t.Fatalf("%d cut to %s is %d, again %d, %v", x, unit, once, twice, err)
		}
		months, micros := unitStep(unit)
		if next, err := addSteps(once, 1, months, micros); err == nil && next <= x {
			t.Fatalf("%d cut to %s is %d: the next starts at %d", x, unit, once, next)
		}
	})
}

// Stepping as far as two instants are apart does not pass the second, and one
// step more does.
func TestStepsAndCountsAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := instants.Draw(t, "a"), instants.Draw(t, "b")
		if b < a {
			a, b = b, a
		}
		months, micros := unitStep(rapid.SampledFrom(stepUnits).Draw(t, "unit"))
		n := countSteps(a, b, months, micros)
		if back := countSteps(b, a, months, micros); back != -n {
			t.Fatalf("%d units one way, %d the other", n, back)
		}
		if reached, err := addSteps(a, n, months, micros); err != nil || reached > b {
			t.Fatalf("%d + %d units is %d, %v, beyond %d", a, n, reached, err, b)
		}
		if next, err := addSteps(a, n+1, months, micros); err == nil && next <= b {
			t.Fatalf("%d + %d units is %d, not beyond %d", a, n+1, next, b)
		}
	})
}

// AGE counts the calendar: added to the earlier timestamp it gives the later one,
// as far as months are of one length.
func TestAgeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := instants.Draw(t, "a"), instants.Draw(t, "b")
		iv := age(a, b)
		if back := age(b, a); iv.Hi != -back.Hi || int64(iv.Lo) != -int64(back.Lo) {
			t.Fatalf("age of %d and %d: %v one way, %v the other", a, b, iv, back)
		}
		if a < b {
			return
		}
		_, _, da := civil(a)
		_, _, db := civil(b)
		off := int64(3 * data.Day)
		if da > db && db <= 28 {
			off = 0
		}
		if got, err := addInterval(b, iv, +1); err == nil && (got-a > off || a-got > off) {
			t.Fatalf("%d + %v is %d, not %d", b, iv, got, a)
		}
	})
}

// No function of time panics, whatever the values.
func TestTimeFunctionsTakeAnything(t *testing.T) {
	var calls []Expr
	for _, unit := range extractUnits {
		for _, shape := range []string{"EXTRACT('%', t1)", "EXTRACT('%', z1)", "EXTRACT('%', v1)", "DATE_TRUNC('%', t1)", "DATE_TRUNC('%', t1, 'Europe/Berlin')", "DATE_TRUNC('%', v1)", "CEIL(t1, '%')", "TIMESTAMPADD('%', b1, t1)", "TIMESTAMPDIFF('%', t1, t2)"} {
			if e, err := bind(strings.ReplaceAll(shape, "%", unit), testSchema); err == nil {
				calls = append(calls, e)
			}
		}
	}
	for _, text := range []string{"DATE_BIN(v1, t1, t2)", "AGE(t1, t2)", "JUSTIFY_INTERVAL(v1)", "LAST_DAY(t1)", "LAST_DAY(y1)", "DATE_ADD(t1, v1)", "DATE_SUB(t1, v1)", "DATE_ADD(y1, b1)", "MAKE_DATE(b1, i1, i2)", "MAKE_TIME(b1, b2, d1)", "MAKE_TIMESTAMP(b1, i1, i2, i1, i2, d1)",
		"MAKE_INTERVAL(b1, b2, i1, b1, b2, i2, d1)", "t1 AT TIME ZONE 'Australia/Lord_Howe'", "t1 AT TIME ZONE s1", "FROM_LOCAL_TIME(t1, 'America/New_York')", "CONVERT_TZ(s1, s2, s1)", "CONVERT_TZ(t1, 'Europe/Berlin', '-11:30')", "y1 + z1", "y1 + b1", "z1 + v1", "v1 * d1", "v1 / d1", "v1 * b1",
		"EPOCH(v1)", "EPOCH_US(t1)", "DAYNAME(t1)", "MONTHNAME(y1)", "v1 - v1", "t1 - t2", "t1 - v1"} {
		calls = append(calls, mustBind(t, text, testSchema))
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(calls).Draw(t, "call")
		b := drawBatch(t, 3)
		if rapid.Bool().Draw(t, "extreme") {
			for _, c := range b.Cols {
				if c.Type.Kind == data.Timestamp {
					for i := range c.Ints {
						c.Ints[i] = instants.Draw(t, "instant")
					}
				}
			}
		}
		var v data.Vector
		err := Compile(e).Eval(b, nil, &v)
		checkRows(t, e, e, b, nil, &v, err)
	})
}
