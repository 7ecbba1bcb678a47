package planner

import "tidemark/planner/plan"

// ttlRemedy is what to do where state_ttl has no watermark to go by.
const ttlRemedy = "declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND in its CREATE STREAM"

// checkTTL warns where state_ttl is set and nothing is forgotten all the same: where rows are
// remembered and no watermark comes with them, and where no query remembers any so.
func (b *binder) checkTTL() {
	if b.ttlAt == nil || parseLength(b.result.Settings["state_ttl"]) == 0 || len(b.result.Queries) == 0 {
		return
	}
	used, asked := b.ttlIdle, false
	for _, q := range b.result.Queries {
		asked = asked || !b.answers[q]
		plan.Walk(q.Root, func(n plan.Node) {
			switch n := n.(type) {
			case *plan.Join:
				used = used || n.TTL > 0
			case *plan.TopN:
				switch {
				case n.TTL > 0:
					used = true
				case n.Emit == plan.OverChanges && !passes(n.Input):
					used = true
					b.errs.Warnf(q.File, q.Span, ttlRemedy, "state_ttl goes by the watermark, and what %s ranks has none: no partition is forgotten", q.Name)
				}
			}
		})
	}
	if !used && asked && len(b.result.Explains) == 0 {
		b.errs.Warnf(b.ttlAt.file, b.ttlAt.span, "leave it out; what windows and joins WITHIN a time remember is bounded by their times",
			"state_ttl changes nothing here: no query joins what changes without a bound in time, or keeps the first rows of keys")
	}
}
