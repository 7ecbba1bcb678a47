package operators

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
)

// signedRows are rows of an updating input by what they do.
type signedRows struct {
	addTo, added  []int32 // groups and rows
	takeTo, taken []int32
}

// takes reports whether a change takes a row back.
func takes(c data.Change) bool { return c == data.UpdateBefore || c == data.Delete }

// split sorts rows, which belong to groups, by what they do.
func (s *signedRows) split(b *data.Batch, groups, rows []int32) {
	s.addTo, s.added, s.takeTo, s.taken = s.addTo[:0], s.added[:0], s.takeTo[:0], s.taken[:0]
	for k, r := range rows {
		if takes(b.Change(int(r))) {
			s.takeTo, s.taken = append(s.takeTo, groups[k]), append(s.taken, r)
		} else {
			s.addTo, s.added = append(s.addTo, groups[k]), append(s.added, r)
		}
	}
}

// apply adds the rows that were split to the groups of one call's accumulators, or
// takes them back.
func (s *signedRows) apply(c *AggregateCall, to agg.State, args *callArguments, b *data.Batch, groups, rows []int32) {
	if c.Func.InOrder && len(s.added) > 0 && len(s.taken) > 0 {
		applyInOrder(c, to, args, b, groups, rows)
		return
	}
	if groups, kept := args.filter(c, b, s.addTo, s.added); len(kept) > 0 {
		to.Update(groups, kept, args.of(c, b))
	}
	if groups, kept := args.filter(c, b, s.takeTo, s.taken); len(kept) > 0 {
		to.(agg.Retracter).Retract(groups, kept, args.of(c, b))
	}
}

// applyInOrder is apply for accumulators that must see the rows in their order.
func applyInOrder(c *AggregateCall, s agg.State, args *callArguments, b *data.Batch, groups, rows []int32) {
	to, kept := args.filter(c, b, groups, rows)
	in := args.of(c, b)
	for from := 0; from < len(kept); {
		back, end := takes(b.Change(int(kept[from]))), from+1
		for end < len(kept) && takes(b.Change(int(kept[end]))) == back {
			end++
		}
		if back {
			s.(agg.Retracter).Retract(to[from:end], kept[from:end], in)
		} else {
			s.Update(to[from:end], kept[from:end], in)
		}
		from = end
	}
}
