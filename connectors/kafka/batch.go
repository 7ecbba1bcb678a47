package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/segmentio/kafka-go/compress"
)

// Where things stand in a record batch (format version 2). All numbers begin with their
// highest byte.
const (
	atBase       = 0  // the first offset, 8 bytes
	atLength     = 8  // of what follows, 4
	atEpoch      = 12 // the leader's, 4
	atMagic      = 16 // the form, 1
	atCRC        = 17 // of what follows, 4
	atAttributes = 21 // 2
	atLastDelta  = 23 // from the first offset to the last, 4
	atFirstTime  = 27 // 8
	atLastTime   = 35 // 8
	atProducer   = 43 // its number, 8
	atTerm       = 51 // the producer's epoch, 2
	atSequence   = 53 // 4
	atCount      = 57 // of records, 4
	atRecords    = 61
)

// atBatch is where a batch begins in a request: behind its length.
const atBatch = 4

const (
	attributeTransactional = 1 << 4
	// maxRecordOverhead is the most bytes that a record has besides its key and value.
	maxRecordOverhead = 5 + 1 + 10 + 5 + 5 + 5 + 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// producerID names a producer to a broker, which by it and by sequence numbers knows a
// batch that it has already.
type producerID struct {
	ID    int64
	Epoch int16
}

// noProducer is a producer that has no name.
var noProducer = producerID{-1, -1}

// recordBatch is a batch of messages of one partition while it is made. Its memory is
// used again after reset.
type recordBatch struct {
	plain  []byte       // the request's length, the header, the records
	packed bytes.Buffer // the same with the records compressed
	wire   []byte       // one of the two, once sealed
	count  int32
	first  int64 // time of the first message, in milliseconds since 1970
	last   int64 // the latest time of a message
}

// reset makes b a batch without messages.
func (b *recordBatch) reset() {
	if cap(b.plain) < atBatch+atRecords {
		b.plain = make([]byte, atBatch+atRecords, 4<<10)
	}
	b.plain, b.wire, b.count = b.plain[:atBatch+atRecords], nil, 0
}

// size returns how many bytes the batch has before it is compressed.
func (b *recordBatch) size() int { return len(b.plain) - atBatch }

// recordSize returns how many bytes a batch is larger for a message, at most.
func recordSize(key, value []byte) int { return len(key) + len(value) + maxRecordOverhead }

// append adds a message with its time in milliseconds since 1970. A nil key or value is
// none, which is not the same as an empty one.
func (b *recordBatch) append(time int64, key, value []byte) {
	if b.count == 0 {
		b.first, b.last = time, time
	}
	b.last = max(b.last, time)
	delta, number := time-b.first, int64(b.count)
	length := 1 + varintSize(delta) + varintSize(number) + bytesSize(key) + bytesSize(value) + 1
	p := binary.AppendVarint(b.plain, int64(length))
	p = append(p, 0) // attributes of a message: there are none
	p = binary.AppendVarint(p, delta)
	p = binary.AppendVarint(p, number)
	p = appendBytes(p, key)
	p = appendBytes(p, value)
	b.plain = append(p, 0) // no headers
	b.count++
}

func appendBytes(dst, text []byte) []byte {
	if text == nil {
		return binary.AppendVarint(dst, -1)
	}
	return append(binary.AppendVarint(dst, int64(len(text))), text...)
}

func bytesSize(text []byte) int {
	if text == nil {
		return varintSize(-1)
	}
	return varintSize(int64(len(text))) + len(text)
}

func varintSize(x int64) int {
	u := uint64(x<<1) ^ uint64(x>>63)
	n := 1
	for ; u >= 0x80; u >>= 7 {
		n++
	}
	return n
}

// seal compresses the records and fills in the header, but for the producer's name.
// Records that compression does not make smaller stay as they are, so that a batch is
// never larger than size.
func (b *recordBatch) seal(codec compress.Compression) error {
	b.wire = b.plain
	attributes := uint16(0)
	if codec != compress.None {
		b.packed.Reset()
		b.packed.Write(b.plain[:atBatch+atRecords])
		w := codec.Codec().NewWriter(&b.packed)
		_, err := w.Write(b.plain[atBatch+atRecords:])
		if closeErr := w.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("compressing a batch by %s: %w", codec, err)
		}
		if b.packed.Len() < len(b.plain) {
			b.wire, attributes = b.packed.Bytes(), uint16(codec)
		}
	}
	p := b.wire[atBatch:]
	binary.BigEndian.PutUint32(b.wire, uint32(len(p)))
	binary.BigEndian.PutUint64(p[atBase:], 0) // the broker gives the offset
	binary.BigEndian.PutUint32(p[atLength:], uint32(len(p)-atEpoch))
	binary.BigEndian.PutUint32(p[atEpoch:], 0xffffffff)
	p[atMagic] = 2
	binary.BigEndian.PutUint16(p[atAttributes:], attributes)
	binary.BigEndian.PutUint32(p[atLastDelta:], uint32(b.count-1))
	binary.BigEndian.PutUint64(p[atFirstTime:], uint64(b.first))
	binary.BigEndian.PutUint64(p[atLastTime:], uint64(b.last))
	binary.BigEndian.PutUint32(p[atCount:], uint32(b.count))
	return nil
}

// stamp puts the producer's name on a sealed batch, the sequence number of its first
// message, and the checksum of all that. It may be done again.
func (b *recordBatch) stamp(id producerID, sequence int32, transactional bool) {
	p := b.wire[atBatch:]
	attributes := binary.BigEndian.Uint16(p[atAttributes:]) &^ attributeTransactional
	if transactional {
		attributes |= attributeTransactional
	}
	binary.BigEndian.PutUint16(p[atAttributes:], attributes)
	binary.BigEndian.PutUint64(p[atProducer:], uint64(id.ID))
	binary.BigEndian.PutUint16(p[atTerm:], uint16(id.Epoch))
	binary.BigEndian.PutUint32(p[atSequence:], uint32(sequence))
	binary.BigEndian.PutUint32(p[atCRC:], crc32.Checksum(p[atAttributes:], castagnoli))
}

// reader returns the sealed batch as a request takes it. It may be called again.
func (b *recordBatch) reader() io.Reader { return bytes.NewReader(b.wire) }
