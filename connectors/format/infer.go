package format

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// sampleRecords is how many records an inferred schema rests on.
const sampleRecords = 10_000

// Infer returns the columns of csv with a header, or of JSON lines, as the first
// records of an input suggest them. It reads on in in as far as it needs. name is
// what messages call the input. cfg's schema does not matter.
func Infer(ctx context.Context, cfg connectors.SourceConfig, in Input, name string) (data.Schema, error) {
	switch f := connectors.InferFormat(cfg.Options); f {
	case "raw", "protobuf", "debezium-json", "changelog-json":
		return nil, undecided(name, "records of format '"+f+"' do not name them all", "format", declareThem)
	}
	form, err := formatName(cfg.Options, "csv", "tsv", "json")
	if err != nil {
		return nil, err
	}
	// Bad records are the run's to report.
	cfg.Options, cfg.Inferred = cfg.Options.With("on_error", "skip"), true
	cfg.Schema, cfg.Needed, cfg.Filter, cfg.Always, cfg.Required = nil, nil, nil, nil, nil
	r, err := NewReading(cfg)
	if err != nil {
		return nil, err
	}
	records := NewRecords(in, name, &r.Framing, connectors.BlockSize/4, false)
	if err := records.Start(ctx); err != nil {
		return nil, err
	}
	var schema data.Schema
	if form == "json" {
		schema, err = inferJSON(ctx, records)
	} else {
		schema, err = inferCSV(ctx, cfg, r, records)
	}
	if err != nil {
		return nil, err
	}
	return schema, nil
}

// sampleBytes is how much of an input that cannot be read twice is looked at.
const sampleBytes = 1 << 20

// SampleLength returns a function that tells, from the beginning of an input, how
// much of it Infer should see: 0 when more is needed. That is up to a megabyte of
// whole records, or, of a live input, the first record.
func SampleLength(cfg connectors.SourceConfig, live bool) (func([]byte) int, error) {
	cfg.Schema, cfg.Needed, cfg.Filter, cfg.Always, cfg.Required = nil, nil, nil, nil, nil
	r, err := NewReading(cfg)
	if err != nil {
		return nil, err
	}
	f := &r.Framing
	if live {
		return f.firstRecord, nil
	}
	return func(b []byte) int {
		if len(b) < sampleBytes {
			return 0
		}
		if n := f.Cut(b); n > 0 {
			return n
		}
		return len(b) // a record that is too long
	}, nil
}

// firstRecord returns the length of the header and the first record of an input,
// 0 when they do not end in b.
func (f *Framing) firstRecord(b []byte) int {
	wanted := 1
	if f.Header {
		wanted = 2
	}
	for i := 0; i < len(b); {
		end, ok := lineEnd(b, i)
		if f.quotes() {
			end, ok = f.recordEnd(b, i, false)
		}
		if !ok {
			break
		}
		if len(bytes.TrimSpace(b[i:end])) > 0 {
			wanted--
		}
		if i = end + 1; wanted == 0 {
			return i
		}
	}
	return 0
}

// undecided is the error for an input that does not tell its columns.
func undecided(name, why, option, hint string) error {
	return &connectors.OptionError{Option: option, Message: fmt.Sprintf("the columns of %s cannot be told: %s", name, why), Hint: hint}
}

const declareThem = "declare the columns: CREATE STREAM name (id BIGINT, …) WITH (…)"

// inferCSV reads the sample as texts and guesses what each column of them is.
func inferCSV(ctx context.Context, cfg connectors.SourceConfig, r *Reading, records *Records) (data.Schema, error) {
	if !r.Framing.Header {
		return nil, undecided(records.name, "with header = 'false' nothing names them", "header", declareThem)
	}
	if len(records.header) == 0 {
		return nil, undecided(records.name, "it is empty", "path", declareThem)
	}
	names, err := splitHeader(&r.Framing, records.header)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", records.name, err)
	}
	if d := guessDelimiter(records.header, r.Framing.Delimiter); len(names) == 1 && d != 0 {
		return nil, undecided(records.name, fmt.Sprintf("its header has no %q", r.Framing.Delimiter), "delimiter", fmt.Sprintf("write delimiter = '%c'", d))
	}
	for i, name := range distinctNames(names) {
		cfg.Schema = append(cfg.Schema, data.Column{Name: name, Type: data.Of(data.String)})
		cfg.Needed = append(cfg.Needed, i)
	}
	texts, err := NewReading(cfg)
	if err != nil {
		return nil, err
	}
	guesses, err := guessColumns(ctx, cfg, texts, records)
	if err != nil {
		return nil, err
	}
	for i := range guesses {
		cfg.Schema[i].Type = guesses[i].kind()
	}
	return cfg.Schema, nil
}

// guessColumns decodes the sample, all of whose columns are STRING.
func guessColumns(ctx context.Context, cfg connectors.SourceConfig, texts *Reading, records *Records) ([]guess, error) {
	dec, err := texts.NewDecoder()
	if err != nil {
		return nil, err
	}
	guesses := make([]guess, len(cfg.Schema))
	pool := data.NewPool(cfg.Columns())
	var c connectors.Chunk
	var place connectors.Place
	for left := sampleRecords; left > 0; {
		if err := records.Next(ctx, &c); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		for done := false; !done && left > 0; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, min(left, 1024))
			for i, v := range b.Cols {
				for k := range b.N {
					if !v.IsNull(k) {
						guesses[i].see(v.Text(k))
					}
				}
			}
			left -= b.N
			b.Release()
		}
	}
	return guesses, nil
}

// distinctNames returns the names of a header as columns can have them: all there,
// and no two alike. A name that comes again gets a number.
func distinctNames(names []string) []string {
	taken := make(map[string]bool, len(names))
	for _, name := range names {
		taken[strings.ToLower(name)] = true
	}
	seen := make(map[string]bool, len(names))
	out := make([]string, len(names))
	for i, name := range names {
		if name = strings.ToValidUTF8(name, ""); name == "" {
			name = "column" + strconv.Itoa(i+1)
		}
		unique := name
		for n := 2; seen[strings.ToLower(unique)] || unique != name && taken[strings.ToLower(unique)]; n++ {
			unique = name + "_" + strconv.Itoa(n)
		}
		seen[strings.ToLower(unique)] = true
		out[i] = unique
	}
	return out
}
