package operators_test

import (
	"runtime"
	"strconv"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// heldJoin is a join that tells how much they remember.
type heldJoin interface {
	operators.Operator
	Held() int
	Bytes() int64
}

// joinKind is a kind of join under a load: rows out of order by up to a second, which the
// watermark is behind by.
type joinKind struct {
	name string
	in   data.Schema
	new  func(t *testing.T, load int) heldJoin
	row  func(b *data.Batch, right bool, at int64, key []byte, n int64)
	// rate is how many rows of each side a key has in a second, where bytes are measured:
	// so many that it has about ten at a time. What a key takes is shared by its rows.
	rate int
	// left and right are for how many seconds, including disorder and that of the
	// watermark, a row may be remembered.
	left, right int
}

func joinRowOf(b *data.Batch, right bool, at int64, key []byte, n int64) {
	b.Cols[0].AppendBool(right)
	b.Cols[1].AppendInt(at)
	b.Cols[2].AppendText(key)
	b.Cols[3].AppendInt(n)
}

func tableRowOf(b *data.Batch, right bool, at int64, key []byte, n int64) {
	b.Cols[0].AppendBool(right)
	b.Cols[1].AppendInt(at - at%second)
	b.Cols[2].AppendInt(at - at%second + second)
	b.Cols[3].AppendText(key)
	b.Cols[4].AppendInt(n)
}

// joinKinds are the joins with a bound of their own, by five seconds or five windows of a
// second. Keys are new every ten seconds.
var joinKinds = []joinKind{
	{"interval", joinIn, func(*testing.T, int) heldJoin {
		return operators.NewIntervalJoin(bounded(join(operators.JoinFull, 5*second, 5*second, 0)), joinIn)
	}, joinRowOf, 2, 7, 7},
	{"asof", joinIn, func(*testing.T, int) heldJoin {
		cfg := wideAsof(5 * second)
		return operators.NewAsofJoin(cfg, joinIn)
	}, joinRowOf, 20, 2, 2},
	{"asof with a condition", joinIn, func(*testing.T, int) heldJoin {
		cfg := wideAsof(5 * second)
		cfg.Condition = noMultiple(3)
		return operators.NewAsofJoin(cfg, joinIn)
	}, joinRowOf, 2, 2, 7},
	{"temporal", joinIn, func(_ *testing.T, load int) heldJoin {
		cfg := wideAsof(-1)
		cfg.Versioned = true
		return ending{operators.NewAsofJoin(cfg, joinIn), load}
	}, joinRowOf, 20, 2, 2},
	{"window", tableIn, func(*testing.T, int) heldJoin {
		cfg := windowed(tableJoin(operators.JoinFull, false), 0)
		cfg.BatchRows = 1024
		return operators.NewTableJoin(cfg, tableIn)
	}, tableRowOf, 20, 3, 3},
	{"tables for a while", tableIn, func(*testing.T, int) heldJoin {
		cfg := tableJoin(operators.JoinFull, false)
		cfg.BatchRows, cfg.TTL = 1024, 5*second
		return operators.NewTableJoin(cfg, tableIn)
	}, tableRowOf, 2, 6, 6},
	{"frames", frameIn, func(t *testing.T, _ int) heldJoin {
		cfg := frameJoin(newOver().agg(t, "SUM", operators.OverFrame{Start: length10(-5), End: operators.FrameBound{Kind: operators.FromPeers}}, -1), 0)
		cfg.BatchRows = 1024
		return operators.NewFrameJoin(cfg, frameIn)
	}, func(b *data.Batch, right bool, at int64, key []byte, n int64) {
		b.Cols[0].AppendInt(at)
		b.Cols[1].AppendText(key)
		b.Cols[2].AppendInt(n)
		b.Cols[3].AppendNull()
		b.Cols[4].AppendBool(right)
	}, 2, 2, 7},
}

// wideAsof is a join that takes all columns of both sides.
func wideAsof(tolerance int64) operators.AsofJoinConfig {
	cfg := asof(true, false, tolerance, 0)
	cfg.BatchRows, cfg.Left, cfg.Right = 1024, []int{2, 3, 1}, []int{2, 3, 1}
	cfg.Out = data.Schema{joinIn[2], joinIn[3], joinIn[1], joinIn[2], joinIn[3], joinIn[1], cfg.Out[3]}
	return cfg
}

func bounded(cfg operators.IntervalJoinConfig) operators.IntervalJoinConfig {
	cfg.BatchRows, cfg.Lateness = 1024, watermark.Lateness{}
	return cfg
}

// ending deletes the right rows of keys before they are replaced by new ones, for two of ten
// seconds: versions would stay otherwise.
type ending struct {
	*operators.AsofJoin
	load int // rows of a side in a second
}

func (e ending) Process(b *data.Batch, out operators.Output) error {
	changes := make([]data.Change, b.N)
	for r := range b.N {
		if b.Cols[0].Bools[r] && b.Cols[3].Ints[r]/int64(e.load)%10 >= 8 {
			changes[r] = data.Delete
		}
	}
	b.Changes = changes
	return e.AsofJoin.Process(b, out)
}

// run feeds n rows of each side, so many a second, of so many keys at a time, and looks,
// after every batch, at what is remembered. The watermark moves after every step rows.
func (k *joinKind) run(t *testing.T, n, load, keys, step int, look func(j heldJoin, fed int)) heldJoin {
	j := k.new(t, load)
	pool := data.NewPool(k.in)
	out := func(b *data.Batch) error { b.Release(); return nil }
	var key []byte
	for from := 0; from < 2*n; {
		b := pool.Get()
		b.Seq = int64(from)
		for ; b.N < 1024 && from < 2*n; from++ {
			now := int64(from) * second / int64(2*load)
			at := now - int64(from*7919%1000)*1000 // up to a second
			key = strconv.AppendInt(key[:0], int64(10_000+from/(20*load)*keys+from/2*31%keys), 10)
			k.row(b, from%2 == 1, max(0, at), key, int64(from/2))
			b.AddRows(1, data.Insert, 0)
			if from%step == 0 {
				b.AddStep(b.N, now-second)
			}
		}
		b.Trigger = nil
		if err := j.Process(b, out); err != nil {
			t.Fatal(err)
		}
		look(j, from)
	}
	end := pool.Get()
	end.Seq = int64(2 * n)
	end.AddStep(0, data.MaxTime)
	if err := j.Process(end, out); err != nil {
		t.Fatal(err)
	}
	return j
}

// hold runs n rows of each side through every join. None remembers more than its bound at
// any time, or more bytes as time goes on, and nothing in the end.
func hold(t *testing.T, n int) {
	const load = 2000
	for _, k := range joinKinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			most, early, late, batches := 0, int64(0), int64(0), 0
			keys := load / 2
			if k.name == "window" { // each is one of its own in every window
				keys = load / 20
			}
			j := k.run(t, n, load, keys, 64, func(j heldJoin, fed int) {
				batches++
				if batches%8 == 0 {
					most = max(most, j.Held())
				}
				if fed < n {
					early = max(early, j.Bytes())
				} else {
					late = max(late, j.Bytes())
				}
			})
			// The rows of two batches, and one of each key.
			if bound := (k.left+k.right)*load + 2048 + load; most > bound {
				t.Errorf("up to %d rows are remembered, want at most %d", most, bound)
			}
			if late > early*4/3 { // a table of keys that reaches its size late is by a quarter larger
				t.Errorf("%d bytes in the end, %d in the first half", late, early)
			}
			if left := j.Held(); left != 0 {
				t.Errorf("%d rows are left", left)
			}
			t.Logf("at most %d rows, %d bytes", most, max(early, late))
		})
	}
}

func TestJoinsHoldTheirBounds(t *testing.T) { hold(t, 400_000) }

// A row takes its columns and 24 bytes, the keys and the room that growing slices have left
// among them: a text of five bytes, a number, and its time or window.
func TestJoinBytes(t *testing.T) {
	for _, k := range joinKinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			const load = 20_000
			width := 9.0 + 8 + 8
			if k.name == "window" {
				width += 8
			}
			bytes, held := int64(0), 0
			k.run(t, 9*load, load, load/k.rate, 1, func(j heldJoin, fed int) {
				switch { // to count the rows may forget some
				case fed > 16*load:
					held = max(held, j.Held())
				case fed > 14*load:
					bytes = max(bytes, j.Bytes())
				}
			})
			per := float64(bytes) / float64(held)
			if per > width+24 {
				t.Errorf("%.1f bytes a row, want %.0f", per, width+24)
			}
			t.Logf("%.1f bytes a row, %.1f beside its columns", per, per-width)
		})
	}
}

// Keys that come and go, one with each row of a side, leave their memory to those that come
// after them. All of the process is measured: nothing runs beside it.
func TestIntervalJoinUsesMemoryAgain(t *testing.T) {
	const n, most = 200_000, 40
	var from, to runtime.MemStats
	joinKinds[0].run(t, n, 2000, 20_000, 64, func(_ heldJoin, fed int) {
		if fed >= n && from.TotalAlloc == 0 {
			runtime.ReadMemStats(&from)
		}
	})
	runtime.ReadMemStats(&to)
	if per := float64(to.TotalAlloc-from.TotalAlloc) / n; per > most {
		t.Errorf("a row costs %.1f bytes of new memory, want at most %d", per, most)
	}
}

// No join allocates by row: memory grows, and batches come from pools.
func TestJoinsDoNotAllocateByRow(t *testing.T) {
	for _, k := range joinKinds {
		t.Run(k.name, func(t *testing.T) {
			const load, warm, end = 20_000, 200_000, 400_000 // rows of both sides
			var before, after runtime.MemStats
			k.run(t, end/2, load, load/k.rate, 64, func(_ heldJoin, fed int) {
				switch {
				case fed < warm:
					runtime.ReadMemStats(&before)
				case fed < end:
					runtime.ReadMemStats(&after)
				}
			})
			per := float64(after.Mallocs-before.Mallocs) / (end - warm)
			if per > 0.1 {
				t.Errorf("%.3f allocations a row", per)
			}
			t.Logf("%.3f allocations a row", per)
		})
	}
}
