package data

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lines describes the rows and steps of a batch from some on.
func batchLines(b *Batch, rows, steps int) (out []string) {
	for k := rows; k < b.Rows(); k++ {
		i := b.Row(k)
		line := []byte(b.Change(i).String())
		for _, c := range b.Cols {
			line = append(line, ' ')
			if c.IsNull(i) {
				line = append(line, '-')
			} else {
				line = AppendText(line, c, i)
			}
		}
		out = append(out, string(line))
	}
	for _, s := range b.Steps[steps:] {
		out = append(out, string(AppendTimestamp(nil, s.Time)), string(rune('a'+s.Row)))
	}
	return out
}

// TestBatchCodec writes batches and reads them back.
func TestBatchCodec(t *testing.T) {
	schema := Schema{{Name: "a", Type: Of(BigInt)}, {Name: "b", Type: Of(String)}, {Name: "c", Type: Of(Boolean)}}
	rapid.Check(t, func(t *rapid.T) {
		pool := NewPool(schema)
		b := pool.Get()
		n := rapid.IntRange(0, 9).Draw(t, "n")
		for i := range n {
			if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
				b.Cols[0].AppendNull()
			} else {
				b.Cols[0].AppendInt(int64(i) - 3)
			}
			b.Cols[1].AppendText([]byte(rapid.StringN(0, 5, 9).Draw(t, "text")))
			b.Cols[2].AppendBool(i%3 == 0)
		}
		b.N = n
		if rapid.Bool().Draw(t, "changes") {
			for i := range n {
				b.AddChange(Change(i % 4))
			}
		}
		if rapid.Bool().Draw(t, "selection") {
			b.Sel = b.SelBuf(n)
			for i := range n {
				if rapid.Bool().Draw(t, "selected") {
					b.Sel = append(b.Sel, int32(i))
				}
			}
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "steps") {
			b.AddStep(min(i, n), int64(i)*1e6)
		}
		rows, steps := rapid.IntRange(0, b.Rows()).Draw(t, "rows"), rapid.IntRange(0, len(b.Steps)).Draw(t, "from")
		e := NewEncoder(nil)
		e.Batch(b, rows, steps)
		d, got := NewDecoder(e.Bytes()), pool.Get()
		d.Batch(got)
		if d.Damaged() || len(d.Rest()) > 0 {
			t.Fatal("damaged")
		}
		if diff := cmp.Diff(batchLines(b, rows, steps), batchLines(got, 0, 0)); diff != "" {
			t.Fatal(diff)
		}
		// Anything cut off is damage, and no panic.
		cut := NewDecoder(e.Bytes()[:rapid.IntRange(0, len(e.Bytes())-1).Draw(t, "cut")])
		if cut.Batch(pool.Get()); !cut.Damaged() {
			t.Fatal("not damaged")
		}
	})
}
