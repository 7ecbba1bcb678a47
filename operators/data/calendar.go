package data

// Microseconds of the units of time.
const (
	Second = 1_000_000
	Minute = 60 * Second
	Hour   = 60 * Minute
	Day    = 24 * Hour
)

// DaysOf returns the days from 1970-01-01 to a date of the proleptic Gregorian
// calendar; year 0 is 1 BC. After Howard Hinnant, "chrono-Compatible Low-Level
// Date Algorithms", days_from_civil.
func DaysOf(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := FloorDiv(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// Civil is the inverse of DaysOf (same source).
func Civil(days int64) (y, m, d int64) {
	days += 719468
	era := FloorDiv(days, 146097)
	doe := uint32(days - era*146097) // not negative: unsigned divisions are quicker
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int64(doy - (153*mp+2)/5 + 1)
	m = int64(mp + 3)
	if m > 12 {
		m -= 12
	}
	y = int64(yoe) + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

// DaysIn returns the number of days of a month.
func DaysIn(y, m int64) int64 {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// FloorDiv divides, rounding towards minus infinity; b is positive.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// FloorMod is what FloorDiv leaves: from 0 to b-1; b is positive.
func FloorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
