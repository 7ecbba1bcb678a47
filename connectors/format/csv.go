package format

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// csvDecoder decodes RFC 4180 records. Where that is silent it follows
// encoding/csv: every record has as many fields as the header, a quote must
// open at a field's start and be followed by a delimiter or the line's end.
type csvDecoder struct {
	decoder
	framing *Framing
	null    []byte

	header []byte  // the header that order was made from
	order  []int32 // for each field the column it goes to, or -1
	// fields are the columns by order, nil for a field that is skipped.
	fields []*column
	used   int // fields up to the last one that goes to a column
	// undeclared is how many fields of each record no column is declared for.
	undeclared int64

	text     []byte
	size     int // of the text without the line end behind it
	delim    byte
	quote    int // 256 when there is no quoting
	newlines int64
	delims   uint64
	quotes   uint64
	below    uint64 // see stops
	scratch  []byte

	// guessing says that a TIMESTAMP's length may be guessed: no time has the
	// delimiter in it.
	guessing bool

	// plain says that plainRecord may be tried; behind a record for which it was in vain it is
	// not for the next ones, for ever more of them.
	plain     bool
	vain, out int // how many that are, and how many are left of them

	// The fault of a bad record.
	column, reason string
}

func newCSVDecoder(set *settings, framing *Framing, order []int32, null []byte) (*csvDecoder, error) {
	base, err := newDecoder(set)
	if err != nil {
		return nil, err
	}
	d := &csvDecoder{decoder: base, framing: framing, null: null, order: order, delim: framing.Delimiter, quote: int(framing.Quote)}
	if !framing.quotes() {
		d.quote = 256
	}
	d.guessing = len(null) == 0 && bytes.IndexByte([]byte(",;|\t"), d.delim) >= 0
	if most := max(d.delim, framing.Quote, '\n'); most < '0'-2 {
		d.below = (uint64(most) + 1) * ones
	}
	d.plain = d.below != 0 && d.delim != '-' && d.delim != '+' && len(null) == 0
	d.setOrder(order)
	d.delims, d.quotes = uint64(framing.Delimiter)*ones, uint64(framing.Quote)*ones
	return d, nil
}

// Decode implements connectors.Decoder.
func (d *csvDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if c.TooLong > 0 {
		reasonChunk(c, d.set.maxRecord)
		d.noRows(b, place)
		return true
	}
	if err := d.useHeader(c); err != nil {
		c.AddBad(0, "", err.Error(), c.Header)
		c.Records, c.Pos = 1, len(c.Data)
		d.noRows(b, place)
		return true
	}
	d.text, d.size = text(c), len(c.Data)
	d.begin(c, b, place, max)
	pos, end := c.Pos, len(c.Data)
	for pos < end && d.n < d.cap {
		// A blank line is no record, unless records have one field: it may be NULL.
		if t := d.text; (t[pos] == '\n' || t[pos] == '\r' && t[pos+1] == '\n') && len(d.order) > 1 {
			pos += 1 + int(t[pos]&1) // '\r' is odd
			d.line++
			continue
		}
		c.Records++
		d.newlines = 0
		next, passed := -1, true
		switch {
		case !d.plain:
		case d.out > 0:
			d.out--
		default:
			if next = d.plainRecord(pos); next >= 0 {
				passed, d.vain = d.passes(), 0
			} else {
				d.vain = min(2*d.vain+1, mostVain)
				d.out = d.vain
			}
		}
		if next < 0 {
			next, passed = d.record(pos)
		}
		if next < 0 && d.filtered {
			next, passed = d.leftOut(pos)
		}
		if next >= 0 {
			if null := d.nullOf(passed); null != nil {
				d.column, d.reason = null.name, null.missingReason()
				next = -1
			}
		}
		if next < 0 || next-pos > d.set.maxRecord {
			pos = d.bad(c, pos)
			if d.set.stopAtBad {
				pos = end
			}
			continue
		}
		d.accept(d.line, passed)
		c.Row++
		d.line += 1 + d.newlines
		pos = next + 1
	}
	c.Pos = min(pos, end)
	c.Unknown += int64(d.n) * d.undeclared
	d.end(c)
	return c.Pos >= end
}

// mostVain is for how many records plainRecord is not tried at most.
const mostVain = 63

// useHeader takes over the order of the columns from the chunk's file.
func (d *csvDecoder) useHeader(c *connectors.Chunk) error {
	if !d.framing.Header || len(c.Header) == len(d.header) && len(d.header) > 0 && &c.Header[0] == &d.header[0] {
		return nil
	}
	names, order, err := mapHeader(d.framing, c.Header, d.set.columns)
	if err != nil {
		return err
	}
	d.header, d.undeclared = c.Header, d.set.undeclared(names)
	d.setOrder(order)
	return nil
}

func (d *csvDecoder) setOrder(order []int32) {
	d.order, d.fields = order, make([]*column, len(order))
	d.used = 0
	for k, f := range order {
		if f >= 0 {
			d.fields[k] = &d.columns[f]
			d.used = k + 1
		}
	}
}

// bad lists the record that starts at pos as bad and returns the place of the
// next one.
func (d *csvDecoder) bad(c *connectors.Chunk, pos int) int {
	end := len(c.Data)
	if d.framing.quotes() {
		if e, ok := d.framing.recordEnd(c.Data, pos, false); ok {
			end = e
		}
	} else if nl := bytes.IndexByte(c.Data[pos:], '\n'); nl >= 0 {
		end = pos + nl
	}
	record := c.Data[pos:end]
	if len(record) > d.set.maxRecord {
		d.column, d.reason = "", tooLong(d.set.maxRecord)
	}
	c.AddBad(d.line, d.column, d.reason, bytes.TrimSuffix(record, []byte("\r")))
	d.line += int64(bytes.Count(record, []byte("\n")))
	if !bytes.HasSuffix(record, []byte("\n")) {
		d.line++ // its own line end; an unclosed quote takes in that of the input
	}
	d.column = ""
	return end + 1
}

// passes reports whether row n, which has all its values, passes the filter.
func (d *csvDecoder) passes() bool {
	if d.filtered {
		for i := range d.columns {
			if c := &d.columns[i]; len(c.preds) > 0 && !c.passes(d.n) {
				return false
			}
		}
	}
	return true
}

// leftOut reads the record at i, which is bad, once more without the values that
// cannot be had. It is good enough when the others leave it out.
func (d *csvDecoder) leftOut(i int) (next int, passed bool) {
	column, reason := d.column, d.reason
	d.lenient, d.newlines = true, 0
	if next, passed = d.record(i); passed {
		next = -1
	}
	d.lenient, d.column, d.reason = false, column, reason
	return next, passed
}

// record decodes the record at i into row n and returns the place of the line
// end after it and whether the row passes the filter; -1 when it is bad.
func (d *csvDecoder) record(i int) (int, bool) {
	t, passed := d.text, true
	delim, quote := d.delim, d.framing.Quote
	for k, f := range d.order {
		var c *column
		if f >= 0 {
			if c = &d.columns[f]; !passed && !c.always {
				c.setZero(d.n)
				c = nil
			}
		}
		from, newlines := i, d.newlines
		if int(t[i]) == d.quote {
			i = d.quotedField(c, i)
		} else if c == nil {
			for {
				m := d.stops(word(t, i))
				if m == 0 {
					i += 8
					continue
				}
				i += first(m)
				if b := t[i]; b == delim || b == '\n' || b == quote {
					break
				}
				i++
			}
		} else {
			i = d.field(c, i)
		}
		if i < 0 {
			if !d.lenient || c == nil || c.always {
				return -1, false
			}
			c.setZero(d.n)
			d.newlines, c = newlines, nil
			if i = d.pass(from); i < 0 {
				return -1, false
			}
		}
		if c != nil && len(c.preds) > 0 && !c.passes(d.n) {
			passed = false
		}
		switch {
		case t[i] == '\n':
			if k == len(d.order)-1 {
				return i, passed
			}
			return d.fail(fmt.Sprintf("%s found, %d expected", count(k+1, "field"), len(d.order))), false
		case t[i] == delim:
			i++
		default:
			return d.fail("a quote inside a field that does not begin with one"), false
		}
	}
	return d.fail(fmt.Sprintf("more than the expected %s found", count(len(d.order), "field"))), false
}

// pass returns the place behind the field at i without taking its value.
func (d *csvDecoder) pass(i int) int {
	if int(d.text[i]) == d.quote {
		return d.quotedField(nil, i)
	}
	for b := d.text[i]; b != d.delim && b != '\n' && b != d.framing.Quote; b = d.text[i] {
		i++
	}
	return i
}

// stops marks the bytes that may end an unquoted field: delimiters, line ends and
// quotes. When all of them come before the digits and letters, as commas and tabs
// do, it marks everything up to the last of them: that is one test instead of
// three, and wrong for little but spaces.
func (d *csvDecoder) stops(w uint64) uint64 {
	if d.below != 0 {
		return (w - d.below) &^ w & highs
	}
	return zeros(w^d.delims) | zeros(w^'\n'*ones) | zeros(w^d.quotes)
}

// field decodes the unquoted field at i into row n of c and returns the place
// behind it.
func (d *csvDecoder) field(c *column, i int) int {
	t, from := d.text, i
	if end := i + c.guess; c.guess > 0 && end < d.size && t[end] == d.delim && t[i] > ' ' && t[end-1] > ' ' {
		// A TIMESTAMP as long as the last one. Nothing that parses has a delimiter
		// or a quote in it.
		if x, err := c.clock.Parse(t[i:end]); err == nil {
			c.ints[d.n] = x
			c.valid(d.n)
			return end
		}
	}
	seen := uint64(0)
	for {
		w := word(t, i)
		seen |= w
		m := d.stops(w)
		if m == 0 {
			i += 8
			continue
		}
		i += first(m)
		if b := t[i]; b == d.delim || b == '\n' || b == d.framing.Quote {
			break
		}
		i++
	}
	end := i
	if t[i] == '\n' && end > from && t[end-1] == '\r' {
		end--
	}
	if end-from == len(d.null) && string(t[from:end]) == string(d.null) {
		c.setNull(d.n)
		return i
	}
	if c.kind == kindText {
		if seen&highs != 0 && !validText(t[from:end]) {
			return d.badText(c)
		}
		c.setText(d.n, t, from, end)
		return i
	}
	if !d.setValue(c, t[from:end]) {
		return -1
	}
	return i
}

// setValue parses a field of a column that is not text.
func (d *csvDecoder) setValue(c *column, text []byte) bool {
	if err := c.set(d.n, text); err != nil {
		d.column, d.reason = c.name, c.valueReason(text, err)
		return false
	}
	if c.kind == kindTimestamp && d.guessing {
		c.guess = len(text)
	}
	return true
}

// quotedField decodes the quoted field at i into row n of c, which may be nil,
// and returns the place behind it.
func (d *csvDecoder) quotedField(c *column, i int) int {
	t := d.text
	i++
	from, parts := i, d.scratch[:0]
	for {
		m := zeros(word(t, i)^d.quotes) | zeros(word(t, i)^'\n'*ones)
		if m == 0 {
			if i += 8; i > d.size {
				return d.fail("a quoted field is not closed")
			}
			continue
		}
		i += first(m)
		if i >= d.size {
			return d.fail("a quoted field is not closed")
		}
		if t[i] == '\n' {
			d.newlines++
			i++
			continue
		}
		if int(t[i+1]) != d.quote || i+1 >= d.size {
			break
		}
		parts = append(parts, t[from:i+1]...)
		i += 2
		from = i
	}
	value, plain := t[from:i], true
	if len(parts) > 0 {
		d.scratch = append(parts, value...)
		value, plain = d.scratch, false
	}
	end := i
	if i++; t[i] == '\r' && t[i+1] == '\n' {
		i++
	}
	if t[i] != '\n' && t[i] != d.delim {
		return d.fail("text after a closing quote")
	}
	if c == nil {
		return i
	}
	switch {
	case c.kind != kindText:
		if !d.setValue(c, value) {
			return -1
		}
	case !validText(value):
		return d.badText(c)
	case plain:
		c.setText(d.n, t, from, end)
	default:
		c.setCopy(d.n, value)
	}
	return i
}

func (d *csvDecoder) fail(reason string) int {
	d.column, d.reason = "", reason
	return -1
}

func (d *csvDecoder) badText(c *column) int {
	d.column, d.reason = c.name, "column "+c.name+": the text is not valid UTF-8"
	return -1
}

func validText(b []byte) bool { return utf8.Valid(b) }

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
