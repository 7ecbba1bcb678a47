package format

import (
	"bytes"
	"fmt"
	"slices"
	"sort"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// parquetDecoder reads the rows of chunks, a worker's own.
type parquetDecoder struct {
	set     *settings
	filter  *Filter
	always  []bool
	group   *parquetGroup // that the columns are open for
	file    *parquetFile  // that they were made for
	columns []*parquetColumn
	// undeclared is how many fields of the file no column is declared for.
	undeclared int64
	bad        []badRow
	records    *Encoder // for bad rows
	scratch    data.Vector
}

// badRow is a row of a batch that cannot be had.
type badRow struct {
	row, column int
	reason      string
}

// NewDecoder returns a decoder for one worker.
func (p *Parquet) NewDecoder() (connectors.Decoder, error) {
	filter, err := NewFilter(p.set.columns, p.set.filter)
	if err != nil {
		return nil, err
	}
	d := &parquetDecoder{set: p.set, filter: filter, always: make([]bool, len(p.set.columns))}
	for _, i := range p.set.always {
		d.always[i] = true
	}
	return d, nil
}

// Decode implements connectors.Decoder.
func (d *parquetDecoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) (done bool) {
	g := c.Store.(*parquetGroup)
	n := min(max, int(c.Count)-c.Pos)
	if err := d.rows(g, c.First-g.first+int64(c.Pos), n, b); err != nil {
		c.Fatal = err
		b.N, b.Sel = 0, nil
		for i, col := range d.set.columns {
			b.Cols[i].Reset(col.Type)
		}
		place.FirstLine, place.Lines = 0, nil
		c.Pos, d.group = int(c.Count), nil
		g.file.release()
		return true
	}
	b.N = n
	place.FirstLine, place.Lines = int64(c.Pos), nil
	if g.empty {
		b.Sel = b.SelBuf(0)
	} else {
		d.filter.Select(b)
		d.leaveOut(b)
	}
	d.checkRequired(b)
	c.Pos += n
	c.Records += int64(n)
	c.Lines += int64(n)
	if len(d.bad) > 0 {
		d.takeOut(c, b, place, n)
	} else {
		c.Row += n
	}
	c.Unknown += int64(b.N) * d.undeclared
	if done = c.Pos >= int(c.Count); done {
		g.file.release()
	}
	return done
}

// rows fills the columns of b with n rows of a row group from row on.
func (d *parquetDecoder) rows(g *parquetGroup, row int64, n int, b *data.Batch) (err error) {
	d.bad = d.bad[:0]
	at := -1
	defer func() {
		if x := recover(); x != nil { // the library trusts what it reads
			err = errLevels
		}
		if err != nil {
			what := fmt.Sprintf("what it has from row %d on", g.first+row+1)
			if at >= 0 {
				what = fmt.Sprintf("column %s from row %d on", d.columns[at].name, g.first+row+1)
			}
			if err == errHuge {
				err = fmt.Errorf("%s: %s: %w", g.file.name, what, err)
			} else {
				err = g.file.explain(err, what)
			}
		}
	}()
	if err := d.open(g); err != nil {
		return err
	}
	for at = range d.columns {
		v := b.Cols[at]
		if g.empty && !d.always[at] {
			v.Reset(d.set.columns[at].Type)
			v.Const = true
			v.AppendNull()
			continue
		}
		err := d.columns[at].read(v, row, n, func(row int, reason string) {
			d.bad = append(d.bad, badRow{row, at, "column " + reason})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// open makes the columns those of a row group.
func (d *parquetDecoder) open(g *parquetGroup) error {
	if d.group == g {
		return nil
	}
	for _, c := range d.columns {
		for _, l := range c.leaves {
			l.close()
		}
	}
	if d.group = nil; d.file != g.file {
		columns, err := newParquetColumns(g.file.fields, d.set)
		if err != nil {
			return err // the reader has refused the file
		}
		d.columns, d.file, d.undeclared = columns, g.file, d.set.undeclared(fieldNames(g.file.fields))
	}
	chunks := g.group.ColumnChunks()
	for _, c := range d.columns {
		for _, l := range c.leaves {
			l.open(chunks[l.field.leaf], g.group.NumRows())
		}
	}
	d.group = g
	return nil
}

// leaveOut forgets what is bad in rows that are left out by a value that is not.
func (d *parquetDecoder) leaveOut(b *data.Batch) {
	if len(d.filter.tests) == 0 || len(d.bad) == 0 {
		return
	}
	unknown := map[int][]int{} // columns by row
	for _, bad := range d.bad {
		unknown[bad.row] = append(unknown[bad.row], bad.column)
	}
	d.bad = slices.DeleteFunc(d.bad, func(bad badRow) bool {
		return !d.always[bad.column] && !d.filter.passes(b, bad.row, unknown[bad.row])
	})
}

// checkRequired notes the rows with a NULL that must not be.
func (d *parquetDecoder) checkRequired(b *data.Batch) {
	for _, i := range d.set.required {
		v := b.Cols[i]
		if v.Null == nil || v.Const {
			continue
		}
		c := column{name: d.set.columns[i].Name, always: d.always[i]}
		check := func(row int) {
			if v.Null[row] {
				d.bad = append(d.bad, badRow{row, i, c.missingReason()})
			}
		}
		if d.always[i] {
			for row := range b.N {
				check(row)
			}
			continue
		}
		for k := range b.Rows() {
			check(b.Row(k))
		}
	}
}

// takeOut takes the bad rows out of a batch of n rows and lists them.
func (d *parquetDecoder) takeOut(c *connectors.Chunk, b *data.Batch, place *connectors.Place, n int) {
	sort.SliceStable(d.bad, func(i, j int) bool { return d.bad[i].row < d.bad[j].row })
	lines := place.LineBuf(n)[:0]
	next := 0
	for row := range n {
		if next == len(d.bad) || d.bad[next].row > row {
			lines = append(lines, uint32(row))
			c.Row++
			continue
		}
		bad := d.bad[next]
		c.AddBad(place.FirstLine+int64(row), d.set.columns[bad.column].Name, bad.reason, d.record(b, row))
		for next < len(d.bad) && d.bad[next].row == row {
			next++
		}
		if d.set.stopAtBad {
			c.Records -= int64(n - row - 1)
			c.Pos = int(c.Count)
			break
		}
	}
	for _, v := range b.Cols {
		if v.Const {
			continue
		}
		d.scratch.Reset(v.Type)
		for _, row := range lines {
			d.scratch.AppendFrom(v, int(row))
		}
		*v, d.scratch = d.scratch, *v
	}
	b.N, place.Lines = len(lines), lines
	if b.Sel != nil {
		b.Sel = b.Sel[:0]
	}
	if b.Sel == nil || !d.group.empty {
		b.Sel = nil
		d.filter.Select(b)
	}
}

// record returns the needed columns of a row as JSON; a value that cannot be had
// is null or what is nearest to it.
func (d *parquetDecoder) record(b *data.Batch, row int) []byte {
	if d.records == nil {
		d.records = NewJSONEncoder(d.set.columns, "")
	}
	return bytes.TrimSuffix(d.records.AppendRow(nil, b.Cols, row, data.Insert), []byte("\n"))
}

func wrapName(name string, err error) error { return fmt.Errorf("%s: %w", name, err) }
