package format

import (
	"fmt"
	"io"

	parquet "github.com/parquet-go/parquet-go"

	"tidemark/operators/data"
)

// leafCursor reads the entries of one leaf in a row group, in order: values, and
// NULLs where the levels say so.
type leafCursor struct {
	field  *parquetField
	reader *leafReader
	caster *caster

	pages parquet.Pages
	row   int64 // the row that comes next
	rows  int64 // rows of the row group
	page  parquet.Page
	defs  []byte
	reps  []byte
	size  int // entries of the page
	pos   int // the entry that comes next

	raw, cast         denseValues // of the page, as they are and as declared
	dict              parquet.Dictionary
	dictRaw, dictCast denseValues // of the dictionary
	dictValues        *denseValues

	values *denseValues // what the entries take their values from
	index  []int32      // where in values; nil for one after the other
	next   int          // the value that comes next
	places []int        // in values, of the entries at hand
}

// open begins with another row group, which has rows rows.
func (c *leafCursor) open(chunk parquet.ColumnChunk, rows int64) {
	c.close()
	c.pages, c.row, c.rows = chunk.Pages(), 0, rows
}

// close gives up the pages.
func (c *leafCursor) close() {
	c.drop()
	c.dict = nil
	if c.pages != nil {
		c.pages.Close()
		c.pages = nil
	}
}

func (c *leafCursor) drop() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	c.size, c.pos, c.defs, c.reps, c.index = 0, 0, nil, nil, nil
}

// seek goes to the first entry of a row that does not come before the next one.
func (c *leafCursor) seek(row int64) error {
	gap := row - c.row
	switch {
	case gap == 0:
		return nil
	case c.field.maxRep > 0:
		// A row may go on in the next page, which seeking does not see.
		return c.skipRows(gap)
	case gap < int64(c.size-c.pos):
		c.skip(int(gap))
	default:
		c.drop()
		if err := c.pages.SeekToRow(row); err != nil {
			return err
		}
	}
	c.row = row
	return nil
}

// skipRows goes over n rows, of which each begins at repetition level 0.
func (c *leafCursor) skipRows(n int64) error {
	for {
		some, err := c.load()
		if err != nil || !some {
			return err // reading the row says what is missing
		}
		to := c.pos
		for ; to < c.size; to++ {
			if c.reps[to] == 0 {
				if n == 0 {
					break
				}
				n--
				c.row++
			}
		}
		c.skip(to - c.pos)
		if to < c.size {
			return nil
		}
	}
}

// skip goes over n entries of the page.
func (c *leafCursor) skip(n int) {
	if c.defs == nil {
		c.next += n
	} else {
		for _, def := range c.defs[c.pos : c.pos+n] {
			if def == c.field.maxDef {
				c.next++
			}
		}
	}
	c.pos += n
}

// load reads pages until there is an entry; false at the end of the row group.
func (c *leafCursor) load() (bool, error) {
	for c.pos == c.size {
		c.drop()
		page, err := c.pages.ReadPage()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		c.page = page
		if err := c.read(page); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (c *leafCursor) read(page parquet.Page) error {
	c.size, c.pos, c.next = int(page.NumValues()), 0, 0
	c.defs, c.reps, c.index = page.DefinitionLevels(), page.RepetitionLevels(), nil
	present := c.size
	if c.field.maxDef == 0 {
		c.defs = nil
	} else {
		if len(c.defs) != c.size || c.field.maxRep > 0 && len(c.reps) != c.size {
			return fmt.Errorf("a page has %d values, and %d and %d levels", c.size, len(c.reps), len(c.defs))
		}
		present -= int(page.NumNulls())
	}
	dict := page.Dictionary()
	if dict == nil {
		if err := c.reader.page(&c.raw, page); err != nil {
			return err
		}
		c.values = c.converted(&c.raw, &c.cast)
		if n := c.values.v.Len(); n < present {
			return fmt.Errorf("a page has %d values, where its levels tell of %d", n, present)
		}
		return nil
	}
	if dict != c.dict {
		if err := c.reader.page(&c.dictRaw, dict.Page()); err != nil {
			return err
		}
		c.dict, c.dictValues = dict, c.converted(&c.dictRaw, &c.dictCast)
	}
	c.values = c.dictValues
	if present == 0 {
		return nil
	}
	index := page.Data()
	c.index = index.Int32()
	if len(c.index) < present {
		return fmt.Errorf("a page has %d values, where its levels tell of %d", len(c.index), present)
	}
	for _, k := range c.index {
		if uint32(k) >= uint32(c.values.v.Len()) {
			return fmt.Errorf("value %d of a dictionary of %d is asked for", k, c.values.v.Len())
		}
	}
	return nil
}

// converted returns the values of raw in the declared type.
func (c *leafCursor) converted(raw, cast *denseValues) *denseValues {
	if c.caster == nil {
		return raw
	}
	c.caster.cast(cast, raw)
	return cast
}

// take returns the place in values of the next entry, which has one.
func (c *leafCursor) take() int {
	k := c.next
	if c.index != nil {
		k = int(c.index[k])
	}
	c.next++
	c.pos++
	return k
}

// fault is called for each value that cannot be had, with its row of the batch. The
// reason begins with the column, or its part: "items[].price: …".
type fault func(row int, reason string)

// flat appends the next n rows to v, in which at rows of all are there already.
// There is one entry for each row.
func (c *leafCursor) flat(v *data.Vector, n int, path string, bad fault) error {
	for at := 0; at < n; {
		some, err := c.load()
		if err != nil {
			return err
		}
		if !some {
			return fmt.Errorf("it ends after %d of %d rows of a row group", c.row, c.rows)
		}
		count := min(n-at, c.size-c.pos)
		c.gather(v, at, count, n, path, bad)
		at += count
		c.row += int64(count)
	}
	return nil
}

// gather appends count entries of the page to v, as its rows from at on of all.
func (c *leafCursor) gather(v *data.Vector, at, count, all int, path string, bad fault) {
	src := &c.values.v
	if c.values.bad == nil && c.defs == nil && c.index == nil {
		c.copy(v, count)
		return
	}
	c.places = c.places[:0]
	for i := range count {
		if c.defs != nil && c.defs[c.pos] != c.field.maxDef {
			c.pos++
			c.places = append(c.places, -1)
			v.SetNull(at+i, all)
			continue
		}
		k := c.take()
		if c.values.bad != nil {
			if reason, is := c.values.bad[k]; is {
				bad(at+i, path+": "+reason)
			}
			if src.IsNull(k) {
				c.places = append(c.places, -1)
				v.SetNull(at+i, all)
				continue
			}
		}
		c.places = append(c.places, k)
	}
	switch v.Type.Class() {
	case data.ClassInt:
		v.Ints = appendPlaces(v.Ints, src.Ints, c.places)
	case data.ClassFloat:
		v.Floats = appendPlaces(v.Floats, src.Floats, c.places)
	case data.ClassBool:
		v.Bools = appendPlaces(v.Bools, src.Bools, c.places)
	case data.ClassWide:
		v.Wides = appendPlaces(v.Wides, src.Wides, c.places)
	case data.ClassBytes:
		for _, k := range c.places {
			if k >= 0 {
				v.Bytes = append(v.Bytes, src.Bytes[src.Offsets[k]:src.Offsets[k+1]]...)
			}
			v.Offsets = append(v.Offsets, uint32(len(v.Bytes)))
		}
	}
}

// appendPlaces appends the values of src that stand in places, which are -1 for
// those that have none.
func appendPlaces[T any](dst, src []T, places []int) []T {
	for _, k := range places {
		var x T
		if k >= 0 {
			x = src[k]
		}
		dst = append(dst, x)
	}
	return dst
}

// copy appends count values that follow each other.
func (c *leafCursor) copy(v *data.Vector, count int) {
	src, from, to := &c.values.v, c.next, c.next+count
	switch v.Type.Class() {
	case data.ClassInt:
		v.Ints = append(v.Ints, src.Ints[from:to]...)
	case data.ClassFloat:
		v.Floats = append(v.Floats, src.Floats[from:to]...)
	case data.ClassBool:
		v.Bools = append(v.Bools, src.Bools[from:to]...)
	case data.ClassWide:
		v.Wides = append(v.Wides, src.Wides[from:to]...)
	case data.ClassBytes:
		base := src.Offsets[from]
		shift := uint32(len(v.Bytes)) - base
		v.Bytes = append(v.Bytes, src.Bytes[base:src.Offsets[to]]...)
		for _, o := range src.Offsets[from+1 : to+1] {
			v.Offsets = append(v.Offsets, o+shift)
		}
	}
	c.next, c.pos = to, c.pos+count
}
