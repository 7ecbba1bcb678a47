// Package optest replays an operator's cases in every shape their rows can take:
// cut into batches of different sizes, among rows that are not selected, in
// constant columns, handed over by a snapshot to a new operator after every batch.
// What the operator emits must not depend on any of it.
package optest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
)

// BatchSizes are the sizes every case is cut into.
var BatchSizes = []int{1, 2, 7, 1024}

// Case is an input and what an operator must make of it.
type Case struct {
	// In are the columns of the input, Out those of the output.
	In, Out data.Schema
	// Input has one line for each event: the values of a row in text form, split
	// by spaces, with NULL for a null and +I, -U, +U or -D in front when it is not
	// an insert; "wm TIME" for a move of the watermark; "end" for the end.
	Input string
	// Want has a line for each output row, its change and values, and for each
	// move of the watermark when Steps is set.
	Want  string
	Steps bool
	// Err is a part of the error the operator must end with; "" for none.
	Err string
	// Begin, when it is not nil, is called before each replay: what a replay counts
	// starts anew there.
	Begin func()
	// New returns an operator: the replay's first, or one to be restored.
	New func() operators.Operator
}

// event is a parsed line of input.
type event struct {
	values []string
	change data.Change
	wm     int64
	isRow  bool
}

// Run checks the case in every shape.
func Run(t *testing.T, c Case) {
	t.Helper()
	events := parse(t, c)
	want := clean(c.Want)
	for _, s := range shapes() {
		got, err := replay(c, events, s, 1)
		switch {
		case c.Err == "" && err != nil:
			t.Fatalf("%v: %v", s, err)
		case c.Err != "" && (err == nil || !strings.Contains(err.Error(), c.Err)):
			t.Fatalf("%v: got error %v, want one with %q", s, err, c.Err)
		}
		if got != want {
			t.Fatalf("%v:\ngot\n%s\nwant\n%s", s, got, want)
		}
	}
}

// Invariant checks that random input, NULLs included, gives the same output in
// every shape; it returns the output of the plainest.
func Invariant(t *testing.T, c Case, seed uint64) string {
	t.Helper()
	events := parse(t, c)
	want, wantErr := replay(c, events, shape{size: 1}, seed)
	for _, s := range shapes() {
		got, err := replay(c, events, s, seed)
		if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("seed %d, %v:\ngot\n%s\n%v\nwant\n%s\n%v", seed, s, got, err, want, wantErr)
		}
	}
	return want
}

// shape is a way to feed a case.
type shape struct {
	size    int  // rows of a batch
	decoys  bool // rows that are not selected stand between the others
	restore bool // a new operator goes on from a snapshot after each batch, or many of them
}

func (s shape) String() string {
	return fmt.Sprintf("batches of %d, unselected rows %v, restored after each %v", s.size, s.decoys, s.restore)
}

// mostRestores is about how often a replay of many batches is restored: a snapshot
// may be as long as the input so far.
const mostRestores = 50

func shapes() []shape {
	var all []shape
	for _, size := range BatchSizes {
		for _, decoys := range []bool{false, true} {
			for _, restore := range []bool{false, true} {
				all = append(all, shape{size, decoys, restore})
			}
		}
	}
	return all
}

// successor returns a new operator that goes on where op is: op's state goes
// through a snapshot, and an operator without state has none to lose.
func successor(c Case, op operators.Operator) (operators.Operator, error) {
	next := c.New()
	old, ok := op.(operators.Stateful)
	if !ok {
		return next, nil
	}
	var e data.Encoder
	old.Snapshot(&e)
	d := data.NewDecoder(e.Bytes())
	if err := next.(operators.Stateful).Restore(d); err != nil {
		return nil, err
	}
	if d.Damaged() || len(d.Rest()) > 0 {
		return nil, fmt.Errorf("a snapshot of %d bytes is damaged or was not read to its end: %d bytes are left", len(e.Bytes()), len(d.Rest()))
	}
	return next, nil
}

func clean(text string) string {
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

func parse(t *testing.T, c Case) []event {
	t.Helper()
	times := data.NewTimeParser(nil)
	var events []event
	for _, line := range strings.Split(clean(c.Input), "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
			continue
		case f[0] == "end":
			events = append(events, event{wm: data.MaxTime})
			continue
		case f[0] == "wm":
			wm, err := times.Parse([]byte(f[1]))
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			events = append(events, event{wm: wm})
			continue
		}
		e := event{isRow: true}
		for k, name := range []string{"+I", "-U", "+U", "-D"} {
			if f[0] == name {
				e.change, f = data.Change(k), f[1:]
				break
			}
		}
		if e.values = f; len(f) != len(c.In) {
			t.Fatalf("%q has %d values for %d columns", line, len(f), len(c.In))
		}
		events = append(events, e)
	}
	return events
}

// replay feeds the events in a shape and returns what comes out.
func replay(c Case, events []event, s shape, seed uint64) (string, error) {
	size, decoys := s.size, s.decoys
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	if c.Begin != nil {
		c.Begin()
	}
	op := c.New()
	batches := len(events)/size + 1
	pool := data.NewPool(c.In)
	parsers := make([]*data.TextParser, len(c.In))
	for i, col := range c.In {
		parsers[i] = data.NewTextParser(col.Type, nil)
	}
	out := &recorder{steps: c.Steps, wm: data.MinTime}
	b, seq := pool.Get(), int64(0)
	var sel []int32
	flush := func() error {
		b.Seq = seq
		seq += int64(b.N)
		if decoys {
			b.Sel = append(b.SelBuf(len(sel)), sel...)
		}
		constants(b, size)
		err := op.Process(b, out.take)
		b, sel = pool.Get(), nil
		if err == nil && s.restore && r.IntN(batches) < mostRestores {
			op, err = successor(c, op)
		}
		return err
	}
	add := func(e event) error {
		for i, text := range e.values {
			if text == "NULL" {
				b.Cols[i].AppendNull()
			} else if err := parsers[i].Append(b.Cols[i], []byte(text)); err != nil {
				return err
			}
		}
		b.AddRows(1, e.change, 0)
		b.Trigger = nil
		return nil
	}
	rows, prev := 0, event{}
	for _, e := range events {
		if !e.isRow {
			b.AddStep(b.N, e.wm)
			if r.IntN(2) == 0 || e.wm == data.MaxTime {
				if err := flush(); err != nil {
					return out.String(), err
				}
				seq++
				rows = 0
			}
			continue
		}
		// Nothing comes between a -U and its +U.
		if decoys && prev.values != nil && prev.change != data.UpdateBefore && r.IntN(2) == 0 {
			if err := add(prev); err != nil { // a copy of the row before, not selected
				return "", err
			}
		}
		sel = append(sel, int32(b.N))
		if err := add(e); err != nil {
			return "", err
		}
		prev = e
		if rows++; rows >= size && e.change != data.UpdateBefore { // its +U comes in the same batch
			rows = 0
			if err := flush(); err != nil {
				return out.String(), err
			}
		}
	}
	err := flush()
	return out.String(), err
}

// constants turns columns of one-row batches into constants.
func constants(b *data.Batch, size int) {
	if size != 1 || b.N != 1 {
		return
	}
	for _, v := range b.Cols {
		v.Const = true
	}
}

// recorder writes down what an operator emits.
type recorder struct {
	lines []string
	steps bool
	wm    int64
}

func (r *recorder) String() string { return strings.Join(r.lines, "\n") }

func (r *recorder) take(b *data.Batch) error {
	step := 0
	move := func(row int) {
		for ; step < len(b.Steps) && b.Steps[step].Row <= row; step++ {
			w := b.Steps[step].Time
			if w < r.wm {
				r.lines = append(r.lines, "the watermark goes back to "+string(data.AppendTimestamp(nil, w)))
			}
			if r.steps && w > r.wm {
				text := "end"
				if w != data.MaxTime {
					text = "wm " + string(data.AppendTimestamp(nil, w))
				}
				r.lines = append(r.lines, text)
			}
			r.wm = max(r.wm, w)
		}
	}
	for k := range b.Rows() {
		i := b.Row(k)
		move(i)
		line := []string{b.Change(i).String()}
		for _, v := range b.Cols {
			text := "NULL"
			if !v.IsNull(i) {
				text = string(data.AppendText(nil, v, i))
			}
			line = append(line, text)
		}
		r.lines = append(r.lines, strings.Join(line, " "))
	}
	move(b.N)
	b.Release()
	return nil
}
