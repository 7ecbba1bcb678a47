package expr

import (
	"errors"
	"fmt"
	"math"

	"tidemark/operators/data"
)

var (
	errTimestamp = errors.New("the result is outside the range of TIMESTAMP")
	errInterval  = errors.New("the result is outside the range of INTERVAL")
	errDate      = errors.New("the result is outside the range of DATE")
)

// addMonths moves a timestamp by calendar months; a day that the month does not
// have becomes its last, as in PostgreSQL.
func addMonths(micros, months int64) (int64, error) {
	if months == 0 {
		return micros, nil
	}
	day := floorDiv(micros, data.Day)
	y, m, d := civil(day)
	total := y*12 + int64(m-1) + months
	if total > 12*300000 || total < -12*300000 {
		return 0, errTimestamp
	}
	y, m = floorDiv(total, 12), int(total-floorDiv(total, 12)*12)+1
	d = min(d, daysIn(y, m))
	moved := daysFrom(y, m, d)
	if moved > math.MaxInt64/data.Day-1 || moved < math.MinInt64/data.Day+1 {
		return 0, errTimestamp
	}
	return moved*data.Day + micros - day*data.Day, nil
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
	return s, nil
}

// timestampPlus adds an interval argument to a timestamp argument.
func timestampPlus(ts, iv int, sign int64) kernel {
	return func(f *frame) error {
		step := f.args[iv]
		if step.Const && step.Wides[0].Hi == 0 && f.rows == nil && !f.args[ts].Const {
			// A fixed length: one addition a row, overflow looked for at the end.
			c := sign * int64(step.Wides[0].Lo)
			if intsConst("+", f.args[ts].Ints, c, f.out.Ints) >= 0 && c != math.MinInt64 {
				return nil
			}
		}
		return f.each(func(i int) error {
			t, err := addInterval(f.int(ts, i), f.wide(iv, i), sign)
			f.out.Ints[i] = t
			return err
		}, func() {})
	}
}

func datePlus(date, iv int, sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		t, err := dateToTimestamp(f.int(date, i))
		if err != nil {
			return 0, err
		}
		return addInterval(t, f.wide(iv, i), sign)
	})
}

func dateToTimestamp(day int64) (int64, error) {
	if day > math.MaxInt64/data.Day || day < math.MinInt64/data.Day {
		return 0, errTimestamp
	}
	return day * data.Day, nil
}

func timestampMinus(f *frame) error {
	return f.each(func(i int) error {
		x, y := f.int(0, i), f.int(1, i)
		s := x - y
		if (x^y)&(x^s) < 0 {
			return errInterval
		}
		f.out.Wides[i] = data.Int128{Lo: uint64(s)}
		return nil
	}, func() {})
}

func dateMinus(f *frame) error {
	return f.each(func(i int) error { f.out.Ints[i] = f.int(0, i) - f.int(1, i); return nil }, func() {})
}

func dateDays(sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		d := f.int(0, i) + sign*f.int(1, i)
		if _, err := dateToTimestamp(d); err != nil {
			return 0, errDate
		}
		return d, nil
	})
}

// timePlus moves a time of day round the clock; months and whole days fall away.
func timePlus(sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		return floorMod(f.int(0, i)+sign*(int64(f.wide(1, i).Lo)%data.Day), data.Day), nil
	})
}

func timeMinus(f *frame) error {
	return f.each(func(i int) error {
		f.out.Wides[i] = data.Int128{Lo: uint64(f.int(0, i) - f.int(1, i))}
		return nil
	}, func() {})
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

func intervalPlus(sign int64) kernel {
	return wideRows(func(f *frame, i int) (data.Int128, error) { return addIntervals(f.wide(0, i), f.wide(1, i), sign) })
}

func intervalTimes(iv, by int) kernel {
	return wideRows(func(f *frame, i int) (data.Int128, error) {
		x, k := f.wide(iv, i), f.int(by, i)
		m, over1 := product(x.Hi, k)
		s, over2 := product(int64(x.Lo), k)
		if over1 < 0 || over2 < 0 {
			return x, errInterval
		}
		return data.Int128{Hi: m, Lo: uint64(s)}, nil
	})
}

// intervalScale multiplies or divides by a DOUBLE; what is left of a month is
// counted as 30 days, as in PostgreSQL.
func intervalScale(iv, by int, divide bool) kernel {
	return wideRows(func(f *frame, i int) (data.Int128, error) {
		x, k := f.wide(iv, i), f.float(by, i)
		if divide {
			if k == 0 {
				return x, errDivision
			}
		}
		times := func(y float64) float64 {
			if divide {
				return y / k
			}
			return y * k
		}
		months := times(float64(x.Hi))
		whole := math.Trunc(months)
		rest := math.RoundToEven((months-whole)*30*data.Day + times(float64(int64(x.Lo))))
		if !(math.Abs(whole) < 1<<62) || !(math.Abs(rest) < 1<<62) {
			return x, errInterval
		}
		return data.Int128{Hi: int64(whole), Lo: uint64(int64(rest))}, nil
	})
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian
// calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
func civil(day int64) (year int64, month, dayOfMonth int) {
	z := day + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	month = int(mp) + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, int(doy-(153*mp+2)/5) + 1
}

// daysFrom is the inverse of civil.
func daysFrom(year int64, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	mp := int64(month - 3)
	if mp < 0 {
		mp += 12
	}
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func daysIn(year int64, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// errUnit lists the units of a time function.
func errUnit(unit string) string { return fmt.Sprintf("there is no time unit %q", unit) }
