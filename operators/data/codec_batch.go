package data

// Batch writes a batch without its first selected rows and moves of the watermark. What
// is written does not tell its schema, nor the place of its rows in the input.
func (e *Encoder) Batch(b *Batch, rows, steps int) {
	e.Uvarint(uint64(b.N))
	for _, c := range b.Cols {
		e.Vector(c)
	}
	e.Flag(b.Changes != nil)
	if b.Changes != nil {
		for _, c := range b.Changes[:b.N] {
			e.Uvarint(uint64(c))
		}
	}
	e.Uvarint(uint64(b.Rows() - rows))
	last := 0
	for k := rows; k < b.Rows(); k++ {
		e.Uvarint(uint64(b.Row(k) - last))
		last = b.Row(k)
	}
	e.Uvarint(uint64(len(b.Steps) - steps))
	for _, s := range b.Steps[steps:] {
		e.Uvarint(uint64(s.Row))
		e.Varint(s.Time)
	}
}

// Batch reads what Encoder.Batch has written into b, an empty batch from a pool of the
// same schema. When what is read is damaged b stays empty.
func (d *Decoder) Batch(b *Batch) {
	b.N = int(d.Uvarint())
	for i, v := range b.Cols {
		d.Vector(v, b.pool.schema[i].Type)
		if v.Len() < b.N && (!v.Const || v.Len() == 0) {
			d.Fail()
		}
	}
	if d.Flag() {
		for range b.N {
			if b.AddChange(Change(d.Uvarint() & 3)); d.Damaged() {
				break
			}
		}
	}
	row := 0
	b.Sel = b.SelBuf(d.most(b.N))
	for range d.Count(1) {
		if row += int(d.Uvarint()); row < 0 || row >= b.N {
			d.Fail()
			break
		}
		b.Sel = append(b.Sel, int32(row))
	}
	for range d.Count(2) {
		b.AddStep(int(d.Uvarint()), d.Varint())
	}
	if d.Damaged() {
		b.N, b.Sel, b.Steps, b.Changes = 0, nil, nil, nil
	}
}

// most returns n, or less where that many values of a byte each are not there.
func (d *Decoder) most(n int) int { return max(0, min(n, len(d.b))) }
