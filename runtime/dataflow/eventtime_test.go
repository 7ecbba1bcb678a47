package dataflow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/watermark"
)

// fromKey is an event time: the column k, NULL for 7 and failing for 8.
type fromKey struct{}

func (fromKey) Times(b *data.Batch, rows []int32, dst *data.Vector) (int, error) {
	dst.Resize(data.Of(data.Timestamp), b.N)
	for i := range b.N {
		if rows != nil && !slices.Contains(rows, int32(i)) {
			continue
		}
		switch k := b.Cols[1].Ints[i]; k {
		case 7:
			dst.SetNull(i, b.N)
		case 8:
			return i, errors.New("no eights")
		default:
			dst.Ints[i] = k
		}
	}
	return -1, nil
}

// evenKey marks the rows whose k is even, and fails for 9.
type evenKey struct{}

func (evenKey) Select(b *data.Batch, rows, out []int32) ([]int32, int, error) {
	for i := range int32(b.N) {
		if rows != nil && !slices.Contains(rows, i) {
			continue
		}
		switch k := b.Cols[1].Ints[i]; {
		case k == 9:
			return nil, int(i), errors.New("no nines")
		case k%2 == 0:
			out = append(out, i)
		}
	}
	return out, -1, nil
}

var timed = append(slices.Clone(schema), data.Column{Name: "at", Type: data.Of(data.Timestamp), Time: true})

// moves is an operator that keeps what it sees as text: rows by their k, moves of the
// watermark as wN.
type moves struct{ got []string }

func (m *moves) Process(b *data.Batch, out operators.Output) error {
	k := 0
	step := func(upTo int) {
		for ; k < len(b.Steps) && b.Steps[k].Row <= upTo; k++ {
			if t := b.Steps[k].Time; t != data.MaxTime {
				m.got = append(m.got, fmt.Sprint("w", t))
			}
		}
	}
	for r := range b.Rows() {
		step(b.Row(r))
		m.got = append(m.got, fmt.Sprint(b.Cols[1].Ints[b.Row(r)]))
	}
	step(b.N)
	return out(b)
}

// settled runs a source and returns what its reader sees.
func settled(t *testing.T, s *Source) ([]string, error) {
	t.Helper()
	seen := &moves{}
	s.Edges = []*Edge{watched(s.Schema, seen)}
	err := flowOf(s).Run(context.Background(), context.Background())
	return seen.got, err
}

// watched is an edge that lets m see all that goes over it.
func watched(s data.Schema, m *moves) *Edge {
	return &Edge{Keyed: &Keyed{Workers: 1, Schema: s, BatchRows: 100, New: func() operators.Operator { return m },
		Next: &Edge{Sink: &Sink{Name: "out", Sink: &lines{}}}}}
}

// What a row-by-row reading gives, whatever the pieces, batches and workers are:
// rows without a time are left out or end the run, marked rows move the watermark.
func TestTimesAndMarks(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		in := &rows{badAt: -1}
		for range 60 {
			in.ts, in.k = append(in.ts, 0), append(in.k, []int64{r.Int64N(40), r.Int64N(40), r.Int64N(40), 6 + r.Int64N(4)}[r.IntN(4)])
		}
		for _, marked := range []bool{false, true} {
			for _, skip := range []bool{false, true} {
				want, rejected := []string{}, int64(0)
				wantErr := ""
				now := int64(data.MinTime)
				for i, k := range in.k {
					reason := map[int64]string{7: "the event time is NULL", 8: "the event time cannot be computed: no eights"}[k]
					if k == 9 && marked {
						reason = "whether the row moves the watermark cannot be computed: no nines"
					}
					if reason != "" && !skip {
						wantErr = fmt.Sprintf("mem:%d: %s", i+1, reason)
						break
					}
					if reason != "" {
						rejected++
						continue
					}
					want = append(want, fmt.Sprint(k))
					if (!marked || k%2 == 0) && k > now {
						now = k
						want = append(want, fmt.Sprint("w", k))
					}
				}
				for _, shape := range []struct{ piece, batch, workers int }{{100, 100, 1}, {1, 1, 1}, {7, 3, 2}, {20, 64, 3}} {
					in.piece = shape.piece
					s := &Source{Name: "s", Input: in, Schema: timed, Time: 2, Workers: shape.workers, BatchRows: shape.batch, SkipBad: skip,
						Event: func() EventTime { return fromKey{} }}
					if marked {
						s.Marks = func() Marks { return evenKey{} }
					}
					got, err := settled(t, s)
					if !slices.Equal(got, want) || wantErr == "" && err != nil || wantErr != "" && fmt.Sprint(err) != wantErr {
						t.Fatalf("seed %d, marked %v, skip %v, %+v:\ngot  %v %v\nwant %v %s\nof %v", seed, marked, skip, shape, got, err, want, wantErr, in.k)
					}
					if st := s.Stats(); st.Rejected != rejected && skip {
						t.Fatalf("seed %d: %d rejected, want %d", seed, st.Rejected, rejected)
					}
				}
			}
		}
	}
}

// again is an input that can be read twice. Opening number short, from 1, finds only
// its first two rows.
type again struct {
	rows
	opened, short int
}

func (a *again) Repeatable() bool { return true }
func (a *again) Open(ctx context.Context) (connectors.Reader, error) {
	a.opened++
	if a.opened == a.short {
		in := a.rows
		in.ts = in.ts[:2]
		return in.Open(ctx)
	}
	return a.rows.Open(ctx)
}

// A perfect watermark is the least time still to come.
func TestPerfect(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 6))
		var times []int64
		for range r.IntN(80) {
			times = append(times, r.Int64N(50))
		}
		badAt := r.IntN(160) - 80
		var want []string
		now := int64(data.MinTime)
		known := times
		if badAt >= 0 && badAt < len(times) {
			known = times[:badAt]
		}
		for i, k := range known {
			want = append(want, fmt.Sprint(k))
			if later := known[i+1:]; len(later) > 0 && slices.Min(later) > now {
				now = slices.Min(later)
				want = append(want, fmt.Sprint("w", now))
			}
		}
		for _, shape := range []struct{ piece, batch, workers int }{{100, 100, 1}, {1, 1, 1}, {7, 3, 2}, {20, 64, 3}} {
			in := &again{rows: rows{ts: times, k: times, piece: shape.piece, badAt: badAt}}
			got, err := settled(t, &Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Kind: watermark.Perfect}, Workers: shape.workers, BatchRows: shape.batch})
			if !slices.Equal(got, want) || (err != nil) != (len(known) < len(times)) || in.opened != 2 {
				t.Fatalf("seed %d, %+v: %v, opened %d times\ngot  %v\nwant %v\nof %v", seed, shape, err, in.opened, got, want, times)
			}
		}
	}
}

// What cannot be read twice has no perfect watermark but its end.
func TestPerfectOfAPipe(t *testing.T) {
	in := &rows{ts: []int64{3, 1, 2}, k: []int64{3, 1, 2}, piece: 2, badAt: -1}
	got, err := settled(t, &Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Kind: watermark.Perfect}, Workers: 1, BatchRows: 8})
	if err != nil || !slices.Equal(got, []string{"3", "1", "2"}) {
		t.Fatalf("%v, %v", got, err)
	}
}

// An input that is longer when it is read again ends the run: that it is shorter
// does no harm.
func TestPerfectOfAnotherInput(t *testing.T) {
	for short := 1; short <= 2; short++ {
		in := &again{rows: rows{ts: []int64{3, 1, 2}, k: []int64{3, 1, 2}, piece: 1, badAt: -1}, short: short}
		got, err := settled(t, &Source{Name: "s", Input: in, Schema: schema, Time: 0, Watermark: watermark.Spec{Kind: watermark.Perfect}, Workers: 2, BatchRows: 8})
		// The first opening is of the real reading, the second looks ahead.
		if longer := short == 2; errors.Is(err, watermark.ErrChanged) != longer || (err != nil) != longer || !slices.Equal(got[:1], []string{"3"}) {
			t.Fatalf("opening %d short: %v, %v", short, got, err)
		}
	}
}
