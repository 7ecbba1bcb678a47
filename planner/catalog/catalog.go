// Package catalog knows the streams, tables and views of a script: their
// columns, keys, watermarks and options.
package catalog

import (
	"maps"
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Kind tells a stream from a table.
type Kind uint8

// The kinds of relations.
const (
	Stream Kind = iota // append-only
	Table              // keyed: takes upserts
)

// String returns the kind as it is written in SQL.
func (k Kind) String() string {
	if k == Table {
		return "TABLE"
	}
	return "STREAM"
}

// Use says what a relation may serve as.
type Use uint8

// The uses.
const (
	AnyUse     Use = iota // CREATE STREAM, CREATE TABLE
	SourceOnly            // CREATE SOURCE
	SinkOnly              // CREATE SINK
)

// Relation is a declared stream or table.
type Relation struct {
	Name   string
	Kind   Kind
	Use    Use
	Schema data.Schema
	// Required has an entry for each column: whether it is NOT NULL or part of
	// the primary key.
	Required []bool
	// Metadata[i] names what column i tells about the record when it is not one of
	// the record's own: "offset", "line". It may be shorter than Schema.
	Metadata []string
	// Computed[i] is the expression of column i when it is computed from the others
	// and neither read nor written. It may be shorter than Schema.
	Computed []Definition
	// Key lists the primary key's columns; empty for a stream.
	Key []int
	// Watermark is nil when the relation has none.
	Watermark *Watermark
	// Options are the WITH options in the order written, keys in lower case.
	Options []Option
	// Inferred is true when the columns were read from the input.
	Inferred bool
	// Declared is the CREATE statement; nil for a file named in FROM.
	Declared Definition
	File     *source.File
	Span     source.Span // of the name in its CREATE
}

// SetMetadata makes column i, which must be there, one that tells about the record.
func (r *Relation) SetMetadata(i int, key string) {
	for len(r.Metadata) < len(r.Schema) {
		r.Metadata = append(r.Metadata, "")
	}
	r.Metadata[i] = key
}

// SetComputed makes column i, which must be there, a computed one.
func (r *Relation) SetComputed(i int, d Definition) {
	for len(r.Computed) < len(r.Schema) {
		r.Computed = append(r.Computed, nil)
	}
	r.Computed[i] = d
}

// Option is one key = value of WITH.
type Option struct {
	Key, Value string
	Span       source.Span
}

// IsMetadata reports whether column i tells about the record and is not in it.
func (r *Relation) IsMetadata(i int) bool { return i < len(r.Metadata) && r.Metadata[i] != "" }

// IsComputed reports whether column i is computed from the others.
func (r *Relation) IsComputed(i int) bool { return i < len(r.Computed) && r.Computed[i] != nil }

// InMemory reports whether the relation has no connector: what is inserted into
// it is kept for those who read it.
func (r *Relation) InMemory() bool { return len(r.Options) == 0 }

// OptionMap returns the options as a map.
func (r *Relation) OptionMap() map[string]string {
	m := make(map[string]string, len(r.Options))
	for _, o := range r.Options {
		m[o.Key] = o.Value
	}
	return m
}

// Option returns the value of an option, or "".
func (r *Relation) Option(key string) string {
	for _, o := range r.Options {
		if o.Key == key {
			return o.Value
		}
	}
	return ""
}

// View is a named query.
type View struct {
	Name   string
	Schema data.Schema
	// Definition is the query's syntax tree, which only the planner looks into.
	Definition Definition
	File       *source.File // that the definition's spans are about
	Span       source.Span  // of the name in its CREATE
}

// Function is a declared function: it stands for an expression over its
// parameters.
type Function struct {
	Name    string
	Params  []data.Column
	Returns data.Type
	// Definition is the statement's syntax tree, which only the planner looks into.
	Definition Definition
	File       *source.File
	Span       source.Span // of the name in its CREATE
}

// Definition is a piece of syntax.
type Definition interface{ Span() source.Span }

// Catalog holds relations, views and functions by name, without regard to case.
type Catalog struct {
	relations map[string]*Relation
	views     map[string]*View
	functions map[string]*Function
	order     []*Relation
	viewOrder []*View
	funcOrder []*Function
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{relations: map[string]*Relation{}, views: map[string]*View{}, functions: map[string]*Function{}}
}

// Clone returns a catalog of the same relations, views and functions, to which
// others can be added without the first one's knowledge.
func (c *Catalog) Clone() *Catalog {
	return &Catalog{
		relations: maps.Clone(c.relations), views: maps.Clone(c.views), functions: maps.Clone(c.functions),
		order: slices.Clone(c.order), viewOrder: slices.Clone(c.viewOrder), funcOrder: slices.Clone(c.funcOrder),
	}
}

// Drop takes a relation or view away.
func (c *Catalog) Drop(name string) {
	key := strings.ToLower(name)
	if r := c.relations[key]; r != nil {
		c.order = slices.DeleteFunc(c.order, func(x *Relation) bool { return x == r })
	}
	if v := c.views[key]; v != nil {
		c.viewOrder = slices.DeleteFunc(c.viewOrder, func(x *View) bool { return x == v })
	}
	delete(c.relations, key)
	delete(c.views, key)
}

// AddFunction declares a function; it reports false when the name is taken.
func (c *Catalog) AddFunction(f *Function) bool {
	key := strings.ToLower(f.Name)
	if c.functions[key] != nil {
		return false
	}
	c.functions[key] = f
	c.funcOrder = append(c.funcOrder, f)
	return true
}

// DropFunction takes a function away.
func (c *Catalog) DropFunction(name string) {
	key := strings.ToLower(name)
	if f := c.functions[key]; f != nil {
		c.funcOrder = slices.DeleteFunc(c.funcOrder, func(x *Function) bool { return x == f })
	}
	delete(c.functions, key)
}

// Function returns the declared function called name, or nil.
func (c *Catalog) Function(name string) *Function { return c.functions[strings.ToLower(name)] }

// Functions returns all declared functions in order of declaration.
func (c *Catalog) Functions() []*Function { return c.funcOrder }

// taken reports whether a relation or view has the name, in lower case.
func (c *Catalog) taken(key string) bool { return c.relations[key] != nil || c.views[key] != nil }

// Add declares a relation; it reports false when the name is taken.
func (c *Catalog) Add(r *Relation) bool {
	key := strings.ToLower(r.Name)
	if c.taken(key) {
		return false
	}
	c.relations[key] = r
	c.order = append(c.order, r)
	return true
}

// AddView declares a view; it reports false when the name is taken.
func (c *Catalog) AddView(v *View) bool {
	key := strings.ToLower(v.Name)
	if c.taken(key) {
		return false
	}
	c.views[key] = v
	c.viewOrder = append(c.viewOrder, v)
	return true
}

// View returns the view called name, or nil.
func (c *Catalog) View(name string) *View { return c.views[strings.ToLower(name)] }

// Views returns all views in order of declaration.
func (c *Catalog) Views() []*View { return c.viewOrder }

// Lookup returns the relation called name, or nil.
func (c *Catalog) Lookup(name string) *Relation { return c.relations[strings.ToLower(name)] }

// Relations returns all relations in order of declaration.
func (c *Catalog) Relations() []*Relation { return c.order }

// Connectors is what planning needs to know of the connectors; the engine
// provides it.
type Connectors interface {
	// CheckOptions returns what is wrong with a relation's options when it is
	// used as a source or as a sink.
	CheckOptions(r *Relation, sink bool) []OptionProblem
	// AppendOnly reports whether the relation as a sink takes only inserts, and
	// the name of the option value that would take changes ("" when none would).
	AppendOnly(r *Relation) (only bool, remedy string)
	// Changes reports whether the relation's records as a source tell what they do: its
	// rows update and delete others then.
	Changes(r *Relation) bool
	// Bounded reports whether the relation as a source comes to an end.
	Bounded(r *Relation) bool
	// Lookups reports whether rows of the relation can be looked up by key; its options
	// are checked as those of a sink then.
	Lookups(r *Relation) bool
	// Infer reads a relation's columns from its input when it is a source whose
	// declaration leaves them out. The error may be an OptionProblem.
	Infer(r *Relation) (data.Schema, error)
	// Metadata lists what the relation's source can tell about its records.
	Metadata(r *Relation) []MetadataColumn
	// FileRelation describes a file named in FROM: its connector options.
	// It returns an error in people's words when the file's format is not known.
	FileRelation(path string) (map[string]string, error)
	// Executed returns the time of day at which the statement at a place of a script is
	// executed, microseconds: what PROCTIME() is of rows that it inserts into memory.
	Executed(f *source.File, at source.Span) int64
}

// MetadataColumn is something that a source can tell about a record.
type MetadataColumn struct {
	Key  string // as METADATA FROM names it
	Type data.Type
}

// OptionProblem is one thing wrong with the options: Key is "" when it concerns
// all of them (a missing one).
type OptionProblem struct{ Key, Message, Hint string }

// Error returns the message.
func (p OptionProblem) Error() string { return p.Message }
