package expr

import (
	"math"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

var (
	clockUnits    = []string{"hour", "minute", "second", "millisecond", "microsecond", "epoch"}
	intervalUnits = append([]string{"millennium", "century", "decade", "year", "quarter", "month", "day"}, clockUnits...)
	truncUnits    = []string{"microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century"}
	extractUnits  = append([]string{"century", "decade", "isoyear", "year", "quarter", "month", "week", "day", "dow", "isodow", "doy"}, clockUnits...)
)

// unitAliases are other names of units.
var unitAliases = map[string]string{"milliseconds": "millisecond", "microseconds": "microsecond", "dayofweek": "dow", "dayofyear": "doy", "ms": "millisecond", "us": "microsecond"}

// unitOf returns the unit that the first argument, a checked literal, names.
func unitOf(args []Expr) string {
	u := strings.ToLower(string(args[0].(*Literal).Value.Text(0)))
	if full, ok := unitAliases[u]; ok {
		return full
	}
	return strings.TrimSuffix(u, "s")
}

// checkUnit makes sure that the first argument names one of the units.
func checkUnit(units []string) func(args []Expr, at source.Span) error {
	return func(args []Expr, at source.Span) error {
		l, ok := args[0].(*Literal)
		if !ok || l.IsNull() {
			return errorf(args[0].Span(), "write the unit as a text, for example 'hour'", "the time unit must be a constant")
		}
		unit := unitOf(args)
		for _, u := range units {
			if u == unit {
				return nil
			}
		}
		hint := "the units are " + strings.Join(units, ", ")
		if near := source.Near(unit, units); near != "" {
			hint = "did you mean " + near + "?"
		}
		return errorf(args[0].Span(), hint, "%s", errUnit(unit))
	}
}

// unitMicros are the units of fixed length.
var unitMicros = map[string]int64{
	"microsecond": 1, "millisecond": 1000, "second": data.Second, "minute": data.Minute, "hour": data.Hour, "day": data.Day,
}

// truncKernel cuts timestamps to a unit.
func truncKernel(unit string) kernel {
	if size, ok := unitMicros[unit]; ok {
		return intRows(func(f *frame, i int) (int64, error) {
			x := f.int(1, i)
			return notAbove(x-floorMod(x, size), x)
		})
	}
	if unit == "week" {
		return intRows(func(f *frame, i int) (int64, error) {
			x := f.int(1, i)
			day := floorDiv(x, data.Day)
			day -= floorMod(day+3, 7) // 1970-01-01 was a Thursday
			return notAbove(day*data.Day, x)
		})
	}
	return intRows(func(f *frame, i int) (int64, error) {
		x := f.int(1, i)
		y, m, _ := civil(floorDiv(x, data.Day))
		switch unit {
		case "month":
		case "quarter":
			m -= (m - 1) % 3
		case "year":
			m = 1
		case "decade":
			y, m = y-floorMod(y, 10), 1
		case "century":
			y, m = y-floorMod(y-1, 100), 1
		}
		return notAbove(daysFrom(y, m, 1)*data.Day, x)
	})
}

// notAbove refuses a cut timestamp that has wrapped round.
func notAbove(cut, x int64) (int64, error) {
	if cut > x {
		return 0, errTimestamp
	}
	return cut, nil
}

// extractKernel is extractKernelAt for the first argument.
func extractKernel(unit string) kernel { return extractKernelAt(unit, 0) }

// extractKernelAt takes a part out of a timestamp or time.
func extractKernelAt(unit string, arg int) kernel {
	part := extractors[unit]
	return intRows(func(f *frame, i int) (int64, error) { return part(f.int(arg, i)), nil })
}

// extractors give a part of microseconds since 1970-01-01 or midnight. Like
// Flink's, and unlike PostgreSQL's, they are whole numbers; as in both, the
// milliseconds and microseconds include the seconds.
var extractors = map[string]func(x int64) int64{
	"microsecond": func(x int64) int64 { return floorMod(x, data.Minute) },
	"millisecond": func(x int64) int64 { return floorMod(x, data.Minute) / 1000 },
	"second":      func(x int64) int64 { return floorMod(x, data.Minute) / data.Second },
	"minute":      func(x int64) int64 { return floorMod(x, data.Hour) / (data.Minute) },
	"hour":        func(x int64) int64 { return floorMod(x, data.Day) / data.Hour },
	"epoch":       func(x int64) int64 { return floorDiv(x, data.Second) },
	"day":         func(x int64) int64 { _, _, d := civil(floorDiv(x, data.Day)); return int64(d) },
	"month":       func(x int64) int64 { _, m, _ := civil(floorDiv(x, data.Day)); return int64(m) },
	"quarter":     func(x int64) int64 { _, m, _ := civil(floorDiv(x, data.Day)); return int64(m+2) / 3 },
	"year":        func(x int64) int64 { y, _, _ := civil(floorDiv(x, data.Day)); return y },
	"decade":      func(x int64) int64 { y, _, _ := civil(floorDiv(x, data.Day)); return floorDiv(y, 10) },
	"century":     func(x int64) int64 { y, _, _ := civil(floorDiv(x, data.Day)); return floorDiv(y+99, 100) },
	"dow":         func(x int64) int64 { return floorMod(floorDiv(x, data.Day)+4, 7) },
	"isodow":      func(x int64) int64 { return floorMod(floorDiv(x, data.Day)+3, 7) + 1 },
	"doy": func(x int64) int64 {
		day := floorDiv(x, data.Day)
		y, _, _ := civil(day)
		return day - daysFrom(y, 1, 1) + 1
	},
	"week":    func(x int64) int64 { w, _ := isoWeek(x); return w },
	"isoyear": func(x int64) int64 { _, y := isoWeek(x); return y },
}

// isoWeek returns the week of ISO 8601 and the year it belongs to: that of its Thursday.
func isoWeek(x int64) (week, year int64) {
	day := floorDiv(x, data.Day)
	thursday := day - floorMod(day+3, 7) + 3
	year, _, _ = civil(thursday)
	return (thursday-daysFrom(year, 1, 1))/7 + 1, year
}

// extractInterval takes a part out of an interval; months and the time part are
// looked at apart, and only epoch joins them (a year as 365.25 days, a month of
// the rest as 30, as in PostgreSQL).
func extractInterval(unit string) kernel {
	part := func(months, micros int64) int64 { return months }
	switch unit {
	case "millennium":
		part = func(months, _ int64) int64 { return months / 12000 }
	case "century":
		part = func(months, _ int64) int64 { return months / 1200 }
	case "decade":
		part = func(months, _ int64) int64 { return months / 120 }
	case "year":
		part = func(months, _ int64) int64 { return months / 12 }
	case "quarter":
		part = func(months, _ int64) int64 { return months%12/3 + 1 }
	case "month":
		part = func(months, _ int64) int64 { return months % 12 }
	case "day":
		part = func(_, micros int64) int64 { return micros / data.Day }
	case "hour":
		part = func(_, micros int64) int64 { return micros % data.Day / data.Hour }
	case "minute":
		part = func(_, micros int64) int64 { return micros % data.Hour / (data.Minute) }
	case "second":
		part = func(_, micros int64) int64 { return micros % (data.Minute) / data.Second }
	case "millisecond":
		part = func(_, micros int64) int64 { return micros % (data.Minute) / 1000 }
	case "microsecond":
		part = func(_, micros int64) int64 { return micros % (data.Minute) }
	case "epoch":
		return intRows(func(f *frame, i int) (int64, error) {
			iv := f.wide(1, i)
			years, over1 := product(iv.Hi/12, 31557600)
			months, over2 := product(iv.Hi%12, 30*86400)
			if over1|over2 < 0 || years > math.MaxInt64/4 || years < math.MinInt64/4 {
				return 0, errInterval
			}
			return years + months + floorDiv(int64(iv.Lo), data.Second), nil
		})
	}
	return intRows(func(f *frame, i int) (int64, error) {
		iv := f.wide(1, i)
		return part(iv.Hi, int64(iv.Lo)), nil
	})
}
