package connectors

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"tidemark/operators/data"
)

// SourceConfig is what a connector gets to make a source.
type SourceConfig struct {
	// Name is the relation's name, for messages and defaults.
	Name string
	// Schema are the declared physical columns.
	Schema data.Schema
	// Inferred says that Schema was not declared but is what Infer has returned.
	Inferred bool
	// Metadata names, by their position in Schema, the columns that do not come
	// from the records but tell of them, and the key of what each tells.
	Metadata map[int]string
	// Key lists the primary key's columns that are in Schema; nil for a stream. Of a table,
	// an update needs no old row, and a deleted row little but the key.
	Key []int
	// Tells lists the keys of those metadata that the query reads, for a source that
	// format.WithMetadata fills them for.
	Tells []string
	// Needed lists the columns the query reads, by position in Schema, in the
	// order of the batch's columns. The others are skipped, not validated.
	Needed []int
	// Filter are conditions that all must hold for a row to be selected. Rows
	// that fail keep their place in the batch.
	Filter []Predicate
	// Always lists positions in Needed that are decoded even for rows that fail
	// the filter: the time column.
	Always []int
	// Required lists positions in Needed that must not be NULL, a record where one
	// is being bad: the time column and those declared NOT NULL.
	Required []int
	// Options are the relation's options.
	Options Options
	// BaseDir is the folder that relative paths start from; empty is the working
	// directory.
	BaseDir string
	// Stdin is the standard input. When it is an *Ahead, its schema can be
	// inferred.
	Stdin io.Reader
	// Now returns the time in microseconds since 1970, for the metadata
	// ingest_time; nil is the clock of the machine.
	Now func() int64
}

// Columns returns the schema of the batches: the needed columns in order.
func (c *SourceConfig) Columns() data.Schema {
	out := make(data.Schema, len(c.Needed))
	for i, n := range c.Needed {
		out[i] = c.Schema[n]
	}
	return out
}

// Predicate compares a column with constants. As in SQL, a NULL column or a
// NULL constant makes it fail (a NULL constant in a list of others is ignored).
type Predicate struct {
	// Column is the position in Needed.
	Column int
	// Op is one of = <> < <= > >= in.
	Op string
	// Values are the constants, of the column's type: one for a comparison.
	Values []*data.Vector
}

// SinkConfig is what a connector gets to make a sink.
type SinkConfig struct {
	// Name is the relation's name, for messages and defaults.
	Name string
	// Schema are the columns of the batches.
	Schema data.Schema
	// Key lists the primary key's columns; nil is an append-only stream.
	Key []int
	// Options are the relation's options.
	Options Options
	// BaseDir is the folder that relative paths start from; empty is the working
	// directory.
	BaseDir string
	// Stdout is the standard output.
	Stdout io.Writer
	// Job is not nil for a job with checkpoints: a Transactional sink is then used by
	// its marks.
	Job *Job
	// Workers is how many goroutines may work for the sink; 0 is one.
	Workers int
}

// PrintConfig says how a result is printed.
type PrintConfig struct {
	Out    io.Writer
	Schema data.Schema
	// Form is one of table, line, csv, json, changelog and none.
	Form string
	// Folded prints what the changelog amounts to, once, at Flush; otherwise rows
	// are printed as they come. The changelog form is never folded.
	Folded bool
	// Key is the key of a folded result; nil when it has none: then rows are
	// counted.
	Key []int
	// Tag, if not empty, is the "query" member of json and changelog lines.
	Tag string
	// Prompt prints at each Write what there is, for live results.
	Prompt bool
	// Screen makes a folded table one that is not printed: who shows it asks the sink,
	// a Screen, for it at any time.
	Screen bool
	// Null is what stands for NULL in the forms table, line and csv; empty is NULL in
	// the first two.
	Null string
	// Width is how many places a line of a table may take, where its texts can be cut
	// for that; 0 is any number.
	Width int
	// Limit is how many rows are printed; 0 is all.
	Limit int64
}

// Screen is the sink of a result that is shown as it changes.
type Screen interface {
	Sink
	// Draw returns the result as it stands as a table of whole lines, at most height of
	// them: those that fit, the last by the order of the key. It may be called at any
	// time, while Write and Flush are too.
	Draw(width, height int) string
}

// Counted is a sink that knows how many rows a result has come to, those beyond a
// limit included.
type Counted interface {
	Sink
	// Count returns that number, once the sink has been flushed.
	Count() int64
}

// Connector is a kind of source, of sink, or of both.
type Connector struct {
	Name    string
	Doc     string
	Options []OptionSpec
	// NewSource makes a source; nil when the connector cannot read.
	NewSource func(SourceConfig) (Source, error)
	// Infer reads the schema of a source from the beginning of its input. It
	// looks at cfg's options, BaseDir and Stdin. Nil when the schema must be
	// declared.
	Infer func(ctx context.Context, cfg SourceConfig) (data.Schema, error)
	// Bounded reports whether a source with these options comes to an end. Nil when
	// none does.
	Bounded func(Options) bool
	// Check returns what is wrong with options each of which has the right form, as far as
	// they alone can tell: nothing is opened, and no secret is looked for. The error is an
	// OptionError. Nil when there is nothing to add.
	Check func(o Options, sink bool) error
	// Metadata lists what SourceConfig.Metadata may ask for.
	Metadata []MetadataSpec
	// NewSink makes a sink; nil when the connector cannot write.
	NewSink func(SinkConfig) (Sink, error)
	// NewLookup makes a lookup; nil when rows cannot be looked up.
	NewLookup func(LookupConfig) (Lookup, error)
	// AppendOnly reports whether a sink takes only +I rows, so that an updating
	// query must be refused. keyed says whether the relation has a primary key.
	AppendOnly func(o Options, keyed bool) bool
}

// OptionSpec describes an option of a connector.
type OptionSpec struct {
	// Name is the option's key. One * in it stands for a name: "fields.*.kind".
	Name string
	// Doc says in a sentence what it does.
	Doc string
	// Default is shown in help; the connector applies it.
	Default string
	// Values are the allowed values, when they are few.
	Values []string
	// Kind is the form of the value: text, bool, int, number, share, duration, size,
	// char or path. Empty is text.
	Kind string
	// Required options must be given.
	Required bool
	// Source and Sink say where the option is meant for.
	Source, Sink bool
	// Formats are the formats it is meant for; nil is all.
	Formats []string
	// Secret values are not written out but say where the secret is, for Secret.
	Secret bool
}

// MetadataSpec describes something that a source knows about each record.
type MetadataSpec struct {
	// Key is the name that METADATA FROM gives it.
	Key string
	// Type is the type of a column of it; where it is BIGINT, INT will do.
	Type data.Type
	// Doc says in a sentence what it is.
	Doc string
}

// Resolve returns a path that starts from base, a folder, unless it is absolute. A
// separator at its end stays, as it says that the path is one of a folder.
func Resolve(base, path string) string {
	if base == "" || filepath.IsAbs(path) {
		return path
	}
	joined := filepath.Join(base, path)
	if path != "" && os.IsPathSeparator(path[len(path)-1]) && !os.IsPathSeparator(joined[len(joined)-1]) {
		joined += string(filepath.Separator)
	}
	return joined
}
