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
func (e *Engine) checkPrint(q *plan.Query, opts Options, problems *source.List) {
	form := opts.form()
	if e.endless(q) && form != "changelog" && form != "none" && !(form == "table" && opts.Screen) {
		hint := "use -o changelog, or EMIT FINAL in a query with windows"
		if opts.Screen {
			hint = "the forms table and changelog can; or EMIT FINAL in a query with windows"
		}
		problems.Errorf(q.File, q.Span, hint,
			"the result is updated for as long as the input lasts, which the output form %s cannot show", form)
	}
}

// endless reports whether a SELECT has a result that is updated for ever.
func (e *Engine) endless(q *plan.Query) bool {
	return q.Root.Relation == nil && q.Root.Input.Properties().Updating && !e.bounded(q.Root)
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
func (j *Job) print(q *plan.Query, slot *slot) (connectors.Sink, error) {
	e, opts := j.engine, j.opts
	cfg := connectors.PrintConfig{Out: slot, Schema: q.Root.Schema(), Form: opts.form(),
		Folded: q.Root.Input.Properties().Updating, Key: q.Root.Key, Prompt: e.live(q),
		Screen: opts.Screen && e.endless(q), Null: opts.Null, Width: opts.Width, Limit: opts.Limit}
	if opts.Tag {
		cfg.Tag = q.Name
	}
	if !e.bounded(q.Root) {
		cfg.Limit = 0 // rows go on
	}
	sink, err := e.registry.Print(cfg)
	if err != nil {
		return nil, err
	}
	j.printed = append(j.printed, sink)
	return slotSink{Sink: sink, slot: slot}, nil
}

// Draw returns the result that is updated for as long as the inputs last as it stands:
// see connectors.Screen. It is empty for a job without one. It may be called while the
// job runs.
func (j *Job) Draw(width, height int) string {
	for _, s := range j.printed {
		if screen, ok := s.(connectors.Screen); ok {
			return screen.Draw(width, height)
		}
	}
	return ""
}

// Printed returns how many rows the results of the SELECTs have come to, those beyond
// Options.Limit included. It is called after the run.
func (j *Job) Printed() int64 {
	n := int64(0)
	for _, s := range j.printed {
		if c, ok := s.(connectors.Counted); ok {
			n += c.Count()
		}
	}
	return n
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
