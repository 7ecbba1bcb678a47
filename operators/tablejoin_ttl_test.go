package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
)

// agedRow is a row of the naive join that forgets.
type agedRow struct {
	tableEvent
	side    int
	came    int64 // the watermark, seconds; -1 before its first move
	matches int
}

// agedTables is the naive join of rows that are forgotten: what they were part of stays,
// and they find no partner any more and are not taken back.
type agedTables struct {
	cfg   operators.TableJoinConfig
	ttl   int64 // seconds
	wm    int64 // -1 before its first move
	alive []*agedRow
	rows  []*agedRow // also those that are forgotten, but none that was taken back
	pairs [][2]*agedRow
}

func (t *agedTables) apply(e tableEvent) {
	switch side := 0; {
	case e.wm > 0:
		t.wm = e.wm
		t.alive = slices.DeleteFunc(t.alive, func(r *agedRow) bool {
			if r.came < 0 {
				r.came = e.wm
			}
			return r.came+t.ttl < e.wm
		})
	default:
		if e.right {
			side = 1
		}
		if e.change == data.Insert || e.change == data.UpdateAfter {
			t.insert(&agedRow{e, side, t.wm, 0})
		} else {
			t.remove(e, side)
		}
	}
}

func (t *agedTables) insert(row *agedRow) {
	for _, other := range t.alive {
		if other.side == row.side || row.key == "NULL" || other.key != row.key || t.cfg.Condition != nil && (row.n+other.n)%10 == 0 {
			continue
		}
		pair := [2]*agedRow{}
		pair[row.side], pair[other.side] = row, other
		t.pairs = append(t.pairs, pair)
		row.matches++
		other.matches++
	}
	t.alive, t.rows = append(t.alive, row), append(t.rows, row)
}

func (t *agedTables) remove(e tableEvent, side int) {
	for i := len(t.alive) - 1; i >= 0; i-- {
		row := t.alive[i]
		if row.side != side || row.key != e.key || row.n != e.n {
			continue
		}
		t.alive = slices.Delete(t.alive, i, i+1)
		t.rows = slices.DeleteFunc(t.rows, func(r *agedRow) bool { return r == row })
		t.pairs = slices.DeleteFunc(t.pairs, func(p [2]*agedRow) bool {
			other := p[1-side]
			if p[side] != row || !slices.Contains(t.alive, other) {
				return false
			}
			other.matches--
			return true
		})
		return
	}
}

func (t *agedTables) result() []string {
	var out []string
	k := t.cfg.Kind
	if k < operators.JoinSemi {
		for _, p := range t.pairs {
			out = append(out, fmt.Sprintf("%s %d %d", p[0].key, p[0].n, p[1].n))
		}
	}
	for _, r := range t.rows {
		switch left := r.side == 0; {
		case left && (k == operators.JoinSemi && r.matches > 0 || k == operators.JoinAnti && r.matches == 0):
			out = append(out, fmt.Sprintf("%s %d", r.key, r.n))
		case r.matches > 0:
		case left && (k == operators.JoinLeft || k == operators.JoinFull):
			out = append(out, fmt.Sprintf("%s %d NULL", r.key, r.n))
		case !left && (k == operators.JoinRight || k == operators.JoinFull):
			out = append(out, fmt.Sprintf("NULL NULL %d", r.n))
		}
	}
	slices.Sort(out)
	return out
}

// Random changelogs with rows that are forgotten after a while give at any time what the
// naive join gives, and the same changelog in every shape.
func TestTableJoinForgetsAgainstNaive(t *testing.T) {
	for seed := range uint64(36) {
		r := rand.New(rand.NewPCG(seed, 17))
		cfg := tableJoin(operators.JoinKind(seed%6), seed%4 == 1)
		oracle := &agedTables{cfg: cfg, ttl: r.Int64N(12), wm: -1}
		if cfg.TTL = oracle.ttl * second; cfg.TTL == 0 {
			cfg.TTL = 1 // a microsecond
		}
		events := tableEvents(r, 200, []int{1, 4, 30}[r.IntN(3)], seed%5 > 0)
		newJoin := func() operators.Operator { return operators.NewTableJoin(cfg, tableIn) }
		var input strings.Builder
		for _, e := range events {
			fmt.Fprintln(&input, e)
		}
		all := optest.Invariant(t, optest.Case{In: tableIn, Out: cfg.Out, Input: input.String(), New: newJoin}, seed)
		steps := replayEach(t, newJoin(), events)
		if joined := strings.Join(slices.DeleteFunc(slices.Clone(steps), func(s string) bool { return s == "" }), "\n"); joined != all {
			t.Fatalf("seed %d: row by row it is\n%s\nnot\n%s", seed, joined, all)
		}
		var have []string
		for i, e := range events {
			oracle.apply(e)
			have = folded(t, have, steps[i])
			if e.change == data.UpdateBefore {
				continue // what it makes comes with the row that follows
			}
			if want := oracle.result(); !slices.Equal(have, want) {
				t.Fatalf("seed %d, kind %d, ttl %d, after event %d, %v: got\n%v\nwant\n%v", seed, cfg.Kind, oracle.ttl, i, e, have, want)
			}
		}
	}
}

// A row that is replaced over and over leaves nothing behind of those before it, long before
// any is forgotten.
func TestTableJoinForgetsWhatIsReplaced(t *testing.T) {
	cfg := tableJoin(operators.JoinFull, false)
	cfg.BatchRows, cfg.TTL = 1024, 1<<50
	j, pool := operators.NewTableJoin(cfg, tableIn), data.NewPool(tableIn)
	for n := range int64(100_000) {
		b := pool.Get()
		for i, change := range []data.Change{data.UpdateBefore, data.UpdateAfter} {
			b.Cols[0].AppendBool(false)
			b.Cols[1].AppendInt(0)
			b.Cols[2].AppendInt(0)
			b.Cols[3].AppendText([]byte("k"))
			b.Cols[4].AppendInt(n + int64(i))
			b.AddRows(1, change, 0)
		}
		b.Seq, b.Trigger = 2*n, nil
		b.AddStep(2, n)
		if err := j.Process(b, func(b *data.Batch) error { b.Release(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if rows, bytes := j.Held(), j.Bytes(); rows != 1 || bytes > 200_000 {
		t.Errorf("%d rows, %d bytes", rows, bytes)
	}
}
