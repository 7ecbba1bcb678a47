package format

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/twmb/avro/ocf"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// ocfMagic begins every file of Avro's.
const ocfMagic = "Obj\x01"

// The most bytes that a file may say a part of it has.
const (
	maxOCFHeader = 16 << 20
	maxOCFBlock  = 64 << 20
)

// ocfFile is what the header of a file says.
type ocfFile struct {
	name   string
	schema *avroType
	codec  string
	sync   [16]byte
}

// ocfReader cuts an object container file into its blocks.
type ocfReader struct {
	frameInput
	name string
	file *ocfFile // nil before Start
	rows int64
}

// Start implements Pieces.
func (r *ocfReader) Start(ctx context.Context) error {
	if r.file != nil {
		return nil
	}
	f := &ocfFile{name: r.name}
	magic, err := r.take(ctx, len(ocfMagic))
	switch {
	case err == io.ErrUnexpectedEOF, err == nil && string(magic) != ocfMagic:
		return fmt.Errorf("%s: no Avro file: it does not begin with Obj and a byte 1", r.name)
	case err != nil:
		return err
	}
	schema := ""
	for left := maxOCFHeader; ; {
		count, err := r.varint(ctx)
		if err == nil && count < 0 {
			count = -count
			_, err = r.varint(ctx) // how many bytes these are
		}
		if err != nil || count == 0 {
			if err != nil {
				return r.explain(err, "its header")
			}
			break
		}
		for ; count > 0; count-- {
			key, err := r.text(ctx, &left)
			if err != nil {
				return r.explain(err, "its header")
			}
			value, err := r.text(ctx, &left)
			if err != nil {
				return r.explain(err, "its header")
			}
			switch key {
			case "avro.schema":
				schema = value
			case "avro.codec":
				f.codec = value
			}
		}
	}
	sync, err := r.take(ctx, len(f.sync))
	if err != nil {
		return r.explain(err, "its header")
	}
	copy(f.sync[:], sync)
	if f.schema, err = parseAvro(schema); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	if _, err := newCodec(f.codec); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.file = f
	return nil
}

var errOCFSize = errors.New("a length is negative or too large")

// text reads a text of the header, of which so many bytes are left.
func (r *ocfReader) text(ctx context.Context, left *int) (string, error) {
	n, err := r.varint(ctx)
	if err != nil {
		return "", err
	}
	if n < 0 || n > int64(*left) {
		return "", errOCFSize
	}
	*left -= int(n) + 1
	b, err := r.take(ctx, int(n))
	return string(b), err
}

// explain words an error in reading a part of the file.
func (r *ocfReader) explain(err error, what string) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: ends in the middle of %s: is it cut off, or still being written?", r.name, what)
	case err == errVarint, err == errOCFSize:
		return damaged(r.name, what)
	}
	return err
}

// Next implements Pieces.
func (r *ocfReader) Next(ctx context.Context, c *connectors.Chunk) error {
	if err := r.Start(ctx); err != nil {
		return err
	}
	c.Reset()
	for {
		end, err := r.ended(ctx)
		switch {
		case err != nil:
			return err
		case end:
			return io.EOF
		}
		what := fmt.Sprintf("the block behind row %d", r.rows)
		offset := r.off + int64(r.pos)
		count, err := r.varint(ctx)
		var size int64
		if err == nil {
			size, err = r.varint(ctx)
		}
		if err == nil && (count < 0 || size < 0 || size > maxOCFBlock) {
			err = errOCFSize
		}
		var block []byte
		if err == nil {
			block, err = r.take(ctx, int(size)+len(r.file.sync))
		}
		if err != nil {
			return r.explain(err, what)
		}
		if string(block[size:]) != string(r.file.sync[:]) {
			return damaged(r.name, what)
		}
		if count == 0 {
			continue
		}
		c.Data = append(c.Data, block[:size]...)
		c.Name, c.Unit, c.Offset, c.NewFile = r.name, "row ", offset, r.rows == 0
		c.First, c.Count, c.Store = r.rows, count, r.file
		r.rows += count
		return nil
	}
}

// codec compresses and decompresses blocks.
type codec interface {
	Compress(src []byte) ([]byte, error)
	DecompressBounded(src []byte, max int64) ([]byte, error)
}

// newCodec returns the codec that a file names.
func newCodec(name string) (codec, error) {
	var c ocf.Codec
	switch name {
	case "", "null":
		return plainCodec{}, nil
	case "deflate":
		c = ocf.DeflateCodec(-1)
	case "snappy":
		c = ocf.SnappyCodec()
	case "zstandard":
		var err error
		if c, err = ocf.ZstdCodec(nil, nil); err != nil {
			return nil, fmt.Errorf("zstandard cannot be used: %w", err)
		}
	default:
		return nil, fmt.Errorf("is compressed with %s, which cannot be read: write it with zstandard, snappy or deflate", name)
	}
	bounded, ok := c.(codec)
	if !ok {
		return nil, fmt.Errorf("%s cannot be decompressed with a limit", name)
	}
	return bounded, nil
}

// plainCodec leaves blocks as they are.
type plainCodec struct{}

func (plainCodec) Compress(src []byte) ([]byte, error)                   { return src, nil }
func (plainCodec) DecompressBounded(src []byte, _ int64) ([]byte, error) { return src, nil }

// InferAvro returns the columns of the file that in has.
func InferAvro(ctx context.Context, in Input, name string) (data.Schema, error) {
	r := &ocfReader{frameInput: frameInput{in: in}, name: name}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	s, err := r.file.schema.columns()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(s) == 0 {
		return nil, undecided(name, "it has none", "path", declareThem)
	}
	return s, nil
}

// Records implements Frames.
func (r *ocfReader) Records() int64 { return r.rows }

// Skip implements Frames: positions are between blocks.
func (r *ocfReader) Skip(ctx context.Context, records int64) error {
	var c connectors.Chunk
	for r.rows < records {
		if err := r.Next(ctx, &c); err == io.EOF || err == nil && r.rows > records {
			return changedRows(r.name, r.rows, records)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// changedRows says that a file has not the records that had been read of it.
func changedRows(name string, has, read int64) error {
	return fmt.Errorf("%s: has changed since the checkpoint was made: %d records had been read, and now they end at %d; put the file back, or begin anew with another --checkpoint-dir", name, read, has)
}
