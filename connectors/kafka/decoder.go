package kafka

import (
	"tidemark/connectors"
	"tidemark/operators/data"
)

// decoder unpacks chunks before they are decoded, so that all workers do it at the same
// time. A worker has its own.
type decoder struct {
	inner  connectors.Decoder
	unpack unpacker
}

// Decode implements connectors.Decoder.
func (d *decoder) Decode(c *connectors.Chunk, b *data.Batch, place *connectors.Place, max int) bool {
	if p, ok := c.Store.(*packed); ok {
		d.unpack.unpack(c, p)
	}
	before := len(c.Bad)
	done := d.inner.Decode(c, b, place, max)
	if len(d.unpack.faults) > 0 {
		d.unpack.explain(c.Bad[before:])
	}
	return done
}
