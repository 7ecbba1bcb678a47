package connectors

import (
	"context"

	"tidemark/operators/data"
)

// LookupConfig is what a connector gets to make a Lookup.
type LookupConfig struct {
	// Name is the relation's name, for messages and defaults.
	Name string
	// Schema are the columns that rows are wanted with; Key lists those by which they
	// are found.
	Schema data.Schema
	Key    []int
	// Options are the relation's options.
	Options Options
	// BaseDir is the folder that relative paths start from; empty is the working
	// directory.
	BaseDir string
}

// Lookup finds the rows of a foreign table by key. It is safe for concurrent use.
type Lookup interface {
	// Find appends to out, which has the columns of the config's schema, the rows of
	// the table whose key is one of the first n of keys, in any order; out.N is left to
	// the caller. It tries again where that may help, and then returns an error in
	// people's words that names the table.
	Find(ctx context.Context, keys []*data.Vector, n int, out *data.Batch) error
	// Cache says what to keep of what was found.
	Cache() LookupCache
	// Close ends the lookup.
	Close() error
}

// LookupCache is how much is kept of what was found, and for how long.
type LookupCache struct {
	TTL   int64 // microseconds; 0 keeps nothing
	Rows  int64 // about the most rows; 0 without limit
	Bytes int64 // about the most bytes; 0 without limit
}
