package expr

import (
	"strings"
	"unicode/utf8"
)

// timeField is a part of a timestamp that a pattern writes and reads.
type timeField uint8

const (
	literalField  timeField = iota // text as it stands
	separatorText                  // text that reading takes for any separator, or none
	yearField                      // width is the least number of digits
	shortYear                      // the last width digits of the year
	isoYear
	shortISOYear
	centuryField
	quarterField
	monthField
	monthName
	monthShort
	isoWeekField
	yearWeek  // 1 is from the 1st to the 7th of January
	monthWeek // 1 is from the 1st to the 7th of the month
	dayField
	yearDayField
	dayName
	dayShort
	isoWeekday // 1 is Monday
	sunWeekday // 1 is Sunday
	julianField
	hour24
	hour12
	hourTo24 // 1 to 24: midnight is 24
	hourTo11 // 0 to 11
	minuteField
	secondField
	fractionField // width digits of the fraction of the second
	daySeconds    // seconds since midnight
	meridiem
	eraField
	zoneName
	zoneOffset
)

// A textCase is how a name is written.
type textCase uint8

const (
	titleCase textCase = iota
	upperCaseText
	lowerCaseText
)

// timeItem is one part of a pattern.
type timeItem struct {
	field timeField
	width int      // digits
	text  string   // of literalField and separatorText; of zoneOffset UTC in its form
	form  textCase // of names
	bare  bool     // written without padding
	th    string   // TH or th where st, nd, rd or th is written behind
	dots  bool     // A.M. and B.C.
}

// number reports whether the item is read as digits.
func (it *timeItem) number() bool {
	switch it.field {
	case literalField, separatorText, monthName, monthShort, dayName, dayShort, meridiem, eraField, zoneName, zoneOffset:
		return false
	}
	return true
}

// timeFormat is a compiled pattern.
type timeFormat struct {
	pattern string
	items   []timeItem
	era     bool // years are counted from an era that is written too
	strict  bool // what stands between the fields must be there when read
}

// text appends a character that stands for itself.
func (f *timeFormat) text(field timeField, c string) {
	if n := len(f.items); n > 0 && field == literalField && f.items[n-1].field == field {
		f.items[n-1].text += c
		return
	}
	f.items = append(f.items, timeItem{field: field, text: c})
}

func (f *timeFormat) add(it timeItem) {
	f.items = append(f.items, it)
	f.era = f.era || it.field == eraField
}

// maxTimePattern is how long a pattern may be, in bytes.
const maxTimePattern = 1000

// checkTimePattern refuses what is a pattern of no kind.
func checkTimePattern(pattern string) error {
	switch {
	case len(pattern) > maxTimePattern:
		return unplaced("", "the pattern is longer than %d bytes", maxTimePattern)
	case !utf8.ValidString(pattern):
		return unplaced("", "the pattern is not valid UTF-8 text")
	}
	for i := 0; i+1 < len(pattern); i++ {
		if c := pattern[i+1] | 0x20; pattern[i] == '%' && c >= 'a' && c <= 'z' {
			return unplaced("write 'yyyy-MM-dd HH:mm:ss' or 'YYYY-MM-DD HH24:MI:SS'", "patterns with %% such as '%s' are not supported", shortText(pattern))
		}
	}
	return nil
}

// compileEither compiles the pattern of a function that takes Java's and
// PostgreSQL's.
func compileEither(pattern string) (*timeFormat, error) {
	if isJavaPattern(pattern) {
		return compileJava(pattern)
	}
	return compilePostgres(pattern)
}

// isJavaPattern tells the patterns of Java, as Flink has them (yyyy-MM-dd
// HH:mm:ss), from PostgreSQL's (YYYY-MM-DD HH24:MI:SS), in which case means
// nothing. It is PostgreSQL's when outside of quotes it has a letter that Java
// does not use, as in MI and Mon, when it has YY, DD, HH24 or HH12, when it has no
// small letter, or when it has mm beside a day or year but no hour: those are months.
func isJavaPattern(pattern string) bool {
	plain := withoutQuotes(pattern)
	small := false
	for _, c := range plain {
		if isLetter(c) && !strings.ContainsRune(javaLetters, c) {
			return false
		}
		small = small || c >= 'a' && c <= 'z'
	}
	for _, word := range []string{"YY", "DD", "HH24", "HH12", "hh24", "hh12"} {
		if strings.Contains(plain, word) {
			return false
		}
	}
	if strings.Contains(plain, "mm") && !strings.ContainsAny(plain, "HhKk") && strings.ContainsAny(plain, "yd") {
		return false
	}
	return small
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// withoutQuotes drops what stands between single or double quotes.
func withoutQuotes(pattern string) string {
	var b strings.Builder
	quote := rune(0)
	for _, c := range pattern {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
