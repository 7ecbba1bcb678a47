package checkpoint

import (
	"context"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestLogDamage lets rows that wait for a sink be damaged on the disk: the job does not go
// on without them, also when they are cut off where a batch ends.
func TestLogDamage(t *testing.T) {
	for _, c := range []struct {
		what   string
		damage func(w *world, name string)
		want   string
	}{
		{"untouched", func(*world, string) {}, ""},
		{"cut off behind a batch", func(w *world, name string) { f := w.files[name]; f.data = f.data[:len(f.data)/2] }, "cannot be read"},
		{"cut off", func(w *world, name string) { f := w.files[name]; f.data = f.data[:len(f.data)-1] }, "cannot be read"},
		{"emptied", func(w *world, name string) { w.files[name].data = nil }, "cannot be read"},
		{"a bit is another", func(w *world, name string) { f := w.files[name]; f.data[len(f.data)-2] ^= 1 }, "cannot be read"},
		{"gone", func(w *world, name string) { delete(w.files, name) }, "put the sink back as it was, or begin anew"},
	} {
		w := newWorld(9)
		ctx := context.Background()
		open := func() (*Coordinator, *Outbox, error) {
			k, err := Open(w.store(), w.clock)
			if err != nil {
				t.Fatal(err)
			}
			o, err := k.Outbox("table", &w.table, numbers)
			if err != nil {
				t.Fatal(err)
			}
			return k, o, k.Begin(ctx)
		}
		k, o, err := open()
		if err != nil {
			t.Fatal(err)
		}
		for n := range int64(2) { // two batches of one size
			batch := data.NewPool(numbers).Get()
			batch.Cols[0].AppendInt(n)
			batch.N = 1
			if err := o.Write(ctx, batch); err != nil {
				t.Fatal(err)
			}
			batch.Release()
		}
		pass := func(cut func(*Outbox)) (map[string][]byte, error) { cut(o); return nil, nil }
		w.table.failed = 1 << 30
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := k.Checkpoint(gone, pass); !connectors.IsUnavailable(err) {
			t.Fatal(err)
		}
		w.table.failed = 0
		for name := range w.files {
			if strings.HasPrefix(name, logPrefix) {
				c.damage(w, name)
			}
		}
		_, _, err = open()
		switch {
		case c.want == "" && (err != nil || len(w.table.rows) != 2):
			t.Errorf("%s: %v, the table holds %v", c.what, err, w.table.rows)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		case c.want != "" && len(w.table.rows) > 0:
			t.Errorf("%s: the table holds %v", c.what, w.table.rows)
		}
	}
}
