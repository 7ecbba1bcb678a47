package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// batch is a record batch of a log, as it was fetched: a header and records, which
// may be compressed.
type batch []byte

// The bits of a batch's attributes.
const (
	attrCodec      = 7
	attrAppendTime = 1 << 3 // all records have the time at which the broker got them
	attrTxn        = 1 << 4
	attrControl    = 1 << 5 // marks of transactions, no messages
)

func (b batch) base() int64      { return int64(binary.BigEndian.Uint64(b[atBase:])) }
func (b batch) attributes() int  { return int(binary.BigEndian.Uint16(b[atAttributes:])) }
func (b batch) producer() int64  { return int64(binary.BigEndian.Uint64(b[atProducer:])) }
func (b batch) firstTime() int64 { return int64(binary.BigEndian.Uint64(b[atFirstTime:])) }
func (b batch) lastTime() int64  { return int64(binary.BigEndian.Uint64(b[atLastTime:])) }
func (b batch) count() int       { return int(int32(binary.BigEndian.Uint32(b[atCount:]))) }
func (b batch) records() []byte  { return b[atRecords:] }
func (b batch) compressed() bool { return b.attributes()&attrCodec != 0 }
func (b batch) last() int64      { return b.base() + int64(binary.BigEndian.Uint32(b[atLastDelta:])) }
func (b batch) checksum() uint32 { return binary.BigEndian.Uint32(b[atCRC:]) }

// errDamaged is the error of a batch whose bytes are not those that were written.
var errDamaged = errors.New("the batch is damaged: its checksum is not that of its bytes")

// check compares the batch with its checksum.
func (b batch) check() error {
	if crc32.Checksum(b[atAttributes:], castagnoli) != b.checksum() {
		return errDamaged
	}
	return nil
}

// nextBatch returns the first batch of records and what follows it; none when the rest
// is cut off, as the last of an answer may be.
func nextBatch(records []byte) (b batch, rest []byte, err error) {
	if len(records) < atRecords {
		if len(records) > atMagic && records[atMagic] < 2 {
			return nil, nil, oldFormat(records[atMagic])
		}
		return nil, nil, nil
	}
	if magic := records[atMagic]; magic < 2 {
		return nil, nil, oldFormat(magic)
	} else if magic > 2 {
		return nil, nil, fmt.Errorf("the messages are in a form (version %d) that is newer than what is known here", magic)
	}
	length := int64(int32(binary.BigEndian.Uint32(records[atLength:]))) + atLength + 4
	if length < atRecords {
		return nil, nil, fmt.Errorf("the batch is damaged: it says that it has %d bytes", length)
	}
	if length > int64(len(records)) {
		return nil, nil, nil
	}
	b = batch(records[:length:length])
	if b.base() < 0 || int32(binary.BigEndian.Uint32(b[atLastDelta:])) < 0 || b.last() < b.base() || b.count() < 0 {
		return nil, nil, fmt.Errorf("the batch is damaged: it says that it has %d records from offset %d to %d", b.count(), b.base(), b.last())
	}
	return b, records[length:], nil
}

func oldFormat(magic byte) error {
	return fmt.Errorf("the messages are in the form (version %d) of Kafka before 0.11, which cannot be read: have the topic written again by newer producers", magic)
}

// segment is what was fetched of a partition by one request and is to be read: the
// batches whose messages count.
type segment struct {
	batches []batch
	next    int64 // the offset behind it; messages may be missing before it
	bytes   int64
	from    *buffer
}

// segmentOf finds the batches in the answer for a partition that was asked for what
// begins with offset. Under committed, those of aborted transactions are left out. An
// error is about the batch behind those of the segment.
func segmentOf(f *fetched, offset int64, committed bool) (segment, error) {
	s := segment{next: offset, bytes: int64(len(f.records))}
	aborted := aborts{list: f.aborted}
	for records := f.records; ; {
		b, rest, err := nextBatch(records)
		if err != nil || b == nil {
			return s, err
		}
		records = rest
		if b.last() < s.next { // what comes before the offset in its block
			continue
		}
		keep := b.count() > 0
		switch attr := b.attributes(); {
		case attr&attrControl != 0:
			keep = false
			if err := aborted.mark(b); err != nil {
				return s, err
			}
		case committed && attr&attrTxn != 0 && aborted.has(b):
			keep = false
		}
		if keep {
			s.batches = append(s.batches, b)
		}
		s.next = b.last() + 1
	}
}

// aborts follows which producers are, in an aborted transaction.
type aborts struct {
	list []abortedTxn
	open map[int64]struct{}
}

// begin notes the transactions that have begun up to the end of a batch.
func (a *aborts) begin(b batch) {
	for i := 0; i < len(a.list); i++ {
		if t := a.list[i]; t.from <= b.last() {
			if a.open == nil {
				a.open = map[int64]struct{}{}
			}
			a.open[t.producer] = struct{}{}
			a.list[i] = a.list[len(a.list)-1]
			a.list = a.list[:len(a.list)-1]
			i--
		}
	}
}

// has reports whether a batch of a transaction is of one that was aborted.
func (a *aborts) has(b batch) bool {
	a.begin(b)
	_, ok := a.open[b.producer()]
	return ok
}

// mark takes note of a control batch: the end of a producer's transaction.
func (a *aborts) mark(b batch) error {
	if err := b.check(); err != nil {
		return err
	}
	a.begin(b)
	r := records{buf: b.records()}
	rec, err := r.next()
	const versionAndType = 4
	if err != nil || len(rec.key) < versionAndType {
		return errors.New("the batch is damaged: a mark of a transaction cannot be read")
	}
	if kind := binary.BigEndian.Uint16(rec.key[2:]); kind == 0 { // aborted; 1 is committed
		delete(a.open, b.producer())
	}
	return nil
}

// mostNeeded is how many bytes of a partition are asked for at most.
const mostNeeded = 1 << 30

// neededBytes returns how many bytes the first batch of records has, 0 when that is not
// said.
func neededBytes(records []byte) int32 {
	if len(records) < atLength+4 {
		return 0
	}
	n := int32(binary.BigEndian.Uint32(records[atLength:]))
	if n < 0 || n > mostNeeded {
		return 0
	}
	return n + atLength + 4
}
