package expr

import (
	"math"

	"tidemark/operators/data"
)

// extractKernel takes a part out of the timestamp or time that argument arg is.
func extractKernel(unit string, arg int) kernel {
	part := extractors[unit]
	return intRows(func(f *frame, i int) (int64, error) { return part(f.int(arg, i)), nil })
}

// extractors give a part of microseconds since 1970-01-01 or midnight. Like
// Flink's, and unlike PostgreSQL's, they are whole numbers; as in both, the
// milliseconds and microseconds include the seconds.
var extractors = map[string]func(x int64) int64{
	"microsecond": func(x int64) int64 { return data.FloorMod(x, data.Minute) },
	"millisecond": func(x int64) int64 { return data.FloorMod(x, data.Minute) / 1000 },
	"second":      func(x int64) int64 { return data.FloorMod(x, data.Minute) / data.Second },
	"minute":      func(x int64) int64 { return data.FloorMod(x, data.Hour) / data.Minute },
	"hour":        func(x int64) int64 { return data.FloorMod(x, data.Day) / data.Hour },
	"epoch":       func(x int64) int64 { return data.FloorDiv(x, data.Second) },
	"day":         func(x int64) int64 { _, _, d := civil(x); return d },
	"month":       func(x int64) int64 { _, m, _ := civil(x); return m },
	"quarter":     func(x int64) int64 { _, m, _ := civil(x); return (m + 2) / 3 },
	"year":        func(x int64) int64 { y, _, _ := civil(x); return y },
	"decade":      func(x int64) int64 { y, _, _ := civil(x); return data.FloorDiv(y, 10) },
	"century":     func(x int64) int64 { y, _, _ := civil(x); return data.FloorDiv(y+99, 100) },
	"millennium":  func(x int64) int64 { y, _, _ := civil(x); return data.FloorDiv(y+999, 1000) },
	"dow":         weekday,
	"isodow":      func(x int64) int64 { return (weekday(x)+6)%7 + 1 },
	"dayofweek":   func(x int64) int64 { return weekday(x) + 1 },
	"doy":         yearDay,
	"week":        func(x int64) int64 { w, _ := isoWeek(x); return w },
	"isoyear":     func(x int64) int64 { _, y := isoWeek(x); return y },
	"julian":      julianDay,
}

// civil returns the date of a timestamp.
func civil(x int64) (year, month, day int64) { return data.Civil(data.FloorDiv(x, data.Day)) }

// weekday counts from 0, a Sunday; 1970-01-01 was a Thursday.
func weekday(x int64) int64 { return data.FloorMod(data.FloorDiv(x, data.Day)+4, 7) }

func yearDay(x int64) int64 {
	day := data.FloorDiv(x, data.Day)
	y, _, _ := data.Civil(day)
	return day - data.DaysOf(y, 1, 1) + 1
}

// julianDay is the number of days since 4714-11-24 BC, as PostgreSQL counts them:
// from midnight to midnight.
func julianDay(x int64) int64 { return data.FloorDiv(x, data.Day) + 2440588 }

// isoWeek returns the week of ISO 8601 and the year it belongs to: that of its Thursday.
func isoWeek(x int64) (week, year int64) {
	day := data.FloorDiv(x, data.Day)
	thursday := day - data.FloorMod(day+3, 7) + 3
	year, _, _ = data.Civil(thursday)
	return (thursday-data.DaysOf(year, 1, 1))/7 + 1, year
}

// intervalParts give a part of an interval: months and the time part are looked
// at apart.
var intervalParts = map[string]func(months, micros int64) int64{
	"millennium":  func(months, _ int64) int64 { return months / 12000 },
	"century":     func(months, _ int64) int64 { return months / 1200 },
	"decade":      func(months, _ int64) int64 { return months / 120 },
	"year":        func(months, _ int64) int64 { return months / 12 },
	"quarter":     func(months, _ int64) int64 { return months%12/3 + 1 },
	"month":       func(months, _ int64) int64 { return months % 12 },
	"day":         func(_, micros int64) int64 { return micros / data.Day },
	"hour":        func(_, micros int64) int64 { return micros % data.Day / data.Hour },
	"minute":      func(_, micros int64) int64 { return micros % data.Hour / data.Minute },
	"second":      func(_, micros int64) int64 { return micros % data.Minute / data.Second },
	"millisecond": func(_, micros int64) int64 { return micros % data.Minute / 1000 },
	"microsecond": func(_, micros int64) int64 { return micros % data.Minute },
}

// extractInterval takes a part out of the interval that argument 1 is.
func extractInterval(unit string) kernel {
	if unit == "epoch" {
		return intRows(func(f *frame, i int) (int64, error) { return intervalSeconds(f.wide(1, i)) })
	}
	part := intervalParts[unit]
	return intRows(func(f *frame, i int) (int64, error) {
		iv := f.wide(1, i)
		return part(iv.Hi, int64(iv.Lo)), nil
	})
}

// intervalSeconds takes a year as 365.25 days and a month of the rest as 30, as
// PostgreSQL does.
func intervalSeconds(iv data.Int128) (int64, error) {
	years, over := product(iv.Hi/12, 31557600)
	if over < 0 || years > math.MaxInt64/4 || years < math.MinInt64/4 {
		return 0, errInterval
	}
	return years + iv.Hi%12*30*86400 + data.FloorDiv(int64(iv.Lo), data.Second), nil
}
