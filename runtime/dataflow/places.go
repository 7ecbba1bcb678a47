package dataflow

import (
	"sort"

	"tidemark/operators/data"
)

// places tells where the rows of a batch come from that were picked from several others.
// It is as good as the batch, and used again with it.
type places struct {
	runs    []picked
	picks   []pick
	origins []data.Origin
}

// picked are rows that were copied together.
type picked struct {
	from    int // the first row
	picks   int // the first of their picks
	origins int // the first of the batches' origins, nil where it is not known
}

// reset forgets the rows.
func (p *places) reset() {
	clear(p.origins)
	p.runs, p.picks, p.origins = p.runs[:0], p.picks[:0], p.origins[:0]
}

// add notes rows that are copied from batches, as row from and those behind it.
func (p *places) add(from int, batches []*data.Batch, picks []pick) {
	run, known := picked{from, len(p.picks), len(p.origins)}, false
	for _, b := range batches {
		var o data.Origin
		if b != nil {
			o = b.Origin
		}
		known = known || o != nil
		p.origins = append(p.origins, o)
	}
	if !known {
		p.origins = p.origins[:run.origins]
		return
	}
	p.runs, p.picks = append(p.runs, run), append(p.picks, picks...)
}

// Where describes row i.
func (p *places) Where(i int) string {
	k := sort.Search(len(p.runs), func(k int) bool { return p.runs[k].from > i }) - 1
	if k < 0 {
		return ""
	}
	run, end := p.runs[k], len(p.picks)
	if k+1 < len(p.runs) {
		end = p.runs[k+1].picks
	}
	at := run.picks + i - run.from
	if at >= end {
		return ""
	}
	if o := p.origins[run.origins+int(p.picks[at].input)]; o != nil {
		return o.Where(int(p.picks[at].row))
	}
	return ""
}
