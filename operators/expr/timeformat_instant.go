package expr

import "tidemark/operators/data"

// instant puts together what was read.
func (r *timeReader) instant() int64 {
	day := r.date()
	clock := r.clock()
	if r.reason != "" {
		return 0
	}
	us := day*data.Day + clock - r.get(zoneOffset, 0)
	if !data.IsDate(day) || !data.IsTimestamp(us) {
		r.fail("it is outside the years 1 to 9999")
		return 0
	}
	return us
}

// date returns the days since 1970-01-01.
func (r *timeReader) date() int64 {
	switch {
	case r.has(julianField):
		return r.value[julianField] - julianDay(0)
	case r.has(isoYear) || r.has(isoWeekField):
		return r.isoDate()
	}
	year := r.get(yearField, 1970)
	if r.has(centuryField) && !r.has(yearField) {
		year = r.value[centuryField]*100 - 99
	}
	if year == 0 {
		r.fail("there is no year 0")
	}
	if r.get(eraField, 0) == 1 {
		year = 1 - year
	}
	if r.has(yearDayField) {
		first := data.DaysOf(year, 1, 1)
		return first + r.between(yearDayField, 1, 1, data.DaysOf(year+1, 1, 1)-first, "the day of the year") - 1
	}
	if r.has(yearWeek) && !r.has(monthField) {
		return data.DaysOf(year, 1, 1) + (r.between(yearWeek, 1, 1, 53, "the week")-1)*7
	}
	month := r.between(monthField, 1, 1, 12, "the month")
	if r.reason != "" {
		return 0
	}
	first := (r.between(monthWeek, 1, 1, 5, "the week of the month") - 1) * 7
	return data.DaysOf(year, month, r.between(dayField, first+1, 1, data.DaysIn(year, month), "the day"))
}

// isoDate counts weeks from the Monday of the week that has the 4th of January.
func (r *timeReader) isoDate() int64 {
	fourth := data.DaysOf(r.get(isoYear, 1970), 1, 4)
	monday := fourth - data.FloorMod(fourth+3, 7)
	weekday := r.between(isoWeekday, 1, 1, 7, "the day of the week")
	if r.has(sunWeekday) {
		weekday = (r.between(sunWeekday, 1, 1, 7, "the day of the week")+5)%7 + 1
	}
	return monday + (r.between(isoWeekField, 1, 1, 53, "the week")-1)*7 + weekday - 1
}

// clock returns the microseconds since midnight.
func (r *timeReader) clock() int64 {
	if r.has(daySeconds) {
		return r.between(daySeconds, 0, 0, 86399, "the number of seconds")*data.Second + r.get(fractionField, 0)
	}
	hour := r.between(hour24, 0, 0, 23, "the hour")
	switch {
	case r.has(hour24):
	case r.has(hour12):
		hour = r.between(hour12, 12, 1, 12, "the hour")%12 + 12*r.get(meridiem, 0)
	case r.has(hourTo11):
		hour = r.between(hourTo11, 0, 0, 11, "the hour") + 12*r.get(meridiem, 0)
	case r.has(hourTo24):
		hour = r.between(hourTo24, 24, 1, 24, "the hour") % 24
	}
	minute := r.between(minuteField, 0, 0, 59, "the minute")
	second := r.between(secondField, 0, 0, 59, "the second")
	return hour*data.Hour + minute*data.Minute + second*data.Second + r.get(fractionField, 0)
}

// between returns the value of a field, which must lie in a range.
func (r *timeReader) between(field timeField, otherwise, low, high int64, what string) int64 {
	x := r.get(field, otherwise)
	if x < low || x > high {
		r.fail("%s is from %d to %d, not %d", what, low, high, x)
	}
	return x
}
