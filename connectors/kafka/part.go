package kafka

import (
	"time"

	"tidemark/connectors"
)

// part is a partition that is read. All is guarded by the fetcher's mu, but for what
// never changes.
type part struct {
	topicPartition
	name  string
	index int // in its reader
	of    *reader
	start int64
	end   int64
	first topicID // of the topic at the start
	id    topicID // as it is now

	leader int32 // -1 when it must be asked for
	offset int64 // of the next message to fetch
	given  int64 // of the next to hand out
	most   int32 // bytes to ask for at a time
	need   int32 // and at least, for a whole batch
	held   int64 // bytes that are fetched and not handed out
	queue  []segment
	again  int64 // where to go on when the queue is empty, after a loss; -1 for no loss

	flying   bool // a request is under way
	paused   bool // until a while after something has failed
	failures int  // in a row
	since    int64
	trouble  error // the last failure; since when there are any
	failed   error // for good

	known   bool  // visible is
	visible int64 // where what can be read ended at the last answer
	atEnd   int64 // since when all of it was handed out, µs; 0 when it was not
}

// ended reports whether everything up to the end was handed out.
func (p *part) ended() bool { return p.given >= p.end && len(p.queue) == 0 }

// wants reports whether more is to be fetched.
func (p *part) wants(share int64) bool {
	return !p.flying && !p.paused && p.failed == nil && p.again < 0 && p.offset < p.end && (p.held == 0 || p.held+int64(p.most) <= share)
}

// take adds what an answer has brought.
func (p *part) take(s segment, visible, now int64) {
	p.failures, p.trouble, p.since = 0, nil, 0
	p.offset = s.next
	switch last := len(p.queue) - 1; {
	case len(s.batches) > 0:
		p.queue = append(p.queue, s)
		p.held += s.bytes
	case last >= 0:
		p.queue[last].next = s.next // a hole behind what is waiting
	default:
		p.given = max(p.given, s.next)
	}
	p.known, p.visible = true, max(visible, s.next)
	p.settle(now)
}

// settle notes whether all that there is was handed out.
func (p *part) settle(now int64) {
	if p.again >= 0 && len(p.queue) == 0 && !p.flying {
		p.offset, p.given, p.again = p.again, p.again, -1
		p.known = false
	}
	switch atEnd := p.known && len(p.queue) == 0 && p.given >= min(p.visible, p.end); {
	case !atEnd:
		p.atEnd = 0
	case p.atEnd == 0:
		p.atEnd = now
	}
}

// Bytes of batches that a chunk has: about as much as one of lines, once it is
// decompressed.
const (
	chunkBytes  = connectors.BlockSize
	compression = 4
)

// hand makes c the next batches, of which there are some.
func (p *part) hand(c *connectors.Chunk, now int64) {
	s := &p.queue[0]
	n, size, room := 0, int64(0), chunkBytes
	for n < len(s.batches) {
		b := s.batches[n]
		weight := len(b)
		if b.compressed() {
			weight *= compression
		}
		if n > 0 && weight > room {
			break
		}
		room -= weight
		size += int64(len(b))
		n++
	}
	c.Reset()
	s.from.hold()
	c.Store = &packed{p.topicPartition, s.batches[:n:n], p.given, p.end, s.from}
	p.given = s.batches[n-1].last() + 1
	if s.batches = s.batches[n:]; len(s.batches) == 0 {
		size, p.given = s.bytes, max(p.given, s.next)
		s.from.release()
		p.queue[0] = segment{}
		if p.queue = p.queue[1:]; len(p.queue) == 0 {
			p.queue = nil
		}
	} else {
		s.bytes -= size
	}
	p.held -= size
	c.Name, c.Partition = p.name, p.index
	c.After = position{min(p.given, p.end), p.end, p.id}.append(c.After)
	p.settle(now)
}

// fail notes that something failed that may pass.
func (p *part) fail(err error, now int64) time.Duration {
	if p.failures == 0 {
		p.since = now
	}
	p.trouble, p.paused = err, true
	p.known, p.atEnd = false, 0 // there may be more
	p.leader = -1
	p.failures++
	return pause(p.failures - 1)
}

// pause returns how long to wait after so many failures in a row.
func pause(failures int) time.Duration {
	return min(firstPause<<min(failures, 16), longestPause)
}
