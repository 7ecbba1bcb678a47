package format

import (
	"github.com/parquet-go/parquet-go/encoding"
	pq "github.com/parquet-go/parquet-go/format"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// rulesOut reports whether the statistics of a row group show that none of its
// rows passes the filter.
func (p *Parquet) rulesOut(g *parquetGroup) (out bool) {
	if len(p.set.filter) == 0 {
		return false
	}
	defer func() {
		if recover() != nil { // statistics that make no sense say nothing
			out = false
		}
	}()
	columns, err := newParquetColumns(g.file.fields, p.set)
	if err != nil {
		return false
	}
	chunks := g.file.meta.Metadata().RowGroups[g.index].Columns
	for _, pred := range p.set.filter {
		c := columns[pred.Column]
		if c.nested != nil || c.leaves[0].caster != nil {
			continue
		}
		leaf := c.leaves[0]
		stats := &chunks[leaf.field.leaf].MetaData.Statistics
		if stats.MinValue == nil || stats.MaxValue == nil || !leaf.ordered() {
			continue
		}
		least, most := leaf.bound(stats.MinValue), leaf.bound(stats.MaxValue)
		if least != nil && most != nil && !anyPasses(pred, least, most) {
			return true
		}
	}
	return false
}

// ordered reports whether the bounds that files have for a leaf can be compared
// with its values. Those of doubles say nothing of NaN.
func (c *leafCursor) ordered() bool {
	switch c.field.typ.Kind {
	case data.Int, data.BigInt, data.Date, data.Time, data.Timestamp, data.String:
		return c.reader.zone == nil
	case data.Decimal:
		return c.field.element.Type.V != pq.ByteArray && !unsigned(c.field.element)
	}
	return false
}

// bound returns a value of the statistics; nil when it makes no sense. Texts may
// have been cut: they are below or above all values then.
func (c *leafCursor) bound(stored []byte) *data.Vector {
	var values encoding.Values
	switch size := len(stored); {
	case c.field.element.Type.V == pq.Int32 && size == 4:
		values = encoding.Int32ValuesFromBytes(stored)
	case c.field.element.Type.V == pq.Int64 && size == 8:
		values = encoding.Int64ValuesFromBytes(stored)
	case c.field.element.Type.V == pq.ByteArray:
		values = encoding.ByteArrayValues(stored, []uint32{0, uint32(size)})
	case c.field.element.Type.V == pq.FixedLenByteArray && size == int(c.field.element.TypeLength.V):
		values = encoding.FixedLenByteArrayValues(stored, size)
	default:
		return nil
	}
	var d denseValues
	d.reset(c.reader.typ)
	c.reader.read(&d, &values)
	if d.v.Len() != 1 || d.bad[0] != "" && c.field.typ.Kind != data.String {
		return nil
	}
	return &d.v
}

// anyPasses reports whether a value from least to most may pass a predicate.
func anyPasses(p connectors.Predicate, least, most *data.Vector) bool {
	for _, v := range p.Values {
		if v.IsNull(0) {
			continue
		}
		lo, hi := data.Compare(least, 0, v, 0), data.Compare(most, 0, v, 0)
		some := true
		switch p.Op {
		case "=", "in":
			some = lo <= 0 && hi >= 0
		case "<>":
			some = lo != 0 || hi != 0
		case "<":
			some = lo < 0
		case "<=":
			some = lo <= 0
		case ">":
			some = hi > 0
		case ">=":
			some = hi >= 0
		}
		if some {
			return true
		}
	}
	return false
}
