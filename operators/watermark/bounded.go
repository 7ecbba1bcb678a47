package watermark

import "tidemark/operators/data"

// bounded generates the watermark of rows that are out of order by at most delay:
// the greatest time seen, less delay.
type bounded struct {
	level
	delay int64 // microseconds, not negative
}

// Survey adds a step for each row whose time exceeds all before it in the piece.
func (g *bounded) Survey(p *Piece) {
	floor := int64(data.MinTime)
	for i := range p.Rows {
		r := &p.Rows[i]
		if r.Seen != nil {
			floor = g.surveySeen(r, floor)
			continue
		}
		b := r.Batch
		for i, t := range r.Times {
			t -= g.delay
			if t > floor {
				if t > r.Times[i] {
					continue // so early that it leaves the range of time
				}
				floor = t
				b.AddStep(i+1, t)
			}
		}
	}
}

func (g *bounded) surveySeen(r *Rows, floor int64) int64 {
	for _, i := range r.Seen {
		t := r.Times[i] - g.delay
		if t > floor && t <= r.Times[i] {
			floor = t
			r.Batch.AddStep(int(i)+1, t)
		}
	}
	return floor
}

// Settle drops the steps that an earlier piece has overtaken.
func (g *bounded) Settle(p *Piece) error {
	for i := range p.Rows {
		g.settle(p.Rows[i].Batch)
	}
	return nil
}
