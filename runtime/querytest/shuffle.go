package querytest

import (
	"math/rand/v2"

	"tidemark/operators/data"
	"tidemark/operators/watermark"
	"tidemark/parser"
	"tidemark/planner/catalog"
	"tidemark/runtime/dataflow"
)

// arrival is one row on its way to a feed.
type arrival struct {
	relation *catalog.Relation
	piece    *piece // of one row, or of one bad record
	// time is the row's event time, on time whether it is not before the watermark that
	// its partition has when it comes as written. Others stay where they are.
	time   int64
	onTime bool
	lane   lane
}

// lane is what has a watermark of its own.
type lane struct {
	feed      *feed
	partition int
}

// insertShuffled puts the rows of INSERTs that follow each other in in a random order,
// in which all that are on time stay so, and those that are late come when they do.
func (r *run) insertShuffled(list []*parser.Statement) error {
	var rows []arrival
	for _, s := range list {
		table, in := inputOf(s)
		rel, f := r.inserted(table)
		if rel == nil {
			return errWrong
		}
		in.relation = rel
		r.inputs = append(r.inputs, in)
		p, err := r.pieceOf(in, rel, f)
		if err != nil {
			return err
		}
		for _, one := range p.split() {
			rows = append(rows, arrival{relation: rel, piece: one, lane: lane{f, one.partition}})
		}
	}
	r.judge(rows)
	for len(rows) > 0 {
		n := 0
		for n < len(rows) && rows[n].onTime {
			n++
		}
		r.permute(rows[:n])
		n = min(n+1, len(rows)) // and the one that is not
		if err := r.arrive(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// arrive puts rows in in their order: together those that follow each other, where no
// other stream could come between them.
func (r *run) arrive(rows []arrival) error {
	apart := r.bench.running.Merges()
	for len(rows) > 0 {
		a, n := rows[0], 1
		whole := *a.piece
		whole.rows, whole.lines, whole.bad = newRows(whole.rows.schema), nil, nil
		whole.take(a.piece)
		for ; !apart && n < len(rows) && rows[n].lane == a.lane && rows[n].piece.name == whole.name && len(whole.bad) == 0; n++ {
			whole.take(rows[n].piece)
		}
		if err := r.bench.happen(func(b *bench) error {
			b.feeds[a.relation].put(&whole)
			return nil
		}); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// take appends the rows of another piece, and the records that are bad.
func (p *piece) take(from *piece) {
	for _, bad := range from.bad {
		bad.Row = p.rows.len()
		p.bad = append(p.bad[:len(p.bad):len(p.bad)], bad)
	}
	for i := range from.rows.len() {
		p.rows.add(from.rows.cols, i, from.rows.changes[i])
	}
	p.lines = append(p.lines, from.lines...)
}

// judge finds out which rows are on time. Only streams are asked whose watermark follows
// from the greatest time seen.
func (r *run) judge(rows []arrival) {
	for i := range rows {
		a := &rows[i]
		src := r.bench.sourceOf(a.lane.feed)
		if !movable(a.relation, src) || a.piece.rows.len() != 1 {
			continue
		}
		a.time = a.piece.rows.cols[src.Time].Ints[0]
		now, seen := r.seen[a.lane]
		a.onTime = !seen || a.time >= now-src.Watermark.Delay
		if floor := r.bench.watermark(a.lane.feed); floor != data.MinTime && a.time < floor {
			a.onTime = false
		}
		if !seen || a.time > now {
			r.seen[a.lane] = a.time
		}
	}
}

// movable reports whether the rows of a stream may come in another order.
func movable(rel *catalog.Relation, src *dataflow.Source) bool {
	return rel.Kind == catalog.Stream && src.Time >= 0 && src.Event == nil && src.Marks == nil &&
		src.Watermark.Kind == watermark.Bounded && src.Watermark.Drift == 0
}

// permute puts rows that are on time into a random order in which they stay so: each
// next one is chosen among those that make none of the others late.
func (r *run) permute(rows []arrival) {
	delays := map[lane]int64{}
	for _, a := range rows {
		delays[a.lane] = r.bench.sourceOf(a.lane.feed).Watermark.Delay
	}
	least := map[lane]int64{} // of those that are left
	var may []int
	for i := range rows {
		clear(least)
		for _, a := range rows[i:] {
			if t, ok := least[a.lane]; !ok || a.time < t {
				least[a.lane] = a.time
			}
		}
		may = may[:0]
		for k := i; k < len(rows); k++ {
			// The earliest of its lane is itself, or is late when this one is too far ahead.
			if a := &rows[k]; a.time-delays[a.lane] <= least[a.lane] {
				may = append(may, k)
			}
		}
		k := may[r.random.IntN(len(may))]
		rows[i], rows[k] = rows[k], rows[i]
	}
}

// inputOf returns what an INSERT puts in.
func inputOf(s *parser.Statement) (*parser.Name, input) {
	if i := s.Insert; i != nil {
		return i.Table, input{columns: i.Columns, values: listed(i), at: s.Span()}
	}
	f := s.Feed
	return f.Table, input{columns: f.Columns, values: f.Rows, file: f.File, changes: f.Changes, partition: f.Partition, at: s.Span()}
}

// newRandom returns the random numbers of the n-th run of a kind.
func newRandom(kind, n int) *rand.Rand { return rand.New(rand.NewPCG(uint64(kind), uint64(n))) }
