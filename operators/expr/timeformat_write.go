package expr

import (
	"strconv"
	"strings"

	"tidemark/operators/data"
)

// append writes a timestamp in the pattern.
func (f *timeFormat) append(to []byte, us int64) []byte {
	day := data.FloorDiv(us, data.Day)
	clock := us - day*data.Day
	y, m, d := data.Civil(day)
	if f.era && y <= 0 {
		y = 1 - y // there is no year 0 between the eras
	}
	for i := range f.items {
		it := &f.items[i]
		if it.number() {
			to = it.appendNumber(to, it.value(us, y, m, d, clock))
			continue
		}
		switch it.field {
		case literalField, separatorText:
			to = append(to, it.text...)
		case monthName, monthShort:
			to = it.appendName(to, monthNames[m-1], it.field == monthShort)
		case dayName, dayShort:
			to = it.appendName(to, dayNames[weekday(us)], it.field == dayShort)
		case meridiem:
			to = it.appendWord(to, [2]string{"AM", "PM"}[clock/(12*data.Hour)])
		case eraField:
			era := "AD"
			if us < firstYear {
				era = "BC"
			}
			to = it.appendWord(to, era)
		case zoneName:
			to = appendCased(to, "UTC", it.form)
		case zoneOffset:
			to = append(to, it.text...)
		}
	}
	return to
}

// firstYear is 0001-01-01.
const firstYear = -719162 * data.Day

// value returns the number of a field.
func (it *timeItem) value(us, y, m, d, clock int64) int64 {
	switch it.field {
	case yearField, shortYear:
		return y
	case isoYear, shortISOYear:
		_, y := isoWeek(us)
		return y
	case centuryField:
		return data.FloorDiv(y+99, 100)
	case quarterField:
		return (m + 2) / 3
	case monthField:
		return m
	case isoWeekField:
		w, _ := isoWeek(us)
		return w
	case yearWeek:
		return (yearDay(us)-1)/7 + 1
	case monthWeek:
		return (d-1)/7 + 1
	case dayField:
		return d
	case yearDayField:
		return yearDay(us)
	case isoWeekday:
		return (weekday(us)+6)%7 + 1
	case sunWeekday:
		return weekday(us) + 1
	case julianField:
		return julianDay(us)
	case hour24:
		return clock / data.Hour
	case hour12:
		return (clock/data.Hour+11)%12 + 1
	case hourTo24:
		return (clock/data.Hour+23)%24 + 1
	case hourTo11:
		return clock / data.Hour % 12
	case minuteField:
		return clock / data.Minute % 60
	case secondField:
		return clock / data.Second % 60
	case daySeconds:
		return clock / data.Second
	}
	return clock % data.Second // fractionField
}

func (it *timeItem) appendNumber(to []byte, x int64) []byte {
	width := it.width
	switch it.field {
	case fractionField:
		for scale := int64(data.Second / 10); width > 0; width, scale = width-1, scale/10 {
			if scale == 0 {
				to = append(to, '0')
				continue
			}
			to = append(to, byte('0'+x/scale%10))
		}
		return to
	case shortYear, shortISOYear:
		x = data.FloorMod(x, pow10(width))
	}
	if it.bare {
		width = 0
	}
	if x < 0 {
		to, x = append(to, '-'), -x
	}
	for n := x; width > 1; width-- {
		if n /= 10; n == 0 {
			to = append(to, '0')
		}
	}
	to = strconv.AppendInt(to, x, 10)
	switch it.th {
	case "":
	case "TH":
		to = appendCased(to, ordinal(x), upperCaseText)
	default:
		to = append(to, ordinal(x)...)
	}
	return to
}

// ordinal returns what makes 1 the 1st.
func ordinal(x int64) string {
	if x/10%10 != 1 {
		switch x % 10 {
		case 1:
			return "st"
		case 2:
			return "nd"
		case 3:
			return "rd"
		}
	}
	return "th"
}

// appendName writes the name of a month or a day: its first three letters, or all
// of it, padded to nine unless it is bare.
func (it *timeItem) appendName(to []byte, name string, short bool) []byte {
	if short {
		return appendCased(to, name[:3], it.form)
	}
	to = appendCased(to, name, it.form)
	for n := len(name); n < 9 && !it.bare; n++ {
		to = append(to, ' ')
	}
	return to
}

// appendWord writes AM, PM, AD or BC.
func (it *timeItem) appendWord(to []byte, word string) []byte {
	if it.dots {
		word = word[:1] + "." + word[1:] + "."
	}
	if it.form != lowerCaseText {
		return append(to, word...)
	}
	return append(to, strings.ToLower(word)...)
}

func appendCased(to []byte, word string, form textCase) []byte {
	from := len(to)
	to = append(to, word...)
	for i := range to[from:] {
		c := &to[from+i]
		switch {
		case form == upperCaseText && *c >= 'a' && *c <= 'z':
			*c -= 0x20
		case form == lowerCaseText && *c >= 'A' && *c <= 'Z':
			*c += 0x20
		}
	}
	return to
}
