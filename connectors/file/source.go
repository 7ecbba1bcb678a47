// Package file reads and writes files of records, plain or compressed by gzip.
package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// Connector returns the file connector.
func Connector() connectors.Connector {
	path := connectors.OptionSpec{Name: "path", Kind: "path", Required: true, Source: true, Sink: true,
		Doc: "The file; a source may name several with * and ?, which are read in the order of their names. A name that ends in .gz is compressed. A sink whose path ends in / writes files into that folder, one after the other."}
	formats := connectors.OptionSpec{Name: "format", Values: []string{"csv", "tsv", "json", "ndjson", "jsonl", "parquet", "debezium-json", "changelog-json", "avro", "protobuf", "raw"}, Source: true, Sink: true,
		Default: "from the name", Doc: "The format of the records."}
	parts := []connectors.OptionSpec{
		{Name: "part_size", Kind: "size", Default: "128 MiB", Sink: true, Doc: "Of a folder: a file that has become so large ends, and another begins."},
		{Name: "part_interval", Kind: "duration", Default: "0", Sink: true, Doc: "Of a folder: how much time passes before rows become a file, unless they are enough for one; 0 is with each checkpoint."},
	}
	compression := connectors.OptionSpec{Name: "compression", Values: []string{"none", "snappy", "zstd", "gzip", "deflate"}, Default: "snappy", Sink: true, Formats: []string{"avro", "parquet"},
		Doc: "How the file is compressed within; gzip is for parquet, deflate for avro."}
	partitioned := connectors.OptionSpec{Name: "partitioned", Kind: "bool", Default: "false", Source: true,
		Doc: "Whether each file has a watermark of its own, and the files are merged by their times; else they come one after the other."}
	return format.WithMetadata(connectors.Connector{
		Name:      "file",
		Doc:       "Files of records, read from the beginning to the end, and files of results.",
		Options:   slices.Concat([]connectors.OptionSpec{path, formats, compression, partitioned}, parts, inflationOptions(), format.SourceOptions()),
		NewSource: NewSource,
		Infer:     Infer,
		Bounded:   func(connectors.Options) bool { return true },
		NewSink:   NewSink,
		AppendOnly: func(o connectors.Options, keyed bool) bool {
			return !keyed && !connectors.Changelog(o)
		},
	}, "path", "line", "offset", "partition", "ingest_time")
}

// source is a file or the files of a pattern, as one partition.
type source struct {
	path    string
	reading *format.Reading // nil for parquet
	parquet *format.Parquet // nil for others
	block   int
	number  int // of the partition
	limits  inflation
}

// NewSource returns a source of files. The files are looked for by Open.
func NewSource(cfg connectors.SourceConfig) (connectors.Source, error) {
	path, err := pathOf(cfg)
	if err != nil {
		return nil, err
	}
	s := &source{path: path, block: connectors.BlockSize}
	if connectors.InferFormat(cfg.Options) == parquet {
		s.parquet, err = format.NewParquet(cfg)
	} else {
		s.reading, err = format.NewReading(cfg)
	}
	if err != nil {
		return nil, err
	}
	s.limits, err = newInflation(cfg.Options)
	return s, err
}

// parquet is the format whose files are not runs of records.
const parquet = "parquet"

// pathOf returns the path of the options, from where the process stands.
func pathOf(cfg connectors.SourceConfig) (string, error) {
	path, ok := cfg.Options.Get("path")
	if !ok || path == "" {
		return "", &connectors.OptionError{Option: "path", Message: "connector 'file' needs the option path", Hint: "write for example path = 'clicks.csv'"}
	}
	return connectors.Resolve(cfg.BaseDir, path), nil
}

// NewDecoder implements connectors.Source.
func (s *source) NewDecoder() (connectors.Decoder, error) {
	if s.parquet != nil {
		return s.parquet.NewDecoder()
	}
	return s.reading.NewDecoder()
}

// Bounded implements connectors.Source.
func (s *source) Bounded() bool { return true }

// partitionMemory is how many bytes of blocks the partitions of an input may have at
// hand together, as long as a block is not less than leastBlock.
const (
	partitionMemory = 32 * connectors.BlockSize
	leastBlock      = 16 << 10
)

// Split implements connectors.Split: each file is a partition.
func (s *source) Split(context.Context) ([]connectors.Part, error) {
	names, err := find(s.path)
	if err != nil {
		return nil, err
	}
	var parts []connectors.Part
	for i, name := range names {
		part := *s
		part.path, part.number = name, i
		part.block = min(s.block, max(leastBlock, partitionMemory/len(names)))
		parts = append(parts, connectors.Part{Name: name, Source: &part})
	}
	return parts, nil
}

// Repeatable implements connectors.Repeatable: pipes can be read once.
func (s *source) Repeatable() bool {
	names, err := find(s.path)
	for _, name := range names {
		info, serr := os.Stat(name)
		if serr != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return err == nil
}

// Open implements connectors.Source. It reads the first file's header.
func (s *source) Open(ctx context.Context) (connectors.Reader, error) {
	names, err := find(s.path)
	if err != nil {
		return nil, err
	}
	r := &reader{source: s, names: names}
	r.measure()
	if err := r.next(ctx); err != nil && err != io.EOF {
		r.Close()
		return nil, err
	}
	return r, nil
}

// measure finds out how much there is to read.
func (r *reader) measure() {
	for _, name := range r.names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			r.total += info.Size()
		} else {
			r.total, r.endless = 0, true
		}
	}
}

// skipSize counts a file as read.
func (r *reader) skipSize(name string) {
	if info, err := os.Stat(name); err == nil {
		r.done.Add(info.Size())
	}
}

// reader reads files one after the other.
type reader struct {
	source  *source
	names   []string
	total   int64
	endless bool // some input has no known size
	done    atomic.Int64

	current int // index of the next file to open
	name    string
	file    *os.File
	pump    *format.Pump
	rows    *format.ParquetRows
	records *format.Records
	frames  format.Frames
	pieces  pieces // of the file; nil when there is none at work
}

// pieces hands out a file's chunks in order.
type pieces interface {
	Next(context.Context, *connectors.Chunk) error
}

// next opens the next file; io.EOF when there is none.
func (r *reader) next(ctx context.Context) error {
	if r.current == len(r.names) {
		return io.EOF
	}
	r.name = r.names[r.current]
	r.current++
	if p := r.source.parquet; p != nil {
		f, err := openParquet(r.name)
		if err != nil {
			return err
		}
		r.rows, err = p.Open(f, r.name, &r.done)
		if err == nil {
			r.pieces = r.rows
		}
		return err
	}
	if r.source.reading.Frames != nil {
		return r.openFrames(ctx)
	}
	input, err := r.open()
	if err != nil {
		return err
	}
	r.records = format.NewRecords(input, r.name, &r.source.reading.Framing, r.blockSize(), r.pump != nil)
	r.pieces = r.records
	return r.readError(r.records.Start(ctx))
}

// openParquet opens a parquet file, whose parts are compressed by themselves.
func openParquet(name string) (*os.File, error) {
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is compressed as a whole, and parquet is read piece by piece", name),
			Hint: "decompress it: parquet files are compressed within"}
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is no regular file, and parquet describes its columns at the end", name),
			Hint: "write it to a file first"}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, openError(name, err)
	}
	return f, nil
}

// blockSize returns how much of the file that is open is read at a time: no more
// than there is, for the memory.
func (r *reader) blockSize() int {
	const least = 4 << 10 // some files have more than they tell
	info, err := r.file.Stat()
	if err != nil || !info.Mode().IsRegular() || r.compressed() || info.Size() >= int64(r.source.block) {
		return r.source.block
	}
	return min(r.source.block, max(least, int(info.Size())+1)) // and one, to see the end at once
}

// compressed reports whether the file holds gzip data.
func (r *reader) compressed() bool { return strings.HasSuffix(strings.ToLower(r.name), ".gz") }

// open opens the file called r.name.
func (r *reader) open() (format.Input, error) {
	f, err := os.Open(r.name)
	if err != nil {
		return nil, openError(r.name, err)
	}
	r.file = f
	var in io.Reader = &counted{f, &r.done}
	if r.compressed() {
		packed := &packedBytes{r: in}
		if in, err = gzip.NewReader(packed); err == io.EOF { // an empty file
			in = strings.NewReader("")
		} else if err != nil {
			return nil, r.readError(err)
		}
		in = &inflated{r: in, name: r.name, packed: packed, limits: r.source.limits}
	}
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		r.pump = format.NewPump(in, connectors.BlockSize)
		return r.pump, nil
	}
	return format.Direct{Reader: in}, nil
}

// Next implements connectors.Reader.
func (r *reader) Next(ctx context.Context, c *connectors.Chunk) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.pieces == nil {
			if err := r.next(ctx); err != nil {
				return err
			}
		}
		err := r.pieces.Next(ctx, c)
		c.Partition = r.source.number
		if err == nil {
			c.After = r.place(c)
		}
		if err != io.EOF {
			return r.readError(err)
		}
		if err := r.Close(); err != nil {
			return r.readError(err)
		}
	}
}

// readError adds the file's name to what went wrong in reading it.
func (r *reader) readError(err error) error {
	var path *os.PathError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the compressed data ends too early: is the file cut off, or not gzip data at all?", r.name)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%s: not valid gzip data, which its name promises: %s", r.name, strings.TrimPrefix(err.Error(), "gzip: "))
	case errors.As(err, &path):
		return fmt.Errorf("%s: cannot be read: %w", r.name, path.Err)
	case strings.HasPrefix(err.Error(), "flate: "):
		return fmt.Errorf("%s: not valid gzip data, which its name promises: %s", r.name, strings.TrimPrefix(err.Error(), "flate: "))
	}
	return err
}

// Progress implements connectors.Reader.
func (r *reader) Progress() (int64, int64) {
	if r.endless {
		return r.done.Load(), -1
	}
	return r.done.Load(), r.total
}

// Close implements connectors.Reader.
func (r *reader) Close() error {
	if r.pump != nil {
		r.pump.Close()
		r.pump = nil
	}
	r.pieces, r.frames = nil, nil
	if r.rows != nil {
		err := r.rows.Close()
		r.rows = nil
		return err
	}
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// counted counts the bytes that pass.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

// Skip implements format.Skipper.
func (c *counted) Skip(n int64) error {
	s, ok := c.r.(io.Seeker)
	if !ok {
		_, err := io.CopyN(io.Discard, c, n)
		return err
	}
	_, err := s.Seek(n, io.SeekCurrent)
	c.n.Add(n)
	return err
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
