package format

import (
	"bytes"
	"fmt"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// rawDecoder makes each record, a line or a whole message, the value of one column.
type rawDecoder struct{ messageDecoder }

// checkRaw tests that there is one column, which a value can be read into.
func checkRaw(schema data.Schema) error {
	if len(schema) != 1 {
		return &connectors.OptionError{Option: "format", Message: fmt.Sprintf("format = 'raw' makes each record one value, and %d columns are declared", len(schema)),
			Hint: "declare one column, for example line STRING; others may be computed from it"}
	}
	return nil
}

func newRawDecoder(set *settings) (*rawDecoder, error) {
	base, err := newDecoder(set)
	d := &rawDecoder{}
	d.decoder, d.decode = base, d.value
	return d, err
}

// Decode implements connectors.Decoder.
func (d *rawDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if c.Messages != nil {
		return d.messageDecoder.Decode(c, b, place, max)
	}
	if c.TooLong > 0 {
		reasonChunk(c, d.set.maxRecord)
		d.noRows(b, place)
		return true
	}
	text := text(c)
	d.begin(c, b, place, max)
	pos, end := c.Pos, len(c.Data)
	for pos < end && d.n < d.cap {
		line := text[pos : pos+bytes.IndexByte(text[pos:], '\n')]
		pos += len(line) + 1
		if !d.record(c, bytes.TrimSuffix(line, []byte("\r"))) {
			pos = end
		}
	}
	c.Pos = min(pos, end)
	d.end(c)
	return c.Pos >= end
}

// value makes text row n of the column.
func (d *rawDecoder) value(text []byte) (column, reason string) {
	if len(d.columns) == 0 {
		return "", ""
	}
	c := &d.columns[0]
	switch {
	case c.kind == kindText && !validText(text):
		return c.name, "column " + c.name + ": the text is not valid UTF-8"
	case c.kind == kindText, c.typ.Kind == data.Bytes:
		c.setCopy(d.n, text)
		return "", ""
	}
	if err := c.set(d.n, text); err != nil {
		return c.name, c.valueReason(text, err)
	}
	return "", ""
}
