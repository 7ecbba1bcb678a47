package dataflow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// files is an input of several partitions.
type files struct {
	rows
	parts []*rows
	err   error // of looking for them
}

func (f *files) Split(context.Context) (list []connectors.Part, err error) {
	for i, p := range f.parts {
		list = append(list, connectors.Part{Name: fmt.Sprint("p", i), Source: p})
	}
	return list, f.err
}

// inTurn is the order of partitions row by row: from the one with the lowest watermark,
// the first of several.
func inTurn(parts []*rows, delay int64) []string {
	var got []string
	next := make([]int, len(parts))
	wm := make([]int64, len(parts))
	for i := range parts {
		wm[i] = data.MinTime
	}
	now := int64(data.MinTime)
	for {
		best := -1
		for i, p := range parts {
			if next[i] < len(p.ts) && (best < 0 || wm[i] < wm[best]) {
				best = i
			}
		}
		if best < 0 {
			return got
		}
		p := parts[best]
		got = append(got, fmt.Sprint(p.k[next[best]]))
		wm[best] = max(wm[best], p.ts[next[best]]-delay)
		next[best]++
		least, open := int64(data.MaxTime), false
		for i, p := range parts {
			if next[i] < len(p.ts) {
				least, open = min(least, wm[i]), true
			}
		}
		if next[best] == len(p.ts) { // its last move comes before its end
			least = min(least, wm[best])
			open = true
		}
		if open && least > now {
			now = least
			got = append(got, fmt.Sprint("w", now))
		}
		if next[best] == len(p.ts) {
			least, open = data.MaxTime, false
			for i, p := range parts {
				if next[i] < len(p.ts) {
					least, open = min(least, wm[i]), true
				}
			}
			if open && least > now {
				now = least
				got = append(got, fmt.Sprint("w", now))
			}
		}
	}
}

// The partitions of an input are merged row by row, whatever the pieces, batches and
// workers are. Moves of the watermark with no row between them are one.
func TestPartitions(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		in := &files{}
		for i := range 1 + r.IntN(6) {
			p := randomRows(seed*10+uint64(i), 1+r.IntN(300))
			for k := range p.k {
				p.k[k] = int64(i*1000 + k)
			}
			in.parts = append(in.parts, p)
		}
		delay := r.Int64N(20)
		want := lastMovesOf(inTurn(in.parts, delay))
		for _, shape := range []struct{ piece, batch, workers int }{{1000, 1000, 1}, {1, 1, 1}, {7, 3, 4}, {50, 64, 3}} {
			for _, p := range in.parts {
				p.piece = shape.piece
			}
			s := &Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Delay: delay}, Partitioned: true, Workers: shape.workers, BatchRows: shape.batch}
			got, err := settled(t, s)
			if err != nil || !slices.Equal(lastMovesOf(got), want) {
				t.Fatalf("seed %d, %+v: %v\ngot  %v\nwant %v", seed, shape, err, lastMovesOf(got), want)
			}
			last := int64(data.MinTime)
			for _, p := range in.parts {
				last = max(last, slices.Max(p.ts)-delay)
			}
			if st := s.Stats(); st.Watermark != last {
				t.Fatalf("seed %d: the watermark stood at %d, want %d", seed, st.Watermark, last)
			}
			st := (&Flow{Sources: []*Source{s}}).Status().Sources[0]
			if len(st.Partitions) != len(in.parts) || st.State != watermark.Finished || st.Watermark != data.MaxTime {
				t.Fatalf("seed %d: %+v", seed, st)
			}
		}
	}
}

// lastMovesOf leaves of moves that follow each other the last, and none before the end.
func lastMovesOf(list []string) []string {
	var out []string
	for i, e := range list {
		if e[0] != 'w' || i+1 < len(list) && list[i+1][0] != 'w' {
			out = append(out, e)
		}
	}
	return out
}

// An error names the place of its row in its partition, and what comes before in the
// order of the merge is emitted.
func TestPartitionsFail(t *testing.T) {
	in := &files{}
	for i := range 3 {
		p := &rows{badAt: -1, piece: 4}
		for k := range 20 {
			p.ts, p.k = append(p.ts, int64(10*k+i)), append(p.k, int64(1000*i+k))
		}
		in.parts = append(in.parts, p)
	}
	in.parts[1].badAt = 7
	for _, workers := range []int{1, 3} {
		s := &Source{Name: "s", Input: in, Schema: schema, Time: 0, Partitioned: true, Workers: workers, BatchRows: 3}
		got, err := settled(t, s)
		if err == nil || err.Error() != "mem:8: column k: 'x' is not a valid BIGINT" {
			t.Fatal(err)
		}
		var rows []string
		for _, e := range got {
			if e[0] != 'w' {
				rows = append(rows, e)
			}
		}
		if len(rows) != 22 || rows[21] != "7" { // 0 to 6 of each, and 7 of the first
			t.Fatalf("%d rows: %v", len(rows), rows)
		}
	}
	in.err = errors.New("no files")
	if _, err := settled(t, &Source{Name: "s", Input: in, Schema: schema, Time: 0, Partitioned: true, Workers: 1, BatchRows: 3}); !errors.Is(err, in.err) {
		t.Fatal(err)
	}
}

// Rows that are merged know where they come from.
func TestPlaces(t *testing.T) {
	pool := data.NewPool(schema)
	a, b, c := pool.Get(), pool.Get(), pool.Get()
	a.Origin, b.Origin = &origin{input: "a"}, &origin{input: "b", base: 10}
	p := &places{}
	p.add(0, []*data.Batch{a, b}, []pick{{0, 0}, {1, 3}, {0, 1}})
	p.add(3, []*data.Batch{c, nil}, []pick{{0, 0}})
	p.add(4, []*data.Batch{c, b}, []pick{{0, 0}, {1, 0}})
	for i, want := range []string{"a:1", "b:14", "a:2", "", "", "b:11", "", ""} {
		if got := p.Where(i); got != want {
			t.Errorf("row %d is of %q, want %q", i, got, want)
		}
	}
}
