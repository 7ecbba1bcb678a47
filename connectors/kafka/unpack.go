package kafka

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// packed are batches that a worker unpacks: the Store of a chunk.
type packed struct {
	topicPartition
	batches     []batch
	from, until int64 // messages before the one and from the other on do not count
	memory      *buffer
}

// unpacker makes the data and messages of chunks from batches. A worker has its own.
type unpacker struct {
	framing       *format.Framing
	binary        bool // messages are handed on as they are; else each is a line, or several
	columns       int  // of a csv record
	keys, headers bool // are asked for

	open    decompressor
	faults  []fault
	scratch []byte // for data
	record  []byte
}

// fault is a message that is no record, though the decoder would not find that.
type fault struct {
	line   int64
	reason string
	record []byte
}

// errorAt is an error about what stands at an offset of a partition.
type errorAt struct {
	at     topicPartition
	offset int64
	err    error
}

func (e *errorAt) Error() string { return fmt.Sprintf("%s offset %d: %v", e.at, e.offset, e.err) }
func (e *errorAt) Unwrap() error { return e.err }

// unpack makes c's Data and Messages from its Store. When that cannot be done to the end,
// c has what comes before, and is Fatal.
func (u *unpacker) unpack(c *connectors.Chunk, p *packed) {
	if c.Messages == nil {
		c.Messages = &connectors.Messages{}
	}
	m := c.Messages
	m.Reset()
	m.Topic, m.Partition = p.topic, p.partition
	c.Data, c.Store, u.faults = c.Data[:0], nil, u.faults[:0]
	for _, b := range p.batches {
		if err := u.batch(c, b, p); err != nil {
			c.Fatal = &errorAt{p.topicPartition, max(b.base(), p.from), err}
			break
		}
	}
	if c.Data = grown(c.Data, connectors.Padding); !u.binary {
		m.Gap = 1
		u.lines(c)
	}
	p.memory.release()
}

// leastRecord is how many bytes a record has at least.
const leastRecord = 7

// batch appends the messages of a batch.
func (u *unpacker) batch(c *connectors.Chunk, b batch, p *packed) error {
	if err := b.check(); err != nil {
		return err
	}
	buf, err := u.open.open(b)
	if err != nil {
		return err
	}
	n := b.count()
	if n > len(buf)/leastRecord {
		return errRecord
	}
	m := c.Messages
	if len(c.Data)+len(buf) > math.MaxInt32 {
		return &largeBatch{math.MaxInt32}
	}
	c.Data = grown(c.Data, len(buf)+connectors.Padding)
	m.Ends, m.Offsets, m.Times = grown(m.Ends, n), grown(m.Offsets, n), grown(m.Times, n)
	c.Data, err = u.messages(c, b, &records{buf: buf}, p)
	return err
}

// messages appends the records of a batch to the chunk's data, which have room for them
// and are returned, and to its messages.
func (u *unpacker) messages(c *connectors.Chunk, b batch, r *records, p *packed) (data []byte, err error) {
	m, base, begin, appended := c.Messages, b.base(), b.firstTime(), b.attributes()&attrAppendTime != 0
	if appended {
		begin = b.lastTime()
	}
	data = c.Data
	last := int64(-1)
	for range b.count() {
		rec, err := r.next()
		if err != nil || rec.offsetDelta <= last || rec.offsetDelta > math.MaxInt32 {
			return data, errRecord
		}
		last = rec.offsetDelta
		offset := base + rec.offsetDelta
		if offset < p.from || offset >= p.until {
			continue
		}
		if rec.value == nil {
			c.Skipped++
			continue
		}
		if u.headers {
			if err := u.addHeaders(m, rec.headers); err != nil {
				return data, err
			}
		}
		if u.keys {
			m.Keys.Add(rec.key)
		}
		millis := begin
		if !appended {
			millis += rec.timeDelta
		}
		data = append(data, rec.value...)
		if !u.binary {
			data = append(data, '\n')
		}
		m.Ends, m.Offsets, m.Times = append(m.Ends, uint32(len(data))), append(m.Offsets, offset), append(m.Times, millis*1000)
	}
	return data, nil
}

// grown returns s with room for n more.
func grown[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, len(s)+n+len(s)/2), s...)
}

// addHeaders appends a record's headers as a JSON object. Of several with the same name
// the last counts; one that is no text is written as bytes are in JSON output.
func (u *unpacker) addHeaders(m *connectors.Messages, headers []byte) error {
	values := map[string]*string{}
	err := eachHeader(headers, func(key, value []byte) {
		if value == nil {
			values[string(key)] = nil
			return
		}
		s := string(value)
		if !utf8.ValidString(s) {
			s = fmt.Sprintf("\\x%x", value)
		}
		values[string(key)] = &s
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err == nil {
		m.Headers.Add(text)
	}
	return err
}
