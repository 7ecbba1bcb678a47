package engine

import (
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/planner/catalog"
)

// planning shows the connectors to the planner.
type planning struct{ registry *connectors.Registry }

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

func (p planning) Bounded(r *catalog.Relation) bool {
	opts := connectors.NewOptions(r.OptionMap())
	switch connectors.InferConnector(opts, false) {
	case "file":
		return true
	case "stdin":
		bounded, err := opts.Bool("bounded", true)
		return bounded || err != nil
	case "datagen":
		return opts.Has("rows")
	}
	return false
}

func (p planning) FileRelation(path string) (map[string]string, error) {
	opts := map[string]string{"connector": "file", "path": path}
	if connectors.InferFormat(connectors.NewOptions(opts)) == "" {
		return nil, fmt.Errorf("the format of '%s' cannot be told from its name", path)
	}
	return opts, nil
}

// source makes the source of a relation.
func (e *Engine) source(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
	cfg.Options = connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(cfg.Options, false)
	c, ok := e.registry.Lookup(name)
	if !ok || c.NewSource == nil {
		return nil, fmt.Errorf("connector '%s' cannot be read from", name)
	}
	return c.NewSource(cfg)
}

// sink makes the sink of a relation.
func (e *Engine) sink(r *catalog.Relation, cfg connectors.SinkConfig) (connectors.Sink, error) {
	cfg.Options = connectors.NewOptions(r.OptionMap())
	name := connectors.InferConnector(cfg.Options, true)
	c, ok := e.registry.Lookup(name)
	if !ok || c.NewSink == nil {
		return nil, fmt.Errorf("connector '%s' cannot be written to", name)
	}
	return c.NewSink(cfg)
}
