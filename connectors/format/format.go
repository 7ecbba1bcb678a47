package format

import (
	"context"
	"fmt"
	"strings"

	"tidemark/connectors"
)

// readable and writable are the formats of records for sources and for sinks.
var (
	readable = []string{"csv", "tsv", "json", "debezium-json", "changelog-json", "avro", "protobuf", "raw"}
	writable = []string{"csv", "tsv", "json", "debezium-json", "changelog-json", "avro", "raw"}
)

// Reading is a source's format: how its records are told apart and decoded.
type Reading struct {
	Framing Framing
	// Binary says that records may hold any bytes, line ends too: where they are the
	// messages of a log, decoders need their exact ends (Messages.Gap 0).
	Binary bool
	// Frames cuts an input of a binary format into chunks. It is nil for lines, which
	// Records cut.
	Frames func(in Input, name string) Frames
	// NewDecoder returns a decoder for one worker.
	NewDecoder func() (connectors.Decoder, error)
	// Registry is what the decoders may have to wait for; nil where they ask nobody.
	Registry connectors.Troubled
}

// Pieces hands out the chunks of an input in order.
type Pieces interface {
	// Start reads what comes before the first record. Next does so itself when it was
	// not called.
	Start(ctx context.Context) error
	// Next fills c with the next records; io.EOF at the end.
	Next(ctx context.Context, c *connectors.Chunk) error
}

// Frames are the Pieces of a binary format, whose records are counted.
type Frames interface {
	Pieces
	// Records returns how many records were handed out.
	Records() int64
	// Skip leaves out the first records, as many as an earlier reader has handed out. It
	// is called before Next.
	Skip(ctx context.Context, records int64) error
}

// NewReading returns the reading that a source's options ask for. A format that
// neither the options nor the path's suffix name is an error.
func NewReading(cfg connectors.SourceConfig) (*Reading, error) {
	name, err := formatName(cfg.Options, readable...)
	if err != nil {
		return nil, err
	}
	set, err := newSettings(&cfg)
	if err != nil {
		return nil, err
	}
	if _, err := newDecoder(set); err != nil {
		return nil, err
	}
	r := &Reading{Framing: Framing{MaxRecord: set.maxRecord}}
	switch name {
	case "json":
		r.NewDecoder = func() (connectors.Decoder, error) { return newJSONDecoder(set) }
	case "debezium-json", "changelog-json":
		r.NewDecoder = func() (connectors.Decoder, error) { return newChangesDecoder(set, name == "debezium-json") }
	case "raw":
		r.Binary = true
		r.NewDecoder = func() (connectors.Decoder, error) { return newRawDecoder(set) }
		return r, checkRaw(cfg.Schema)
	case "avro":
		return r, r.avro(&cfg, set)
	case "protobuf":
		return r, r.protobuf(&cfg, set)
	default:
		return r, r.csv(name, set, cfg.Options)
	}
	return r, nil
}

// csv sets r up for delimited text.
func (r *Reading) csv(name string, set *settings, o connectors.Options) error {
	f := &r.Framing
	f.CSV, f.distinct = true, set.inferred
	var err error
	if f.Delimiter, f.Quote, err = csvCharacters(name, o); err != nil {
		return err
	}
	if f.Header, err = o.Bool("header", true); err != nil {
		return err
	}
	null := []byte(o.Text("null", ""))
	var order []int32
	if f.Header {
		f.CheckHeader = checkHeader(f, set.columns)
	} else {
		order = make([]int32, len(set.declared))
		for i := range order {
			order[i] = -1
		}
		for k, i := range set.needed {
			order[i] = int32(k)
		}
	}
	framing := f
	r.NewDecoder = func() (connectors.Decoder, error) { return newCSVDecoder(set, framing, order, null) }
	return nil
}

// csvCharacters returns the delimiter and the quote; equal when there is no
// quoting.
func csvCharacters(name string, o connectors.Options) (delimiter, quote byte, err error) {
	delimiter = ','
	if name == "tsv" {
		delimiter = '\t'
	}
	if delimiter, err = o.Char("delimiter", delimiter); err != nil {
		return 0, 0, err
	}
	if q, ok := o.Get("quote"); ok && q == "" {
		return delimiter, delimiter, nil
	}
	if quote, err = o.Char("quote", '"'); err != nil {
		return 0, 0, err
	}
	if quote == delimiter {
		return 0, 0, &connectors.OptionError{Option: "quote", Message: fmt.Sprintf("quote and delimiter are both %q", quote),
			Hint: "write quote = '' for text without quoting"}
	}
	return delimiter, quote, nil
}

// formatName returns the format of the options, one of names.
func formatName(o connectors.Options, names ...string) (string, error) {
	name := connectors.InferFormat(o)
	for _, n := range names {
		if n == name {
			return n, nil
		}
	}
	if !o.Has("format") {
		msg := "the format cannot be told"
		if path, ok := o.Get("path"); ok {
			msg = fmt.Sprintf("the format cannot be told from the path '%s'", path)
		}
		return "", &connectors.OptionError{Option: "path", Message: msg, Hint: "add format = 'csv' or another of " + strings.Join(names, ", ")}
	}
	_, err := o.Enum("format", "", names...)
	return "", err
}

// SourceOptions are the options of the formats for sources, to be added to a
// connector's own.
func SourceOptions() []connectors.OptionSpec {
	delimited := []string{"csv", "tsv"}
	return []connectors.OptionSpec{
		{Name: "on_error", Values: []string{"fail", "skip", "dead_letter"}, Default: "fail", Source: true,
			Doc: "What becomes of a record that cannot be decoded: it ends the run, is counted, or goes to the dead letters."},
		{Name: "max_record_bytes", Kind: "size", Default: "1 MiB", Source: true, Doc: "A longer record is a bad record."},
		{Name: "time_zone", Default: "UTC", Source: true, Doc: "The zone of times that are written without one."},
		{Name: "schema", Source: true, Formats: []string{"avro"}, Doc: "Of messages: their schema, where they are written without a registry."},
		{Name: "schema_file", Kind: "path", Source: true, Formats: []string{"avro"}, Doc: "Of messages: the file with their schema."},
		{Name: "schema_registry.url", Source: true, Sink: true, Formats: []string{"avro"}, Doc: "Of messages: the registry that knows their schemas, by the number that each message begins with."},
		{Name: "schema_registry.user", Source: true, Sink: true, Formats: []string{"avro"}, Doc: "The user for the registry."},
		{Name: "schema_registry.subject", Default: "the topic's name and -value", Sink: true, Formats: []string{"avro"}, Doc: "The name under which the registry keeps the schema."},
		{Name: "schema_registry.password", Source: true, Sink: true, Secret: true, Formats: []string{"avro"}, Doc: "The password for the registry: 'env:NAME' or 'file:PATH'."},
		{Name: "proto_file", Kind: "path", Source: true, Sink: true, Formats: []string{"protobuf"}, Doc: "The .proto file that describes the messages; what it imports is looked for from its folder."},
		{Name: "descriptor_file", Kind: "path", Source: true, Sink: true, Formats: []string{"protobuf"}, Doc: "The messages' description as protoc --descriptor_set_out --include_imports writes it."},
		{Name: "message", Source: true, Sink: true, Formats: []string{"protobuf"}, Default: "the only one", Doc: "The name of the message."},
		{Name: "header", Kind: "bool", Default: "true", Source: true, Sink: true, Formats: delimited,
			Doc: "Whether the first record names the columns; without it they come in the declared order."},
		{Name: "delimiter", Kind: "char", Default: ",", Source: true, Sink: true, Formats: delimited, Doc: "What separates fields."},
		{Name: "quote", Default: "\"", Source: true, Sink: true, Formats: delimited, Doc: "What encloses fields; '' for text without quoting."},
		{Name: "null", Default: "", Source: true, Sink: true, Formats: delimited, Doc: "The unquoted text that stands for NULL."},
	}
}
