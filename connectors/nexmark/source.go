// Package nexmark makes the events of an online auction: the persons, auctions and bids
// of the NEXMark benchmark (Tucker, Tufte, Papadimos and Maier, 2002), in the proportions
// and with the fields of the generator that Apache Beam and Flink have of it. An event
// depends on its number, the seed and the pace of events alone, so that each of the
// three streams can be made by itself and the others' ids still agree with it.
package nexmark

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
	return format.WithMetadata(connectors.Connector{
		Name: "nexmark",
		Doc:  "The persons, auctions and bids of the Nexmark benchmark; the same options always give the same rows.",
		Options: []connectors.OptionSpec{
			{Name: "type", Values: []string{"person", "auction", "bid"}, Default: "the stream's name", Source: true, Doc: "Which of the events are the rows."},
			{Name: "events", Kind: "int", Default: "without end", Source: true, Doc: "How many events there are: of 50, one is a person, three are auctions and 46 bids."},
			{Name: "rate", Kind: "number", Default: "as fast as possible", Source: true, Doc: "Events per second by the clock."},
			{Name: "event_rate", Kind: "number", Default: "10000", Source: true, Doc: "Events per second of event time."},
			{Name: "disorder", Kind: "duration", Default: "0", Source: true, Doc: "By how much times may be earlier than their place among the events."},
			{Name: "start", Default: "2026-01-01", Source: true, Doc: "The time of the first event."},
			{Name: "seed", Kind: "int", Default: "1", Source: true, Doc: "Another seed gives other rows."},
		},
		NewSource: NewSource,
		Infer:     Infer,
		Bounded:   func(o connectors.Options) bool { return o.Has("events") },
	}, "offset", "partition", "ingest_time")
}

// chunkRows is how many rows a chunk has at most.
const chunkRows = 8192

// source makes the rows of one table.
type source struct {
	generator
	columns []int // of the table
	filter  *format.Filter
	rows    int64   // -1 is without end
	rate    float64 // rows per second by the clock
}

// generator is what the values depend on.
type generator struct {
	table    *table
	seed     uint64
	start    int64 // µs
	step     int64 // µs of event time from one event to the next
	disorder int64 // µs
}

// time returns the time of event n in microseconds.
func (g *generator) time(n int64) int64 {
	t := g.start + n*g.step
	if g.disorder > 0 {
		d := g.dice(n, -1)
		t -= d.below(g.disorder + 1)
	}
	return t
}

// dice returns the random numbers of a column for event n; those of column -1 are for its
// time.
func (g *generator) dice(n int64, column int) dice { return roll(g.seed, n, uint64(column)) }

// tableOf returns the table that the options name, or the relation's name.
func tableOf(cfg *connectors.SourceConfig) (*table, error) {
	name := strings.ToLower(cfg.Options.Text("type", strings.TrimSuffix(cfg.Name, "s")))
	for _, t := range tables {
		if t.name == name {
			return t, nil
		}
	}
	e := &connectors.OptionError{Option: "type", Message: fmt.Sprintf("there is no type '%s'", name), Hint: "there are: person, auction, bid"}
	if !cfg.Options.Has("type") {
		e.Option, e.Message = "connector", fmt.Sprintf("which events %s has is not said", cfg.Name)
		e.Hint = "set type = 'person', 'auction' or 'bid'"
	}
	return nil, e
}

// Infer returns the columns of the events.
func Infer(_ context.Context, cfg connectors.SourceConfig) (data.Schema, error) {
	t, err := tableOf(&cfg)
	if err != nil {
		return nil, err
	}
	var s data.Schema
	for _, c := range t.columns {
		s = append(s, data.Column{Name: c.name, Type: c.typ})
	}
	return s, nil
}

// NewSource returns a source of one of the three streams.
func NewSource(cfg connectors.SourceConfig) (connectors.Source, error) {
	o := cfg.Options
	s := &source{rows: -1}
	var err error
	if s.table, err = tableOf(&cfg); err != nil {
		return nil, err
	}
	if o.Has("events") {
		events, err := o.Int("events", 0, 0, math.MaxInt64)
		if err != nil {
			return nil, err
		}
		s.rows = s.table.rows(events)
	}
	if s.rate, err = o.Number("rate", 0, 0); err != nil {
		return nil, err
	}
	s.rate *= float64(s.table.each) / round
	pace, err := o.Number("event_rate", 10_000, 0.001)
	if err != nil {
		return nil, err
	}
	s.step = max(1, int64(1e6/pace))
	disorder, err := o.Duration("disorder", 0)
	if err != nil {
		return nil, err
	}
	s.disorder = disorder.Microseconds()
	if s.start, err = startOf(o); err != nil {
		return nil, err
	}
	seed, err := o.Int("seed", 1, math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	s.seed = uint64(seed) * 0x2545f4914f6cdd1d
	for _, i := range cfg.Needed {
		at, err := s.table.find(cfg.Schema[i])
		if err != nil {
			return nil, err
		}
		s.columns = append(s.columns, at)
	}
	s.filter, err = format.NewFilter(cfg.Columns(), cfg.Filter)
	return s, err
}

// startOf returns the time of the first event in microseconds.
func startOf(o connectors.Options) (int64, error) {
	v := data.NewConst(timestamp)
	if err := data.NewTextParser(timestamp, nil).Append(v, []byte(o.Text("start", "2026-01-01"))); err != nil {
		return 0, &connectors.OptionError{Option: "start", Message: "start: " + err.Error(), Hint: "write for example '2026-01-01T12:00:00Z'"}
	}
	return v.Ints[0], nil
}

// find returns the place of the column that a declared one is.
func (t *table) find(of data.Column) (int, error) {
	var names []string
	for i, c := range t.columns {
		if !strings.EqualFold(c.name, of.Name) {
			names = append(names, c.name)
			continue
		}
		if c.typ.Kind != of.Type.Kind {
			return 0, &connectors.OptionError{Option: "connector", Message: fmt.Sprintf("column %s is declared %s, and a %s has %s", of.Name, of.Type, t.name, c.typ),
				Hint: "declare it so, and CAST it where it is used"}
		}
		return i, nil
	}
	hint := "it has " + strings.Join(names, ", ")
	if near := connectors.Near(of.Name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return 0, &connectors.OptionError{Option: "connector", Message: fmt.Sprintf("a %s has no column %s", t.name, of.Name), Hint: hint}
}

// Bounded implements connectors.Source.
func (s *source) Bounded() bool { return s.rows >= 0 }

// Repeatable implements connectors.Repeatable. Rows that come at a rate are not worth
// waiting for twice.
func (s *source) Repeatable() bool { return s.rows >= 0 && s.rate == 0 }

// Open implements connectors.Source.
func (s *source) Open(context.Context) (connectors.Reader, error) {
	return connectors.NewCounter("<nexmark>", s.rows, s.rate, chunkRows), nil
}

// OpenAt implements connectors.Resumable.
func (s *source) OpenAt(_ context.Context, at []connectors.Position) (connectors.Reader, error) {
	return connectors.NewCounter("<nexmark>", s.rows, s.rate, chunkRows).At(at)
}

// NewDecoder implements connectors.Source.
func (s *source) NewDecoder() (connectors.Decoder, error) { return (*decoder)(s), nil }

// decoder makes the rows of a chunk. It has no state.
type decoder source

// Decode implements connectors.Decoder.
func (d *decoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	n := min(max, int(c.Count)-c.Row)
	first := c.First + int64(c.Row)
	for i, column := range d.columns {
		c := &d.table.columns[column]
		for row := first; row < first+int64(n); row++ {
			event := d.table.event(row)
			dice := d.dice(event, column)
			c.make(&d.generator, event, &dice, b.Cols[i])
		}
	}
	b.N = n
	place.FirstLine, place.Lines = int64(c.Row), nil
	c.Row += n
	c.Records, c.Lines = int64(c.Row), int64(c.Row)
	d.filter.Select(b)
	return int64(c.Row) >= c.Count
}
