package expr

import (
	"errors"

	"tidemark/operators/data"
)

// truncator returns the function that cuts a timestamp to a unit: to the start
// of the stretch that it lies in. Near the first timestamp there is that no start
// is in range; the error says so.
func truncator(unit string) func(x int64) (int64, error) {
	if size, ok := unitMicros[unit]; ok {
		return func(x int64) (int64, error) { return timestamp(x - data.FloorMod(x, size)) }
	}
	if unit == "week" {
		return func(x int64) (int64, error) {
			day := data.FloorDiv(x, data.Day)
			return timestamp((day - data.FloorMod(day+3, 7)) * data.Day) // 1970-01-01 was a Thursday
		}
	}
	return func(x int64) (int64, error) {
		y, m, _ := civil(x)
		switch unit {
		case "month":
		case "quarter":
			m -= (m - 1) % 3
		case "year":
			m = 1
		case "decade":
			y, m = y-data.FloorMod(y, 10), 1
		case "century":
			y, m = y-data.FloorMod(y-1, 100), 1
		case "millennium":
			y, m = y-data.FloorMod(y-1, 1000), 1
		}
		return timestamp(data.DaysOf(y, m, 1) * data.Day)
	}
}

// truncKernel cuts the timestamps that argument 1 is, in UTC.
func truncKernel(unit string) kernel {
	if size, ok := unitMicros[unit]; ok {
		return intRows(func(f *frame, i int) (int64, error) {
			x := f.int(1, i)
			return timestamp(x - data.FloorMod(x, size))
		})
	}
	cut := truncator(unit)
	return intRows(func(f *frame, i int) (int64, error) { return cut(f.int(1, i)) })
}

// truncLocal cuts by the clocks of the zone that argument 2 names. Like
// PostgreSQL, it leaves the clocks as they are within a day, and reads midnights
// of days anew.
func truncLocal(unit string) kernel {
	cut, zones := truncator(unit), newZones(2)
	size, fixed := unitMicros[unit]
	fixed = fixed && size < data.Day
	return intRows(func(f *frame, i int) (int64, error) {
		zone, err := zones.of(f, i)
		if err != nil {
			return 0, err
		}
		x := f.int(1, i)
		local, _ := zone.Local(x) // no timestamp is near the ends of int64
		start, err := cut(local)
		if err != nil {
			return 0, err
		}
		if fixed {
			return timestamp(x - (local - start))
		}
		return instantIn(zone, start)
	})
}

// roundToUnit is FLOOR or CEIL of a timestamp to the unit that argument 1 names.
func roundToUnit(mode rounding) *Function {
	return &Function{Params: []data.Kind{data.Timestamp, data.String}, Returns: data.Timestamp, check: checkUnit(1, truncUnits), kernel: func(c *Call) kernel {
		unit := unitOf(c.Args[1])
		cut := truncator(unit)
		months, micros := unitStep(unit)
		return intRows(func(f *frame, i int) (int64, error) {
			x := f.int(0, i)
			start, err := cut(x)
			if err != nil || start == x || mode == roundDown {
				return start, err
			}
			return addSteps(start, 1, months, micros)
		})
	}}
}

// truncInterval cuts intervals: what is below the unit falls away.
func truncInterval(unit string) kernel {
	months, micros := unitStep(unit)
	return wideRows(func(f *frame, i int) (data.Int128, error) {
		iv := f.wide(1, i)
		if months > 0 {
			return data.NewInterval(iv.Hi-iv.Hi%months, 0), nil
		}
		rest := int64(iv.Lo)
		return data.NewInterval(iv.Hi, rest-rest%micros), nil
	})
}

var (
	errStride       = errors.New("the width of DATE_BIN must be greater than zero")
	errStrideMonths = errors.New("the width of DATE_BIN may not have months or years, because they differ in length")
)

// binKernel cuts timestamps to a grid of equal strides through an origin, which
// is 1970-01-01 unless argument 2 gives it.
func binKernel(f *frame) error {
	return f.each(func(i int) error {
		stride, x, origin := f.wide(0, i), f.int(1, i), int64(0)
		if len(f.args) > 2 {
			origin = f.int(2, i)
		}
		size := int64(stride.Lo)
		switch {
		case stride.Hi != 0:
			return errStrideMonths
		case size <= 0:
			return errStride
		}
		// The place within the stride, without the overflow of x - origin.
		rest := data.FloorMod(x, size) - data.FloorMod(origin, size)
		if rest < 0 {
			rest += size
		}
		cut, err := timestamp(x - rest)
		f.out.Ints[i] = cut
		return err
	}, func() {})
}
