package expr

import (
	"errors"
	"math"

	"tidemark/operators/data"
)

var (
	errTimestamp = errors.New("the result is outside the range of TIMESTAMP, the years 1 to 9999")
	errInterval  = errors.New("the result is outside the range of INTERVAL")
	errDate      = errors.New("the result is outside the range of DATE, the years 1 to 9999")
)

// timestamp returns us where it is a TIMESTAMP.
func timestamp(us int64) (int64, error) {
	if !data.IsTimestamp(us) {
		return 0, errTimestamp
	}
	return us, nil
}

// addMonths moves a timestamp by calendar months; a day that the month does not
// have becomes its last, as in PostgreSQL.
func addMonths(micros, months int64) (int64, error) {
	if months == 0 {
		return micros, nil
	}
	day := data.FloorDiv(micros, data.Day)
	y, m, d := data.Civil(day)
	const most = 12 * 10_000 // no timestamp has a year as far as that
	if months > most || months < -most {
		return 0, errTimestamp
	}
	total := y*12 + m - 1 + months
	y, m = data.FloorDiv(total, 12), data.FloorMod(total, 12)+1
	return data.DaysOf(y, m, min(d, data.DaysIn(y, m)))*data.Day + micros - day*data.Day, nil
}

// addInterval adds an interval, or with sign -1 takes it away: months first, then
// the rest, as in PostgreSQL.
func addInterval(micros int64, iv data.Int128, sign int64) (int64, error) {
	months, rest := iv.Hi, int64(iv.Lo)
	if sign < 0 {
		if rest == math.MinInt64 {
			return 0, errTimestamp
		}
		months, rest = -months, -rest
	}
	t, err := addMonths(micros, months)
	if err != nil {
		return 0, err
	}
	s := t + rest
	if (t^s)&(rest^s) < 0 {
		return 0, errTimestamp
	}
	return timestamp(s)
}

// addIntervals adds b, or with sign -1 takes it away.
func addIntervals(a, b data.Int128, sign int64) (data.Int128, error) {
	x, y := int64(a.Lo), int64(b.Lo)
	if sign < 0 && (b.Hi == math.MinInt64 || y == math.MinInt64) {
		return a, errInterval
	}
	bm := sign * b.Hi
	y *= sign
	m, s := a.Hi+bm, x+y
	if (a.Hi^m)&(bm^m) < 0 || (x^s)&(y^s) < 0 {
		return a, errInterval
	}
	return data.Int128{Hi: m, Lo: uint64(s)}, nil
}
