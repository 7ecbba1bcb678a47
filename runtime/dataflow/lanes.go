package dataflow

import (
	"cmp"
	"math"
	"slices"

	"tidemark/operators/data"
)

// lane is what a union has of one of the branches of a stream that come together.
type lane struct {
	number int32 // of the union's input
	batch  *data.Batch
	row    int // counts selected rows
}

// lanesOf returns which of a fan's ends lead to the union that end i does and may come
// together, in the order of its inputs.
func lanesOf(ends []*Edge, i int) []int {
	u, lanes := ends[i].Union, []int(nil)
	if u.LastFirst {
		return []int{i}
	}
	for k, e := range ends {
		if e.Union == u {
			lanes = append(lanes, k)
		}
	}
	slices.SortFunc(lanes, func(a, b int) int { return cmp.Compare(ends[a].Input, ends[b].Input) })
	return lanes
}

// join lets what several ends have for a union go by p, which leads to the first of
// its inputs. By the ways of the others nothing comes.
func (p *port) join(lanes []int, ends []*Edge, r *unionRun) {
	p.lanes = lanes
	for i, k := range lanes {
		p.inputs = append(p.inputs, int32(ends[k].Input))
		if i > 0 {
			r.joined++
			in := r.inputs[ends[k].Input].in
			in <- message{joined: true}
			close(in)
		}
	}
}

// begin starts on the batches of a message.
func (in *unionInput) begin(m message) {
	in.busy, in.step = true, 0
	if m.batch != nil {
		in.lanes = append(in.lanes[:0], lane{number: in.number, batch: m.batch})
	} else {
		in.lanes = m.lanes
	}
}

// drop gives the batches back.
func (in *unionInput) drop() {
	for _, l := range in.lanes {
		l.batch.Release()
	}
	in.busy, in.lanes = false, in.lanes[:0]
}

// steps returns the moves of the watermark: stateless operators pass them on as
// they are, so one lane's are those of all.
func (in *unionInput) steps() []data.Step { return in.lanes[0].batch.Steps }

// left reports whether there are rows that were not taken.
func (in *unionInput) left() bool {
	return slices.ContainsFunc(in.lanes, func(l lane) bool { return l.row < l.batch.Rows() })
}

// next returns the lane with the earliest row before upTo, the first of several, and
// the row before which it stays so; nil when there is none.
func (in *unionInput) next(upTo int) (first *lane, end int) {
	at, end := math.MaxInt, upTo
	for i := range in.lanes {
		l := &in.lanes[i]
		if l.row == l.batch.Rows() {
			continue
		}
		row := l.batch.Row(l.row)
		switch {
		case row >= upTo:
		case first == nil:
			first, at = l, row
		case row < at:
			first, at, end = l, row, at // what was first until now is next
		default: // a later lane, so it waits when they are equal
			end = min(end, row+1)
		}
	}
	return first, end
}
