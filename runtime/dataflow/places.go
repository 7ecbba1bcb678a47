package dataflow

import (
	"slices"
	"sort"

	"tidemark/operators/data"
)

// places tells where rows come from that were picked from several batches.
type places struct{ runs []picked }

// picked are rows that were copied together.
type picked struct {
	from    int           // the first row
	origins []data.Origin // of the batches; nil where it is not known
	picks   []pick
}

// add notes rows that are copied from batches, as row from and those behind it.
func (p *places) add(from int, batches []*data.Batch, picks []pick) {
	var origins []data.Origin
	for i, b := range batches {
		if b != nil && b.Origin != nil {
			if origins == nil {
				origins = make([]data.Origin, len(batches))
			}
			origins[i] = b.Origin
		}
	}
	if origins != nil {
		p.runs = append(p.runs, picked{from, origins, slices.Clone(picks)})
	}
}

// Where describes row i.
func (p *places) Where(i int) string {
	k := sort.Search(len(p.runs), func(k int) bool { return p.runs[k].from > i }) - 1
	if k < 0 || i-p.runs[k].from >= len(p.runs[k].picks) {
		return ""
	}
	at := p.runs[k].picks[i-p.runs[k].from]
	if o := p.runs[k].origins[at.input]; o != nil {
		return o.Where(int(at.row))
	}
	return ""
}
