package kafka

import (
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"tidemark/connectors"
)

// findLeaders asks which brokers lead the partitions, unless that is being asked. f.mu is
// held.
func (f *fetcher) findLeaders() {
	if f.asking {
		return
	}
	f.asking = true
	var names []string
	seen := map[string]bool{}
	for _, p := range f.parts {
		if !seen[p.topic] {
			seen[p.topic] = true
			names = append(names, p.topic)
		}
	}
	f.spawn(func() {
		topics, err := f.client.topics(f.ctx, names)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asking = false
		if f.ctx.Err() != nil {
			return
		}
		f.lead(topics, err)
		f.schedule()
	})
}

// lead gives the partitions that lack one their leaders, and checks that topics are still
// those that they were. f.mu is held.
func (f *fetcher) lead(topics []topicInfo, err error) {
	now := f.now()
	byName := map[string]*topicInfo{}
	for i := range topics {
		byName[topics[i].name] = &topics[i]
	}
	for _, p := range f.parts {
		t := byName[p.topic]
		if t != nil && t.err == 0 && t.id != p.id && t.id != (topicID{}) {
			f.replaced(p, t.id)
		}
		if p.leader >= 0 || p.paused || p.flying || p.failed != nil || p.offset >= p.end {
			continue
		}
		leader := int32(-1)
		if err == nil {
			leader = leaderOf(t, p.partition)
		}
		switch {
		case leader >= 0:
			p.leader = leader
			continue
		case err != nil:
			f.failed(p, err, now)
		case leader == noPartition && p.failures >= attempts && !f.scan.onLoss:
			p.failed = f.scan.lost(p.topicPartition, fmt.Sprintf("the messages from offset %d on are gone: the topic or its partition is not there any more", p.offset))
		case t != nil && t.err != 0 && t.err != kafka.UnknownTopicOrPartition:
			f.failed(p, f.client.explainCode(p.name, t.err), now)
		default:
			f.failed(p, &connectors.Unavailable{Err: fmt.Errorf("%s has no leader at present", p.name)}, now)
		}
		p.of.wake()
	}
}

// attempts is how often in a row a partition is not there before it is taken to be gone.
const attempts = 8

// noPartition is the leader of a partition that is not there.
const noPartition = -2

// leaderOf returns the leader of a partition; -1 when it has none at present.
func leaderOf(t *topicInfo, partition int32) int32 {
	if t == nil || t.err == kafka.UnknownTopicOrPartition {
		return noPartition
	}
	if t.err != 0 {
		return -1
	}
	for _, p := range t.partitions {
		if p.number == partition {
			return max(p.leader, -1)
		}
	}
	return noPartition
}

// replaced deals with a topic that is another of the same name. f.mu is held.
func (f *fetcher) replaced(p *part, id topicID) {
	was := p.id
	p.id = id
	if was == (topicID{}) || p.failed != nil {
		return
	}
	if !f.scan.onLoss {
		p.failed = f.scan.lost(p.topicPartition, recreated(p.offset))
	} else {
		p.again = 0
		p.settle(f.now())
	}
	p.of.wake()
}

// outOfRange finds out which messages are gone that were to be fetched. f.mu is held.
func (f *fetcher) outOfRange(p *part) {
	p.paused = true
	at := []found{{topicPartition: p.topicPartition, leader: p.leader}}
	f.spawn(func() {
		earliestAt, err := f.client.offsetsAt(f.ctx, at, timeEarliest, false)
		latestAt := earliestAt
		if err == nil {
			latestAt, err = f.client.offsetsAt(f.ctx, at, timeLatest, false)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		p.paused = false
		if f.ctx.Err() != nil {
			return
		}
		begin, end := earliestAt[p.topicPartition], latestAt[p.topicPartition]
		switch what := missing(p.offset, begin, end); {
		case err != nil:
			f.failed(p, err, f.now())
		case what == "": // it is there now, or the leader is another
			f.failed(p, &connectors.Unavailable{Err: fmt.Errorf("%s offset %d is not there yet", p.name, p.offset)}, f.now())
		case !f.scan.onLoss:
			p.failed = f.scan.lost(p.topicPartition, what)
		default:
			p.again = begin
			p.settle(f.now())
		}
		p.of.wake()
		f.schedule()
	})
}

// discover looks for new partitions for a reader, every once in a while, until the
// fetcher is closed.
func (f *fetcher) discover(r *reader) {
	tick := time.NewTicker(f.scan.discovery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.look(r)
		case <-f.ctx.Done():
			return
		}
	}
}

// look adds the partitions that are new. What goes wrong is found out by the fetches, or
// is tried again.
func (f *fetcher) look(r *reader) {
	topics, err := f.client.topics(f.ctx, f.scan.topics)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.lead(topics, nil)
	known := map[topicPartition]bool{}
	for _, p := range r.parts {
		known[p.topicPartition] = true
	}
	f.mu.Unlock()
	var fresh []found
	for _, t := range topics {
		if t.err != 0 || t.internal || !f.scan.reads(t.name) {
			continue
		}
		for _, p := range t.partitions {
			if at := (topicPartition{t.name, p.number}); !known[at] && p.leader >= 0 {
				fresh = append(fresh, found{topicPartition: at, id: t.id, leader: p.leader, end: noEnd})
			}
		}
	}
	if len(fresh) == 0 {
		return
	}
	inOrder(fresh)
	start, err := f.client.offsetsAt(f.ctx, fresh, timeEarliest, false)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range fresh {
		p.start = start[p.topicPartition]
		f.add(r, p)
	}
	f.schedule()
}
