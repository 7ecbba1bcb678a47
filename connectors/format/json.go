package format

import (
	"bytes"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// maxSlots is how many members of a record are predicted.
const maxSlots = 256

// jsonDecoder decodes lines of JSON, one object a line.
type jsonDecoder struct {
	decoder
	scan   scanner
	slots  []slot
	byName map[string]int32
	// stamps tells which columns the record at hand has set: those with the
	// record's stamp.
	stamps []uint32
	stamp  uint32
	// unknown are columns whose values in a record that is read leniently cannot be had.
	unknown []int32
	// undeclared counts the fields that no column is declared for.
	undeclared int64

	changes *envelope // of records that are changes; nil for plain rows

	// The fault of a bad record.
	column, reason string
}

func newJSONDecoder(set *settings) (*jsonDecoder, error) {
	base, err := newDecoder(set)
	if err != nil {
		return nil, err
	}
	d := &jsonDecoder{decoder: base, byName: make(map[string]int32, len(set.columns)), stamps: make([]uint32, len(set.columns))}
	for i, c := range set.columns {
		d.byName[c.Name] = int32(i)
	}
	return d, nil
}

// Decode implements connectors.Decoder.
func (d *jsonDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if c.TooLong > 0 {
		reasonChunk(c, d.set.maxRecord)
		d.noRows(b, place)
		return true
	}
	d.scan.d = text(c)
	most := d.changes.most()
	if max < most {
		max = most
	}
	d.begin(c, b, place, max)
	pos, end := c.Pos, len(c.Data)
	for pos < end && d.n+most <= d.cap {
		at := d.scan.space(pos)
		if d.scan.d[at] == '\n' { // blank
			d.line++
			pos = at + 1
			continue
		}
		c.Records++
		next, passed, rows := 0, true, 1
		if d.changes != nil {
			next, rows = d.change(at)
		} else {
			next, passed = d.row(at)
		}
		if next < 0 || next-pos > d.set.maxRecord {
			pos = d.bad(c, pos, next)
			if d.set.stopAtBad {
				pos = end
			}
			continue
		}
		for k := range rows {
			if d.changes != nil {
				b.AddChange(d.changes.does[k])
			}
			d.accept(d.line, passed)
			c.Row++
		}
		if rows > 1 {
			c.Records++
		}
		d.line++
		pos = next + 1
	}
	c.Pos = min(pos, end)
	c.Unknown, d.undeclared = c.Unknown+d.undeclared, 0
	d.end(c)
	simplify(b)
	return c.Pos >= end
}

// row decodes the record at i into row n and returns the place of the line end
// after it and whether the row passes the filter; -1 when it is bad.
func (d *jsonDecoder) row(at int) (next int, passed bool) {
	next, passed = d.record(at, false)
	if next == again {
		next, passed = d.record(at, true)
	}
	if next < 0 && d.filtered {
		next, passed = d.leftOut(at)
	}
	if next >= 0 && !d.complete(passed) {
		next = -1
	}
	return next, passed
}

// complete reports whether row n has what it must have, and notes what it lacks.
func (d *jsonDecoder) complete(passed bool) bool {
	null := d.nullOf(passed)
	if null != nil {
		d.column, d.reason = null.name, null.missingReason()
	}
	return null == nil
}

// leftOut reads the record at i, which is bad, once more without the values that
// cannot be had. It is good enough when the others leave it out.
func (d *jsonDecoder) leftOut(i int) (next int, passed bool) {
	column, reason, fault := d.column, d.reason, d.scan.err
	d.lenient, d.unknown = true, d.unknown[:0]
	if next, passed = d.record(i, true); passed {
		next = -1
	}
	d.lenient, d.column, d.reason, d.scan.err = false, column, reason, fault
	return next, passed
}

// again is what object returns for a record that must be read a second time.
const again = -2

// bad lists the record that starts at pos as bad and returns the place of the
// next one.
func (d *jsonDecoder) bad(c *connectors.Chunk, pos, next int) int {
	end := pos + bytes.IndexByte(d.scan.d[pos:], '\n')
	record := c.Data[pos:min(end, len(c.Data))]
	if len(record) > d.set.maxRecord {
		d.column, d.reason = "", tooLong(d.set.maxRecord)
	} else if d.reason == "" {
		d.reason = d.scan.reason(pos)
	}
	c.AddBad(d.line, d.column, d.reason, bytes.TrimSuffix(record, []byte("\r")))
	d.column, d.reason = "", ""
	d.line++
	return end + 1
}

// record is object for one that is followed by the line end, whose place is returned.
func (d *jsonDecoder) record(i int, patient bool) (int, bool) {
	i, passed := d.object(i, patient)
	if i >= 0 && d.scan.d[i] != '\n' {
		i = d.lineEnd(i)
	}
	return i, passed
}

// lineEnd returns the place of the line end at i or behind white space there; -1 where
// there is something else.
func (d *jsonDecoder) lineEnd(i int) int {
	if i = d.scan.space(i); d.scan.d[i] != '\n' {
		return d.scan.fail(i, "the end of the line is expected after the object")
	}
	return i
}

// object decodes the object at i into row n and returns the place behind it and
// whether the row passes the filter; -1 when it is bad.
//
// As soon as a predicate fails, the columns that come later are skipped. When
// a column comes twice under a filter, the first value may have decided too
// early: it then returns again, and is to be called with patient set, which
// puts the filter off to the end.
func (d *jsonDecoder) object(i int, patient bool) (int, bool) {
	text := d.scan.d
	d.stamp++
	if d.stamp == 0 {
		clear(d.stamps)
		d.stamp = 1
	}
	passed, set, undeclared := true, 0, int64(0)
	slots := d.slots
	for k := 0; ; k++ {
		column, fold := int32(-1), false
		if s := slotAt(slots, k); s != nil && word(text, i)&s.mask == s.first && (s.n <= 8 || s.rest(text, i)) {
			if i, column, fold = i+s.n, s.column, s.fold; text[i] <= ' ' {
				i = d.scan.space(i) // more of it than last time
			}
		} else {
			if k > 0 && text[i] == '}' {
				i++
				break
			}
			if i, column, fold = d.member(i, k); i < 0 {
				return -1, false
			}
			if column == lastMember {
				break
			}
			slots = d.slots
		}
		if column < 0 {
			if column == undeclaredMember {
				undeclared++
			}
			switch c := text[i]; {
			case c == '"':
				i = d.scan.skipString(i)
			case c-'1' <= 8:
				// Digits up to a comma are a number; anything else is left to number.
				if end := digits(text, i); text[end] == ',' {
					i = end
					continue
				}
				i = d.scan.number(i)
			default:
				i = d.scan.value(i, 1)
			}
			if i < 0 {
				return -1, false
			}
			continue
		}
		c := &d.columns[column]
		if d.stamps[column] == d.stamp {
			// The last of several values counts, but an exact name before any other.
			if fold {
				if i = d.scan.value(i, 1); i < 0 {
					return -1, false
				}
				continue
			}
			if d.filtered && !patient {
				return again, false
			}
			set--
		}
		if !passed && !c.always {
			if i = d.scan.value(i, 1); i < 0 {
				return -1, false
			}
			continue
		}
		from := i
		if i = d.value(c, i); i < 0 {
			if !d.lenient || c.always {
				return -1, false
			}
			if i = d.scan.value(from, 1); i < 0 {
				return -1, false
			}
			c.setZero(d.n)
			d.unknown = append(d.unknown, column)
		} else if d.lenient {
			d.unknown = slices.DeleteFunc(d.unknown, func(f int32) bool { return f == column }) // the last of several values counts
		}
		d.stamps[column] = d.stamp
		set++
		if len(c.preds) > 0 && !patient && !c.passes(d.n) {
			passed = false
		}
	}
	if set != len(d.columns) {
		passed = d.missing(passed)
	}
	if patient {
		for f := range d.columns {
			if c := &d.columns[f]; len(c.preds) > 0 && !slices.Contains(d.unknown, int32(f)) && !c.passes(d.n) {
				passed = false
			}
		}
	}
	d.undeclared += undeclared
	return i, passed
}

// missing fills in the columns that the record does not have, or that were
// skipped because it had failed.
func (d *jsonDecoder) missing(passed bool) bool {
	failed := !passed
	for f := range d.columns {
		c := &d.columns[f]
		switch {
		case d.stamps[f] == d.stamp:
		case failed && !c.always:
			c.setZero(d.n)
		default:
			c.setNull(d.n)
			if len(c.preds) > 0 {
				passed = false
			}
		}
	}
	return passed
}

// lastMember is what member returns for the end of the object.
const lastMember = -2

// undeclaredMember is the column of a value that no column is declared for.
const undeclaredMember = -3

// member reads what stands before the k-th value, from i on, without
// prediction: brace or comma, name and colon. It returns the place of the value
// and its column, negative for one that is not needed.
func (d *jsonDecoder) member(i, k int) (int, int32, bool) {
	s := &d.scan
	from := i
	if k == 0 {
		if s.d[i] != '{' {
			return s.fail(i, "an object is expected"), 0, false
		}
		if i = s.space(i + 1); s.d[i] == '}' {
			return i + 1, lastMember, false
		}
	} else {
		switch i = s.space(i); s.d[i] {
		case '}':
			return i + 1, lastMember, false
		case ',':
			i = s.space(i + 1)
		default:
			return s.fail(i, "',' or '}' is expected"), 0, false
		}
	}
	if s.d[i] != '"' {
		return s.fail(i, "a name in double quotes is expected"), 0, false
	}
	name, next := s.text(i)
	if next < 0 {
		return -1, 0, false
	}
	column, fold := d.find(name)
	if i = s.space(next); s.d[i] != ':' {
		return s.fail(i, "':' is expected"), 0, false
	}
	i = s.space(i + 1)
	if k < maxSlots {
		for len(d.slots) <= k {
			d.slots = append(d.slots, slot{first: 1})
		}
		d.slots[k].learn(s.d[from:i], column, fold)
	}
	return i, column, fold
}

// find returns the column called name; one that differs only in case counts
// when there is no other.
func (d *jsonDecoder) find(name []byte) (column int32, fold bool) {
	if f, ok := d.byName[string(name)]; ok {
		return f, false
	}
	for f := range d.columns {
		if len(d.columns[f].name) == len(name) && strings.EqualFold(d.columns[f].name, string(name)) {
			return int32(f), true
		}
	}
	for _, c := range d.set.declared {
		if len(c.Name) == len(name) && strings.EqualFold(c.Name, string(name)) {
			return -1, false
		}
	}
	return undeclaredMember, false
}
