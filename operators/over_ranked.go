package operators

import "tidemark/operators/state"

// leastRanked is how many rows of a partition are gathered in any case before it is worth to
// look for those beyond the last rank that is looked at.
const leastRanked = 16

// forgetBeyond drops the rows of a partition beyond the last rank, when it has twice as
// many rows as there were after the last time: the rows to come can only push them further.
func (o *OverTable) forgetBeyond(p *overPane, part int32) {
	for len(p.crowds) <= int(part) {
		p.crowds = append(p.crowds, leastRanked)
	}
	rows := &p.over.parts[part].ids
	if rows.len() < int(p.crowds[part]) {
		return
	}
	o.cutBeyond(p, part)
	p.crowds[part] = int32(max(leastRanked, 2*rows.len()))
}

// cutBeyond puts the rows of a partition in order, and drops those beyond the last rank.
func (o *OverTable) cutBeyond(p *overPane, part int32) {
	w := p.over
	if o.byRank == nil {
		o.byRank = append(append(o.byRank, w.order...), SortKey{Column: w.arrival, Desc: o.cfg.ArrivalDesc})
	}
	rows := &w.parts[part].ids
	ids := rows.all()
	state.SortRows(w.store.cols, o.byRank, ids, &o.scratch)
	rank := int64(1)
	for i := 1; i < len(ids); i++ {
		if w.comparePeers(ids[i-1], ids[i]) == 0 {
			continue
		}
		if rank++; o.cfg.Calls[0].Func == OverRank {
			rank = int64(i) + 1
		}
		if rank > o.cfg.MostRank {
			for _, id := range ids[i:] {
				w.store.drop(id)
			}
			rows.items = rows.items[:rows.head+i]
			return
		}
	}
}
