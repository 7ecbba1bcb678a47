package dataflow

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/connectors"
	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/data"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// fed is what a test gives to a feed: rows of a partition, whose times and keys are the
// same.
type fed struct {
	part int
	rows []int64
}

// feed is an input without an end whose rows a test gives.
type feed struct {
	clock *clock.Manual
	in    chan fed

	mu    sync.Mutex
	names []string      // of the partitions; none for one that has no name
	since map[int]int64 // since when there is nothing more of a partition
}

func newFeed(c *clock.Manual, names ...string) *feed {
	f := &feed{clock: c, in: make(chan fed), names: names, since: map[int]int64{}}
	for i := range names {
		f.since[i] = clock.Micros(c)
	}
	return f
}

func (f *feed) Bounded() bool                           { return false }
func (f *feed) NewDecoder() (connectors.Decoder, error) { return feedDecoder{}, nil }
func (f *feed) Open(context.Context) (connectors.Reader, error) {
	if f.names == nil {
		return feedReader{f}, nil
	}
	return feedPartitions{feedReader{f}}, nil
}

// busy says that there is more of a partition than was handed out.
func (f *feed) busy(part int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.since, part)
}

// give hands rows out.
func (f *feed) give(part int, rows ...int64) { f.in <- fed{part, rows} }

type feedReader struct{ *feed }

func (r feedReader) Next(ctx context.Context, c *connectors.Chunk) error {
	c.Reset()
	select {
	case got, ok := <-r.in:
		if !ok {
			return io.EOF
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.since[got.part] = clock.Micros(r.clock)
		c.Name, c.Partition, c.Count, c.Store = "feed", got.part, int64(len(got.rows)), got.rows
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (r feedReader) Progress() (int64, int64) { return 0, -1 }
func (r feedReader) Close() error             { return nil }

type feedPartitions struct{ feedReader }

func (r feedPartitions) Partitions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.names
}

func (r feedPartitions) AtEnd(part int) (int64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	since, ok := r.since[part]
	return since, ok
}

type feedDecoder struct{}

func (feedDecoder) Decode(c *connectors.Chunk, b *data.Batch, p *connectors.Place, most int) bool {
	for _, t := range c.Store.([]int64) {
		b.Cols[0].AppendInt(t)
		b.Cols[1].AppendInt(t)
		b.N++
	}
	c.Records, c.Lines = int64(b.N), int64(b.N)
	return true
}

// live is a flow at work whose rows and moves of the watermark a test sees one by one.
type live struct {
	t      *testing.T
	clock  *clock.Manual
	flow   *Flow
	events chan string
	stop   context.CancelFunc
	done   chan error
}

// startLive runs a flow of the sources, each of which reads a feed, merged in order of
// arrival where there are several. between is put between each source and the rest.
func startLive(t *testing.T, c *clock.Manual, sources []*Source, between func(*Edge) *Edge) *live {
	l := &live{t: t, clock: c, events: make(chan string, 1000), done: make(chan error, 1)}
	sink := &Sink{Name: "out", Sink: &lines{}}
	seen := &Edge{Keyed: &Keyed{Workers: 1, Schema: schema, BatchRows: 100, PassesIdle: true, New: func() operators.Operator { return &telling{events: l.events} }, Next: &Edge{Sink: sink}}}
	l.flow = &Flow{Sources: sources, Sinks: []*Sink{sink}, Clock: c}
	var u *Union
	if len(sources) > 1 {
		u = &Union{Inputs: len(sources), Arrival: true, Alone: make([]bool, len(sources)), Schema: schema, BatchRows: 100, Next: seen}
	}
	for i, s := range sources {
		s.Schema, s.BatchRows = schema, 100
		s.Workers = max(1, s.Workers)
		e := seen
		if u != nil {
			e = &Edge{Union: u, Input: i}
		}
		if between != nil {
			e = between(e)
		}
		s.Edges = []*Edge{e}
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	t.Cleanup(stop)
	go func() { l.done <- l.flow.Run(ctx, context.Background()) }()
	synctest.Wait()
	return l
}

// telling is an operator that tells of what it sees: a row by its time, a move of the
// watermark as wN.
type telling struct {
	moves
	events chan string
}

func (m *telling) Process(b *data.Batch, out operators.Output) error {
	err := m.moves.Process(b, out)
	for _, e := range m.got {
		m.events <- e
	}
	m.got = m.got[:0]
	return err
}

// expect checks what has come since it was called before, once everything is quiet.
func (l *live) expect(want ...string) {
	l.t.Helper()
	synctest.Wait()
	var got []string
	for len(l.events) > 0 {
		got = append(got, <-l.events)
	}
	if !slices.Equal(got, want) {
		l.t.Fatalf("got %v, want %v", got, want)
	}
}

// later moves the clock, once everything is quiet, and waits until it is so again.
func (l *live) later(d time.Duration) {
	synctest.Wait()
	l.clock.Advance(d)
	synctest.Wait()
}

// end stops the flow; nothing may have come that was not expected.
func (l *live) end() {
	l.t.Helper()
	l.expect()
	l.stop()
	if err := <-l.done; err != nil {
		l.t.Fatal(err)
	}
}

// drain forgets what has come.
func (l *live) drain() {
	synctest.Wait()
	for len(l.events) > 0 {
		<-l.events
	}
}

// states returns the states of the sources.
func (l *live) states() string {
	synctest.Wait()
	var list []string
	for _, s := range l.flow.Status().Sources {
		list = append(list, s.State.String())
	}
	return strings.Join(list, " ")
}

func text(x int64) string { return fmt.Sprint(x) }

func timedSource(name string, in connectors.Source, timeout time.Duration) *Source {
	return &Source{Name: name, Input: in, Time: 0, IdleTimeout: timeout}
}

// The least of two partitions; one that is silent for as long as it may be no longer
// holds; one that speaks again does, and never moves the watermark back.
func TestIdlePartition(t *testing.T) { synctest.Test(t, testIdlePartition) }

func testIdlePartition(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c, "a", "b")
	l := startLive(t, c, []*Source{timedSource("s", f, 30*time.Second)}, nil)
	f.give(0, 10, 12)
	l.expect("10", "12")
	f.give(1, 11, 15)
	l.expect("11", "w11", "15", "w12")
	l.later(20 * time.Second)
	f.give(1, 20)
	l.expect("20")
	l.later(9999 * time.Millisecond)
	f.give(1, 21)
	l.expect("21")
	l.later(time.Millisecond) // a has been silent for 30 seconds
	l.expect("w21")
	f.give(1, 30)
	l.expect("30", "w30")
	f.give(0, 25) // too late, and it holds again
	l.expect("25")
	f.give(1, 40)
	l.expect("40")
	f.give(0, 33)
	l.expect("33", "w33")
	l.later(29 * time.Second)
	f.give(0, 34)
	l.expect("34", "w34")
	l.later(time.Second) // now b
	f.give(0, 36)
	l.expect("36", "w36")
	l.end()
}

// Nothing is idle while its reader has not reached the end of what there is, and when
// all are silent the watermark stands.
func TestIdleCountsFromTheEnd(t *testing.T) { synctest.Test(t, testIdleCountsFromTheEnd) }

func testIdleCountsFromTheEnd(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c, "a", "b")
	l := startLive(t, c, []*Source{timedSource("s", f, 30*time.Second)}, nil)
	f.give(0, 10)
	f.give(1, 20)
	l.expect("10", "20", "w10")
	f.busy(0)
	f.busy(1)
	l.later(12 * time.Hour)
	f.give(1, 30)
	l.expect("30")
	l.later(12 * time.Hour) // b is at its end, a is not: b is idle, which moves nothing
	f.give(0, 11)
	l.expect("11", "w11")
	l.later(12 * time.Hour) // both
	f.give(1, 40)           // b alone is active
	l.expect("w30", "40", "w40")
	l.end()
}

func TestIdleNever(t *testing.T) { synctest.Test(t, testIdleNever) }

func testIdleNever(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c, "a", "b")
	l := startLive(t, c, []*Source{timedSource("s", f, 0)}, nil)
	f.give(0, 10)
	l.later(1000 * time.Hour)
	f.give(0, 20)
	l.expect("10", "20")
	f.give(1, 15)
	l.expect("15", "w15")
	l.end()
}

// A partition that is found later begins where the watermark stands.
func TestNewPartition(t *testing.T) { synctest.Test(t, testNewPartition) }

func testNewPartition(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c, "a")
	l := startLive(t, c, []*Source{timedSource("s", f, 0)}, nil)
	f.give(0, 10)
	l.expect("10", "w10")
	f.mu.Lock()
	f.names = append(f.names, "b")
	f.mu.Unlock()
	f.give(0, 20) // b holds
	l.expect("20")
	f.give(1, 5, 12)
	l.expect("5", "12", "w12")
	st := l.flow.Status().Sources[0]
	if len(st.Partitions) != 2 || st.Partitions[1].Name != "b" || st.Partitions[1].Watermark != 12 || st.Holder != 1 {
		t.Fatalf("%+v", st)
	}
	l.end()
}

// A source that is idle does not hold what it is merged with, through operators on the
// way, and is in the order again when it speaks.
func TestIdleSource(t *testing.T) { synctest.Test(t, testIdleSource) }

func testIdleSource(t *testing.T) {
	for _, between := range []struct {
		name string
		edge func(*Edge) *Edge
	}{
		{"nothing", nil},
		{"one worker", func(e *Edge) *Edge { return passing(e, 1) }},
		{"three workers", func(e *Edge) *Edge { return passing(e, 3) }},
	} {
		c := clock.NewManual(noon)
		a, b := newFeed(c), newFeed(c)
		l := startLive(t, c, []*Source{timedSource("a", a, 30*time.Second), timedSource("b", b, time.Minute)}, between.edge)
		a.give(0, 10)
		l.expect("10")
		b.give(0, 20)
		l.expect("20", "w10")
		l.later(30 * time.Second)
		l.expect("w20")
		b.give(0, 30)
		l.expect("30", "w30")
		a.give(0, 22)
		l.expect("22")
		b.give(0, 40)
		l.expect("40")
		a.give(0, 35)
		l.expect("35", "w35")
		l.later(12 * time.Hour)
		if got := l.states(); got != "idle idle" {
			t.Fatalf("%s: %s", between.name, got)
		}
		b.give(0, 50) // it goes on alone
		l.drain()     // whether a or b went idle first does not matter
		b.give(0, 60)
		l.expect("60", "w60")
		l.end()
	}
}

// passing is an edge through an operator that is spread by key and hands on what it
// gets, also that its input is idle.
func passing(next *Edge, workers int) *Edge {
	return &Edge{Keyed: &Keyed{Key: []int{1}, Workers: workers, Schema: schema, BatchRows: 100, PassesIdle: true, Next: next,
		New: func() operators.Operator { return &passer{pool: data.NewPool(schema)} }}}
}

// passer copies its input, with what a keyed operator tells of its rows.
type passer struct{ pool *data.Pool }

func (p *passer) Process(b *data.Batch, out operators.Output) error {
	o := p.pool.Get()
	k := 0
	step := func(upTo int) {
		for ; k < len(b.Steps) && b.Steps[k].Row <= upTo; k++ {
			o.AddTriggeredStep(o.N, b.Steps[k].Time, 2*(b.Seq+int64(b.Steps[k].Row))-1)
		}
	}
	for i := range b.Rows() {
		r := b.Row(i)
		step(r)
		for c, v := range o.Cols {
			v.AppendFrom(b.Cols[c], r)
		}
		o.AddRows(1, b.Change(r), 2*(b.Seq+int64(r)))
	}
	step(b.N)
	b.Release()
	return out(o)
}

// An aggregate over windows holds its output while its input is idle: it may still
// emit what is earlier than what others have come to.
func TestWindowsDoNotPassIdle(t *testing.T) { synctest.Test(t, testWindowsDoNotPassIdle) }

func testWindowsDoNotPassIdle(t *testing.T) {
	c := clock.NewManual(noon)
	a, b := newFeed(c), newFeed(c)
	wall := func(e *Edge) *Edge {
		p := passing(e, 2)
		p.Keyed.PassesIdle = false
		return p
	}
	l := startLive(t, c, []*Source{timedSource("a", a, 30*time.Second), timedSource("b", b, 0)}, wall)
	a.give(0, 10)
	l.expect("10")
	b.give(0, 20)
	l.expect("20", "w10")
	l.later(time.Hour)
	if got := l.states(); got != "idle active" {
		t.Fatal(got)
	}
	b.give(0, 30)
	l.expect("30")
	a.give(0, 25)
	l.expect("25", "w25")
	l.end()
}

// ADVANCE is a floor: rows before it are judged without it, those behind it with it; a
// time that is not after the watermark changes nothing.
func TestAdvance(t *testing.T) { synctest.Test(t, testAdvance) }

func testAdvance(t *testing.T) {
	c := clock.NewManual(noon)
	for _, names := range [][]string{nil, {"a", "b"}} {
		f := newFeed(c, names...)
		s := timedSource("s", f, 0)
		l := startLive(t, c, []*Source{s}, nil)
		f.give(0, 10)
		if names == nil {
			l.expect("10", "w10")
		} else {
			l.expect("10")
		}
		s.Advance(50)
		l.expect("w50")
		s.Advance(50)
		s.Advance(40)
		f.give(0, 45, 60)
		if names == nil {
			l.expect("45", "60", "w60")
		} else { // b holds it
			l.expect("45", "60")
			s.Advance(55)
			l.expect("w55")
			f.give(1, 58)
			l.expect("58", "w58")
		}
		close(f.in)
		if err := <-l.done; err != nil {
			t.Fatal(err)
		}
		s.Advance(100)
		if st := l.flow.Status(); st.Watermark != data.MaxTime || st.Holder != -1 || fmt.Sprint(st.Sources[0].State) != "finished" {
			t.Fatalf("%+v", st)
		}
		l.stop()
	}
}

// At the end of an input that is to be held, time stands where it was.
func TestHold(t *testing.T) { synctest.Test(t, testHold) }

func testHold(t *testing.T) {
	c := clock.NewManual(noon)
	f := newFeed(c)
	s := timedSource("s", f, 0)
	s.Hold = true
	l := startLive(t, c, []*Source{s}, nil)
	f.give(0, 10)
	l.expect("10", "w10")
	close(f.in)
	if err := <-l.done; err != nil {
		t.Fatal(err)
	}
	if st := l.flow.Status(); st.Watermark == data.MaxTime || st.Sources[0].Watermark != 10 {
		t.Fatalf("%+v", st)
	}
	l.stop()
}
