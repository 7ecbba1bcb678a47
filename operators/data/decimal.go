package data

import "strconv"

// pow10Short are the powers of ten that fit a short decimal.
var pow10Short = [ShortPrecision + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// ParseDecimal64 parses a decimal number as a DECIMAL(precision, scale) of at
// most ShortPrecision digits: the value times 10^scale. Digits beyond the scale
// are rounded, half away from zero.
func ParseDecimal64(b []byte, precision, scale int) (int64, error) {
	digits, negative := sign(b)
	if len(digits) > ShortPrecision || len(digits) == 0 {
		return parseShort(b, precision, scale)
	}
	x, fraction := int64(0), 0
	for i, c := range digits {
		if d := c - '0'; d <= 9 {
			x = x*10 + int64(d)
			continue
		}
		rest := digits[i+1:]
		for _, c := range rest {
			d := c - '0'
			if d > 9 {
				return parseShort(b, precision, scale) // an exponent, or an error
			}
			x = x*10 + int64(d)
		}
		fraction = len(rest)
		if c != '.' || len(digits) == 1 || fraction > scale {
			return parseShort(b, precision, scale)
		}
		break
	}
	if fraction < scale {
		if x > pow10Short[ShortPrecision-scale+fraction] {
			return 0, ErrRange
		}
		x *= pow10Short[scale-fraction]
	}
	if x >= pow10Short[precision] {
		return 0, ErrRange
	}
	if negative {
		return -x, nil
	}
	return x, nil
}

// parseShort is ParseDecimal64 for the rarer forms.
func parseShort(b []byte, precision, scale int) (int64, error) {
	w, err := ParseDecimal(b, precision, scale)
	if err != nil {
		return 0, err
	}
	x, _ := w.Int64()
	return x, nil
}

// ParseDecimal parses a decimal number, with an exponent or not, as a
// DECIMAL(precision, scale): the value times 10^scale. Digits beyond the scale
// are rounded, half away from zero.
func ParseDecimal(b []byte, precision, scale int) (Int128, error) {
	digits, negative := sign(b)
	mantissa, exp, err := splitExponent(digits)
	if err != nil {
		return Int128{}, err
	}
	// places is how many more digits belong to the unscaled value: the digits of
	// the mantissa count from the first, the point and the exponent shift them.
	var v Int128
	seen, point, kept, places := 0, -1, 0, 0
	roundUp, decided := false, false
	whole := len(mantissa)
	for i, c := range mantissa {
		if c == '.' {
			if point >= 0 {
				return Int128{}, ErrSyntax
			}
			point, whole = i, i
		} else if c-'0' > 9 {
			return Int128{}, ErrSyntax
		} else {
			seen++
		}
	}
	if seen == 0 {
		return Int128{}, ErrSyntax
	}
	places = whole + exp + scale
	for _, c := range mantissa {
		if c == '.' {
			continue
		}
		if kept < places {
			if v.Sign() != 0 || c != '0' {
				if !v.FitsPrecision(MaxPrecision - 1) {
					return Int128{}, ErrRange
				}
				v, _ = v.Mul(Wide(10))
				v, _ = v.Add(Wide(int64(c - '0')))
			}
		} else if kept == places && !decided {
			roundUp, decided = c >= '5', true
		}
		kept++
	}
	for ; kept < places && v.Sign() != 0; kept++ {
		if !v.FitsPrecision(MaxPrecision - 1) {
			return Int128{}, ErrRange
		}
		v, _ = v.Mul(Wide(10))
	}
	if roundUp {
		v, _ = v.Add(Wide(1))
	}
	if !v.FitsPrecision(precision) {
		return Int128{}, ErrRange
	}
	if negative {
		v = v.Neg()
	}
	return v, nil
}

// splitExponent cuts "1.5e3" into its mantissa and exponent.
func splitExponent(b []byte) (mantissa []byte, exp int, err error) {
	for i, c := range b {
		if c|0x20 != 'e' {
			continue
		}
		x, err := ParseInt(b[i+1:])
		switch {
		case err == ErrSyntax:
			return nil, 0, err
		case err != nil || x > 1<<20: // no value but zero survives it
			x = 1 << 20
			if len(b) > i+1 && b[i+1] == '-' {
				x = -x
			}
		case x < -(1 << 20):
			x = -(1 << 20)
		}
		return b[:i], int(x), nil
	}
	return b, 0, nil
}

// AppendDecimal64 appends an unscaled value with scale digits after the point.
func AppendDecimal64(dst []byte, v int64, scale int) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, v, 10)
	}
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	return appendFraction(dst, u, scale)
}

func appendFraction(dst []byte, u uint64, scale int) []byte {
	var buf [20 + MaxPrecision + 2]byte
	i := len(buf)
	for k := 0; k < scale; k++ {
		i--
		buf[i] = byte('0' + u%10)
		u /= 10
	}
	i--
	buf[i] = '.'
	for {
		i--
		buf[i] = byte('0' + u%10)
		if u /= 10; u == 0 {
			return append(dst, buf[i:]...)
		}
	}
}

// appendDecimal appends an unscaled value with scale digits after the point.
func appendDecimal(dst []byte, v Int128, scale int) []byte {
	if x, ok := v.Int64(); ok {
		return AppendDecimal64(dst, x, scale)
	}
	if v.Hi < 0 {
		dst = append(dst, '-')
		v = v.Neg()
	}
	var buf [MaxPrecision + 4]byte
	i := len(buf)
	put := func(c byte) { i--; buf[i] = c }
	for k := 0; v.Sign() != 0 || k <= scale; k++ {
		if k == scale && scale > 0 {
			put('.')
		}
		q, r := quoRem(v, Wide(10))
		put(byte('0' + r.Lo))
		v = q
	}
	return append(dst, buf[i:]...)
}
