// Package catalog knows the streams, tables and views of a script: their
// columns, keys, watermarks and options.
package catalog

import (
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
	// Key lists the primary key's columns; empty for a stream.
	Key []int
	// Watermark is nil when the relation has none.
	Watermark *Watermark
	// Options are the WITH options in the order written, keys in lower case.
	Options []Option
	File    *source.File
	Span    source.Span // of the name in its CREATE
}

// Watermark says how a relation's watermark is made: the greatest value of the
// column so far, less the delay.
type Watermark struct {
	Column int
	Delay  int64 // microseconds
	Span   source.Span
}

// Option is one key = value of WITH.
type Option struct {
	Key, Value string
	Span       source.Span
}

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

// Definition is a piece of syntax.
type Definition interface{ Span() source.Span }

// Catalog holds relations and views by name, without regard to case.
type Catalog struct {
	relations map[string]*Relation
	views     map[string]*View
	order     []*Relation
	viewOrder []*View
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{relations: map[string]*Relation{}, views: map[string]*View{}}
}

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
	// Bounded reports whether the relation as a source comes to an end.
	Bounded(r *Relation) bool
	// FileRelation describes a file named in FROM: its connector options.
	// It returns an error in people's words when the file's format is not known.
	FileRelation(path string) (map[string]string, error)
}

// OptionProblem is one thing wrong with the options: Key is "" when it concerns
// all of them (a missing one).
type OptionProblem struct{ Key, Message, Hint string }
