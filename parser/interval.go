package parser

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// unit is a unit of time: microseconds, or months for the units without a fixed length.
type unit struct {
	micros, months int64
}

// unitNames are the units as keywords, in the singular, from large to small.
var unitNames = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"}

var units = map[string]unit{
	"YEAR": {months: 12}, "QUARTER": {months: 3}, "MONTH": {months: 1},
	"WEEK": {micros: 7 * 86400_000_000}, "DAY": {micros: 86400_000_000}, "HOUR": {micros: 3600_000_000},
	"MINUTE": {micros: 60_000_000}, "SECOND": {micros: 1_000_000}, "MILLISECOND": {micros: 1000}, "MICROSECOND": {micros: 1},
}

// unitAbbreviations are accepted inside the quotes only, where no name can be meant.
var unitAbbreviations = map[string]string{
	"Y": "YEAR", "YR": "YEAR", "YRS": "YEAR", "MON": "MONTH", "MONS": "MONTH", "W": "WEEK", "D": "DAY",
	"H": "HOUR", "HR": "HOUR", "HRS": "HOUR", "M": "MINUTE", "MIN": "MINUTE", "MINS": "MINUTE",
	"S": "SECOND", "SEC": "SECOND", "SECS": "SECOND", "MS": "MILLISECOND", "US": "MICROSECOND",
}

// unitName returns the singular keyword of a unit in any case and number, or "".
func unitName(word string) string {
	upper := strings.ToUpper(word)
	if _, ok := units[upper]; ok {
		return upper
	}
	singular := strings.TrimSuffix(upper, "S")
	if _, ok := units[singular]; ok {
		return singular
	}
	return ""
}

// isUnit reports whether t is a unit's keyword.
func isUnit(t *lexer.Token) bool { return t.Type == identToken && unitName(t.Value) != "" }

// The reasons why the text of an interval is refused.
var (
	errIntervalForm  = errors.New("is not an interval")
	errIntervalRange = errors.New("is out of the range of intervals")
	errNoUnit        = errors.New("has no unit of time")
	errMonthPart     = errors.New("is not a whole number of months")
)

// badUnitError names a word that is no unit.
type badUnitError struct{ word string }

func (e badUnitError) Error() string { return "has " + e.word + " for a unit of time" }

// total is a length under construction: exact until it is taken.
type total struct{ months, micros big.Rat }

func (t *total) add(number string, unitWord string, negative bool) error {
	if len(number) > 40 {
		return errIntervalRange
	}
	var n, size big.Rat
	if _, ok := n.SetString(number); !ok {
		return errIntervalForm
	}
	if negative {
		n.Neg(&n)
	}
	u := units[unitWord]
	t.months.Add(&t.months, new(big.Rat).Mul(&n, size.SetInt64(u.months)))
	t.micros.Add(&t.micros, n.Mul(&n, size.SetInt64(u.micros)))
	return nil
}

// take returns the length; digits finer than a microsecond are cut.
func (t *total) take() (months, micros int64, err error) {
	if !t.months.IsInt() {
		return 0, 0, errMonthPart
	}
	whole := new(big.Int).Quo(t.micros.Num(), t.micros.Denom())
	if !t.months.Num().IsInt64() || !whole.IsInt64() {
		return 0, 0, errIntervalRange
	}
	return t.months.Num().Int64(), whole.Int64(), nil
}

// parseInterval works out the length of the text of an interval. The first and
// last units are those of the keywords behind it, "" where there are none:
//
//	'5' MINUTE   '1 hour 30 minutes'   '1h30m'   '02:03:04.5'   '1 day 02:03:04'   'P1DT2H'
//	'1 02:03:04' DAY TO SECOND   '1-6' YEAR TO MONTH
func parseInterval(text, first, last string) (months, micros int64, err error) {
	s := strings.TrimSpace(text)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = strings.TrimSpace(s[1:])
	}
	var t total
	switch {
	case s == "":
		return 0, 0, errIntervalForm
	case last != "":
		err = t.addFields(s, first, last, negative)
	case first == "" && (s[0] == 'P' || s[0] == 'p'):
		err = t.addISO(s[1:], negative)
	case first == "" && strings.Contains(s, ":"):
		if k := strings.LastIndexByte(s, ' '); k > 0 && strings.ContainsFunc(s, unicode.IsLetter) {
			err = t.addParts(s[:k], negative)
			s = s[k+1:]
		}
		if err == nil {
			err = t.addFields(s, "", "", negative)
		}
	case first != "":
		err = errIntervalForm
		if isDecimal(s) {
			err = t.add(s, first, negative)
		}
	default:
		err = t.addParts(s, negative)
	}
	if err != nil {
		return 0, 0, err
	}
	return t.take()
}

// addParts reads "1 hour 30 minutes", with or without spaces; each number may
// have its own sign.
func (t *total) addParts(s string, negative bool) error {
	for s != "" {
		minus := negative
		if s[0] == '-' {
			minus, s = !negative, s[1:]
		} else if s[0] == '+' {
			s = s[1:]
		}
		n := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n < 0 && isDecimal(s) {
			return errNoUnit
		}
		if n <= 0 || !isDecimal(s[:n]) {
			return errIntervalForm
		}
		number := s[:n]
		s = strings.TrimLeft(s[n:], " \t\r\n")
		n = strings.IndexFunc(s, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' })
		if n < 0 {
			n = len(s)
		}
		word := s[:n]
		name := unitName(word)
		if name == "" {
			name = unitAbbreviations[strings.ToUpper(word)]
		}
		if word == "" {
			return errNoUnit
		}
		if name == "" {
			return badUnitError{word}
		}
		if err := t.add(number, name, minus); err != nil {
			return err
		}
		s = strings.TrimLeft(s[n:], " \t\r\n,")
	}
	return nil
}

// isoUnits are the letters of ISO 8601 before and behind its T.
var isoUnits = [2]map[byte]string{
	{'Y': "YEAR", 'M': "MONTH", 'W': "WEEK", 'D': "DAY"}, {'H': "HOUR", 'M': "MINUTE", 'S': "SECOND"},
}

// addISO reads what follows the P of an interval in the form of ISO 8601, in which
// intervals are printed: "1DT2H30M".
func (t *total) addISO(s string, negative bool) error {
	s = strings.ToUpper(s)
	units, inTime, any := isoUnits[0], false, false
	for s != "" {
		if s[0] == 'T' && !inTime {
			units, inTime, any, s = isoUnits[1], true, false, s[1:]
			continue
		}
		minus := negative
		if s[0] == '-' {
			minus, s = !negative, s[1:]
		}
		n := strings.IndexFunc(s, unicode.IsLetter)
		if n <= 0 || !isDecimal(s[:n]) || units[s[n]] == "" {
			return errIntervalForm
		}
		if err := t.add(s[:n], units[s[n]], minus); err != nil {
			return err
		}
		s, any = s[n+1:], true
	}
	if !any {
		return errIntervalForm
	}
	return nil
}

// addFields reads the compound form "[days] hours:minutes:seconds", from the
// unit first to last; without units, a text with colons ends in seconds or,
// with one colon, in minutes.
func (t *total) addFields(s, first, last string, negative bool) error {
	if first == "YEAR" {
		years, months, ok := strings.Cut(s, "-")
		if last != "MONTH" || !ok || !isDigits(years) || !isDigits(months) {
			return errIntervalForm
		}
		return errors.Join(t.add(years, "YEAR", negative), t.add(months, "MONTH", negative))
	}
	names := []string{"DAY", "HOUR", "MINUTE", "SECOND"}
	days, clock, dayGiven := strings.Cut(s, " ")
	var fields []string
	if dayGiven {
		fields = append([]string{days}, strings.Split(strings.TrimSpace(clock), ":")...)
	} else {
		fields = strings.Split(s, ":")
	}
	switch {
	case first == "" && !dayGiven:
		names = names[1:]
	case first != "":
		for len(names) > 0 && names[0] != first {
			names = names[1:]
		}
		for len(names) > 0 && names[len(names)-1] != last {
			names = names[:len(names)-1]
		}
		if len(fields) != len(names) || dayGiven != (first == "DAY") {
			return errIntervalForm
		}
	}
	if len(fields) > len(names) || len(fields) < 2 {
		return errIntervalForm
	}
	for i, f := range fields {
		if !isDigits(f) && !(names[i] == "SECOND" && isDecimal(f)) {
			return errIntervalForm
		}
		if err := t.add(f, names[i], negative); err != nil {
			return err
		}
	}
	return nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isDecimal reports whether s is digits with at most one point.
func isDecimal(s string) bool {
	whole, fraction, _ := strings.Cut(s, ".")
	return isDigits(whole+fraction) && strings.Count(s, ".") <= 1
}

// intervalHint says how to mend an interval that was refused.
func intervalHint(text string, err error) string {
	var bad badUnitError
	switch {
	case errors.As(err, &bad):
		if near := source.Near(bad.word, unitNames); near != "" {
			return "did you mean " + near + "?"
		}
		return "the units are " + list(unitNames)
	case err == errNoUnit:
		return "write INTERVAL " + quoteString(strings.TrimSpace(text)) + " SECOND, or another unit"
	case err == errMonthPart:
		return "give the part of the month in days"
	case err == errIntervalRange:
		return "the longest interval has " + strconv.FormatInt(1<<63-1, 10) + " microseconds"
	}
	return "write for example INTERVAL '5' MINUTE or INTERVAL '1 hour 30 minutes'"
}

func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
