package data

import (
	"errors"
	"math"
	"strconv"
)

// What can be wrong with a text that should be a value.
var (
	ErrSyntax = errors.New("not a value of the type")
	ErrRange  = errors.New("out of range")
)

// ParseInt parses an optional sign and digits.
func ParseInt(b []byte) (int64, error) {
	digits, negative := sign(b)
	if len(digits) == 0 {
		return 0, ErrSyntax
	}
	var x uint64
	for i, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0, ErrSyntax
		}
		if i >= 18 { // the first 18 digits cannot overflow
			if x > (math.MaxUint64-uint64(d))/10 {
				return 0, rangeUnlessSyntax(digits[i:])
			}
		}
		x = x*10 + uint64(d)
	}
	switch {
	case negative && x <= 1<<63:
		return -int64(x), nil
	case !negative && x < 1<<63:
		return int64(x), nil
	}
	return 0, ErrRange
}

// rangeUnlessSyntax is the error of a number that is too large, if a number it is.
func rangeUnlessSyntax(rest []byte) error {
	for _, c := range rest {
		if c-'0' > 9 {
			return ErrSyntax
		}
	}
	return ErrRange
}

func sign(b []byte) (rest []byte, negative bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[1:], b[0] == '-'
	}
	return b, false
}

// ParseDouble parses a decimal floating-point number, or NaN, Infinity or
// -Infinity in any case.
func ParseDouble(b []byte) (float64, error) {
	digits, negative := sign(b)
	if len(digits) == 0 {
		return 0, ErrSyntax
	}
	if f, ok := shortDouble(digits); ok {
		if negative {
			f = -f
		}
		return f, nil
	}
	if c := digits[0]; c-'0' > 9 && c != '.' {
		f := math.NaN()
		switch {
		case foldEqual(digits, "nan"):
			return f, nil
		case foldEqual(digits, "infinity"), foldEqual(digits, "inf"):
			f = math.Inf(1)
			if negative {
				f = math.Inf(-1)
			}
			return f, nil
		}
		return 0, ErrSyntax
	}
	for _, c := range digits {
		switch {
		case c-'0' <= 9, c == '.', c == 'e', c == 'E', c == '+', c == '-':
		default: // strconv would take 0x and _
			return 0, ErrSyntax
		}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, ErrRange
	}
	return 0, ErrSyntax
}

// shortDouble parses up to 15 digits, with a point or without; ok is false for all else. The
// digits and the power of ten are exact in 64 bits then, so that their quotient, which is
// rounded once, is the nearest number (Clinger, "How to Read Floating Point Numbers
// Accurately", 1990).
func shortDouble(b []byte) (f float64, ok bool) {
	digits, point := len(b), len(b)-1
	if digits > 16 {
		return 0, false
	}
	x := int64(0)
	for i, c := range b {
		switch d := c - '0'; {
		case d <= 9:
			x = 10*x + int64(d)
		case c == '.' && digits == len(b):
			digits, point = digits-1, i
		default:
			return 0, false
		}
	}
	if digits == 0 || digits > 15 {
		return 0, false
	}
	return float64(x) / float64(pow10Short[len(b)-1-point]), true
}

// foldEqual reports whether b is the lower-case word, in any case.
func foldEqual(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

// AppendDouble appends the shortest text that reads back as f.
func AppendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// ParseBool parses true, false, t, f, yes, no, y, n, on, off, 1 or 0, in any case.
func ParseBool(b []byte) (bool, error) {
	for _, word := range [...]string{"true", "t", "yes", "y", "on"} {
		if foldEqual(b, word) {
			return true, nil
		}
	}
	for _, word := range [...]string{"false", "f", "no", "n", "off"} {
		if foldEqual(b, word) {
			return false, nil
		}
	}
	if len(b) == 1 && b[0]-'0' <= 1 {
		return b[0] == '1', nil
	}
	return false, ErrSyntax
}

// AppendBool appends true or false.
func AppendBool(dst []byte, x bool) []byte { return strconv.AppendBool(dst, x) }
