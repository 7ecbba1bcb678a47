package format

import (
	"math/bits"

	"tidemark/operators/data"
)

// plainRecord decodes the record at i into row n as long as it holds nothing out
// of the ordinary: no quotes, no empty fields where there must be a value, numbers
// and times in their usual forms, ASCII texts. It returns the place of the line
// end, or -1 for a record that must go through record, which knows every form and
// words the errors. It is worth its length: nearly all records of nearly all files
// take this way, a few nanoseconds a field. Whether the row passes the filter is not
// asked: to take all fields costs less than to ask at each.
func (d *csvDecoder) plainRecord(i int) int {
	t, n, delim, below := d.text, d.n, d.delim, d.below
	last := len(d.fields) - 1
	for k, c := range d.fields[:d.used] {
		if c == nil {
			for {
				w := word(t, i)
				m := (w - below) &^ w & highs
				if m == 0 {
					i += 8
					continue
				}
				i += first(m)
				if b := t[i]; b == delim || b == '\n' {
					break
				} else if b == d.framing.Quote {
					return -1
				}
				i++
			}
		} else {
			switch c.kind {
			case kindText:
				from, seen := i, uint64(0)
				for {
					w := word(t, i)
					seen |= w
					m := (w - below) &^ w & highs
					if m == 0 {
						i += 8
						continue
					}
					i += first(m)
					if b := t[i]; b == delim || b == '\n' {
						break
					} else if b == d.framing.Quote {
						return -1
					}
					i++
				}
				if i == from || seen&highs != 0 || t[i-1] == '\r' {
					return -1
				}
				c.setText(n, t, from, i)
			case kindDecimal:
				if end := c.shortDecimal(t, n, i); end > 0 {
					i = end
				} else if i = c.plainDecimal(t, n, i); i < 0 {
					return -1
				}
			case kindTimestamp:
				end := i + c.guess
				if c.guess == 0 || end > d.size || t[end] != delim && t[end] != '\n' || t[i] <= ' ' || t[end-1] <= ' ' {
					return -1
				}
				x, err := c.clock.Parse(t[i:end])
				if err != nil {
					return -1
				}
				c.ints[n] = x
				c.valid(n)
				i = end
			case kindDouble:
				if i = c.plainDouble(t, n, i); i < 0 {
					return -1
				}
			case kindInt, kindBigInt:
				if i = c.plainInt(t, n, i); i < 0 {
					return -1
				}
			default:
				from := i
				if i = d.plainEnd(i); i <= from || t[i-1] == '\r' || c.set(n, t[from:i]) != nil {
					return -1
				}
			}
		}
		switch {
		case t[i] == delim && k < last:
			i++
		case t[i] == '\n' && k == last:
			return i
		default:
			return -1
		}
	}
	return d.plainRest(i, last-d.used)
}

// plainRest returns the line end behind the fields from i on, none of which is read,
// when there are so many delimiters between them, and no quotes; else -1.
func (d *csvDecoder) plainRest(i, delims int) int {
	for t := d.text; ; i += 8 {
		w := word(t, i)
		end := zeros(w ^ '\n'*ones)
		before := end&-end - 1 // the bytes before the line end, all where there is none
		if zeros(w^d.quotes)&before != 0 {
			return -1
		}
		delims -= bits.OnesCount64(exactZeros(w^d.delims) & before)
		if end == 0 {
			continue
		}
		if delims != 0 {
			return -1
		}
		return i + first(end)
	}
}

// plainEnd returns the end of the field at i; -1 when there is a quote in it.
func (d *csvDecoder) plainEnd(i int) int {
	for t := d.text; ; i++ {
		w := word(t, i)
		m := (w - d.below) &^ w & highs
		for ; m == 0; m = (w - d.below) &^ w & highs {
			i += 8
			w = word(t, i)
		}
		i += first(m)
		switch t[i] {
		case d.delim, '\n':
			return i
		case d.framing.Quote:
			return -1
		}
	}
}

// plainDecimal parses digits, with a point among them or not, as row n of a
// DECIMAL column and returns the place behind them; -1 for any other form.
func (c *column) plainDecimal(t []byte, n, i int) int {
	negative := t[i] == '-'
	if negative {
		i++
	}
	from, x, fraction := i, int64(0), 0
	for ; t[i]-'0' <= 9; i++ {
		x = x*10 + int64(t[i]-'0')
	}
	if t[i] == '.' {
		i++
		point := i
		for ; t[i]-'0' <= 9; i++ {
			x = x*10 + int64(t[i]-'0')
		}
		fraction = i - point
	}
	// Up to 18 digits cannot overflow; what they are worth is checked below.
	if i == from || i-from > data.ShortPrecision || fraction > c.scale {
		return -1
	}
	if fraction < c.scale {
		if i-from+c.scale-fraction > data.ShortPrecision {
			return -1
		}
		x *= powers[c.scale-fraction]
	}
	if x >= c.limit || i == from+1 && t[from] == '.' {
		return -1
	}
	if negative {
		x = -x
	}
	c.ints[n] = x
	c.valid(n)
	return i
}

// shortDecimal is plainDecimal for what most amounts look like: up to six digits
// around a point, all in one word and without a branch for each.
func (c *column) shortDecimal(t []byte, n, i int) int {
	w := word(t, i)
	m := nonDigits(w)
	rest := m & (m - 1)
	if rest == 0 { // also where there are only digits
		return -1
	}
	p, end := first(m), first(rest)
	fraction := end - p - 1
	if p == 0 || t[i+p] != '.' || fraction == 0 || fraction > c.scale {
		return -1
	}
	before := uint64(1)<<(8*p&63) - 1
	digits := w&before | w>>8&^before
	x := int64(eightDigits(digits << ((72 - 8*end) & 63))) // what stands behind them falls out
	if fraction < c.scale {
		if p+c.scale > data.ShortPrecision {
			return -1
		}
		x *= powers[c.scale-fraction]
	}
	if x >= c.limit {
		return -1
	}
	c.ints[n] = x
	c.valid(n)
	return i + end
}

// plainDouble parses a number as row n of a DOUBLE column and returns the place behind
// it; -1 for any other form.
func (c *column) plainDouble(t []byte, n, i int) int {
	from := i
	for b := t[i]; b-'0' <= 9 || b == '.' || b|' ' == 'e' || b == '-' || b == '+'; b = t[i] {
		i++
	}
	x, err := data.ParseDouble(t[from:i])
	if err != nil {
		return -1
	}
	c.floats[n] = x
	c.valid(n)
	return i
}

// eightDigits returns the number that eight ASCII digits, the first in the lowest
// byte, stand for; zero bytes count as zeros.
func eightDigits(w uint64) uint64 {
	w &= 0x0F * ones
	w = (w*10 + w>>8) & 0x00FF00FF00FF00FF
	w = (w*100 + w>>16) & 0x0000FFFF0000FFFF
	return (w*10000 + w>>32) & 0xFFFFFFFF
}

// plainInt parses an integer of up to 18 digits, or 9 for an INT, as row n and
// returns the place behind it; -1 for any other form.
func (c *column) plainInt(t []byte, n, i int) int {
	negative := t[i] == '-'
	if negative {
		i++
	}
	from, x := i, int64(0)
	for ; t[i]-'0' <= 9; i++ {
		x = x*10 + int64(t[i]-'0')
	}
	most := 18
	if c.kind == kindInt {
		most = 9
	}
	if i == from || i-from > most {
		return -1
	}
	if negative {
		x = -x
	}
	c.ints[n] = x
	c.valid(n)
	return i
}

// powers are the powers of ten up to the limit of a short decimal.
var powers = [data.ShortPrecision + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}
