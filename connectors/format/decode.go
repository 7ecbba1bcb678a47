package format

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// settings are what every decoder has of its source's configuration.
type settings struct {
	columns   data.Schema
	declared  data.Schema
	needed    []int
	filter    []connectors.Predicate
	always    []int
	required  []int
	stopAtBad bool // on_error = 'fail'
	maxRecord int
	zone      *time.Location
	inferred  bool   // the columns are not declared
	keyed     bool   // rows replace one another
	key       []bool // the columns that they do so by
}

func newSettings(cfg *connectors.SourceConfig) (*settings, error) {
	s := &settings{columns: cfg.Columns(), declared: cfg.Schema, needed: cfg.Needed, filter: cfg.Filter, always: cfg.Always, required: cfg.Required, inferred: cfg.Inferred}
	s.keyed, s.key = cfg.Key != nil, make([]bool, len(cfg.Needed))
	for i, n := range cfg.Needed {
		s.key[i] = slices.Contains(cfg.Key, n)
	}
	o := cfg.Options
	onError, err := o.Enum("on_error", "fail", "fail", "skip", "dead_letter")
	if err != nil {
		return nil, err
	}
	s.stopAtBad = onError == "fail"
	limit, err := o.Size("max_record_bytes", 1<<20, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	s.maxRecord = int(limit)
	zone := o.Text("time_zone", "UTC")
	if s.zone, err = time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return nil, &connectors.OptionError{Option: "time_zone", Message: fmt.Sprintf("there is no time zone '%s'", zone),
			Hint: "write for example 'Europe/Berlin' or 'UTC'"}
	}
	return s, nil
}

// undeclared returns how many of an input's names no column is declared for.
func (s *settings) undeclared(names []string) int64 {
	if s.inferred {
		names = distinctNames(names)
	}
	n := int64(0)
	for _, name := range names {
		if !slices.ContainsFunc(s.declared, func(c data.Column) bool { return strings.EqualFold(c.Name, name) }) {
			n++
		}
	}
	return n
}

// decoder is what the decoders have in common: the columns and the rows of the
// batch at hand.
type decoder struct {
	set     *settings
	columns []column
	// filtered says that there are predicates.
	filtered bool
	// lenient makes a value that cannot be had one that no predicate is asked about.
	lenient bool

	n     int // rows of the batch
	line  int64
	place *connectors.Place
	lines []uint32 // place.Lines once a row is not on the expected line
	sel   []int32
	cut   bool // some row of the batch failed: sel is in use
	b     *data.Batch
	cap   int
}

func newDecoder(set *settings) (decoder, error) {
	d := decoder{set: set, columns: make([]column, len(set.columns)), filtered: len(set.filter) > 0}
	for i, c := range set.columns {
		d.columns[i] = newColumn(c, set.zone)
		d.columns[i].inferred = set.inferred
	}
	for _, i := range set.always {
		d.columns[i].always = true
	}
	for _, p := range set.filter {
		c := &d.columns[p.Column]
		prepared, ok := newPredicate(p, c.class)
		if !ok {
			return d, fmt.Errorf("the condition %s %s cannot be pushed into a source", c.name, p.Op)
		}
		c.preds = append(c.preds, prepared)
	}
	return d, nil
}

// text returns c's data with the line end that stops every scan behind it and
// the padding, first copying it when it has no room for that.
func text(c *connectors.Chunk) []byte {
	n := len(c.Data)
	if cap(c.Data) < n+connectors.Padding {
		grown := make([]byte, n, n+connectors.Padding)
		copy(grown, c.Data)
		c.Data = grown
	}
	d := c.Data[:n+connectors.Padding]
	d[n] = '\n'
	return d
}

// begin prepares b for up to max rows.
func (d *decoder) begin(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) {
	// Every record has at least two bytes, but for a NULL by itself: of those
	// there may be more than one batch takes.
	d.beginRows(c, b, place, min(max, (len(c.Data)-c.Pos)/2+2))
}

// beginRows prepares b for up to rows rows.
func (d *decoder) beginRows(c *connectors.Chunk, b *data.Batch, place *connectors.Place, rows int) {
	d.cap = rows
	d.n, d.line, d.b, d.place, d.lines, d.cut = 0, c.Lines, b, place, nil, false
	place.FirstLine, place.Lines = c.Lines, nil
	for i := range d.columns {
		d.columns[i].begin(b.Cols[i], d.cap)
	}
	if d.filtered {
		d.sel = b.SelBuf(d.cap)
	}
}

// nullOf returns a column that is NULL in row n and must not be, or nil.
func (d *decoder) nullOf(passed bool) *column {
	for _, i := range d.set.required {
		if c := &d.columns[i]; c.nulls != nil && c.nulls[d.n] && (passed || c.always) {
			return c
		}
	}
	return nil
}

func (c *column) missingReason() string {
	if c.always {
		return "column " + c.name + " is NULL, and it is the event time"
	}
	return "column " + c.name + " is NULL, and it is declared NOT NULL"
}

// accept ends row n, which started on the given line.
func (d *decoder) accept(line int64, passed bool) {
	if d.n == 0 {
		d.place.FirstLine = line
	} else if d.lines != nil || line != d.place.FirstLine+int64(d.n) {
		d.irregular(line)
	}
	if d.filtered {
		if passed {
			d.sel = append(d.sel, int32(d.n))
		} else {
			d.cut = true
		}
	}
	d.n++
}

// irregular notes the line of a row that is not on the line after its
// predecessor, or comes after one that was not.
func (d *decoder) irregular(line int64) {
	if d.lines == nil {
		d.lines = d.place.LineBuf(d.cap)
		for i := range d.lines[:d.n] {
			d.lines[i] = uint32(i)
		}
	}
	d.lines[d.n] = uint32(min(line-d.place.FirstLine, math.MaxUint32))
}

// end hands the rows over to the batch.
func (d *decoder) end(c *connectors.Chunk) {
	for i := range d.columns {
		d.columns[i].end(d.n)
	}
	d.b.N = d.n
	if d.cut {
		d.b.Sel = d.sel
	}
	if d.lines != nil {
		d.place.Lines = d.lines[:d.n]
	}
	c.Lines = d.line
	d.b, d.place, d.sel = nil, nil, nil
}

// noRows makes b a batch without rows.
func (d *decoder) noRows(b *data.Batch, place *connectors.Place) {
	for i := range d.columns {
		d.columns[i].begin(b.Cols[i], 0)
		d.columns[i].end(0)
	}
	b.N = 0
	place.FirstLine, place.Lines = 0, nil
}
