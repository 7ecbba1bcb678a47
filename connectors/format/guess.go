package format

import (
	"bytes"
	"errors"

	"tidemark/operators/data"
)

// guess collects what texts look like, to find the type that all of them have.
type guess struct {
	seen looks
	// Of the numbers: the most digits before the point and after it, and in all.
	whole, scale, digits int
}

// looks is a set of what texts can look like.
type looks uint16

const (
	looksBool looks = 1 << iota
	looksInt
	looksLong // an integer that no BIGINT holds
	looksDecimal
	looksDouble // with an exponent, NaN or Infinity
	looksDate
	looksTime
	looksTimestamp
	looksText

	numbers = looksInt | looksLong | looksDecimal | looksDouble
)

// see takes a text into account.
func (g *guess) see(text []byte) {
	trimmed := bytes.Trim(text, " \t")
	if len(trimmed) == 0 {
		g.seen |= looksText
		return
	}
	switch c := trimmed[0]; {
	case c-'0' <= 9 || c == '-' || c == '.':
		if !g.number(trimmed) {
			g.seen |= looksOfTime(trimmed)
		}
	case isWord(trimmed, "true") || isWord(trimmed, "false"):
		g.seen |= looksBool
	case isWord(trimmed, "nan") || isWord(trimmed, "inf") || isWord(trimmed, "infinity"):
		g.seen |= looksDouble
	default:
		g.seen |= looksText
	}
}

// number takes text into account if it is a number as programs write them. One
// with a zero in front, such as a postal code, is none.
func (g *guess) number(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	if isWord(digits, "inf") || isWord(digits, "infinity") {
		g.seen |= looksDouble
		return true
	}
	mantissa, exponent := digits, false
	if e := bytes.IndexAny(digits, "eE"); e >= 0 {
		mantissa, exponent = digits[:e], true
	}
	whole, fraction, point := bytes.Cut(mantissa, []byte("."))
	if len(whole) > 1 && whole[0] == '0' || !allDigits(whole) || !allDigits(fraction) || len(whole)+len(fraction) == 0 {
		return false
	}
	if exponent {
		if _, err := data.ParseDouble(text); err != nil {
			return false
		}
		g.seen |= looksDouble
		return true
	}
	whole = bytes.TrimLeft(whole, "0")
	g.whole, g.scale = max(g.whole, len(whole)), max(g.scale, len(fraction))
	if len(whole) == 0 {
		fraction = bytes.TrimLeft(fraction, "0")
	}
	g.digits = max(g.digits, len(whole)+len(fraction))
	switch _, err := data.ParseInt(text); {
	case point:
		g.seen |= looksDecimal
	case err == nil:
		g.seen |= looksInt
	default:
		g.seen |= looksLong
	}
	return true
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// isWord compares ignoring case with a word in small letters.
func isWord(b []byte, word string) bool {
	return len(b) == len(word) && bytes.EqualFold(b, []byte(word))
}

// looksOfTime tells dates, times of day and timestamps from other texts.
func looksOfTime(text []byte) looks {
	if _, err := data.ParseDate(text); err == nil {
		return looksDate
	}
	if _, err := data.ParseTime(text); err == nil {
		return looksTime
	}
	if _, err := data.NewTimeParser(nil).Parse(text); err == nil {
		return looksTimestamp
	}
	return looksText
}

// kind returns the type of all the texts: STRING where there were none, or where
// no other type keeps all that was written.
func (g *guess) kind() data.Type {
	switch {
	case g.seen == looksBool:
		return data.Of(data.Boolean)
	case g.seen&numbers != 0 && g.seen&^numbers == 0:
		return g.numeric()
	}
	return g.temporal()
}

// temporal returns the type of the texts if it is one of times, else STRING.
func (g *guess) temporal() data.Type {
	switch g.seen {
	case looksDate:
		return data.Of(data.Date)
	case looksTime:
		return data.Of(data.Time)
	case looksTimestamp, looksTimestamp | looksDate:
		return data.Of(data.Timestamp)
	}
	return data.Of(data.String)
}

const (
	// mostScale is how many digits after the point amounts have, and not
	// measurements.
	mostScale = 6
	// doubleDigits is how many digits the text of a DOUBLE has at most.
	doubleDigits = 17
)

// numeric returns the type of the numbers. Amounts become DECIMAL, with as many
// digits after the point as any had; long fractions and exponents become
// DOUBLE, unless they have more digits than a DOUBLE keeps.
func (g *guess) numeric() data.Type {
	switch {
	case g.seen == looksInt:
		return data.Of(data.BigInt)
	case g.seen&looksDouble != 0, g.scale > mostScale && g.digits <= doubleDigits:
		return data.Of(data.Double)
	case g.whole+g.scale <= data.ShortPrecision:
		return data.DecimalType(data.ShortPrecision, g.scale)
	case g.whole+g.scale <= data.MaxPrecision:
		return data.DecimalType(data.MaxPrecision, g.scale)
	}
	return data.Of(data.String)
}

// errFiner says that a number would be rounded to the scale of an inferred type.
var errFiner = errors.New("more digits after the point than the type has")

// finer reports whether a number has digits other than 0 beyond the scale. What
// is no number is not: the parser refuses it.
func finer(text []byte, scale int) bool {
	exponent := int64(0)
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		var err error
		if exponent, err = data.ParseInt(bytes.TrimSpace(text[e+1:])); err != nil {
			return false
		}
		text = text[:e]
	}
	places, zeros := 0, 0 // after the point, and at the end of all the digits
	some := false
	for i, c := range text {
		switch {
		case c == '.':
			places = len(bytes.TrimRight(text[i+1:], " \t"))
		case c == '0':
			zeros++
		case c-'1' <= 8:
			zeros, some = 0, true
		}
	}
	return some && int64(places-zeros)-exponent > int64(scale)
}
