package format

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// avroDecoder decodes the blocks of files and messages; a worker's own.
type avroDecoder struct {
	messageDecoder
	schema   *avroType     // of messages without a registry; nil where there is none
	registry *avroRegistry // nil where there is none
	rows     map[*avroType]*avroRow
	r        avroRead
	unknown  int64           // fields of messages that no column is declared for
	ctx      context.Context // of the chunk at hand
	codecs   map[string]codec
}

// avro sets r up for Avro.
func (r *Reading) avro(cfg *connectors.SourceConfig, set *settings) error {
	r.Binary = true
	r.Frames = func(in Input, name string) Frames {
		return &ocfReader{frameInput: frameInput{in: in}, name: name}
	}
	schema, err := avroOptions(cfg)
	if err != nil {
		return err
	}
	registry, err := newAvroRegistry(cfg.Options, cfg.BaseDir)
	if err != nil {
		return err
	}
	if registry != nil {
		r.Registry = registry
	}
	r.NewDecoder = func() (connectors.Decoder, error) {
		base, err := newDecoder(set)
		d := &avroDecoder{schema: schema, registry: registry, rows: map[*avroType]*avroRow{}, codecs: map[string]codec{}}
		d.decoder, d.decode = base, d.message
		return d, err
	}
	return nil
}

// avroOptions returns the schema that the options give; nil when they give none.
func avroOptions(cfg *connectors.SourceConfig) (*avroType, error) {
	o, option := cfg.Options, "schema"
	text, inline := o.Get(option)
	file, inFile := o.Get("schema_file")
	switch {
	case inline && inFile || (inline || inFile) && o.Has("schema_registry.url"):
		return nil, &connectors.OptionError{Option: option, Message: "the schema is given more than once", Hint: "give one of schema, schema_file and schema_registry.url"}
	case inFile:
		option = "schema_file"
		b, err := os.ReadFile(connectors.Resolve(cfg.BaseDir, file))
		if err != nil {
			return nil, &connectors.OptionError{Option: option, Message: fmt.Sprintf("the schema '%s' cannot be read: %s", file, plainError(err))}
		}
		text = string(b)
	case !inline:
		return nil, nil
	}
	t, err := parseAvro(text)
	if err != nil {
		return nil, &connectors.OptionError{Option: option, Message: err.Error()}
	}
	return t, nil
}

// Decode implements connectors.Decoder.
func (d *avroDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if file, ok := c.Store.(*ocfFile); ok {
		return d.block(file, c, b, place, max)
	}
	if d.ctx = c.Context; d.ctx == nil {
		d.ctx = context.Background()
	}
	done := d.messageDecoder.Decode(c, b, place, max)
	c.Unknown, d.unknown = c.Unknown+d.unknown, 0
	return done
}

func (d *avroDecoder) row(t *avroType) *avroRow {
	row := d.rows[t]
	if row == nil {
		row = newAvroRow(t, d.set)
		d.rows[t] = row
	}
	return row
}

// block decodes the records of a block of a file.
func (d *avroDecoder) block(file *ocfFile, c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	d.beginRows(c, b, place, min(max, int(c.Count)-c.Pos))
	if c.Pos == 0 {
		if c.Fatal = d.open(file, c); c.Fatal != nil {
			c.Pos = int(c.Count)
		}
	}
	row := d.row(file.schema)
	for c.Pos < int(c.Count) && d.n < d.cap {
		from := d.r.pos
		if err := row.read(&d.r, d.columns, d.n, true); err != nil {
			c.Fatal = fmt.Errorf("%s: is damaged at row %d: %w", file.name, c.First+int64(c.Pos)+1, err)
			c.Pos = int(c.Count)
			break
		}
		if c.Pos++; !d.finish(c, d.r.d[from:d.r.pos], d.r.column, d.r.reason) {
			c.Pos = int(c.Count)
			break
		}
		if c.Pos == int(c.Count) && d.r.pos < len(d.r.d) {
			c.Fatal = damaged(file.name, fmt.Sprintf("what is behind row %d in its block", c.First+c.Count))
		}
	}
	c.Unknown += int64(d.n) * row.undeclared
	d.end(c)
	return c.Pos >= int(c.Count)
}

// open decompresses a block.
func (d *avroDecoder) open(file *ocfFile, c *connectors.Chunk) error {
	what := fmt.Sprintf("the block behind row %d", c.First)
	code := d.codecs[file.codec]
	if code == nil {
		var err error
		if code, err = newCodec(file.codec); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		d.codecs[file.codec] = code
	}
	plain, err := code.DecompressBounded(c.Data, maxOCFBlock)
	if err != nil {
		return damaged(file.name, what)
	}
	d.r.reset(plain)
	if c.Count > int64(len(plain)+freeElements) {
		return damaged(file.name, what)
	}
	return nil
}

// message decodes a message into row n.
func (d *avroDecoder) message(record []byte) (column, reason string) {
	t := d.schema
	if d.registry != nil {
		const head = 5
		if len(record) < head || record[0] != 0 {
			return "", "the message does not begin with a byte 0 and the number of its schema: it was not written with a schema registry"
		}
		var err error
		if t, err = d.registry.schema(d.ctx, int(binary.BigEndian.Uint32(record[1:]))); errors.Is(err, errRegistry) {
			d.fatal = err
			return "", ""
		} else if err != nil {
			return "", err.Error()
		}
		record = record[head:]
	}
	if t == nil {
		return "", "the schema of the messages is not known: give schema_registry.url, schema or schema_file"
	}
	row := d.row(t)
	d.r.reset(record)
	if err := row.read(&d.r, d.columns, d.n, true); err != nil {
		return "", err.Error()
	}
	d.unknown += row.undeclared
	if rest := len(record) - d.r.pos; rest > 0 && d.r.reason == "" {
		return "", fmt.Sprintf("the record has %d bytes more than its schema: was it written with another one?", rest)
	}
	return d.r.column, d.r.reason
}
