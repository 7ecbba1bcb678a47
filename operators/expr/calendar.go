package expr

import (
	"errors"
	"math"

	"tidemark/operators/data"
)

var (
	errDay  = errors.New("there is no such date")
	errHour = errors.New("there is no such time of day")
	errPart = errors.New("a part of the interval is outside the range of INTERVAL")
)

// addSteps moves the timestamp x by n times a unit.
func addSteps(x, n, months, micros int64) (int64, error) {
	m, over1 := product(n, months)
	us, over2 := product(n, micros)
	if over1|over2 < 0 {
		return 0, errTimestamp
	}
	return addInterval(x, data.NewInterval(m, us), +1)
}

// countSteps returns how many whole units lie between a and b; it is negative
// where b is before a.
func countSteps(a, b, months, micros int64) int64 {
	switch {
	case b < a:
		return -countSteps(b, a, months, micros)
	case months > 0:
		return wholeMonths(a, b) / months
	}
	return (b - a) / micros
}

// wholeMonths returns the most months that can be added to a without passing b,
// which is not before a.
func wholeMonths(a, b int64) int64 {
	y1, m1, _ := civil(a)
	y2, m2, _ := civil(b)
	n := (y2-y1)*12 + m2 - m1
	if t, err := addMonths(a, n); err != nil || t > b {
		n--
	}
	return n
}

// age is a - b in months, days and time, as PostgreSQL's age has it: the days of
// a borrowed month are those of the month of the earlier timestamp.
func age(a, b int64) data.Int128 {
	if a < b {
		iv := age(b, a)
		return data.NewInterval(-iv.Hi, -int64(iv.Lo))
	}
	y1, m1, d1 := civil(a)
	y2, m2, d2 := civil(b)
	clock := data.FloorMod(a, data.Day) - data.FloorMod(b, data.Day)
	months, days := (y1-y2)*12+m1-m2, d1-d2
	if clock < 0 {
		clock += data.Day
		days--
	}
	if days < 0 {
		days += data.DaysIn(y2, m2)
		months--
	}
	return data.NewInterval(months, days*data.Day+clock)
}

// justify turns every 30 days of an interval into a month, and gives both parts
// the same sign, as PostgreSQL's justify_interval does.
func justify(iv data.Int128) (data.Int128, error) {
	const month = 30 * data.Day
	micros := int64(iv.Lo)
	months := iv.Hi + micros/month
	if d := micros / month; (iv.Hi^months)&(d^months) < 0 {
		return iv, errInterval
	}
	micros %= month
	switch {
	case months > 0 && micros < 0:
		months, micros = months-1, micros+month
	case months < 0 && micros > 0:
		months, micros = months+1, micros-month
	}
	return data.NewInterval(months, micros), nil
}

// lastDay returns the last day of the month of a timestamp.
func lastDay(x int64) int64 {
	y, m, _ := civil(x)
	return data.DaysOf(y, m, data.DaysIn(y, m))
}

// makeDate returns the days of a date of the years 1 to 9999.
func makeDate(y, m, d int64) (int64, error) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > data.DaysIn(y, m) {
		return 0, errDay
	}
	return data.DaysOf(y, m, d), nil
}

// makeTime returns microseconds since midnight.
func makeTime(h, m int64, secs float64) (int64, error) {
	us := math.RoundToEven(secs * data.Second)
	if h < 0 || h > 23 || m < 0 || m > 59 || !(us >= 0 && us < data.Minute) {
		return 0, errHour
	}
	return h*data.Hour + m*data.Minute + int64(us), nil
}

// makeInterval adds up years, months, weeks, days, hours, minutes and seconds, as
// many as there are arguments.
func makeInterval(f *frame, i int) (data.Int128, error) {
	var total data.Int128
	for arg := range f.args {
		var part data.Int128
		if arg == len(makeSteps) {
			us := math.RoundToEven(f.float(arg, i) * data.Second)
			if !(math.Abs(us) < 1<<62) {
				return total, errPart
			}
			part = data.NewInterval(0, int64(us))
		} else {
			step, n := makeSteps[arg], f.int(arg, i)
			months, over1 := product(n, step.Hi)
			us, over2 := product(n, int64(step.Lo))
			if over1|over2 < 0 {
				return total, errPart
			}
			part = data.NewInterval(months, us)
		}
		var err error
		if total, err = addIntervals(total, part, +1); err != nil {
			return total, err
		}
	}
	return total, nil
}

// makeSteps are the units of MAKE_INTERVAL's arguments but the last, the seconds.
var makeSteps = []data.Int128{
	data.NewInterval(12, 0), data.NewInterval(1, 0), data.NewInterval(0, 7*data.Day), data.NewInterval(0, data.Day),
	data.NewInterval(0, data.Hour), data.NewInterval(0, data.Minute),
}
