package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// postgresWords are what PostgreSQL's patterns are made of, each before its own
// beginnings. "Formatting Functions" in its manual.
var postgresWords = []struct {
	word string
	item timeItem
}{
	{"A.D.", timeItem{field: eraField, dots: true}}, {"AD", timeItem{field: eraField}}, {"B.C.", timeItem{field: eraField, dots: true}}, {"BC", timeItem{field: eraField}},
	{"A.M.", timeItem{field: meridiem, dots: true}}, {"AM", timeItem{field: meridiem}}, {"P.M.", timeItem{field: meridiem, dots: true}}, {"PM", timeItem{field: meridiem}},
	{"CC", timeItem{field: centuryField, width: 2}},
	{"DAY", timeItem{field: dayName}}, {"DDD", timeItem{field: yearDayField, width: 3}}, {"DD", timeItem{field: dayField, width: 2}}, {"DY", timeItem{field: dayShort}}, {"D", timeItem{field: sunWeekday, width: 1}},
	{"FF1", timeItem{field: fractionField, width: 1}}, {"FF2", timeItem{field: fractionField, width: 2}}, {"FF3", timeItem{field: fractionField, width: 3}},
	{"FF4", timeItem{field: fractionField, width: 4}}, {"FF5", timeItem{field: fractionField, width: 5}}, {"FF6", timeItem{field: fractionField, width: 6}},
	{"HH24", timeItem{field: hour24, width: 2}}, {"HH12", timeItem{field: hour12, width: 2}}, {"HH", timeItem{field: hour12, width: 2}},
	{"ID", timeItem{field: isoWeekday, width: 1}}, {"IW", timeItem{field: isoWeekField, width: 2}},
	{"IYYY", timeItem{field: isoYear, width: 4}}, {"IYY", timeItem{field: shortISOYear, width: 3}}, {"IY", timeItem{field: shortISOYear, width: 2}}, {"I", timeItem{field: shortISOYear, width: 1}},
	{"J", timeItem{field: julianField, width: 1}},
	{"MI", timeItem{field: minuteField, width: 2}}, {"MM", timeItem{field: monthField, width: 2}}, {"MONTH", timeItem{field: monthName}}, {"MON", timeItem{field: monthShort}}, {"MS", timeItem{field: fractionField, width: 3}},
	{"OF", timeItem{field: zoneOffset, text: "+00"}},
	{"Q", timeItem{field: quarterField, width: 1}},
	{"SSSSS", timeItem{field: daySeconds, width: 1}}, {"SSSS", timeItem{field: daySeconds, width: 1}}, {"SS", timeItem{field: secondField, width: 2}},
	{"TZH:TZM", timeItem{field: zoneOffset, text: "+00:00"}}, {"TZH", timeItem{field: zoneOffset, text: "+00"}}, {"TZ", timeItem{field: zoneName}},
	{"US", timeItem{field: fractionField, width: 6}},
	{"WW", timeItem{field: yearWeek, width: 2}}, {"W", timeItem{field: monthWeek, width: 1}},
	{"YYYY", timeItem{field: yearField, width: 4}}, {"YYY", timeItem{field: shortYear, width: 3}}, {"YY", timeItem{field: shortYear, width: 2}}, {"Y", timeItem{field: shortYear, width: 1}},
}

// postgresRefused are words that would be taken for others.
var postgresRefused = []string{"Y,YYY", "RM", "FX", "TM", "IDDD", "TZM"}

// compilePostgres compiles a pattern of PostgreSQL's to_char and to_timestamp.
func compilePostgres(pattern string) (*timeFormat, error) {
	if err := checkTimePattern(pattern); err != nil {
		return nil, err
	}
	plain := withoutQuotes(pattern)
	if strings.Contains(plain, "MM") && strings.Contains(plain, "mm") {
		return nil, unplaced("write MI for minutes: 'YYYY-MM-DD HH24:MI:SS'; the patterns of Java are for DATE_FORMAT, or in small letters: 'yyyy-MM-dd HH:mm:ss'", "the pattern '%s' names the month twice, as MM and as mm", shortText(pattern))
	}
	f := &timeFormat{pattern: pattern}
	bare := false // behind FM
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		switch {
		case rest[0] == '"':
			end, err := f.postgresQuote(i)
			if err != nil {
				return nil, err
			}
			i = end
			continue
		case hasWord(rest, "FM"):
			bare = true
			i += 2
			continue
		}
		for _, word := range postgresRefused {
			if hasWord(rest, word) {
				return nil, unplaced("", "%s in the pattern '%s' is not supported", word, shortText(pattern))
			}
		}
		it, n := postgresItem(rest)
		if n == 0 {
			_, n = utf8.DecodeRuneInString(rest)
			f.text(postgresText(rest), rest[:n])
		} else {
			it.bare, bare = bare, false
			if it.number() && hasWord(rest[n:], "TH") {
				it.th = rest[n : n+2]
				n += 2
			}
			f.add(it)
		}
		i += n
	}
	return f, nil
}

// hasWord reports whether text starts with a word, in any case.
func hasWord(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word)
}

// postgresItem finds the word that text starts with; n is 0 where there is none.
func postgresItem(text string) (it timeItem, n int) {
	for _, w := range postgresWords {
		if hasWord(text, w.word) {
			it = w.item
			it.form = caseOf(text[:len(w.word)])
			return it, len(w.word)
		}
	}
	return it, 0
}

// caseOf is how a name behind the word is written: MONTH, Month or month.
func caseOf(word string) textCase {
	switch {
	case word[0] >= 'a' && word[0] <= 'z':
		return lowerCaseText
	case len(word) > 1 && word[1] >= 'a' && word[1] <= 'z':
		return titleCase
	}
	return upperCaseText
}

// postgresText is what a character outside of words is: reading takes spaces and
// punctuation for any separator, or none, and other characters for any one.
func postgresText(text string) timeField {
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsLetter(r) || unicode.IsDigit(r) {
		return literalField
	}
	return separatorText
}

// postgresQuote takes the quoted text at i; a backslash takes the next character as it is.
func (f *timeFormat) postgresQuote(i int) (end int, err error) {
	for at := i + 1; at < len(f.pattern); at++ {
		switch c := f.pattern[at]; {
		case c == '"':
			return at + 1, nil
		case c == '\\' && at+1 < len(f.pattern):
			at++
		}
		f.text(literalField, f.pattern[at:at+1])
	}
	return 0, unplaced("", "a quote in the pattern '%s' is not closed", shortText(f.pattern))
}
