package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
)

// planning shows the connectors to the planner.
type planning struct {
	registry *connectors.Registry
	opts     Options
}

func (p planning) CheckOptions(r *catalog.Relation, sink bool) []catalog.OptionProblem {
	opts := connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(opts, sink)
	if name == "" {
		return []catalog.OptionProblem{{
			Message: fmt.Sprintf("%s has no connector", r.Name),
			Hint:    "add WITH (connector = '…'); the connectors are " + strings.Join(p.registry.Names(), ", "),
		}}
	}
	var problems []catalog.OptionProblem
	for _, e := range p.registry.Check(name, opts, sink) {
		problems = append(problems, catalog.OptionProblem{Key: e.Option, Message: e.Message, Hint: e.Hint})
	}
	if root := p.opts.DataRoot; root != "" {
		for _, e := range p.registry.Outside(name, opts, p.opts.dir(r), root) {
			problems = append(problems, catalog.OptionProblem{Key: e.Option, Message: e.Message, Hint: e.Hint})
		}
	}
	return problems
}

func (p planning) AppendOnly(r *catalog.Relation) (only bool, remedy string) {
	opts := connectors.NewOptions(r.OptionMap())
	c, ok := p.registry.Lookup(connectors.InferConnector(opts, true))
	if !ok || c.AppendOnly == nil {
		return false, ""
	}
	keyed := len(r.Key) > 0
	if !c.AppendOnly(opts, keyed) {
		return false, ""
	}
	if !c.AppendOnly(opts.With("format", "changelog-json"), keyed) {
		remedy = "changelog-json"
	}
	return true, remedy
}

// Changes reports whether the records of a relation may update and delete rows.
func (p planning) Changes(r *catalog.Relation) bool {
	return connectors.Changelog(connectors.NewOptions(r.OptionMap()))
}

// Infer reads the columns of a relation from its input.
func (p planning) Infer(r *catalog.Relation) (data.Schema, error) {
	opts := connectors.NewOptions(r.OptionMap())
	cfg := connectors.SourceConfig{Name: r.Name, Options: opts, BaseDir: p.opts.dir(r), Stdin: p.opts.Stdin}
	schema, err := p.registry.Infer(context.Background(), connectors.InferConnector(opts, false), cfg)
	var option *connectors.OptionError
	if errors.As(err, &option) {
		err = catalog.OptionProblem{Key: option.Option, Message: option.Message, Hint: option.Hint}
	}
	return schema, err
}

// Metadata lists what a relation's source can tell about its records.
func (p planning) Metadata(r *catalog.Relation) []catalog.MetadataColumn {
	c, ok := p.registry.Lookup(connectors.InferConnector(connectors.NewOptions(r.OptionMap()), false))
	if !ok {
		return nil
	}
	var list []catalog.MetadataColumn
	for _, m := range c.Metadata {
		list = append(list, catalog.MetadataColumn{Key: m.Key, Type: m.Type})
	}
	return list
}

func (p planning) Bounded(r *catalog.Relation) bool {
	opts := connectors.NewOptions(r.OptionMap())
	c, ok := p.registry.Lookup(connectors.InferConnector(opts, false))
	return ok && c.Bounded != nil && c.Bounded(opts)
}

// Lookups reports whether rows of a relation can be looked up by key.
func (p planning) Lookups(r *catalog.Relation) bool {
	c, ok := p.registry.Lookup(connectors.InferConnector(connectors.NewOptions(r.OptionMap()), true))
	return ok && c.NewLookup != nil
}

func (p planning) FileRelation(path string) (map[string]string, error) {
	opts := map[string]string{"connector": "file", "path": path}
	if connectors.InferFormat(connectors.NewOptions(opts)) == "" {
		return nil, fmt.Errorf("the format of '%s' cannot be told from its name", path)
	}
	return opts, nil
}

// Executed returns when the statement at a place of a script is executed: when a session
// was given it, else now.
func (p planning) Executed(f *source.File, at source.Span) int64 {
	if given, ok := p.opts.given[f.Joined(at.Start)]; ok {
		return given
	}
	return clock.Micros(p.opts.clock())
}

// source makes the source of a relation.
func (e *Engine) source(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
	cfg.Options = connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(cfg.Options, false)
	c, ok := e.registry.Lookup(name)
	if !ok || c.NewSource == nil {
		return nil, fmt.Errorf("connector '%s' cannot be read from", name)
	}
	s, err := c.NewSource(cfg)
	if err != nil {
		return nil, placed(r, err)
	}
	return placedSource{s, r}, nil
}

// sink makes the sink of a relation.
func (e *Engine) sink(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error) {
	if r.InMemory() {
		return discard{}, nil // who reads the relation gets the rows from the flow
	}
	cfg.Options = connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(cfg.Options, true)
	c, ok := e.registry.Lookup(name)
	if !ok || c.NewSink == nil {
		return nil, fmt.Errorf("connector '%s' cannot be written to", name)
	}
	s, err := c.NewSink(cfg)
	if err != nil {
		return nil, placed(r, err)
	}
	return s, nil
}

// Lookup makes what finds rows of a relation.
func (e *Engine) Lookup(r *catalog.Relation, cfg connectors.LookupConfig) (connectors.Lookup, error) {
	cfg.Options = connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(cfg.Options, true)
	c, ok := e.registry.Lookup(name)
	if !ok || c.NewLookup == nil {
		return nil, fmt.Errorf("no rows can be looked up through connector '%s'", name)
	}
	l, err := c.NewLookup(cfg)
	if err != nil {
		return nil, placed(r, err)
	}
	return l, nil
}

// placedSource is a source whose opening errors point at the script.
type placedSource struct {
	connectors.Source
	relation *catalog.Relation
}

// Repeatable implements connectors.Repeatable.
func (s placedSource) Repeatable() bool { return connectors.Repeats(s.Source) }

// Apart implements connectors.Apart.
func (s placedSource) Apart() bool { return connectors.ReadApart(s.Source) }

// Split implements connectors.Split.
func (s placedSource) Split(ctx context.Context) ([]connectors.Part, error) {
	parts, err := connectors.Parts(ctx, s.Source)
	if err != nil && ctx.Err() == nil {
		return nil, placed(s.relation, err)
	}
	for i := range parts {
		parts[i].Source = placedSource{parts[i].Source, s.relation}
	}
	return parts, err
}

// Open opens the source.
func (s placedSource) Open(ctx context.Context) (connectors.Reader, error) {
	r, err := s.Source.Open(ctx)
	if err != nil && ctx.Err() == nil {
		err = placed(s.relation, err)
	}
	return r, err
}

// CanResume reports whether the source can be read on from a position.
func (s placedSource) CanResume() bool {
	_, ok := connectors.Resumes(s.Source)
	return ok
}

// OpenAt implements connectors.Resumable.
func (s placedSource) OpenAt(ctx context.Context, at []connectors.Position) (connectors.Reader, error) {
	inner, ok := s.Source.(connectors.Resumable)
	if !ok {
		return nil, placed(s.relation, errors.New("this input cannot be read on from where it stood"))
	}
	r, err := inner.OpenAt(ctx, at)
	if err != nil && ctx.Err() == nil {
		err = placed(s.relation, err)
	}
	return r, err
}

// placed turns an error about the world outside, such as a file that is not
// there, into a diagnostic at the option that names it, or else at the relation.
func placed(r *catalog.Relation, err error) error {
	d := &source.Diagnostic{File: r.File, Span: r.Span, Message: err.Error()}
	key := "path"
	var option *connectors.OptionError
	if errors.As(err, &option) {
		key, d.Message, d.Hint = option.Option, option.Message, option.Hint
	}
	for _, o := range r.Options {
		if strings.EqualFold(o.Key, key) {
			d.Span = o.Span
		}
	}
	return d
}

// checkStdin refuses a script that reads the standard input more than once: by two
// streams, or by a subquery, which is run before, and by something else. The first
// would leave nothing to the second.
func (e *Engine) checkStdin(result *planner.Result, problems *source.List) {
	var first *catalog.Relation
	read := func(r *catalog.Relation, again bool) {
		switch {
		case connectors.InferConnector(connectors.NewOptions(r.OptionMap()), false) != "stdin":
		case first == nil:
			first = r
		case r != first:
			problems.Errorf(r.File, r.Span, "read "+first.Name+" in both queries, or put one of the inputs into a file",
				"%s and %s both read the standard input", first.Name, r.Name)
		case again:
			problems.Errorf(r.File, r.Span, "put the input into a file", "%s is the standard input, and a subquery would leave nothing of it", r.Name)
		}
	}
	for _, s := range result.Subqueries {
		for _, r := range inputs(s.Input) {
			read(r, true)
		}
	}
	before := first
	for _, q := range result.Queries {
		for _, r := range inputs(q.Root) {
			read(r, before != nil)
		}
	}
}
