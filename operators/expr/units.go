package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

var (
	clockUnits    = []string{"hour", "minute", "second", "millisecond", "microsecond", "epoch"}
	intervalUnits = append([]string{"millennium", "century", "decade", "year", "quarter", "month", "day"}, clockUnits...)
	extractUnits  = append([]string{"millennium", "century", "decade", "isoyear", "year", "quarter", "month", "week", "day", "dow", "isodow", "dayofweek", "doy", "julian"}, clockUnits...)
	truncUnits    = []string{"microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century", "millennium"}
	// Months differ in weeks, so an interval cannot be cut to them.
	intervalTruncUnits = []string{"microsecond", "millisecond", "second", "minute", "hour", "day", "month", "quarter", "year", "decade", "century", "millennium"}
	// stepUnits are those that TIMESTAMPADD and TIMESTAMPDIFF count.
	stepUnits = truncUnits
)

// unitAliases are other names of units; a plural may also just have an s more.
var unitAliases = map[string]string{
	"ms": "millisecond", "msec": "millisecond", "us": "microsecond", "usec": "microsecond", "sec": "second", "min": "minute",
	"centuries": "century", "millennia": "millennium", "dayofmonth": "day", "dayofyear": "doy", "weekday": "dow",
}

// unitMicros are the units of fixed length.
var unitMicros = map[string]int64{
	"microsecond": 1, "millisecond": 1000, "second": data.Second, "minute": data.Minute, "hour": data.Hour, "day": data.Day,
}

// unitMonths are the units of the calendar.
var unitMonths = map[string]int64{"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}

// unitStep returns the length of one of stepUnits.
func unitStep(unit string) (months, micros int64) {
	if unit == "week" {
		return 0, 7 * data.Day
	}
	return unitMonths[unit], unitMicros[unit]
}

// unitOf returns the unit that an argument, a checked literal, names.
func unitOf(arg Expr) string {
	u := strings.ToLower(string(arg.(*Literal).Value.Text(0)))
	for range 2 {
		if full, ok := unitAliases[u]; ok {
			return full
		}
		u = strings.TrimSuffix(u, "s")
	}
	return u
}

// checkUnit makes sure that argument arg names one of the units.
func checkUnit(arg int, units []string) func(args []Expr, at source.Span) error {
	return func(args []Expr, at source.Span) error {
		l, ok := args[arg].(*Literal)
		if !ok || l.IsNull() {
			return errorf(args[arg].Span(), "write the unit as a text, for example 'hour'", "the time unit must be a constant")
		}
		unit := unitOf(l)
		for _, u := range units {
			if u == unit {
				return nil
			}
		}
		hint := "the units are " + strings.Join(units, ", ")
		if near := source.Near(unit, units); near != "" {
			hint = "did you mean " + near + "?"
		}
		return errorf(args[arg].Span(), hint, "there is no time unit %q", unit)
	}
}
