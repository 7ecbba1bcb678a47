package engine

import (
	"fmt"

	"tidemark/connectors"
	"tidemark/planner/plan"
)

// print makes the sink of a SELECT, which prints into its slot.
func (e *Engine) print(q *plan.Query, opts Options, slot *slot) (connectors.Sink, error) {
	form := opts.Output
	if form == "" {
		form = "json"
	}
	updating, bounded := q.Root.Input.Properties().Updating, e.bounded(q)
	if updating && !bounded && form != "changelog" && form != "none" {
		return nil, fmt.Errorf("the result is updated for as long as the input lasts, which %s cannot show: use -o changelog, or EMIT FINAL", form)
	}
	cfg := connectors.PrintConfig{Out: slot, Schema: q.Root.Schema(), Form: form, Folded: updating, Key: q.Root.Key, Prompt: !bounded}
	if opts.Tag {
		cfg.Tag = q.Name
	}
	sink, err := e.registry.Print(cfg)
	if err != nil {
		return nil, err
	}
	return slotSink{Sink: sink, slot: slot}, nil
}

// bounded reports whether a query's input comes to an end.
func (e *Engine) bounded(q *plan.Query) bool {
	var n plan.Node = q.Root
	for len(n.Inputs()) > 0 {
		n = n.Inputs()[0]
	}
	if scan, ok := n.(*plan.Scan); ok {
		return planning{e.registry}.Bounded(scan.Relation)
	}
	return true
}
