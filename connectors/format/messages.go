package format

import (
	"tidemark/connectors"
	"tidemark/operators/data"
)

// messageDecoder is what the decoders of records with any bytes in them have in common:
// each message is a record, and one without a value is none.
type messageDecoder struct {
	decoder
	// decode decodes a record into row n. A bad one has a reason, and a column where it
	// is the fault of one.
	decode func(record []byte) (column, reason string)
	// fatal is set by decode when neither this record nor any after it can be had.
	fatal error
}

// Decode implements connectors.Decoder.
func (d *messageDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if c.TooLong > 0 {
		reasonChunk(c, d.set.maxRecord)
		d.noRows(b, place)
		return true
	}
	m := c.Messages
	d.beginRows(c, b, place, min(max, len(m.Ends)-c.Pos))
	for c.Pos < len(m.Ends) && d.n < d.cap {
		i := c.Pos
		c.Pos++
		if m.Null != nil && m.Null[i] {
			d.line++
		} else if !d.record(c, m.Message(c.Data, i)) {
			c.Pos = len(m.Ends)
		}
	}
	d.end(c)
	if d.fatal != nil {
		c.Fatal, d.fatal = d.fatal, nil
	}
	return c.Pos >= len(m.Ends)
}

// record decodes one record. It returns false when no more is to be decoded.
func (d *messageDecoder) record(c *connectors.Chunk, record []byte) bool {
	if len(record) > d.set.maxRecord {
		return d.finish(c, record, "", tooLong(d.set.maxRecord))
	}
	column, reason := d.decode(record)
	if d.fatal != nil {
		return false
	}
	return d.finish(c, record, column, reason)
}

// finish makes the record that was decoded last row n, unless there is a reason why it
// is bad. It returns false when no more is to be decoded.
func (d *messageDecoder) finish(c *connectors.Chunk, record []byte, column, reason string) bool {
	c.Records++
	passed := true
	if reason == "" {
		for i := range d.columns {
			if f := &d.columns[i]; len(f.preds) > 0 && !f.passes(d.n) {
				passed = false
			}
		}
		if null := d.nullOf(passed); null != nil {
			column, reason = null.name, null.missingReason()
		}
	}
	if reason != "" {
		c.AddBad(d.line, column, reason, record)
		d.line++
		return !d.set.stopAtBad
	}
	d.accept(d.line, passed)
	c.Row++
	d.line++
	return true
}
