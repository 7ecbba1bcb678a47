package engine

import (
	"context"

	"tidemark/operators/data"
)

// discard is the sink of a relation in memory.
type discard struct{}

// Write implements connectors.Sink.
func (discard) Write(context.Context, *data.Batch) error { return nil }

// Flush implements connectors.Sink.
func (discard) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (discard) Close() error { return nil }
