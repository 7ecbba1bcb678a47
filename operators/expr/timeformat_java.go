package expr

import "strings"

// javaLetters are the letters that mean something in a Java pattern.
const javaLetters = "GyYuMLQqwDdEaHhKkmsSzZXx"

// compileJava compiles a pattern of Java's DateTimeFormatter and SimpleDateFormat,
// as Flink has them.
func compileJava(pattern string) (*timeFormat, error) {
	if err := checkTimePattern(pattern); err != nil {
		return nil, err
	}
	if err := javaPitfall(pattern); err != nil {
		return nil, err
	}
	f := &timeFormat{pattern: pattern, strict: true}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			end, err := f.javaQuote(i)
			if err != nil {
				return nil, err
			}
			i = end
		case !isLetter(rune(c)):
			f.text(literalField, string(c))
			i++
		default:
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			it, ok := javaItem(c, n)
			if !ok {
				return nil, unplaced("PostgreSQL's patterns, such as 'YYYY-MM-DD HH24:MI:SS', are for TO_CHAR, TO_DATE and TO_TIMESTAMP; text stands in quotes: 'T'", "%s means nothing in the pattern '%s'", pattern[i:i+n], shortText(pattern))
			}
			f.add(it)
			i += n
		}
	}
	return f, nil
}

// javaQuote takes the quoted text at i; two quotes are one.
func (f *timeFormat) javaQuote(i int) (end int, err error) {
	rest := f.pattern[i+1:]
	if strings.HasPrefix(rest, "'") {
		f.text(literalField, "'")
		return i + 2, nil
	}
	for at := i + 1; at < len(f.pattern); at++ {
		if f.pattern[at] != '\'' {
			f.text(literalField, f.pattern[at:at+1])
			continue
		}
		if at+1 == len(f.pattern) || f.pattern[at+1] != '\'' {
			return at + 1, nil
		}
		at++
		f.text(literalField, "'")
	}
	return 0, unplaced("", "a quote in the pattern '%s' is not closed", shortText(f.pattern))
}

// javaPitfall refuses what Java takes and hardly anybody means.
func javaPitfall(pattern string) error {
	plain := withoutQuotes(pattern)
	if strings.Contains(plain, "Y") && !strings.Contains(plain, "w") {
		return unplaced("write yyyy for the year, or use TO_CHAR for 'YYYY-MM-DD'", "Y is the year of a week in the pattern '%s', which has no week", shortText(pattern))
	}
	if strings.Contains(plain, "D") && strings.ContainsAny(plain, "ML") {
		return unplaced("write dd for the day of the month, or use TO_CHAR for 'YYYY-MM-DD'", "D is the day of the year in the pattern '%s', which has a month too", shortText(pattern))
	}
	return nil
}

// javaNumbers are the letters that only ever are numbers.
var javaNumbers = map[byte]timeField{
	'w': isoWeekField, 'D': yearDayField, 'd': dayField, 'H': hour24, 'h': hour12, 'k': hourTo24, 'K': hourTo11, 'm': minuteField, 's': secondField,
}

// javaItem returns what n times the letter c stands for.
func javaItem(c byte, n int) (it timeItem, ok bool) {
	if field, found := javaNumbers[c]; found {
		return timeItem{field: field, width: n}, n <= 2 || c == 'D' && n == 3
	}
	switch c {
	case 'y', 'u':
		if n == 2 {
			return timeItem{field: shortYear, width: 2}, true
		}
		return timeItem{field: yearField, width: n}, n <= 9
	case 'Y':
		if n == 2 {
			return timeItem{field: shortISOYear, width: 2}, true
		}
		return timeItem{field: isoYear, width: n}, n <= 9
	case 'Q', 'q':
		return timeItem{field: quarterField, width: n}, n <= 2
	case 'M', 'L':
		switch n {
		case 3:
			return timeItem{field: monthShort}, true
		case 4:
			return timeItem{field: monthName, bare: true}, true
		}
		return timeItem{field: monthField, width: n}, n <= 2
	case 'E':
		if n == 4 {
			return timeItem{field: dayName, bare: true}, true
		}
		return timeItem{field: dayShort}, n <= 3
	case 'S':
		return timeItem{field: fractionField, width: n}, n <= 9
	case 'a':
		return timeItem{field: meridiem, form: upperCaseText}, n == 1
	case 'G':
		return timeItem{field: eraField, form: upperCaseText}, n <= 3
	case 'z':
		return timeItem{field: zoneName, form: upperCaseText}, n <= 3
	case 'Z':
		return timeItem{field: zoneOffset, text: "+0000"}, n <= 3
	case 'X':
		return timeItem{field: zoneOffset, text: "Z"}, n <= 3
	case 'x':
		return timeItem{field: zoneOffset, text: [...]string{"+00", "+0000", "+00:00"}[min(n, 3)-1]}, n <= 3
	}
	return it, false
}
