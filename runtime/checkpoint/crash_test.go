package checkpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
)

var numbers = data.Schema{{Name: "n", Type: data.Of(data.BigInt)}}

// table is a database on a machine: what is committed survives.
type table struct {
	m      *machine
	rows   []int64
	mark   connectors.Mark
	open   []int64 // in the transaction
	failed int     // how often it is not available, from now on
	// doubtful makes a commit that has happened return that, once.
	doubtful error
	// behind is a commit of the process before that comes through when the mark was read.
	behind func()
	last   connectors.Mark // that this process knows of
}

func (t *table) Marked(context.Context) (connectors.Mark, error) {
	t.open, t.last = nil, t.mark
	if f := t.behind; f != nil {
		t.behind = nil
		defer f()
	}
	return t.mark, t.m.step()
}

func (t *table) Write(_ context.Context, b *data.Batch) error {
	for k := range b.Rows() {
		t.open = append(t.open, b.Cols[0].Ints[b.Row(k)])
	}
	return t.m.step()
}

func (t *table) CommitMarked(_ context.Context, m connectors.Mark) error {
	if t.failed > 0 {
		t.failed--
		t.open = nil
		return &connectors.Unavailable{Err: errors.New("the table is away")}
	}
	if err := t.m.step(); err != nil {
		return err
	}
	if t.mark != t.last {
		t.open = nil
		return &connectors.Overtaken{Err: errors.New("the mark has moved")}
	}
	t.rows, t.mark, t.open = append(t.rows, t.open...), m, nil
	if err := t.doubtful; err != nil {
		t.doubtful = nil
		return err
	}
	t.last = m
	return t.m.step() // the crash may come between the commit and the word of it
}

func (t *table) Flush(context.Context) error { return errors.New("called Flush") }
func (t *table) Close() error                { return nil }

// whole is a table that is written at the end, all at once.
type whole struct{ table }

func (w *whole) Marked(ctx context.Context) (connectors.Mark, error) {
	_, err := w.table.Marked(ctx)
	return connectors.Mark{Rows: -1}, err
}

func (w *whole) CommitMarked(ctx context.Context, m connectors.Mark) error {
	w.rows = nil
	return w.table.CommitMarked(ctx, m)
}

func (w *whole) Due(int64, time.Duration) bool { return false }

// world is a machine with a job that copies the numbers below total into both.
type world struct {
	*machine
	table table
	whole whole
	total int64
	clock *clock.Manual
	// small makes the store take its states for large ones.
	small bool
}

func newWorld(seed uint64) *world {
	w := &world{machine: newMachine(seed), total: 60, clock: clock.NewManual(time.Unix(1e9, 0))}
	w.table.m, w.whole.m = w.machine, w.machine
	w.small = seed%2 == 0
	return w
}

// tiny is a layout for states of some hundred bytes.
func tiny() layout { return layout{large: 64, part: 32, least: 8, most: 64, bits: 3, files: 4} }

// store returns the store of a new process.
func (w *world) store() *Store {
	s := NewStore(w, 2)
	if w.small {
		s.layout = tiny()
	}
	return s
}

// state is what the job remembers besides its place: the last of the numbers below next
// with each remainder.
func (w *world) state(next int64) []byte {
	state := make([]byte, 50*8)
	for n := range next {
		binary.LittleEndian.PutUint64(state[n*n%50*8:], uint64(n+1)*0x9e3779b97f4a7c15)
	}
	return state
}

// parts are what the job has in a checkpoint.
func (w *world) parts(next int64) map[string][]byte {
	e := data.NewEncoder(nil)
	e.Varint(next)
	return map[string][]byte{"source": e.Bytes(), "state": w.state(next)}
}

// run runs the job to its end, or a crash.
func (w *world) run() error {
	ctx := context.Background()
	k, err := Open(w.store(), w.clock)
	if err != nil {
		return err
	}
	a, err := k.Outbox("table", &w.table, numbers)
	if err != nil {
		return err
	}
	b, err := k.Outbox("whole", &w.whole, numbers)
	if err != nil {
		return err
	}
	if err := k.Begin(ctx); err != nil {
		return err
	}
	next := int64(0)
	if c := k.From(); c != nil {
		if next = data.NewDecoder(c.Parts["source"]).Varint(); !bytes.Equal(c.Parts["state"], w.state(next)) {
			return fmt.Errorf("the state in checkpoint %d is another", c.Number)
		}
		if c.Finished {
			return nil
		}
	}
	pool := data.NewPool(numbers)
	for next < w.total {
		for range 1 + w.random.IntN(12) {
			batch := pool.Get()
			for range 1 + w.random.IntN(5) {
				if next < w.total {
					batch.Cols[0].AppendInt(next)
					batch.N++
					next++
				}
			}
			for _, o := range []*Outbox{a, b} {
				if err := o.Write(ctx, batch); err != nil {
					return err
				}
			}
			batch.Release()
		}
		err := k.Checkpoint(ctx, func(cut func(*Outbox)) (map[string][]byte, error) {
			cut(a) // the other has ended, for all that is known
			return w.parts(next), nil
		})
		if err != nil {
			return err
		}
	}
	return k.Finish(ctx, func(func(*Outbox)) (map[string][]byte, error) { return w.parts(next), nil }, false)
}

// begin starts a job that fills the table of numbers.
func (w *world) begin(t *testing.T) (*Coordinator, *Outbox) {
	t.Helper()
	k, err := Open(w.store(), w.clock)
	if err != nil {
		t.Fatal(err)
	}
	o, err := k.Outbox("table", &w.table, numbers)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Begin(context.Background()); err != nil {
		t.Fatal(err)
	}
	return k, o
}

// check looks at what the job has left.
func (w *world) check(t *testing.T, when string) {
	t.Helper()
	for name, rows := range map[string][]int64{"table": w.table.rows, "whole": w.whole.rows} {
		want := make([]int64, w.total)
		for i := range want {
			want[i] = int64(i)
		}
		if !slices.Equal(rows, want) {
			t.Fatalf("%s: %s holds %v", when, name, rows)
		}
	}
	for name := range w.files {
		if strings.HasPrefix(name, logPrefix) || strings.HasSuffix(name, partial) {
			t.Fatalf("%s: %s is left", when, name)
		}
	}
	w.left = -1
	store, used := w.store(), map[string]bool{}
	for name := range w.files {
		if _, ok := numberOf(name); ok {
			files, err := store.chunksOf(name)
			if err != nil {
				t.Fatalf("%s: %s: %v", when, name, err)
			}
			if w.small != (len(files) > 0) {
				t.Fatalf("%s: %s has chunks in files %v", when, name, files)
			}
			for _, n := range files {
				used[chunkName(n)] = true
			}
		}
	}
	for name := range w.files {
		if _, ok := chunkFile(name); ok && !used[name] {
			t.Fatalf("%s: nobody uses %s", when, name)
		}
		delete(used, name)
	}
	if len(used) > 0 {
		t.Fatalf("%s: %v are gone", when, used)
	}
}

// TestCrashAtEveryOperation crashes the machine at each operation of a job, once and then
// again at a random one, and lets it come to its end: both sinks have each row once, in
// order.
func TestCrashAtEveryOperation(t *testing.T) {
	crashes := 0
	for seed := range uint64(4) {
		for at := 0; ; at++ {
			w := newWorld(seed)
			w.left = at
			err := w.run()
			if err == nil && !w.crashed {
				w.check(t, "without a crash")
				break
			}
			for try := 0; ; try++ {
				if err != nil && !errors.Is(err, errCrashed) && w.crashed {
					t.Fatalf("crashed at operation %d: %v", at, err)
				}
				if !w.crashed {
					if err != nil {
						t.Fatalf("crashed at operation %d: %v", at, err)
					}
					break
				}
				crashes++
				w.restart()
				if try < 3 {
					w.left = w.random.IntN(60)
				}
				err = w.run()
			}
			w.check(t, fmt.Sprintf("crashed at operation %d", at))
			w.left = -1
			if err := w.run(); err != nil { // once more: nothing is left to do
				t.Fatal(err)
			}
			w.check(t, fmt.Sprintf("crashed at operation %d, run once more", at))
		}
	}
	t.Logf("%d crashes", crashes)
}

// TestOlderCheckpoint goes on from the checkpoint before the last, as that is damaged: the
// rows that a sink has it is not given again.
func TestOlderCheckpoint(t *testing.T) {
	for seed := range uint64(30) {
		w := newWorld(seed)
		w.left = 40 + int(seed)*3
		if err := w.run(); err == nil {
			continue // it was too quick
		}
		w.restart()
		store := w.store()
		numbers, err := store.numbers()
		if err != nil {
			t.Fatal(err)
		}
		if len(numbers) < 2 {
			continue
		}
		last := w.files[fileName(numbers[0])]
		last.data[w.random.IntN(len(last.data))] ^= 1 << w.random.IntN(8)
		found, err := store.Load()
		if err != nil {
			t.Fatal(err)
		}
		if found.Checkpoint.Number != numbers[1] || len(found.Passed) != 1 {
			t.Fatalf("found checkpoint %d, passed %v", found.Checkpoint.Number, found.Passed)
		}
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		if got := w.table.rows; len(got) != int(w.total) {
			t.Fatalf("seed %d: the table holds %v", seed, got)
		}
	}
}

// TestDamagedOnly refuses to begin anew where there are checkpoints.
func TestDamagedOnly(t *testing.T) {
	w := newWorld(1)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for _, f := range w.files {
		f.data = f.data[:len(f.data)-1]
	}
	if err := w.run(); err == nil || !strings.Contains(err.Error(), "no checkpoint can be read") {
		t.Fatalf("got %v", err)
	}
}

// TestFull lets the disk be full: the job stops, and goes on when there is room.
func TestFull(t *testing.T) {
	for room := 50; ; room += 37 {
		w := newWorld(7)
		w.full = room
		err := w.run()
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "no space left") {
			t.Fatal(err)
		}
		w.full = -1
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		w.check(t, fmt.Sprintf("with room for %d bytes", room))
	}
}

// TestUnavailable lets a sink be away for a while.
func TestUnavailable(t *testing.T) {
	w := newWorld(3)
	w.table.failed = 5
	done := make(chan error)
	go func() { done <- w.run() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			w.check(t, "after the table was away")
			return
		default:
			w.clock.Advance(time.Second)
		}
	}
}

// TestLostMark refuses to go on with a sink that has fewer rows than it had.
func TestLostMark(t *testing.T) {
	w := newWorld(5)
	w.left = 60
	if err := w.run(); !errors.Is(err, errCrashed) {
		t.Fatal(err)
	}
	w.restart()
	if w.table.mark.Rows == 0 {
		t.Fatal("the sink has no rows yet")
	}
	w.table.mark, w.table.rows = connectors.Mark{}, nil
	if err := w.run(); err == nil || !strings.Contains(err.Error(), "now its mark says 0") {
		t.Fatalf("got %v", err)
	}
}

// TestCommittedLater lets the commit of a process that has crashed come through after the
// next one has read the mark.
func TestCommittedLater(t *testing.T) {
	later := 0
	for left := 20; left < 120; left++ {
		w := newWorld(5)
		w.left = left
		if err := w.run(); !errors.Is(err, errCrashed) {
			t.Fatal(err)
		}
		w.restart()
		found, err := w.store().Load()
		if err != nil {
			t.Fatal(err)
		}
		c := found.Checkpoint
		if c == nil || c.Finished {
			continue
		}
		next := data.NewDecoder(c.Parts["source"]).Varint()
		if int(next) == len(w.table.rows) {
			continue // it had come through before
		}
		later++
		w.table.behind = func() {
			for n := int64(len(w.table.rows)); n < next; n++ {
				w.table.rows = append(w.table.rows, n)
			}
			w.table.mark = connectors.Mark{Checkpoint: c.Number, Rows: next}
		}
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		w.check(t, fmt.Sprintf("crashed after %d operations", left))
	}
	if later == 0 {
		t.Fatal("no commit came later")
	}
}

// TestCommitInDoubt lets the answer to a commit be lost: the rows are not written twice.
func TestCommitInDoubt(t *testing.T) {
	w := newWorld(9)
	w.table.doubtful = &connectors.Unavailable{Err: errors.New("the connection is lost")}
	done := make(chan error)
	go func() { done <- w.run() }()
	for over := false; !over; {
		select {
		case err := <-done:
			if over = true; err != nil {
				t.Fatal(err)
			}
		default:
			w.clock.Advance(time.Second)
		}
	}
	w.check(t, "after a lost answer")

	// The same when the delivery is given up, and another follows.
	w = newWorld(9)
	ctx := context.Background()
	k, o := w.begin(t)
	pass := func(cut func(*Outbox)) (map[string][]byte, error) { cut(o); return nil, nil }
	for n := range int64(3) {
		b := data.NewPool(numbers).Get()
		b.Cols[0].AppendInt(n)
		b.N = 1
		if err := o.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			w.table.doubtful = context.Canceled
		}
		if err := k.Checkpoint(ctx, pass); (err != nil) != (n == 1) {
			t.Fatal(err)
		}
	}
	if !slices.Equal(w.table.rows, []int64{0, 1, 2}) {
		t.Fatalf("the table holds %v", w.table.rows)
	}
}
