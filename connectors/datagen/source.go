// Package datagen makes rows out of nothing: for trying things out, for tests and
// for measurements. A row depends on its number and the seed alone.
package datagen

import (
	"context"
	"fmt"
	"math"
	"strings"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// Connector returns the generator.
func Connector() connectors.Connector {
	field := func(name, kind, def, doc string, values ...string) connectors.OptionSpec {
		return connectors.OptionSpec{Name: "fields.*." + name, Kind: kind, Default: def, Doc: doc, Values: values, Source: true}
	}
	return format.WithMetadata(connectors.Connector{
		Name: "datagen",
		Doc:  "Generated rows; the same options always give the same rows.",
		Options: []connectors.OptionSpec{
			{Name: "rows", Kind: "int", Default: "without end", Source: true, Doc: "How many rows there are."},
			{Name: "rate", Kind: "number", Default: "as fast as possible", Source: true, Doc: "Rows per second."},
			{Name: "seed", Kind: "int", Default: "1", Source: true, Doc: "Another seed gives other rows."},
			field("kind", "", "by the type: random, for a TIMESTAMP timestamp", "How values are made.", kinds...),
			field("min", "", "0", "The least value."),
			field("max", "", "by the type", "The greatest value."),
			field("start", "", "0; for a TIMESTAMP 2026-01-01", "The first value of a sequence, the first time."),
			field("step", "", "1; for a TIMESTAMP 1 second, or what the rate says", "How much a sequence, or the time, moves on with each row."),
			field("jitter", "duration", "0", "By how much times may be earlier than their place in the sequence."),
			field("length", "int", "8", "The number of characters of a random text."),
			field("prefix", "", "", "What a text made from a number begins with."),
			field("values", "", "", "The values to choose from, separated by commas."),
			field("skew", "number", "1", "The exponent of the zipf distribution."),
			field("null_rate", "number", "0", "The share of NULLs, from 0 to 1."),
		},
		NewSource: NewSource,
		Bounded:   func(o connectors.Options) bool { return o.Has("rows") },
	}, "offset", "partition", "ingest_time")
}

// chunkRows is how many rows a chunk has at most.
const chunkRows = 16384

type source struct {
	columns []*generator
	filter  *format.Filter
	rows    int64 // -1 is without end
	rate    float64
	chunk   int64
}

// NewSource returns a source of generated rows.
func NewSource(cfg connectors.SourceConfig) (connectors.Source, error) {
	o := cfg.Options
	if err := checkFields(cfg.Schema, o); err != nil {
		return nil, err
	}
	s := &source{rows: -1, chunk: chunkRows}
	var err error
	if o.Has("rows") {
		if s.rows, err = o.Int("rows", 0, 0, math.MaxInt64); err != nil {
			return nil, err
		}
	}
	if s.rate, err = o.Number("rate", 0, 0); err != nil {
		return nil, err
	}
	seed, err := o.Int("seed", 1, math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	for _, i := range cfg.Needed {
		g, err := newGenerator(cfg.Schema[i], o, mix(uint64(seed))+uint64(i)*0x9e3779b97f4a7c15, s.rate)
		if err != nil {
			return nil, err
		}
		s.columns = append(s.columns, g)
	}
	s.filter, err = format.NewFilter(cfg.Columns(), cfg.Filter)
	return s, err
}

// checkFields refuses options for columns that are not there.
func checkFields(schema data.Schema, o connectors.Options) error {
	for _, name := range o.Names() {
		rest, ok := strings.CutPrefix(strings.ToLower(name), "fields.")
		if !ok {
			continue
		}
		column := rest[:max(0, strings.LastIndexByte(rest, '.'))]
		if schema.Find(column) < 0 {
			hint := "there are: " + strings.Join(schema.Names(), ", ")
			if near := connectors.Near(column, schema.Names()); near != "" {
				hint = "did you mean " + near + "?"
			}
			return &connectors.OptionError{Option: name, Message: fmt.Sprintf("there is no column %s", column), Hint: hint}
		}
	}
	return nil
}

// Bounded implements connectors.Source.
func (s *source) Bounded() bool { return s.rows >= 0 }

// Repeatable implements connectors.Repeatable. Rows that come at a rate are not worth
// waiting for twice.
func (s *source) Repeatable() bool { return s.rows >= 0 && s.rate == 0 }

// Open implements connectors.Source.
func (s *source) Open(context.Context) (connectors.Reader, error) {
	return connectors.NewCounter("<datagen>", s.rows, s.rate, s.chunk), nil
}

// OpenAt implements connectors.Resumable.
func (s *source) OpenAt(_ context.Context, at []connectors.Position) (connectors.Reader, error) {
	return connectors.NewCounter("<datagen>", s.rows, s.rate, s.chunk).At(at)
}

// NewDecoder implements connectors.Source.
func (s *source) NewDecoder() (connectors.Decoder, error) { return (*decoder)(s), nil }

// decoder makes the rows of a chunk. It has no state.
type decoder source

// Decode implements connectors.Decoder.
func (d *decoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	n := min(max, int(c.Count)-c.Row)
	for i, g := range d.columns {
		g.fill(b.Cols[i], c.First+int64(c.Row), n)
	}
	b.N = n
	place.FirstLine, place.Lines = int64(c.Row), nil
	c.Row += n
	c.Records, c.Lines = int64(c.Row), int64(c.Row)
	d.filter.Select(b)
	return int64(c.Row) >= c.Count
}
