package watermark

import "tidemark/operators/data"

// Guard keeps rows that are too far ahead from moving the watermark: those whose
// time is more than a drift after the latest so far, not counting rows that were
// too far ahead themselves. A clock that is wrong for a while so moves nothing, but
// a true gap that is longer than the drift holds the watermark until the end.
type Guard struct {
	Generator
	drift  int64 // microseconds
	latest int64 // the greatest time of a row that was not too far ahead
	begun  bool
	ahead  int64
}

// Ahead returns how many rows were too far ahead so far.
func (g *Guard) Ahead() int64 { return g.ahead }

// Survey surveys the piece as if no row were too far ahead, and notes whether that
// is so as far as its own rows tell.
func (g *Guard) Survey(p *Piece) {
	p.any, p.calm = false, true
	for i := range p.Rows {
		r := &p.Rows[i]
		for k := range r.count() {
			t := r.Times[r.row(k)]
			if !p.any {
				p.any, p.first, p.latest = true, t, t
			} else if t > p.latest {
				p.calm = p.calm && since(p.latest, t) <= g.drift
				p.latest = t
			}
		}
	}
	g.Generator.Survey(p)
}

// Settle settles a calm piece at once. In another it looks at each row, and has the
// piece surveyed again without those that are too far ahead.
func (g *Guard) Settle(p *Piece) error {
	if !p.any {
		return g.Generator.Settle(p)
	}
	if p.calm && !g.tooFar(p.first) {
		g.see(p.latest)
		return g.Generator.Settle(p)
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		seen := make([]int32, 0, r.count())
		for k := range r.count() {
			row := r.row(k)
			t := r.Times[row]
			if g.tooFar(t) {
				g.ahead++
				continue
			}
			g.see(t)
			seen = append(seen, int32(row))
		}
		r.Seen = seen
		r.Batch.KeepSteps(r.Batch.Steps[:0])
	}
	g.Generator.Survey(p)
	return g.Generator.Settle(p)
}

func (g *Guard) tooFar(t int64) bool {
	return g.begun && t > g.latest && since(g.latest, t) > g.drift
}

func (g *Guard) see(t int64) {
	if !g.begun || t > g.latest {
		g.latest, g.begun = t, true
	}
}

// Snapshot writes the generator's state, and the latest credible time.
func (g *Guard) Snapshot(e *data.Encoder) {
	g.Generator.Snapshot(e)
	e.Flag(g.begun)
	e.Varint(g.latest)
	e.Varint(g.ahead)
}

// Restore reads them.
func (g *Guard) Restore(d *data.Decoder) error {
	if err := g.Generator.Restore(d); err != nil {
		return err
	}
	g.begun, g.latest, g.ahead = d.Flag(), d.Varint(), d.Varint()
	return nil
}

// Limit leaves the rows after limit out of those that count, and returns how many
// they are. buf is memory for the list of the others; it is returned for reuse.
func (r *Rows) Limit(limit int64, buf []int32) (ahead int64, _ []int32) {
	far := false
	for k := range r.count() {
		far = far || r.Times[r.row(k)] > limit
	}
	if !far {
		return 0, buf
	}
	if buf == nil {
		buf = make([]int32, 0, r.count()) // a nil list means all rows
	}
	from := len(buf)
	for k := range r.count() {
		if row := r.row(k); r.Times[row] <= limit {
			buf = append(buf, int32(row))
		} else {
			ahead++
		}
	}
	r.Seen = buf[from:len(buf):len(buf)]
	return ahead, buf
}
