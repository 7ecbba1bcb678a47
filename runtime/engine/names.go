package engine

import (
	"slices"

	"tidemark/connectors"
	"tidemark/planner"
	"tidemark/planner/catalog"
)

// Named is something that can be referred to by name.
type Named struct {
	Name    string
	Kind    string   // stream, table, source, sink, view or function
	Columns []string // as far as known
}

// Names returns what the session has declared, in that order.
func (s *Session) Names() []Named {
	var list []Named
	for _, r := range s.catalog.Relations() {
		kind := "stream"
		switch {
		case r.Use == catalog.SourceOnly:
			kind = "source"
		case r.Use == catalog.SinkOnly:
			kind = "sink"
		case r.Kind != catalog.Stream:
			kind = "table"
		}
		list = append(list, Named{r.Name, kind, r.Schema.Names()})
	}
	for _, v := range s.catalog.Views() {
		list = append(list, Named{v.Name, "view", v.Schema.Names()})
	}
	for _, f := range s.catalog.Functions() {
		list = append(list, Named{Name: f.Name, Kind: "function"})
	}
	return list
}

// Vocabulary is the words that a statement may have besides the names that are declared.
type Vocabulary struct{ Functions, Settings, Options, Connectors []string }

// Vocabulary returns the words of the engine, each list sorted.
func (e *Engine) Vocabulary() Vocabulary {
	v := Vocabulary{Functions: planner.FunctionNames(), Settings: planner.SettingNames(), Connectors: e.registry.Names()}
	for _, name := range v.Connectors {
		c, _ := e.registry.Lookup(name)
		for _, o := range c.Options {
			v.Options = append(v.Options, o.Name)
		}
	}
	for _, o := range connectors.EngineOptions() {
		v.Options = append(v.Options, o.Name)
	}
	slices.Sort(v.Functions)
	slices.Sort(v.Settings)
	slices.Sort(v.Options)
	v.Options = slices.Compact(v.Options)
	return v
}
