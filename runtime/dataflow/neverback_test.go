package dataflow

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/operators"
	"tidemark/operators/clock"
	"tidemark/operators/watermark"
)

// backCase is a flow over a feed of several partitions, to which a test does all that
// moves watermarks, and what has come out of it.
type backCase struct {
	t       *testing.T
	clock   *clock.Manual
	spec    watermark.Spec
	workers int
	feed    *feed
	events  chan string
	source  *Source
	running *Running

	w     int64         // the last move
	parts map[int]int64 // the watermark of each partition, as it was seen last
	moves int
}

func (c *backCase) start(from *Snapshot, names []string) {
	c.feed, c.events = newFeed(c.clock, names...), make(chan string, 10_000)
	events := c.events
	sink := &Sink{Name: "out", Sink: &lines{}}
	seen := &Edge{Keyed: &Keyed{Workers: 1, Schema: schema, BatchRows: 100, PassesIdle: true, New: func() operators.Operator { return &telling{events: events} }, Next: &Edge{Sink: sink}}}
	c.source = &Source{Name: "s", Input: c.feed, Schema: schema, Time: 0, Workers: c.workers, BatchRows: 3, Watermark: c.spec, IdleTimeout: 30 * time.Second, Edges: []*Edge{seen}}
	flow := &Flow{Sources: []*Source{c.source}, Sinks: []*Sink{sink}, Clock: c.clock, Stepped: true}
	var err error
	if c.running, err = flow.Start(context.Background(), context.Background(), from); err != nil {
		c.t.Fatal(err)
	}
	c.parts = map[int]int64{}
	synctest.Wait()
}

func (c *backCase) stop() {
	c.running.Stop()
	if err := c.running.Wait(); err != nil {
		c.t.Fatal(err)
	}
}

// check looks at what has come since the last time.
func (c *backCase) check(what string) {
	c.t.Helper()
	synctest.Wait()
	c.running.Quiet(nil)
	for len(c.events) > 0 {
		e := <-c.events
		if e[0] != 'w' {
			continue
		}
		w, err := strconv.ParseInt(e[1:], 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		if w <= c.w {
			c.t.Fatalf("%s: the watermark went from %d to %d", what, c.w, w)
		}
		c.w, c.moves = w, c.moves+1
	}
	st := c.running.flow.Status().Sources[0]
	if st.Watermark != c.w {
		c.t.Fatalf("%s: the watermark stands at %d, and was passed on at %d", what, st.Watermark, c.w)
	}
	for i, p := range st.Partitions {
		if was, ok := c.parts[i]; ok && p.Watermark < was {
			c.t.Fatalf("%s: the watermark of partition %d went from %d to %d", what, i, was, p.Watermark)
		}
		c.parts[i] = p.Watermark
	}
}

// A watermark never goes back: under any generator, whatever rows come in whichever
// partition, whatever is idle, wakes, is new or ends, through floors, and when the flow is
// stopped and goes on from what it has saved.
func TestWatermarkNeverBack(t *testing.T) {
	specs := []watermark.Spec{{}, {Delay: 7}, {Kind: watermark.Adaptive, Share: 900_000_000, Last: 5}, {Delay: 3, Drift: 40}, {Kind: watermark.Adaptive, Share: 500_000_000, Last: 3, Drift: 60}}
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 9))
			c := &backCase{t: t, clock: clock.NewManual(noon), spec: specs[seed%uint64(len(specs))], workers: 1 + r.IntN(3), w: math.MinInt64}
			names := []string{"a", "b", "c"}[:1+r.IntN(3)]
			c.start(nil, names)
			base := int64(100)
			for step := range 60 {
				what := fmt.Sprintf("seed %d, step %d", seed, step)
				part := r.IntN(len(c.feed.names))
				switch k := r.IntN(20); {
				case k < 12:
					rows := make([]int64, 1+r.IntN(5))
					for i := range rows {
						base += r.Int64N(8)
						rows[i] = base - r.Int64N(60)
					}
					c.feed.give(part, rows...)
				case k < 14: // hours take no time
					c.clock.Advance([]time.Duration{time.Second, 31 * time.Second, 12 * time.Hour}[r.IntN(3)])
					c.running.Tick()
				case k < 15:
					c.source.SetIdle(part)
				case k < 17:
					c.source.Advance(base - r.Int64N(80))
				case k < 18 && len(c.feed.names) < 5:
					c.feed.mu.Lock()
					c.feed.names = append(c.feed.names, fmt.Sprint("new", step))
					c.feed.mu.Unlock()
				default:
					c.check(what)
					saved, err := c.running.Checkpoint(nil)
					if err != nil {
						t.Fatal(err)
					}
					at := c.w
					c.feed.give(part, base+r.Int64N(50)) // which is forgotten
					c.check(what)
					names := c.feed.names
					c.stop()
					c.w = at
					c.start(saved, names)
				}
				c.check(what)
			}
			if c.moves < 5 {
				t.Fatalf("seed %d: only %d moves", seed, c.moves)
			}
			c.stop()
		})
	}
}
