package kafka

import (
	"bytes"

	"tidemark/connectors"
)

// lines makes each message of c a record of its own for a decoder of lines. Mostly each
// is one already.
func (u *unpacker) lines(c *connectors.Chunk) {
	m := c.Messages
	if u.plain(c.Data, m.Ends) {
		return
	}
	out := grown(u.scratch[:0], len(c.Data)+connectors.Padding)
	from, line := uint32(0), 0
	for i, end := range m.Ends {
		value := c.Data[from : end-1]
		from = end
		text, reason := u.line(value)
		if reason != "" {
			kept := value[:min(len(value), connectors.MaxBadRecord)]
			u.faults = append(u.faults, fault{int64(line), reason, bytes.Clone(kept)})
			text = u.bad()
		}
		m.Lines = append(m.Lines, uint32(line))
		out = append(append(out, text...), '\n')
		m.Ends[i] = uint32(len(out))
		line += 1 + bytes.Count(text, newline)
	}
	if line == len(m.Ends) {
		m.Lines = m.Lines[:0]
	}
	c.Data, u.scratch = grown(out, connectors.Padding), c.Data[:0]
}

var newline = []byte("\n")

// plain reports whether every message is surely a record, without line ends in it.
func (u *unpacker) plain(data []byte, ends []uint32) bool {
	if bytes.Count(data, newline) != len(ends) {
		return false
	}
	if u.quotes() && bytes.IndexByte(data, u.framing.Quote) >= 0 {
		return false
	}
	from := uint32(0)
	for _, end := range ends {
		if data[from] <= ' ' { // may be blank
			return false
		}
		from = end
	}
	return true
}

// quotes reports whether messages may have line ends between quotes.
func (u *unpacker) quotes() bool { return u.framing.CSV && u.framing.Quote != u.framing.Delimiter }

// line returns the record that a message is, or why it is none.
func (u *unpacker) line(value []byte) (record []byte, reason string) {
	const empty = "the message is empty"
	if !u.framing.CSV {
		// A line end is space like a carriage return, or wrong like one.
		blank := true
		for i, b := range value {
			if b == '\n' {
				value[i] = '\r'
			}
			blank = blank && (b == ' ' || b == '\t' || b == '\r' || b == '\n')
		}
		if blank {
			return nil, empty
		}
		return value, ""
	}
	value = bytes.TrimSuffix(bytes.TrimSuffix(value, newline), []byte("\r"))
	if len(value) == 0 && u.columns > 1 {
		return nil, empty
	}
	if !u.quotes() && bytes.IndexByte(value, '\n') < 0 {
		return value, ""
	}
	u.record = append(append(u.record[:0], value...), '\n')
	switch end, closed := u.framing.RecordEnd(u.record); {
	case !closed:
		return nil, "a quoted field is not closed"
	case end < len(value):
		return nil, "the message has more than one record"
	}
	return value, ""
}

// bad returns what no decoder takes for a record.
func (u *unpacker) bad() []byte {
	if u.framing.CSV {
		return bytes.Repeat([]byte{u.framing.Delimiter}, u.columns) // one field too many
	}
	return []byte("!")
}

// explain puts the reasons of faults in place of those that the decoder has found in
// bad records from the first on.
func (u *unpacker) explain(bad []connectors.BadRecord) {
	for i := range bad {
		for _, f := range u.faults {
			if b := &bad[i]; f.line == b.Line {
				b.Column, b.Reason, b.Record = "", f.reason, append(b.Record[:0], f.record...)
			}
		}
	}
}
