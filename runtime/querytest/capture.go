package querytest

import (
	"context"

	"tidemark/operators/data"
)

// capture is the sink of a query under test: it keeps every change.
type capture struct {
	name string
	key  []int // of the table that it stands for; nil for none
	log  *rows
	// seen is how many changes the last EXPECT CHANGES has seen.
	seen int
}

func newCapture(name string, schema data.Schema, key []int) *capture {
	return &capture{name: name, key: key, log: newRows(schema)}
}

// resume makes a new capture go on behind the first changes of an old one.
func (c *capture) resume(old *capture, changes int) {
	for i := range changes {
		c.log.add(old.log.cols, i, old.log.changes[i])
	}
	c.seen = old.seen
}

// Write implements connectors.Sink.
func (c *capture) Write(_ context.Context, b *data.Batch) error {
	c.log.addBatch(b)
	return nil
}

// Flush implements connectors.Sink.
func (c *capture) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (c *capture) Close() error { return nil }

// content returns what the changes come to.
func (c *capture) content() *rows { return c.log.folded(c.key) }
