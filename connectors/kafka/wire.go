package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// The requests of this package that are put into bytes here and not by kafka-go:
// fetches, whose records it would decode one by one, metadata, as what it knows of the
// protocol has no ids of topics, and committed offsets, as it does not know to wait for
// those of transactions that are about to end. A request is sent through its connections all the
// same (protocol.RawExchanger).

// encoder writes a request.
type encoder struct{ buf []byte }

func (e *encoder) int8(v int8)   { e.buf = append(e.buf, byte(v)) }
func (e *encoder) int16(v int16) { e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(v)) }
func (e *encoder) int32(v int32) { e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v)) }
func (e *encoder) int64(v int64) { e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(v)) }

func (e *encoder) bool(v bool) {
	if v {
		e.int8(1)
	} else {
		e.int8(0)
	}
}

func (e *encoder) string(s string) {
	e.int16(int16(len(s)))
	e.buf = append(e.buf, s...)
}

// compactString writes a string as newer versions of the protocol do.
func (e *encoder) compactString(s string) {
	e.compact(len(s))
	e.buf = append(e.buf, s...)
}

// compact writes the length of what is compact in newer versions of the protocol: one
// more than it is, 0 being null.
func (e *encoder) compact(n int) { e.buf = binary.AppendUvarint(e.buf, uint64(n+1)) }

// header begins a request. Newer versions have tags behind it.
func (e *encoder) header(key protocol.ApiKey, version int16, client string, tags bool) {
	e.int32(0) // the length
	e.int16(int16(key))
	e.int16(version)
	e.int32(correlation)
	e.string(client)
	if tags {
		e.int8(0)
	}
}

// correlation is sent with every request and comes back with its answer. Connections
// have one request at a time, so that it may always be the same.
const correlation = 0x7469

// maxAnswer is how many bytes an answer may have; more are taken for damage.
const maxAnswer = 1 << 30

// exchange sends the request and reads the answer into a buffer that get returns for its
// length. It returns what follows the correlation.
func (e *encoder) exchange(rw io.ReadWriter, get func(int) []byte) ([]byte, error) {
	binary.BigEndian.PutUint32(e.buf, uint32(len(e.buf)-4))
	if _, err := rw.Write(e.buf); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[:])) - 4
	if id := binary.BigEndian.Uint32(head[4:]); n < 0 || n > maxAnswer || id != correlation {
		return nil, fmt.Errorf("the answer of %d bytes to request %x is none of Kafka's", n, id)
	}
	buf := get(n)
	_, err := io.ReadFull(rw, buf)
	return buf, err
}

// latestVersion asks the broker which version of a request it knows: kafka-go only tells
// of those that it knows itself.
func latestVersion(rw io.ReadWriter, request protocol.ApiKey, client string) (int16, error) {
	var e encoder
	e.header(protocol.ApiVersions, 0, client, false)
	buf, err := e.exchange(rw, newBytes)
	if err != nil {
		return 0, err
	}
	p := &parser{buf: buf}
	if code := p.int16(); code != 0 {
		return 0, kafka.Error(code)
	}
	for n := p.len(6); n > 0; n-- {
		key, _, most := p.int16(), p.int16(), p.int16()
		if protocol.ApiKey(key) == request {
			return most, p.err
		}
	}
	return 0, errShort
}

// exchangeEither sends a request in its newer, flexible form if the broker knows that version
// of it, and else in the older one. It returns what reads the answer.
func exchangeEither(rw io.ReadWriter, request protocol.ApiKey, client string, newer int16, encode func(flexible bool) *encoder) (*parser, error) {
	most, err := latestVersion(rw, request, client)
	if err != nil {
		return nil, err
	}
	p := &parser{flexible: most >= newer}
	p.buf, err = encode(p.flexible).exchange(rw, newBytes)
	return p, err
}

// newBytes is a get of exchange.
func newBytes(n int) []byte { return make([]byte, n) }

// errAnswer is the error of an answer to another question, which does not happen.
var errAnswer = errors.New("the broker has answered another question")

// errShort is the error of an answer that ends too early.
var errShort = errors.New("the answer of the broker is cut off")

// parser reads an answer. After an error all values are zero.
type parser struct {
	buf      []byte
	pos      int
	flexible bool // lengths are compact, and there are tags
	err      error
}

// take returns the next n bytes; nil when there are none.
func (p *parser) take(n int) []byte {
	if p.err != nil || n < 0 || n > len(p.buf)-p.pos {
		p.fail()
		return nil
	}
	p.pos += n
	return p.buf[p.pos-n : p.pos : p.pos]
}

func (p *parser) fail() {
	if p.err == nil {
		p.err = errShort
	}
}

func (p *parser) int8() int8 {
	if b := p.take(1); b != nil {
		return int8(b[0])
	}
	return 0
}

func (p *parser) int16() int16 {
	if b := p.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *parser) int32() int32 {
	if b := p.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (p *parser) int64() int64 {
	if b := p.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.buf[p.pos:])
	if n <= 0 {
		p.fail()
		return 0
	}
	p.pos += n
	return v
}

// string reads a string; a null one is empty.
func (p *parser) string() string {
	n := 0
	if p.flexible {
		n = int(p.uvarint()) - 1
	} else {
		n = int(p.int16())
	}
	return string(p.take(max(n, 0)))
}

// bytes reads a byte string with a long length, which belongs to the answer; a null
// one is empty.
func (p *parser) bytes() []byte { return p.take(max(int(p.int32()), 0)) }

// len reads the number of elements of an array, each of which has at least least bytes;
// 0 for a null one.
func (p *parser) len(least int) int {
	n := 0
	if p.flexible {
		n = int(p.uvarint()) - 1
	} else {
		n = int(p.int32())
	}
	if n > (len(p.buf)-p.pos)/least {
		p.fail()
		return 0
	}
	return max(n, 0)
}

// tags passes over what newer versions put behind a structure.
func (p *parser) tags() {
	if !p.flexible {
		return
	}
	for n := p.uvarint(); n > 0 && p.err == nil; n-- {
		p.uvarint()
		p.take(int(p.uvarint()))
	}
}
