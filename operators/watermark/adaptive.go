package watermark

import (
	"math"

	"tidemark/operators/data"
)

// warmUp is the most rows that an adaptive generator waits for before its first
// move.
const warmUp = 100

// adaptive generates the greatest time seen, less a delay that follows the rows: a
// percentile of how far each of the last ones was behind the greatest time.
//
// The delay after a row depends on many before it, so a piece has nothing to
// survey: settling takes its rows one by one, each in the logarithm of their number.
type adaptive struct {
	level
	delays *percentile
	from   int // how many rows it takes to know a delay
	latest int64
	begun  bool
}

func newAdaptive(share int64, last int) *adaptive {
	return &adaptive{level: level{data.MinTime}, delays: newPercentile(share, last), from: min(last, warmUp), latest: data.MinTime}
}

// Survey does nothing.
func (g *adaptive) Survey(*Piece) {}

// Settle moves the watermark row by row.
func (g *adaptive) Settle(p *Piece) error {
	for i := range p.Rows {
		r := &p.Rows[i]
		for k := range r.count() {
			row := r.row(k)
			if w, ok := g.take(r.Times[row]); ok && g.Raise(w) {
				r.Batch.AddStep(row+1, w)
			}
		}
	}
	return nil
}

// take takes the next row's time and returns the watermark that follows.
func (g *adaptive) take(t int64) (w int64, ok bool) {
	if !g.begun || t > g.latest {
		g.latest, g.begun = t, true
	}
	g.delays.add(since(t, g.latest))
	if g.delays.len() < g.from {
		return 0, false
	}
	return data.AddTime(g.latest, -g.delays.value()), true
}

// Snapshot writes the watermark, the greatest time and the last delays, oldest first.
func (g *adaptive) Snapshot(e *data.Encoder) {
	g.level.Snapshot(e)
	e.Flag(g.begun)
	e.Varint(g.latest)
	e.Times(g.delays.oldestFirst())
}

// Restore reads them.
func (g *adaptive) Restore(d *data.Decoder) error {
	if err := g.level.Restore(d); err != nil {
		return err
	}
	g.begun, g.latest = d.Flag(), d.Varint()
	for _, v := range d.Times(nil) {
		g.delays.add(v)
	}
	return nil
}

// since returns how much later b is than a, which is not later.
func since(a, b int64) int64 {
	d := b - a
	if d < 0 {
		return math.MaxInt64
	}
	return d
}
