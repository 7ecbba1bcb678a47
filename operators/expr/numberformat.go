package expr

import (
	"strings"
	"unicode/utf8"
)

// numberPart is one part of a pattern for numbers.
type numberPart uint8

const (
	numberLiteral numberPart = iota
	digitPart                // 9: a digit, or a blank in front of the number
	zeroPart                 // 0: a digit
	pointPart                // . or D
	groupPart                // , or G
	signPart                 // S: + or -, beside the number
	minusPart                // MI: - or a blank
	plusMinusPart            // SG: + or -, where it stands
	ordinalPart              // TH or th
)

type numberItem struct {
	part numberPart
	text string // of numberLiteral, and of ordinalPart as it was written
}

// numberFormat is a compiled pattern of PostgreSQL's to_char for numbers.
type numberFormat struct {
	items       []numberItem
	whole, frac int  // digits before and after the point
	firstZero   int  // the whole digit from which zeros are written; whole if none
	keep        int  // digits behind the point that are written even if they end it in zeros, with FM
	bare        bool // FM: no blanks, no zeros at the end
	sign        numberPart
	signFirst   bool // S stands before the digits
	brackets    bool // PR: <n> for negative numbers
	shift       int  // V: the number is multiplied by that power of ten
	exponent    bool // EEEE
	roman       string
}

// maxNumberDigits is how many digits a pattern may have.
const maxNumberDigits = 100

// compileNumber compiles a pattern.
func compileNumber(pattern string) (*numberFormat, error) {
	if err := checkTimePattern(pattern); err != nil {
		return nil, err
	}
	c := numberCompiler{f: &numberFormat{}, pattern: pattern}
	for at := 0; at < len(pattern); {
		n, err := c.next(pattern[at:])
		if err != nil {
			return nil, err
		}
		at += n
	}
	f := c.f
	if f.firstZero == 0 && !c.zero {
		f.firstZero = f.whole
	}
	if c.shifted && (c.point || f.exponent) {
		return nil, c.wrong("V goes with neither a point nor EEEE")
	}
	if f.whole+f.frac > maxNumberDigits {
		return nil, c.wrong("a pattern has at most 100 digits")
	}
	if f.exponent && f.whole != 1 {
		return nil, c.wrong("EEEE goes with one digit before the point, as in 9.99EEEE")
	}
	return f, nil
}

type numberCompiler struct {
	f       *numberFormat
	pattern string
	point   bool // the point has been met
	shifted bool // V has been met
	zero    bool // a 0 before the point has been met
}

func (c *numberCompiler) wrong(why string) error {
	return unplaced("", "the pattern '%s' is wrong: %s", shortText(c.pattern), why)
}

// next takes the word that text starts with and returns its length.
func (c *numberCompiler) next(text string) (int, error) {
	f := c.f
	put := func(part numberPart, word string) (int, error) {
		f.items = append(f.items, numberItem{part, word})
		return len(word), nil
	}
	switch {
	case text[0] == '9' || text[0] == '0':
		c.digit(text[0] == '0')
		return 1, nil
	case text[0] == '.' || hasWord(text, "D"):
		if c.point {
			return 0, c.wrong("it has two points")
		}
		c.point = true
		return put(pointPart, text[:1])
	case text[0] == ',' || hasWord(text, "G"):
		return put(groupPart, text[:1])
	case hasWord(text, "FM"):
		f.bare = true
		return 2, nil
	case hasWord(text, "SG"):
		return c.signed(plusMinusPart, text[:2])
	case hasWord(text, "S"):
		f.signFirst = f.whole+f.frac == 0 && !c.point
		return c.signed(signPart, text[:1])
	case hasWord(text, "MI"):
		return c.signed(minusPart, text[:2])
	case hasWord(text, "PR"):
		if f.sign != numberLiteral {
			return 0, c.wrong("it has two signs")
		}
		f.brackets = true
		return 2, nil
	case hasWord(text, "TH"):
		return put(ordinalPart, text[:2])
	case hasWord(text, "EEEE"):
		f.exponent = true
		return 4, nil
	case hasWord(text, "RN"):
		f.roman = text[:2]
		return 2, nil
	case hasWord(text, "V"):
		if c.shifted {
			return 0, c.wrong("it has two V")
		}
		c.shifted = true
		return 1, nil
	case hasWord(text, "PL"), hasWord(text, "L"), hasWord(text, "B"):
		return 0, c.wrong(strings.ToUpper(text[:1]) + " is not supported")
	case text[0] == '"':
		return c.quoted(text)
	}
	_, n := utf8.DecodeRuneInString(text)
	return put(numberLiteral, text[:n])
}

// digit counts a 9 or 0.
func (c *numberCompiler) digit(zero bool) {
	f, part := c.f, digitPart
	if zero {
		part = zeroPart
	}
	f.items = append(f.items, numberItem{part: part})
	if c.point {
		f.frac++
		if zero {
			f.keep = f.frac
		}
		return
	}
	if zero && !c.zero {
		c.zero, f.firstZero = true, f.whole
	}
	f.whole++
	if c.shifted {
		f.shift++
	}
}

// signed takes a word for the sign, of which there may be one.
func (c *numberCompiler) signed(part numberPart, word string) (int, error) {
	if c.f.sign != numberLiteral || c.f.brackets {
		return 0, c.wrong("it has two signs")
	}
	c.f.sign = part
	if !c.f.signFirst || part != signPart { // in front it goes with the first digit
		c.f.items = append(c.f.items, numberItem{part, word})
	}
	return len(word), nil
}

// quoted takes a text in double quotes as it is.
func (c *numberCompiler) quoted(text string) (int, error) {
	end := strings.IndexByte(text[1:], '"')
	if end < 0 {
		return 0, c.wrong("a quote is not closed")
	}
	c.f.items = append(c.f.items, numberItem{numberLiteral, text[1 : end+1]})
	return end + 2, nil
}
