package engine

import (
	"context"

	"tidemark/connectors"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
	"tidemark/runtime/build"
)

// What follows lets query tests plan and run scripts over feeds of their own.

// Connectors returns what planning needs to know of the engine's connectors.
func (e *Engine) Connectors(opts Options) catalog.Connectors { return planning{e.registry, opts} }

// Source makes the source of a relation as its options say.
func (e *Engine) Source(r *catalog.Relation, cfg connectors.SourceConfig) (connectors.Source, error) {
	return e.source(r, cfg)
}

// RunSubqueries works out subqueries, which the queries around them need. It must be
// called before the flow of these is run.
func RunSubqueries(ctx context.Context, list []*plan.Subquery, env build.Env) error {
	all, err := prepareSubqueries(list, env)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := s.run(ctx, ctx); err != nil {
			return err
		}
	}
	return nil
}
