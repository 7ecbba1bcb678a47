package expr

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"tidemark/operators/data"
)

// numberWriter writes numbers in patterns; one goroutine at a time.
type numberWriter struct {
	digits  []byte // of the number, without sign and point
	whole   int    // how many of them stand before the point
	text    []byte
	minus   bool
	without bool // there is no such number: NaN or an infinity
}

// take reads the number in row i of v.
func (w *numberWriter) take(v *data.Vector, i int, f *numberFormat) {
	w.without = false
	if v.Type.Kind == data.Double {
		x := v.Floats[v.Index(i)]
		w.without = math.IsNaN(x) || math.IsInf(x, 0)
		w.text = strconv.AppendFloat(w.text[:0], x*math.Pow10(f.shift), 'f', -1, 64)
	} else {
		w.text = data.AppendText(w.text[:0], v, i)
	}
	text := w.text
	w.minus = len(text) > 0 && text[0] == '-'
	if w.minus {
		text = text[1:]
	}
	whole, frac, _ := bytes.Cut(text, []byte("."))
	w.digits = append(append(w.digits[:0], whole...), frac...)
	w.whole = len(whole)
	if v.Type.Kind != data.Double {
		w.whole += f.shift
	}
	for len(w.digits) < w.whole {
		w.digits = append(w.digits, '0')
	}
	w.trim()
}

// trim drops zeros in front of the number.
func (w *numberWriter) trim() {
	n := 0
	for n < w.whole && w.digits[n] == '0' {
		n++
	}
	w.digits, w.whole = append(w.digits[:0], w.digits[n:]...), w.whole-n
}

// round keeps n digits behind the point, filling up with zeros; halves go away
// from zero.
func (w *numberWriter) round(n int) {
	end := w.whole + n
	for len(w.digits) < end {
		w.digits = append(w.digits, '0')
	}
	up := len(w.digits) > end && w.digits[end] >= '5'
	w.digits = w.digits[:end]
	for k := end - 1; up && k >= 0; k-- {
		if w.digits[k] != '9' {
			w.digits[k]++
			return
		}
		w.digits[k] = '0'
	}
	if up {
		w.digits = append([]byte{'1'}, w.digits...)
		w.whole++
	}
}

// append writes the number in a pattern.
func (w *numberWriter) append(to []byte, f *numberFormat) []byte {
	switch {
	case f.roman != "":
		return w.appendRoman(to, f)
	case f.exponent:
		return w.appendExponent(to, f)
	}
	w.round(f.frac)
	if len(bytes.Trim(w.digits, "0")) == 0 {
		w.minus = false
	}
	over := w.without || w.whole > f.whole
	// The number starts at this digit of the pattern.
	start := min(f.whole-w.whole, f.firstZero)
	if f.frac == 0 && w.whole == 0 {
		start = min(start, f.whole-1) // 0 is written as one digit
	}
	if over {
		start = 0
	}
	last := f.frac // the last digit behind the point that is written
	for f.bare && !over && last > f.keep && w.digits[w.whole+last-1] == '0' {
		last--
	}
	at, started := 0, false
	begin := func() {
		if !started {
			to, started = w.appendSign(to, f), true
		}
	}
	for _, it := range f.items {
		switch it.part {
		case digitPart, zeroPart:
			at++
			switch k := at - 1; {
			case k < start && k < f.whole:
				to = f.blank(to)
			case k >= f.whole+last:
			case over:
				begin()
				to = append(to, '#')
			default:
				begin()
				to = append(to, w.digit(k-(f.whole-w.whole)))
			}
		case pointPart:
			begin()
			to = append(to, '.')
		case groupPart:
			if started {
				to = append(to, ',')
			} else {
				to = f.blank(to)
			}
		default:
			to = w.appendItem(to, it, f)
		}
	}
	if f.brackets {
		to = append(to, w.bracket('>', f)...)
	} else if f.signFirst && !started {
		to = w.appendSign(to, f)
	}
	return to
}

// digit returns digit k of the number; it is preceded by zeros.
func (w *numberWriter) digit(k int) byte {
	if k < 0 {
		return '0'
	}
	return w.digits[k]
}

// blank stands where the number has no digit.
func (f *numberFormat) blank(to []byte) []byte {
	if f.bare {
		return to
	}
	return append(to, ' ')
}

// appendSign writes what stands right before the first digit.
func (w *numberWriter) appendSign(to []byte, f *numberFormat) []byte {
	switch {
	case f.brackets:
		return append(to, w.bracket('<', f)...)
	case f.sign == signPart && f.signFirst:
		return append(to, w.signByte())
	case f.sign != numberLiteral:
		return to
	case w.minus:
		return append(to, '-')
	}
	return f.blank(to)
}

func (w *numberWriter) bracket(c byte, f *numberFormat) string {
	switch {
	case w.minus:
		return string(c)
	case f.bare:
		return ""
	}
	return " "
}

func (w *numberWriter) signByte() byte {
	if w.minus {
		return '-'
	}
	return '+'
}

// appendItem writes a part that is no digit.
func (w *numberWriter) appendItem(to []byte, it numberItem, f *numberFormat) []byte {
	switch it.part {
	case signPart, plusMinusPart:
		return append(to, w.signByte())
	case minusPart:
		if w.minus {
			return append(to, '-')
		}
		return f.blank(to)
	case ordinalPart:
		if w.minus || f.frac > 0 {
			return to
		}
		end := int64(0)
		for _, c := range w.digits[max(0, len(w.digits)-2):] {
			end = end*10 + int64(c-'0')
		}
		if it.text == "TH" {
			return append(to, strings.ToUpper(ordinal(end))...)
		}
		return append(to, ordinal(end)...)
	}
	return append(to, it.text...)
}

// appendExponent writes 4.86e-04.
func (w *numberWriter) appendExponent(to []byte, f *numberFormat) []byte {
	if w.without {
		return append(f.blank(to), strings.Repeat("#", f.frac+6)...)
	}
	first := 0
	for first < len(w.digits) && w.digits[first] == '0' {
		first++
	}
	exp := w.whole - first - 1
	if first == len(w.digits) {
		exp, w.minus = 0, false
	}
	w.digits, w.whole = append(w.digits[:0], w.digits[first:]...), 1
	if len(w.digits) == 0 {
		w.digits = append(w.digits, '0')
	}
	if w.round(f.frac); w.whole > 1 { // 9.99 has become 10.0
		exp, w.whole, w.digits = exp+1, 1, w.digits[:len(w.digits)-1]
	}
	if to = w.appendSign(to, f); f.sign == signPart && !f.signFirst || f.sign == plusMinusPart {
		to = append(to, w.signByte())
	}
	to = append(to, w.digits[0])
	if f.frac > 0 {
		to = append(append(to, '.'), w.digits[1:]...)
	}
	to = append(to, 'e', "+-"[b2i(exp < 0)])
	if exp < 0 {
		exp = -exp
	}
	if exp < 10 {
		to = append(to, '0')
	}
	return strconv.AppendInt(to, int64(exp), 10)
}

// romanDigits are the values of Roman numerals, greatest first.
var romanDigits = []struct {
	value int64
	text  string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// appendRoman writes a number from 1 to 3999 in 15 places, others as ###.
func (w *numberWriter) appendRoman(to []byte, f *numberFormat) []byte {
	const width = 15
	w.round(0)
	n, err := data.ParseInt(w.digits)
	if err != nil || w.without || w.minus || n < 1 || n > 3999 {
		return append(to, strings.Repeat("#", width)...)
	}
	from := len(to)
	for _, d := range romanDigits {
		for ; n >= d.value; n -= d.value {
			to = appendCased(to, d.text, caseOf(f.roman))
		}
	}
	if used := len(to) - from; !f.bare && used < width {
		to = append(to, "               "[:width-used]...)
		copy(to[from+width-used:], to[from:from+used])
		copy(to[from:], "               "[:width-used])
	}
	return to
}
