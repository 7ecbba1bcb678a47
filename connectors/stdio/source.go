// Package stdio reads records from the standard input and prints results on the
// standard output.
package stdio

import (
	"context"
	"io"
	"strings"
	"sync/atomic"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// Connectors returns the connectors stdin and stdout.
func Connectors() []connectors.Connector {
	path := connectors.OptionSpec{Name: "path", Values: []string{"-"}, Source: true, Sink: true, Doc: "'-', as the standard input and output are often written."}
	stdin := append([]connectors.OptionSpec{path,
		{Name: "format", Values: []string{"csv", "tsv", "json", "ndjson", "jsonl", "debezium-json", "changelog-json", "avro", "protobuf", "raw"}, Required: true, Source: true, Doc: "The format of the records."},
		{Name: "bounded", Kind: "bool", Default: "true", Source: true, Doc: "'false' for an input that is not expected to end."},
	}, format.SourceOptions()...)
	stdout := append([]connectors.OptionSpec{path,
		{Name: "format", Values: []string{"csv", "tsv", "json", "ndjson", "jsonl", "debezium-json", "changelog-json", "raw", "table"}, Default: "json", Sink: true, Doc: "How the rows are printed."},
	}, format.SourceOptions()...)
	return []connectors.Connector{
		format.WithMetadata(connectors.Connector{Name: "stdin", Doc: "Records from the standard input.", Options: stdin, NewSource: NewSource, Infer: Infer, Bounded: ends},
			"line", "offset", "ingest_time"),
		{Name: "stdout", Doc: "Rows to the standard output.", Options: stdout, NewSink: NewSink,
			AppendOnly: func(o connectors.Options, keyed bool) bool {
				return !keyed && !connectors.Changelog(o)
			}},
	}
}

// ends reports whether the options say that the input ends; what is wrong with them
// is reported elsewhere.
func ends(o connectors.Options) bool {
	bounded, err := o.Bool("bounded", true)
	return bounded || err != nil
}

// stdinName is what messages call the standard input.
const stdinName = "<stdin>"

type source struct {
	in      io.Reader
	reading *format.Reading
	bounded bool
}

// NewSource returns a source that reads cfg.Stdin. It can be opened once.
func NewSource(cfg connectors.SourceConfig) (connectors.Source, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	reading, err := format.NewReading(cfg)
	if err != nil {
		return nil, err
	}
	bounded, err := cfg.Options.Bool("bounded", true)
	if err != nil {
		return nil, err
	}
	in := cfg.Stdin
	if in == nil {
		in = strings.NewReader("")
	}
	return &source{in: in, reading: reading, bounded: bounded}, nil
}

func checkFormat(cfg connectors.SourceConfig) error {
	if cfg.Options.Has("format") {
		return nil
	}
	return &connectors.OptionError{Option: "format", Message: "the format of the standard input cannot be told", Hint: "add format = 'csv' or 'json'"}
}

// NewDecoder implements connectors.Source.
func (s *source) NewDecoder() (connectors.Decoder, error) { return s.reading.NewDecoder() }

// Bounded implements connectors.Source.
func (s *source) Bounded() bool { return s.bounded }

// Open implements connectors.Source. It does not wait for input.
func (s *source) Open(context.Context) (connectors.Reader, error) {
	r := &reader{pump: format.NewPump(s.in, connectors.BlockSize)}
	if s.reading.Frames != nil {
		r.records = s.reading.Frames(r, stdinName)
		return r, nil
	}
	r.records = format.NewRecords(r, stdinName, &s.reading.Framing, connectors.BlockSize, true)
	return r, nil
}

type reader struct {
	pump    *format.Pump
	records format.Pieces
	done    atomic.Int64
	closed  bool
}

// Read implements format.Input.
func (r *reader) Read(ctx context.Context, p []byte) (int, error) {
	n, err := r.pump.Read(ctx, p)
	r.done.Add(int64(n))
	return n, err
}

// Next implements connectors.Reader.
func (r *reader) Next(ctx context.Context, c *connectors.Chunk) error { return r.records.Next(ctx, c) }

// Progress implements connectors.Reader.
func (r *reader) Progress() (int64, int64) { return r.done.Load(), -1 }

// Close implements connectors.Reader.
func (r *reader) Close() error {
	if !r.closed {
		r.closed = true
		r.pump.Close()
	}
	return nil
}
