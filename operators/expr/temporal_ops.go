package expr

import (
	"math"

	"tidemark/operators/data"
)

// temporalOverloads returns what an operator does with dates, times, timestamps
// and intervals: PostgreSQL's table of them.
func temporalOverloads(op string) []*Function {
	pair := func(a, b, r data.Kind, k kernel) *Function {
		return &Function{Params: []data.Kind{a, b}, Returns: r, kernel: just(k)}
	}
	const date, clock, ts, iv, n, dbl = data.Date, data.Time, data.Timestamp, data.Interval, data.BigInt, data.Double
	switch op {
	case "+":
		return []*Function{
			pair(ts, iv, ts, timestampPlus(0, 1, +1)),
			pair(iv, ts, ts, timestampPlus(1, 0, +1)),
			pair(date, iv, ts, datePlus(0, 1, +1)),
			pair(iv, date, ts, datePlus(1, 0, +1)),
			pair(date, clock, ts, datePlusTime(0, 1)),
			pair(clock, date, ts, datePlusTime(1, 0)),
			pair(date, n, date, dateDays(0, 1, +1)),
			pair(n, date, date, dateDays(1, 0, +1)),
			pair(clock, iv, clock, timePlus(0, 1, +1)).total(),
			pair(iv, clock, clock, timePlus(1, 0, +1)).total(),
			pair(iv, iv, iv, intervalPlus(+1)),
		}
	case "-":
		return []*Function{
			pair(ts, ts, iv, timestampMinus).total(),
			pair(ts, iv, ts, timestampPlus(0, 1, -1)),
			pair(date, date, data.Int, dateMinus).total(),
			pair(date, iv, ts, datePlus(0, 1, -1)),
			pair(date, n, date, dateDays(0, 1, -1)),
			pair(clock, clock, iv, timeMinus).total(),
			pair(clock, iv, clock, timePlus(0, 1, -1)).total(),
			pair(iv, iv, iv, intervalPlus(-1)),
		}
	case "*":
		return []*Function{
			pair(iv, n, iv, intervalTimes(0, 1)),
			pair(n, iv, iv, intervalTimes(1, 0)),
			pair(iv, dbl, iv, intervalScale(0, 1, false)),
			pair(dbl, iv, iv, intervalScale(1, 0, false)),
		}
	case "/":
		return []*Function{pair(iv, dbl, iv, intervalScale(0, 1, true))}
	}
	return nil
}

// timestampPlus adds an interval argument to a timestamp argument.
func timestampPlus(ts, iv int, sign int64) kernel {
	return func(f *frame) error {
		step := f.args[iv]
		if step.Const && step.Wides[0].Hi == 0 && f.rows == nil && !f.args[ts].Const {
			// A fixed length: one addition a row; what it leads out of the range is left
			// to the loop below, which knows the rows that are NULL.
			c := sign * int64(step.Wides[0].Lo)
			if intsConst("+", f.args[ts].Ints, c, f.out.Ints) >= 0 && c != math.MinInt64 && allTimestamps(f.out.Ints) {
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

// allTimestamps reports whether all values are those of timestamps.
func allTimestamps(values []int64) bool {
	outside := false
	for _, us := range values {
		outside = outside || !data.IsTimestamp(us)
	}
	return !outside
}

func datePlus(date, iv int, sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		return addInterval(f.int(date, i)*data.Day, f.wide(iv, i), sign)
	})
}

func timestampMinus(f *frame) error {
	return f.each(func(i int) error {
		f.out.Wides[i] = data.Int128{Lo: uint64(f.int(0, i) - f.int(1, i))}
		return nil
	}, func() {})
}

func dateMinus(f *frame) error {
	return f.each(func(i int) error { f.out.Ints[i] = f.int(0, i) - f.int(1, i); return nil }, func() {})
}

// dateDays moves a date argument by a number of days.
func dateDays(date, days int, sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		n := f.int(days, i)
		if n > maxDays || n < -maxDays {
			return 0, errDate
		}
		d := f.int(date, i) + sign*n
		if !data.IsDate(d) {
			return 0, errDate
		}
		return d, nil
	})
}

// maxDays is more than any two dates are apart.
const maxDays = data.LastDate - data.FirstDate + 1

// datePlusTime joins a day and a time of day.
func datePlusTime(date, clock int) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		return f.int(date, i)*data.Day + f.int(clock, i), nil
	})
}

// timePlus moves a time of day round the clock; months and whole days fall away.
func timePlus(clock, iv int, sign int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		return data.FloorMod(f.int(clock, i)+sign*(int64(f.wide(iv, i).Lo)%data.Day), data.Day), nil
	})
}

func timeMinus(f *frame) error {
	return f.each(func(i int) error {
		f.out.Wides[i] = data.Int128{Lo: uint64(f.int(0, i) - f.int(1, i))}
		return nil
	}, func() {})
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
