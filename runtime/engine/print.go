package engine

import (
	"slices"

	"tidemark/connectors"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// form is how results are printed.
func (o Options) form() string {
	if o.Output == "" {
		return "json"
	}
	return o.Output
}

// checkPrint refuses to print a result that is updated for ever in a form that
// shows only what it comes to.
func (e *Engine) checkPrint(q *plan.Query, form string, problems *source.List) {
	updating := q.Root.Relation == nil && q.Root.Input.Properties().Updating
	if updating && !e.bounded(q.Root) && form != "changelog" && form != "none" {
		problems.Errorf(q.File, q.Span, "use -o changelog, or EMIT FINAL in a query with windows",
			"the result is updated for as long as the input lasts, which the output form %s cannot show", form)
	}
}

// printTogether reports whether several queries print for as long as the run
// lasts: one of them, but for the last, has no end. Where their lines do not say
// which is whose, that is an error.
func (e *Engine) printTogether(queries []*plan.Query, opts Options, problems *source.List) bool {
	form := opts.form()
	endless := false
	for _, q := range queries {
		if q.Root.Relation != nil || form == "none" {
			continue
		}
		if endless {
			if !opts.Tag || form != "json" && form != "changelog" {
				problems.Errorf(q.File, q.Span, "add --tag with -o json or changelog; or put the queries into scripts of their own",
					"several queries over inputs without an end print at the same time, and nothing tells their rows apart")
			}
			return true
		}
		endless = !e.bounded(q.Root)
	}
	return false
}

// print makes the sink of a SELECT, which prints into its slot.
func (e *Engine) print(q *plan.Query, opts Options, slot *slot) (connectors.Sink, error) {
	cfg := connectors.PrintConfig{Out: slot, Schema: q.Root.Schema(), Form: opts.form(),
		Folded: q.Root.Input.Properties().Updating, Key: q.Root.Key, Prompt: e.live(q)}
	if opts.Tag {
		cfg.Tag = q.Name
	}
	sink, err := e.registry.Print(cfg)
	if err != nil {
		return nil, err
	}
	return slotSink{Sink: sink, slot: slot}, nil
}

// bounded reports whether the inputs of a plan come to an end.
func (e *Engine) bounded(n plan.Node) bool {
	for _, r := range inputs(n) {
		if !(planning{registry: e.registry}).Bounded(r) {
			return false
		}
	}
	return true
}

// live reports whether a query's rows may come while somebody watches: then its
// results are shown as they are made.
func (e *Engine) live(q *plan.Query) bool {
	for _, r := range inputs(q.Root) {
		if connectors.InferConnector(connectors.NewOptions(r.OptionMap()), false) != "file" {
			return true
		}
	}
	return false
}

// inputs returns the relations that a plan reads, each once.
func inputs(root plan.Node) []*catalog.Relation {
	var list []*catalog.Relation
	plan.Walk(root, func(n plan.Node) {
		if scan, ok := n.(*plan.Scan); ok && !slices.Contains(list, scan.Relation) {
			list = append(list, scan.Relation)
		}
	})
	return list
}
