package format

import "tidemark/operators/data"

// value decodes the value at i into row n of c.
func (d *jsonDecoder) value(c *column, i int) int {
	s := &d.scan
	lead := s.d[i]
	if lead == '"' {
		switch c.kind {
		case kindText:
			// A short plain string, which ends in the first eight bytes.
			if m := textStops(word(s.d, i+1)); m != 0 {
				if end := i + 1 + first(m); s.d[end] == '"' {
					c.setText(d.n, s.d, i+1, end)
					return end + 1
				}
			}
		case kindTimestamp:
			// Usually as long as the last one. Nothing that parses has a quote or an
			// escape in it.
			if end := i + 1 + c.guess; c.guess > 0 && end < len(s.d) && s.d[end] == '"' {
				if x, err := c.clock.Parse(s.d[i+1 : end]); err == nil {
					c.ints[d.n] = x
					c.valid(d.n)
					return end + 1
				}
			}
		case kindJSON:
			_, next := s.text(i) // checked like any text that is kept
			if next < 0 {
				return -1
			}
			c.setText(d.n, s.d, i, next)
			return next
		}
		return d.stringValue(c, i)
	}
	if lead-'0' <= 9 || lead == '-' {
		if next := d.plainNumber(c, i); next > 0 {
			return next
		}
		next := s.number(i)
		if next < 0 {
			return -1
		}
		if c.kind == kindDecimal && !c.inferred {
			if x, err := data.ParseDecimal64(s.d[i:next], c.precision, c.scale); err == nil {
				c.ints[d.n] = x
				c.valid(d.n)
				return next
			}
		}
		return d.plainValue(c, i, next)
	}
	next := s.value(i, 1)
	if next < 0 {
		return -1
	}
	if lead == 'n' {
		c.setNull(d.n)
		return next
	}
	return d.plainValue(c, i, next)
}

// plainNumber parses a number of digits, with a point among them or not, as row n
// of a decimal or integer column, and returns the place behind it; -1 for any
// other number, or what JSON does not take for one.
func (d *jsonDecoder) plainNumber(c *column, i int) int {
	t, next := d.scan.d, -1
	switch {
	case t[i] == '-' || t[i] == '0' && t[i+1]-'0' <= 9:
		return -1
	case c.kind == kindDecimal:
		if next = c.shortDecimal(t, d.n, i); next < 0 {
			next = c.plainDecimal(t, d.n, i)
		}
	case c.kind == kindBigInt || c.kind == kindInt:
		next = c.plainInt(t, d.n, i)
	}
	if next < 0 || t[next-1] == '.' || t[next] != ',' && t[next] != '}' {
		return -1
	}
	return next
}

// stringValue decodes the string at i into row n of c.
func (d *jsonDecoder) stringValue(c *column, i int) int {
	s := &d.scan
	text, next := s.text(i)
	if next < 0 {
		return -1
	}
	if c.kind == kindText {
		if next-i-2 == len(text) {
			c.setText(d.n, s.d, i+1, next-1)
		} else {
			c.setCopy(d.n, text)
		}
		return next
	}
	if err := c.set(d.n, text); err != nil {
		return d.badValue(c, text, err)
	}
	c.guess = len(text)
	return next
}

// plainValue decodes the value d[i:next], which is no string, into row n of c.
func (d *jsonDecoder) plainValue(c *column, i, next int) int {
	s := &d.scan
	raw := s.d[i:next]
	nested := raw[0] == '{' || raw[0] == '['
	switch {
	case c.kind == kindText || c.kind == kindJSON:
		if nested && !validText(raw) {
			return s.fail(i, "UTF-8 is expected")
		}
		if at := halfPair(raw); nested && c.kind == kindJSON && at >= 0 {
			return s.fail(i+at, noPair)
		}
		c.setText(d.n, s.d, i, next)
		return next
	case c.kind == kindTimestamp && !nested:
		d.column = c.name
		d.reason = c.valueReason(raw, data.ErrSyntax) + ": text such as \"2026-01-05T10:00:00Z\" is expected; declare the column BIGINT and compute the time with TO_TIMESTAMP_LTZ"
		return -1
	case nested && !c.typ.Nested():
		d.column = c.name
		d.reason = c.valueReason(raw, data.ErrSyntax)
		return -1
	}
	if err := c.set(d.n, raw); err != nil {
		return d.badValue(c, raw, err)
	}
	return next
}

func (d *jsonDecoder) badValue(c *column, text []byte, err error) int {
	d.column, d.reason = c.name, c.valueReason(text, err)
	return -1
}
