package expr

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"tidemark/operators/data"
)

// timeFormatError says that a text is not what a pattern describes.
type timeFormatError struct{ Text, Pattern, Reason string }

// Error returns "'x' does not fit the pattern 'YYYY': a number is expected at 'x'".
func (e *timeFormatError) Error() string {
	return fmt.Sprintf("'%s' does not fit the pattern '%s': %s", e.Text, e.Pattern, e.Reason)
}

// timeReader reads texts by patterns; one goroutine at a time.
type timeReader struct {
	format *timeFormat
	rest   []byte // what is still to be read
	reason string // why it does not fit; "" while it does

	have  uint64    // a bit for each field that was read
	value [64]int64 // of the fields that were read, by timeField
}

// parse returns the timestamp that a text stands for. What the pattern does not
// name is taken from 1970-01-01 00:00:00 UTC.
func (r *timeReader) parse(f *timeFormat, text []byte) (int64, error) {
	r.format, r.rest, r.reason, r.have = f, text, "", 0
	for i := range f.items {
		if r.item(i); r.reason != "" {
			break
		}
	}
	if r.reason == "" {
		r.spaces()
		if len(r.rest) > 0 {
			r.fail("'%s' is left over", shortText(string(r.rest)))
		}
	}
	var us int64
	if r.reason == "" {
		us = r.instant()
	}
	if r.reason != "" {
		return 0, &timeFormatError{shortText(string(text)), shortText(f.pattern), r.reason}
	}
	return us, nil
}

func (r *timeReader) fail(format string, args ...any) {
	if r.reason == "" {
		r.reason = fmt.Sprintf(format, args...)
	}
}

// expected says what is missing at the present place.
func (r *timeReader) expected(what string) {
	if len(r.rest) == 0 {
		r.fail("%s is expected at its end", what)
		return
	}
	r.fail("%s is expected at '%s'", what, shortText(string(r.rest)))
}

func (r *timeReader) spaces() {
	for len(r.rest) > 0 && (r.rest[0] == ' ' || r.rest[0] == '\t') {
		r.rest = r.rest[1:]
	}
}

// put keeps the value of a field, which may not be given twice and differ.
func (r *timeReader) put(field timeField, x int64) {
	if r.have&(1<<field) != 0 && r.value[field] != x {
		r.fail("two parts of it contradict each other")
	}
	r.have |= 1 << field
	r.value[field] = x
}

func (r *timeReader) has(field timeField) bool { return r.have&(1<<field) != 0 }

// get returns the value of a field, or what it is where the text does not say.
func (r *timeReader) get(field timeField, otherwise int64) int64 {
	if r.has(field) {
		return r.value[field]
	}
	return otherwise
}

// item reads what item i of the pattern stands for.
func (r *timeReader) item(i int) {
	it := &r.format.items[i]
	switch it.field {
	case separatorText:
		r.separator(i)
		return
	case literalField:
		r.literal(it)
		return
	}
	r.spaces()
	switch it.field {
	case monthName, monthShort:
		r.put(monthField, int64(r.name(monthNames, it.field == monthShort, "the name of a month"))+1)
	case dayName, dayShort:
		r.name(dayNames, it.field == dayShort, "the name of a day") // the date says it already
	case meridiem:
		r.put(meridiem, int64(r.word("AM", "PM")))
	case eraField:
		r.put(eraField, int64(r.word("AD", "BC")))
	case zoneName, zoneOffset:
		r.zone()
	default:
		next := i+1 < len(r.format.items) && r.format.items[i+1].number()
		r.number(it, next)
	}
}

// separator takes a separator, or none, and the spaces around it. The sign of a
// distance from UTC is none.
func (r *timeReader) separator(i int) {
	r.spaces()
	c, n := utf8.DecodeRune(r.rest)
	if (c == '+' || c == '-') && i+1 < len(r.format.items) && r.format.items[i+1].field == zoneOffset {
		return
	}
	if n > 0 && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
		r.rest = r.rest[n:]
	}
	r.spaces()
}

// literal takes a text as the pattern has it. As in PostgreSQL, its patterns only
// count the characters of such a text.
func (r *timeReader) literal(it *timeItem) {
	if r.format.strict {
		if len(r.rest) < len(it.text) || string(r.rest[:len(it.text)]) != it.text {
			r.expected("'" + it.text + "'")
			return
		}
		r.rest = r.rest[len(it.text):]
		return
	}
	n := skip(r.rest, int64(utf8.RuneCountInString(it.text)))
	if n == 0 {
		r.expected("'" + it.text + "'")
	}
	r.rest = r.rest[n:]
}

// number reads digits: no more than the pattern has letters where another number
// follows, else as many as there are, up to nine.
func (r *timeReader) number(it *timeItem, adjacent bool) {
	most := 9
	if adjacent {
		most = it.width
	}
	x, n := int64(0), 0
	for n < most && n < len(r.rest) && r.rest[n]-'0' <= 9 {
		x = x*10 + int64(r.rest[n]-'0')
		n++
	}
	if n == 0 {
		r.expected("a number")
		return
	}
	field := it.field
	switch field {
	case fractionField:
		for scale := n; scale < 6; scale++ {
			x *= 10
		}
		for scale := n; scale > 6; scale-- {
			x /= 10 // more digits than six are cut
		}
	case shortYear, yearField:
		field, x = yearField, fullYear(x, n)
	case shortISOYear, isoYear:
		field, x = isoYear, fullYear(x, n)
	}
	for field == fractionField && !adjacent && n < len(r.rest) && r.rest[n]-'0' <= 9 {
		n++
	}
	r.rest = r.rest[n:]
	if it.th != "" && len(r.rest) >= 2 {
		r.rest = r.rest[2:]
	}
	r.put(field, x)
}

// fullYear completes a year of two or three digits to the one nearest to 2020, as
// PostgreSQL does.
func fullYear(x int64, digits int) int64 {
	switch {
	case digits > 3:
		return x
	case x < 70:
		return x + 2000
	case x < 100:
		return x + 1900
	case x < 520:
		return x + 2000
	case x < 1000:
		return x + 1000
	}
	return x
}

// name reads a name in any case and returns its number.
func (r *timeReader) name(names []string, short bool, what string) int {
	for i, name := range names {
		if short {
			name = name[:3]
		}
		if len(r.rest) >= len(name) && equalFold(r.rest[:len(name)], name) {
			r.rest = r.rest[len(name):]
			return i
		}
	}
	r.expected(what)
	return 0
}

// equalFold compares ASCII letters in any case.
func equalFold(text []byte, word string) bool {
	for i := range word {
		a, b := text[i], word[i]
		if a >= 'A' && a <= 'Z' {
			a += 0x20
		}
		if b >= 'A' && b <= 'Z' {
			b += 0x20
		}
		if a != b {
			return false
		}
	}
	return true
}

// word reads one of two words of two letters, with dots or without, and returns
// which it was.
func (r *timeReader) word(first, second string) int {
	for i, w := range [4]string{first, second, first[:1] + "." + first[1:] + ".", second[:1] + "." + second[1:] + "."} {
		if len(r.rest) >= len(w) && equalFold(r.rest[:len(w)], w) {
			r.rest = r.rest[len(w):]
			return i % 2
		}
	}
	r.expected(first + " or " + second)
	return 0
}

// zone reads Z, UTC, GMT, or a distance from UTC.
func (r *timeReader) zone() {
	for _, w := range [...]string{"UTC", "GMT", "Z"} {
		if len(r.rest) >= len(w) && equalFold(r.rest[:len(w)], w) {
			r.rest = r.rest[len(w):]
			r.put(zoneOffset, 0)
			return
		}
	}
	n := 1
	for n < len(r.rest) && (r.rest[n]-'0' <= 9 || r.rest[n] == ':') {
		n++
	}
	if len(r.rest) > 0 && (r.rest[0] == '+' || r.rest[0] == '-') {
		if us, ok := data.ParseOffset(r.rest[:n]); ok {
			r.rest = r.rest[n:]
			r.put(zoneOffset, us)
			return
		}
	}
	r.expected("a distance from UTC such as +02:00")
}
