package kafka

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"tidemark/connectors"
)

// fetcher fetches what readers of partitions are going to read, ahead of them: of each
// partition no more than its share of the memory. Many partitions are asked for by one
// request. Requests are made and their answers looked through by goroutines of their
// own; readers unpack nothing.
type fetcher struct {
	client *client
	scan   *scan
	now    func() int64 // µs

	ctx     context.Context // ends everything
	cancel  context.CancelFunc
	work    sync.WaitGroup
	memory  buffers
	mu      sync.Mutex
	parts   []*part
	flights map[int32]int // requests under way, by broker
	asking  bool          // for leaders
	turn    int           // which part is first in the next request
}

// How fetches are made.
const (
	// mostFlights is how many requests to a broker are under way at a time: one may wait
	// for new messages while another brings old ones.
	mostFlights = 2
	// longWait is how long a broker waits for the first message when all partitions that
	// it leads are asked for, and shortWait when some are not, as these may be soon.
	longWait  = 500 * time.Millisecond
	shortWait = 50 * time.Millisecond
	// Bytes that are asked for of a partition at a time.
	leastFetch = 16 << 10
	mostFetch  = 4 << 20
)

func newFetcher(c *client, s *scan, now func() int64) *fetcher {
	f := &fetcher{client: c, scan: s, now: now, flights: map[int32]int{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// close ends all requests, and the client.
func (f *fetcher) close() {
	f.mu.Lock()
	f.cancel()
	f.mu.Unlock()
	f.client.Close()
	f.work.Wait()
}

// spawn runs g, which close waits for, unless the fetcher is closed. f.mu is held.
func (f *fetcher) spawn(g func()) {
	if f.ctx.Err() != nil {
		return
	}
	f.work.Add(1)
	go func() {
		defer f.work.Done()
		g()
	}()
}

// add begins to fetch a partition for a reader. f.mu is held.
func (f *fetcher) add(r *reader, p found) {
	part := &part{topicPartition: p.topicPartition, name: p.String(), index: len(r.parts), of: r, first: p.id, id: p.id,
		leader: p.leader, start: p.start, offset: p.start, given: p.start, end: p.end, again: -1}
	part.known = p.start >= p.end
	part.settle(f.now())
	f.parts, r.parts = append(f.parts, part), append(r.parts, part)
}

// remove ends the fetching for a reader.
func (f *fetcher) remove(r *reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts = slices.DeleteFunc(f.parts, func(p *part) bool { return p.of == r })
}

// share is how many bytes each partition may have fetched ahead. f.mu is held.
func (f *fetcher) share() int64 { return f.scan.memory / int64(max(1, len(f.parts))) }

// schedule makes the requests that are to be made. It is called whenever that may have
// changed, with f.mu held.
func (f *fetcher) schedule() {
	share := f.share()
	ready := map[int32][]*part{}
	led := map[int32]int{}
	lost := false
	for i := range f.parts {
		p := f.parts[(i+f.turn)%len(f.parts)]
		p.most = max(p.need, int32(min(max(share/2, leastFetch), mostFetch)))
		if p.offset >= p.end {
			continue
		}
		led[p.leader]++
		switch {
		case !p.wants(share):
		case p.leader < 0:
			lost = true
		default:
			ready[p.leader] = append(ready[p.leader], p)
		}
	}
	f.turn++
	if lost {
		f.findLeaders()
	}
	for leader, parts := range ready {
		if f.flights[leader] >= mostFlights {
			continue
		}
		wait := shortWait
		if len(parts) == led[leader] {
			wait = longWait
		}
		f.fly(leader, parts, wait)
	}
}

// fly makes a request for parts. f.mu is held.
func (f *fetcher) fly(leader int32, parts []*part, wait time.Duration) {
	req := &fetchRequest{toLeader: toLeader{api: protocol.Fetch, first: firstFetch, client: f.client.transport.ClientID, broker: leader}, wait: int32(wait.Milliseconds()), committed: f.scan.committed, most: mostFetch, memory: &f.memory}
	for _, p := range parts {
		p.flying = true
		req.parts = append(req.parts, fetchPart{p.topicPartition, p.offset, p.most})
		req.most = max(req.most, p.most)
	}
	f.flights[leader]++
	f.spawn(func() {
		res, err := f.client.ask(f.ctx, req, wait+requestTimeout)
		var answer *fetchAnswer
		if err == nil {
			answer = res.(*fetchAnswer)
			if answer.err != 0 {
				err = f.client.explainCode("a fetch", answer.err)
			}
		}
		f.land(leader, parts, answer, err)
	})
}

// land deals with the answer to a request for parts.
func (f *fetcher) land(leader int32, parts []*part, answer *fetchAnswer, err error) {
	type arrived struct {
		f   *fetched
		s   segment
		err error
	}
	found := map[topicPartition]*arrived{}
	if answer != nil {
		defer answer.memory.release()
		for i := range answer.parts {
			found[answer.parts[i].topicPartition] = &arrived{f: &answer.parts[i]}
		}
	}
	for _, p := range parts { // offset is not changed while p is flying, not even by settle
		if a := found[p.topicPartition]; a != nil && a.f.err == 0 {
			a.s, a.err = segmentOf(a.f, p.offset, f.scan.committed)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flights[leader]--
	now := f.now()
	for _, p := range parts {
		p.flying = false
		a := found[p.topicPartition]
		switch {
		case f.ctx.Err() != nil:
		case err != nil:
			f.failed(p, err, now)
		case a == nil:
			f.failed(p, &connectors.Unavailable{Err: fmt.Errorf("%s: the broker does not answer for this partition", p.name)}, now)
		case a.f.err == kafka.OffsetOutOfRange:
			f.outOfRange(p)
		case a.f.err != 0:
			f.failed(p, f.client.explainCode(p.name, a.f.err), now)
		default:
			f.arrived(p, a.f, a.s, answer.memory, now)
			if a.err != nil {
				p.failed = &errorAt{p.topicPartition, p.offset, a.err}
			}
		}
		p.of.wake()
	}
	if f.ctx.Err() == nil {
		f.schedule()
	}
}

// arrived takes what was fetched of a partition. f.mu is held.
func (f *fetcher) arrived(p *part, a *fetched, s segment, memory *buffer, now int64) {
	if p.again >= 0 { // what was asked for is not what is wanted any more
		p.settle(now)
		return
	}
	visible := a.high
	if f.scan.committed {
		visible = a.stable
	}
	if s.next == p.offset && len(a.records) > 0 { // not even one batch
		p.need = max(p.need, neededBytes(a.records), int32(min(2*len(a.records), mostNeeded)))
	}
	if s.from = memory; len(s.batches) > 0 {
		memory.hold()
	}
	p.of.read.Add(s.bytes)
	p.take(s, visible, now)
}

// failed deals with an error of a request: it is for good, or passes. f.mu is held.
func (f *fetcher) failed(p *part, err error, now int64) {
	if !connectors.IsUnavailable(err) {
		p.failed = err
		return
	}
	f.later(p, p.fail(err, now))
}

// later ends the pause of a partition after a while. f.mu is held.
func (f *fetcher) later(p *part, after time.Duration) {
	time.AfterFunc(after, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if p.paused = false; f.ctx.Err() == nil {
			f.schedule()
		}
	})
}
