package format

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// metadataSpecs describes the keys that WithMetadata knows.
func metadataSpecs(keys ...string) []connectors.MetadataSpec {
	all := map[string]connectors.MetadataSpec{
		"path":        {Type: data.Of(data.String), Doc: "The name of the file."},
		"line":        {Type: data.Of(data.BigInt), Doc: "The line on which the record begins, from 1; the row's number where there are no lines."},
		"offset":      {Type: data.Of(data.BigInt), Doc: "The byte at which the record's line begins, from 0, in the decompressed input; the row's number from 0 where there are no lines; of a message its offset."},
		"partition":   {Type: data.Of(data.BigInt), Doc: "The number of the partition, from 0, in its topic where there are topics; of files that are not partitions of their own always 0."},
		"topic":       {Type: data.Of(data.String), Doc: "The message's topic."},
		"key":         {Type: data.Of(data.String), Doc: "The message's key as text, in which bytes that are no UTF-8 are replaced; NULL when it has none."},
		"headers":     {Type: data.Of(data.JSON), Doc: "The message's headers as a JSON object."},
		"timestamp":   {Type: data.Of(data.Timestamp), Doc: "The message's own time."},
		"ingest_time": {Type: data.Of(data.Timestamp), Doc: "When the block of the input with the record was read."},
	}
	specs := make([]connectors.MetadataSpec, len(keys))
	for i, k := range keys {
		specs[i] = all[k]
		specs[i].Key = k
	}
	return specs
}

// WithMetadata makes a connector out of one whose sources know nothing of
// metadata: it lets the columns of SourceConfig.Metadata be filled by what chunks
// tell, beside the decoder. Sources that are asked for none are left as they are.
func WithMetadata(c connectors.Connector, keys ...string) connectors.Connector {
	plain := c.NewSource
	c.Metadata = metadataSpecs(keys...)
	c.NewSource = func(cfg connectors.SourceConfig) (connectors.Source, error) {
		if len(cfg.Metadata) == 0 {
			return plain(cfg)
		}
		m, err := newMetadata(&c, cfg)
		if err != nil {
			return nil, err
		}
		inner, err := plain(m.inner)
		if err != nil || len(m.fields) == 0 {
			return inner, err
		}
		return &metaSource{inner, m}, nil
	}
	return c
}

// metadata says which columns of a batch come from where.
type metadata struct {
	inner   connectors.SourceConfig // without the metadata columns
	decoded []int                   // the batch's positions of the inner columns
	fields  []metaField
	filter  *Filter // the conditions on metadata
	lines   bool    // some field needs Chunk.Line
	now     func() int64
}

// metaField is a column of a batch that tells of the record.
type metaField struct {
	column int // in the batch
	typ    data.Type
	key    string
}

// newMetadata splits cfg into what is decoded and what is not.
func newMetadata(c *connectors.Connector, cfg connectors.SourceConfig) (*metadata, error) {
	m := &metadata{inner: cfg, now: cfg.Now}
	if m.now == nil {
		m.now = func() int64 { return time.Now().UnixMicro() }
	}
	in := &m.inner
	in.Schema, in.Needed, in.Filter, in.Metadata = nil, nil, nil, nil
	physical := make([]int, len(cfg.Schema)) // position in cfg.Schema → in that of the inner one
	for i, col := range cfg.Schema {
		physical[i] = len(in.Schema)
		if key, ok := cfg.Metadata[i]; !ok {
			in.Schema = append(in.Schema, col)
		} else if err := checkMetadata(c, col, key); err != nil {
			return nil, err
		}
	}
	at := make([]int, len(cfg.Needed)) // position in cfg.Needed → in that of the inner one, or -1
	for i, n := range cfg.Needed {
		if key, ok := cfg.Metadata[n]; ok {
			at[i] = -1
			key = strings.ToLower(key)
			m.fields = append(m.fields, metaField{i, cfg.Schema[n].Type, key})
			m.lines = m.lines || key == "line"
			in.Tells = append(in.Tells, key)
			continue
		}
		at[i] = len(in.Needed)
		in.Needed, m.decoded = append(in.Needed, physical[n]), append(m.decoded, i)
	}
	in.Always, in.Required = moved(cfg.Always, at), moved(cfg.Required, at)
	if cfg.Key != nil {
		in.Key = make([]int, len(cfg.Key))
		for i, k := range cfg.Key {
			in.Key[i] = physical[k]
		}
	}
	var own []connectors.Predicate
	for _, p := range cfg.Filter {
		if at[p.Column] < 0 {
			own = append(own, p)
			continue
		}
		p.Column = at[p.Column]
		in.Filter = append(in.Filter, p)
	}
	var err error
	m.filter, err = NewFilter(cfg.Columns(), own)
	return m, err
}

// checkMetadata tests that a column can be filled with what key tells.
func checkMetadata(c *connectors.Connector, col data.Column, key string) error {
	t, err := c.MetadataType(key)
	if err != nil {
		return err
	}
	if t != col.Type && !(t.Kind == data.BigInt && col.Type.Kind == data.Int && key != "offset") {
		return &connectors.OptionError{Option: "connector", Message: fmt.Sprintf("column %s is %s, and the metadata '%s' is %s", col.Name, col.Type, key, t),
			Hint: fmt.Sprintf("declare it %s %s METADATA FROM '%s'", col.Name, t, key)}
	}
	return nil
}

// moved returns the new positions of those that have one.
func moved(positions, at []int) []int {
	var out []int
	for _, p := range positions {
		if at[p] >= 0 {
			out = append(out, at[p])
		}
	}
	return out
}

// metaSource is a source with metadata columns.
type metaSource struct {
	connectors.Source
	m *metadata
}

// Repeatable implements connectors.Repeatable.
func (s *metaSource) Repeatable() bool { return connectors.Repeats(s.Source) }

// Apart implements connectors.Apart.
func (s *metaSource) Apart() bool { return connectors.ReadApart(s.Source) }

// Open implements connectors.Source.
func (s *metaSource) Open(ctx context.Context) (connectors.Reader, error) {
	r, err := s.Source.Open(ctx)
	if err != nil {
		return nil, err
	}
	return s.reader(r, 0), nil
}

// Split implements connectors.Split.
func (s *metaSource) Split(ctx context.Context) ([]connectors.Part, error) {
	parts, err := connectors.Parts(ctx, s.Source)
	for i := range parts {
		parts[i].Source = &metaSource{parts[i].Source, s.m}
	}
	return parts, err
}

// metaPartitions is a metaReader of several partitions.
type metaPartitions struct {
	*metaReader
	many connectors.Partitioned
}

// Partitions implements connectors.Partitioned.
func (r *metaPartitions) Partitions() []string { return r.many.Partitions() }

// AtEnd implements connectors.Partitioned.
func (r *metaPartitions) AtEnd(partition int) (int64, bool) { return r.many.AtEnd(partition) }

// NewDecoder implements connectors.Source.
func (s *metaSource) NewDecoder() (connectors.Decoder, error) {
	d, err := s.Source.NewDecoder()
	if err != nil {
		return nil, err
	}
	return &metaDecoder{inner: d, m: s.m}, nil
}

// metaReader notes the time and the place of every chunk.
type metaReader struct {
	connectors.Reader
	m    *metadata
	line int64 // lines of the input before the next chunk
}

// Next implements connectors.Reader.
func (r *metaReader) Next(ctx context.Context, c *connectors.Chunk) error {
	if err := r.Reader.Next(ctx, c); err != nil {
		return err
	}
	c.Time = r.m.now()
	if c.NewFile {
		r.line = c.HeaderLines
	}
	c.Line = r.line
	switch {
	case !r.m.lines:
	case c.Count > 0:
		r.line += c.Count
	case c.TooLong > 0:
		r.line += c.TooLong
	case c.Messages != nil && c.Messages.Gap == 0:
		r.line += int64(len(c.Messages.Ends))
	default:
		r.line += int64(bytes.Count(c.Data, []byte("\n")))
	}
	if len(c.After) > 0 {
		c.After = after(r.line, c.After)
	}
	return nil
}

// metaDecoder fills the metadata columns beside a decoder that fills the others.
type metaDecoder struct {
	inner connectors.Decoder
	m     *metadata
	cols  []*data.Vector

	// The line of the chunk that was reached in looking for offsets, and its place.
	line int64
	pos  int
}

// Decode implements connectors.Decoder.
func (d *metaDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	all := b.Cols
	d.cols = d.cols[:0]
	for _, i := range d.m.decoded {
		d.cols = append(d.cols, all[i])
	}
	b.Cols = d.cols
	done := d.inner.Decode(c, b, place, max)
	b.Cols = all
	line, pos := d.line, d.pos
	for _, f := range d.m.fields {
		if v := b.Cols[f.column]; c.Messages != nil && f.ofMessage(v, c.Messages, b.N, place) {
			continue
		} else if f.key == "offset" {
			v.Resize(f.typ, b.N)
			d.line, d.pos = offsets(v.Ints, c, place, line, pos)
		} else {
			f.fill(v, c, b.N, place)
		}
	}
	if done {
		d.line, d.pos = 0, 0
	}
	d.m.filter.Select(b)
	return done
}

// fill makes v what the field tells of n rows, unless that is their offset.
func (f *metaField) fill(v *data.Vector, c *connectors.Chunk, n int, place *connectors.Place) {
	switch f.key {
	case "path":
		v.Reset(f.typ)
		v.Const = true
		v.AppendText([]byte(c.Name))
	case "partition":
		v.Reset(f.typ)
		v.Const = true
		v.AppendInt(int64(c.Partition))
	case "ingest_time": // may be the time column, which has a value for each row
		v.Resize(f.typ, n)
		for i := range v.Ints {
			v.Ints[i] = c.Time
		}
	case "line":
		v.Resize(f.typ, n)
		for i := range v.Ints {
			v.Ints[i] = c.Line + place.Line(i) + 1
		}
	}
}

// ofMessage makes v what the field tells of the messages that n rows are of; false for
// what all records have.
func (f *metaField) ofMessage(v *data.Vector, m *connectors.Messages, n int, place *connectors.Place) bool {
	ints := func(of []int64) {
		v.Resize(f.typ, n)
		for i := range v.Ints {
			v.Ints[i] = of[m.At(place.Line(i))]
		}
	}
	texts := func(of *connectors.Texts) {
		v.Reset(f.typ)
		for i := range n {
			if t := of.Text(m.At(place.Line(i))); t != nil {
				v.AppendText(bytes.ToValidUTF8(t, []byte("\ufffd")))
			} else {
				v.AppendNull()
			}
		}
	}
	switch f.key {
	case "topic":
		v.Reset(f.typ)
		v.Const = true
		v.AppendText([]byte(m.Topic))
	case "partition":
		v.Reset(f.typ)
		v.Const = true
		v.AppendInt(int64(m.Partition))
	case "offset":
		ints(m.Offsets)
	case "timestamp":
		ints(m.Times)
	case "key":
		texts(&m.Keys)
	case "headers":
		texts(&m.Headers)
	default:
		return false
	}
	return true
}

// offsets sets the places in the input of the rows' lines. line is a line of the
// chunk not after the first row's, and pos where it begins; those of the last row
// are returned.
func offsets(to []int64, c *connectors.Chunk, place *connectors.Place, line int64, pos int) (int64, int) {
	for i := range to {
		want := place.Line(i)
		if c.Count > 0 {
			to[i] = c.First + want
			continue
		}
		if m := c.Messages; m != nil && int(want) < len(m.Offsets) {
			to[i] = m.Offsets[want]
			continue
		}
		for ; line < want; line++ {
			pos += bytes.IndexByte(c.Data[pos:], '\n') + 1
		}
		to[i] = c.Offset + int64(pos)
	}
	return line, pos
}
