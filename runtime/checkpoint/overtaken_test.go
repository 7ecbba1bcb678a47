package checkpoint

import (
	"context"
	"errors"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestOvertakenInDoubt lets the answer to a commit be lost while another process of the
// job writes: this one does not take the other's mark for its own, but ends.
func TestOvertakenInDoubt(t *testing.T) {
	w := newWorld(9)
	ctx := context.Background()
	k, o := w.begin(t)
	checkpoint := func(n int64) error {
		batch := data.NewPool(numbers).Get()
		defer batch.Release()
		batch.Cols[0].AppendInt(n)
		batch.N = 1
		if err := o.Write(ctx, batch); err != nil {
			t.Fatal(err)
		}
		return k.Checkpoint(ctx, func(cut func(*Outbox)) (map[string][]byte, error) { cut(o); return nil, nil })
	}
	if err := checkpoint(0); err != nil {
		t.Fatal(err)
	}
	w.table.doubtful = context.Canceled
	if err := checkpoint(1); err == nil {
		t.Fatal("the commit was not in doubt")
	}
	w.table.mark = connectors.Mark{Checkpoint: 7, Rows: 5}
	var overtaken *connectors.Overtaken
	if err := checkpoint(2); !errors.As(err, &overtaken) {
		t.Fatalf("got %v", err)
	}
	if len(w.table.rows) != 2 {
		t.Errorf("the table holds %v", w.table.rows)
	}
}
