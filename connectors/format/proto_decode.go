package format

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// protoDecoder decodes Protobuf messages; a worker's own.
type protoDecoder struct {
	messageDecoder
	message *protoMessage
	missing []int
}

// protobuf sets r up for Protobuf.
func (r *Reading) protobuf(cfg *connectors.SourceConfig, set *settings) error {
	r.Binary = true
	r.Frames = func(in Input, name string) Frames {
		return &protoReader{frameInput: frameInput{in: in}, name: name, most: set.maxRecord}
	}
	m, err := protoOptions(cfg.Options, cfg.BaseDir)
	if err != nil {
		return err
	}
	r.NewDecoder = func() (connectors.Decoder, error) { return newProtoDecoder(m, set) }
	_, err = newProtoDecoder(m, set)
	return err
}

func newProtoDecoder(m protoreflect.MessageDescriptor, set *settings) (*protoDecoder, error) {
	base, err := newDecoder(set)
	if err != nil {
		return nil, err
	}
	d := &protoDecoder{}
	d.decoder, d.decode = base, d.record
	fields := make([]data.Field, len(set.columns))
	for i, c := range set.columns {
		fields[i] = data.Field{Name: c.Name, Type: c.Type}
	}
	if d.message, d.missing, err = newProtoMessage(m, fields, "", set); err != nil {
		return nil, &connectors.OptionError{Option: "format", Message: err.Error()}
	}
	return d, nil
}

// Decode implements connectors.Decoder.
func (d *protoDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	done := d.messageDecoder.Decode(c, b, place, max)
	c.Unknown, d.message.unknown = c.Unknown+d.message.unknown, 0
	return done
}

// record decodes a message into row n.
func (d *protoDecoder) record(b []byte) (column, reason string) {
	err := d.message.scan(b)
	for i, f := range d.message.fields {
		if err != nil {
			break
		}
		if f == nil {
			d.columns[i].setNull(d.n)
			continue
		}
		if err = f.put(&d.columns[i], d.n); err != nil {
			column = d.columns[i].name
		}
	}
	var value *valueError
	switch {
	case err == nil:
		return "", ""
	case errors.As(err, &value):
		if column == "" {
			column = value.column
		}
		return column, badWire(value.column, err)
	}
	return "", err.Error()
}

// protoReader cuts a file of messages, each behind its length, into chunks.
type protoReader struct {
	frameInput
	name    string
	most    int
	records int64
	err     error // told when what came before it is handed out
	next    int   // the length of a message that is too long for its place; 0 when there is none
}

// Start implements Pieces.
func (r *protoReader) Start(context.Context) error { return nil }

// Records implements Frames.
func (r *protoReader) Records() int64 { return r.records }

// Skip implements Frames.
func (r *protoReader) Skip(ctx context.Context, records int64) error {
	for r.records < records {
		n, err := r.length(ctx)
		if err == io.EOF {
			return changedRows(r.name, r.records, records)
		}
		if err == nil {
			err = r.pass(ctx, n)
		}
		if err != nil {
			return err
		}
		r.records++
	}
	return nil
}

// length reads the length of the next message; io.EOF at the end.
func (r *protoReader) length(ctx context.Context) (int, error) {
	end, err := r.ended(ctx)
	switch {
	case err != nil:
		return 0, err
	case end:
		return 0, io.EOF
	}
	n, err := r.uvarint(ctx)
	if err == nil && n > 1<<31-1 { // what Protobuf allows
		err = errVarint
	}
	return int(n), r.explain(err)
}

// pass goes over n bytes.
func (r *protoReader) pass(ctx context.Context, n int) error {
	for n > 0 {
		step := min(n, connectors.BlockSize)
		if _, err := r.take(ctx, step); err != nil {
			return r.explain(err)
		}
		n -= step
	}
	return nil
}

func (r *protoReader) explain(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: ends in the middle of message %d: is it cut off, or not a file of messages each behind its length?", r.name, r.records+1)
	case err == errVarint:
		return fmt.Errorf("%s: the length of message %d makes no sense: each message is expected behind its length", r.name, r.records+1)
	}
	return err
}

// Next implements Pieces.
func (r *protoReader) Next(ctx context.Context, c *connectors.Chunk) error {
	if r.err != nil {
		return r.err
	}
	err := r.fill(ctx, c)
	if err != nil && c.Messages != nil && len(c.Messages.Ends) > 0 {
		r.err, err = err, nil
	}
	return err
}

// fill puts messages into c until they are as many bytes as a chunk has.
func (r *protoReader) fill(ctx context.Context, c *connectors.Chunk) error {
	c.Reset()
	if c.Messages == nil {
		c.Messages = &connectors.Messages{}
	}
	m := c.Messages
	m.Reset()
	c.Name, c.Unit, c.NewFile = r.name, "message ", r.records == 0
	c.Offset = r.off + int64(r.pos)
	for len(c.Data) < connectors.BlockSize {
		at, n := r.off+int64(r.pos), r.next
		if r.next = 0; n == 0 {
			var err error
			if n, err = r.length(ctx); err != nil {
				return err
			}
		}
		if n > r.most && len(m.Ends) > 0 {
			r.next = n // in a chunk of its own
			return nil
		}
		if n > r.most {
			head, err := r.take(ctx, min(n, connectors.MaxBadRecord))
			if err != nil {
				return r.explain(err)
			}
			c.Data, c.TooLong = append(c.Data, head...), 1
			if err := r.pass(ctx, n-len(head)); err != nil {
				return err
			}
			r.records++
			return nil
		}
		b, err := r.take(ctx, n)
		if err != nil {
			return r.explain(err)
		}
		r.records++
		c.Data = append(c.Data, b...)
		m.Ends, m.Offsets = append(m.Ends, uint32(len(c.Data))), append(m.Offsets, at)
	}
	return nil
}
